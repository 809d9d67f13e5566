/* SPDX-License-Identifier: MIT */
/* check_report.h -- what the check child can tell: the tables behind status, metrics, overview
 * and the event stream.
 */
#ifndef CHECK_REPORT_H
#define CHECK_REPORT_H

#include "director.h"
#include "report.h"

/* Of the whole child, ended by NULL (struct child.tables). */
extern const struct report_table *const check_report_tables[];

/* Events: a row is a struct service_dest, a struct service. */
extern const struct report_table check_report_server_event;
extern const struct report_table check_report_quorum_event;
extern const struct report_table check_report_panic_event;
/* A row is a struct probe. */
extern const struct report_table check_report_certificate_event;

/* The process's one director; set before the first report. */
void check_report_director(struct director *d);

#endif
