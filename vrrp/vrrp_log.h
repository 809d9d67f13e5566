/* SPDX-License-Identifier: MIT */
/* vrrp_log.h -- the events that the VRRP child logs, 100..199.
 *
 * Number, level and format stand once (log.h); tokens are key=value and stable across
 * releases.  What a peer can provoke is rate-limited where it is logged.
 */
#ifndef VRRP_LOG_H
#define VRRP_LOG_H

#include "log.h"

#define VRRP_LOG_STATE	100, LOG_NOTICE, "vr=%s if=%s from=%s to=%s prio=%u why=\"%s\""
#define VRRP_LOG_DROP	101, LOG_WARN, "vr=%s from=%s dropped why=%s (%s) held=%u"
#define VRRP_LOG_STRANGE 102, LOG_WARN, "vr=%s from=%s accepted, but %s: held=%u"
#define VRRP_LOG_SOCKET	103, LOG_ERR, "vr=%s if=%s can't open the socket: error=\"%s\""
#define VRRP_LOG_POOL	104, LOG_ERR, "vr=%s is not served in full: a pool is full, raise %s"
#define VRRP_LOG_START	105, LOG_ERR, "can't open %s: error=\"%s\""
#define VRRP_LOG_APPLY	106, LOG_INFO, "generation=%u in force: instances=%u added=%u removed=%u"
#define VRRP_LOG_NOTIFY	107, LOG_WARN, "vr=%s script for %s not sent to the parent: error=\"%s\""
#define VRRP_LOG_SEND	108, LOG_WARN, "vr=%s if=%s advert not sent: error=\"%s\" held=%u"
#define VRRP_LOG_KEPT	109, LOG_NOTICE, "instances=%u of an earlier life are not configured now: forgotten"

/* 110..129: virtual addresses and announcements */
#define VRRP_LOG_VIP_ADD 110, LOG_ERR, \
	"vr=%s address=%s/%u if=%s can't be added: error=\"%s\" %s held=%u"
#define VRRP_LOG_VIP_DEL 111, LOG_WARN, \
	"vr=%s address=%s/%u if=%s can't be removed: error=\"%s\" %s held=%u"
#define VRRP_LOG_VIP_AGAIN 112, LOG_WARN, \
	"vr=%s address=%s/%u if=%s was removed by somebody else, put back: times=%u held=%u"
#define VRRP_LOG_VIP_FOREIGN 113, LOG_NOTICE, \
	"vr=%s address=%s/%u if=%s is not from us and stays there"
#define VRRP_LOG_VIP_LEFT 114, LOG_NOTICE, \
	"vr=%s address=%s/%u if=%s was left by an earlier life and is removed"
#define VRRP_LOG_VIP_DAD 115, LOG_ERR, \
	"vr=%s address=%s/%u if=%s is in use by another host (duplicate address detection)"
#define VRRP_LOG_TUNE 116, LOG_WARN, \
	"if=%s promote_secondaries and accept_local=%u can't be set: error=\"%s\" %s"

/* 130..139: what outlives a process */
#define VRRP_LOG_DAMAGED 130, LOG_WARN, "vr=%s what an earlier life kept is damaged and dropped: %s"

#endif
