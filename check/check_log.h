/* SPDX-License-Identifier: MIT */
/* check_log.h -- the events that the check child logs, 200..299.
 *
 * Number, level and format stand once (log.h); tokens are key=value and stable across releases.
 */
#ifndef CHECK_LOG_H
#define CHECK_LOG_H

#include "log.h"

#define CHECK_LOG_START	200, LOG_ERR, "can't open %s: error=\"%s\""
#define CHECK_LOG_APPLY	201, LOG_INFO, "generation=%u in force: services=%u servers=%u checks=%u"
#define CHECK_LOG_SERVER 202, LOG_NOTICE, "server=%s service=%s is %s: %s"
#define CHECK_LOG_QUORUM 203, LOG_NOTICE, "service=%s quorum %s: up=%u weight=%u quorum=%u"
#define CHECK_LOG_FAILED 204, LOG_INFO, "check=%s address=%s port=%u failed: why=%s (%s) %s"
#define CHECK_LOG_POOL	205, LOG_ERR, "%s is not served: a pool is full, raise %s"
#define CHECK_LOG_NOTIFY 206, LOG_WARN, "%s=%s script for %s not sent to the parent: error=\"%s\""
#define CHECK_LOG_ADMIN	207, LOG_NOTICE, "server=%s %s by the operator"
#define CHECK_LOG_FILE	208, LOG_NOTICE, "server=%s maintenance file=%s %s"
#define CHECK_LOG_CERT	209, LOG_WARN, "address=%s port=%u certificate ends in days=%d"
#define CHECK_LOG_KEPT	210, LOG_WARN, "records=%u that an earlier life kept are damaged and dropped"
#define CHECK_LOG_PANIC	211, LOG_WARN, "service=%s panic: %s: up=%u of=%u"

/* 220..229: the kernel's table */
#define CHECK_LOG_IPVS	220, LOG_ERR, "IPVS: %s refused: error=\"%s\" %s held=%u"
#define CHECK_LOG_IPVS_GONE 221, LOG_WARN, \
	"IPVS is not in this kernel (yet): checks go on, load the module ip_vs"
#define CHECK_LOG_IPVS_HERE 222, LOG_NOTICE, "IPVS is there now: the table is filled"
#define CHECK_LOG_LACKS	223, LOG_ERR, \
	"service=%s scheduler=%s is not in this kernel (yet): load the module ip_vs_%s%s%s"
#define CHECK_LOG_LACKED 224, LOG_NOTICE, "service=%s scheduler=%s is there now"

#endif
