/* SPDX-License-Identifier: MIT */
/* core_log.h -- the events that the common part logs, 1..99.
 *
 * Number, level and format stand once (log.h).  Tokens are key=value and stable across
 * releases; a number is never used again for something else.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "log.h"

/* 1..29: the parent */
#define CORE_LOG_START		1, LOG_NOTICE, "upkeepd starts: file=%s run=%s"
#define CORE_LOG_END		2, LOG_NOTICE, "upkeepd ends: signal=%d"
#define CORE_LOG_NO_START	3, LOG_ERR, "can't start: %s: error=\"%s\""
#define CORE_LOG_CHILD_START	4, LOG_INFO, "child=%s starts: pid=%d"
#define CORE_LOG_CHILD_END	5, LOG_INFO, "child=%s has ended: pid=%d"
#define CORE_LOG_CHILD_EXIT	6, LOG_ERR, "child=%s exited: pid=%d status=%d restart_ms=%lld"
#define CORE_LOG_CHILD_KILLED	7, LOG_ERR, "child=%s was killed: pid=%d signal=%d restart_ms=%lld"
#define CORE_LOG_CHILD_HANG	8, LOG_ERR, "child=%s hangs: pid=%d why=\"%s\""
#define CORE_LOG_CHILD_SLOW	9, LOG_WARN, "child=%s did not end in time and is killed: pid=%d"
#define CORE_LOG_CHILD_FORK	10, LOG_ERR, "child=%s can't be started: error=\"%s\" retry_ms=%lld"
#define CORE_LOG_REFUSED	11, LOG_WARN, "child=%s sent a bad message: why=%s count=%llu"
#define CORE_LOG_RELOADED	12, LOG_NOTICE, "configuration in force: generation=%u file=%s warnings=%u"
#define CORE_LOG_RELOAD_BAD	13, LOG_ERR, "configuration refused: file=%s errors=%u; generation=%u stays"
#define CORE_LOG_RELOAD_DIED	14, LOG_ERR, "configuration compiler died: file=%s signal=%d"
#define CORE_LOG_RELOAD_FAIL	15, LOG_ERR, "can't run the configuration compiler: error=\"%s\""
#define CORE_LOG_DISABLED	16, LOG_NOTICE, "option enabled is off: nothing runs, file=%s"
#define CORE_LOG_SCRIPT_FULL	17, LOG_WARN, "script=%s not run: all slots in use, raise CONFIG_SPAWN_QUEUE (%u)"
#define CORE_LOG_SCRIPT_BAD	18, LOG_WARN, "child=%s asked for a script that the configuration has not: script=%u generation=%u"
#define CORE_LOG_SCRIPT_CUT	19, LOG_WARN, "script=%s not run: its words exceed %u bytes"
#define CORE_LOG_SCRIPT_FORK	20, LOG_WARN, "script=%s not run: error=\"%s\""
#define CORE_LOG_SCRIPT_SLOW	21, LOG_WARN, "script=%s exceeds its time and is ended: pid=%d"
#define CORE_LOG_SCRIPT_FAIL	22, LOG_WARN, "script=%s failed: pid=%d status=%d signal=%d"
#define CORE_LOG_SCRIPT_LEFT	23, LOG_WARN, "scripts given up at the end: count=%u"
#define CORE_LOG_RELOAD_SLOW	24, LOG_ERR, "configuration compiler exceeds its time and is killed: file=%s"
#define CORE_LOG_NO_FOLDER	25, LOG_ERR, "can't use the run folder: run=%s error=\"%s\""
#define CORE_LOG_TWICE		26, LOG_ERR, "another upkeepd runs on this run folder: run=%s"
#define CORE_LOG_CONF_ERROR	27, LOG_ERR, "%s"
#define CORE_LOG_CONF_WARNING	28, LOG_WARN, "%s"
#define CORE_LOG_SYSCTL		37, LOG_WARN, "%s can't be set: error=\"%s\""
#define CORE_LOG_NO_PID		80, LOG_WARN, "the process number can't be written: run=%s error=\"%s\""
#define CORE_LOG_NO_RIGHT	29, LOG_ERR, "not privileged: needs %s (run it as root)"

/* 30..39: the frame of a child */
#define CORE_LOG_ORPHAN_HANGS	39, LOG_WARN, "child=%s of a daemon that is gone hangs and is killed: pid=%d"
#define CORE_LOG_SOCKET		30, LOG_ERR, "can't listen at %s/%s.%s: error=\"%s\""
#define CORE_LOG_CHILD_FAIL	31, LOG_ERR, "can't take up work: error=\"%s\""
#define CORE_LOG_IMAGE		32, LOG_ERR, "can't use the configuration image: generation=%u error=\"%s\""
#define CORE_LOG_ORPHAN		33, LOG_WARN, "the parent is gone: ending in order"
#define CORE_LOG_CHECKPOINT	36, LOG_WARN, "child=%s what an earlier life left does not fit and is dropped"
#define CORE_LOG_STRANGER	34, LOG_WARN, "watchdog socket: pid=%d is not the parent, closed"
#define CORE_LOG_POOL_HELD	35, LOG_INFO, "pool=%s slot=%u is still held: file=%s line=%u"

/* 50..59: rights of a child */
#define CORE_LOG_PRIVILEGE	50, LOG_ERR, "can't give up rights: step=\"%s\" error=\"%s\""
#define CORE_LOG_NO_FILTER	51, LOG_WARN, "this kernel has no system-call filter: going on without it"
#define CORE_LOG_NO_LOCK	52, LOG_WARN, "memory can't be locked: error=\"%s\""
#define CORE_LOG_NO_RT		53, LOG_WARN, "no real-time scheduling: priority=%u error=\"%s\""
#define CORE_LOG_NEXT_LIFE	54, LOG_NOTICE, "user, memory lock and real-time priority change when this child is started anew"
#define CORE_LOG_CHILD_FILTER	55, LOG_ERR, "child=%s was killed: violation of its system-call filter: pid=%d signal=%d restart_ms=%lld"
#define CORE_LOG_CHILD_BUSY	56, LOG_ERR, "child=%s was killed: it ran too long at real-time priority without a wait: pid=%d signal=%d restart_ms=%lld"
#define CORE_LOG_MORE_RIGHTS	57, LOG_NOTICE, "the new configuration needs calls that this child has given up: it starts anew"

#define CORE_LOG_SOCKET_GONE	38, LOG_WARN, "child=%s its control socket was removed: it is started anew"

/* 60..69: another binary takes over */
#define CORE_LOG_RESTART	60, LOG_NOTICE, "restart: binary=%s says=\"%s\"; children end %s"
#define CORE_LOG_RESTART_BAD	61, LOG_ERR, "restart refused: binary=%s why=\"%s\""
#define CORE_LOG_RESTART_FAIL	62, LOG_ERR, "restart: binary=%s can't be executed, all goes on as before: error=\"%s\""
#define CORE_LOG_GOES_ON	63, LOG_NOTICE, "upkeepd %s goes on after a restart: restarts=%u file=%s run=%s"
#define CORE_LOG_NOTE		64, LOG_ERR, "what the binary before has left can't be used: why=\"%s\"; starting anew"

/* 40..49: interfaces */
#define CORE_LOG_LINK_STATE	40, LOG_INFO, "if=%s ifindex=%u %s"
#define CORE_LOG_LINK_FULL	41, LOG_WARN, \
	"if=%s address=%s is not seen: raise CONFIG_LINK_ADDRS (%u) held=%u"
#define CORE_LOG_LINK_LOST	42, LOG_WARN, \
	"the kernel dropped events: interfaces are compared anew, count=%llu"
#define CORE_LOG_LINK_DUMP	43, LOG_WARN, "can't read the interfaces: error=\"%s\" retry_ms=%d"
#define CORE_LOG_LINK_QUERY	44, LOG_WARN, "if=%s can't be read: error=\"%s\" %s"

/* 70..79: mail */
#define CORE_LOG_MAIL_SENT	70, LOG_INFO, "mail=\"%s\" sent: lines=%u refused_recipients=%u"
#define CORE_LOG_MAIL_LATER	71, LOG_WARN, "mail=\"%s\" not taken: why=\"%s\" retry_ms=%lld"
#define CORE_LOG_MAIL_LOST	72, LOG_ERR, "mail=\"%s\" lost: lines=%u why=\"%s\""
#define CORE_LOG_MAIL_FULL	73, LOG_WARN, "mail=\"%s\" lost: all places in use, raise CONFIG_MAIL_QUEUE (%u); said once"

#endif
