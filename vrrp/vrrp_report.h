/* SPDX-License-Identifier: MIT */
/* vrrp_report.h -- what the VRRP child can tell: the tables behind status, metrics,
 * overview, `why` and the event stream.
 */
#ifndef VRRP_REPORT_H
#define VRRP_REPORT_H

#include "report.h"
#include "router.h"

/* Of the whole child, ended by NULL (struct child.tables). */
extern const struct report_table *const vrrp_report_tables[];

/* The flight recorder of the struct router it is rendered under. */
extern const struct report_table vrrp_report_why;

/* One transition, for the event stream; a row is a struct vrrp_report_event. */
struct vrrp_report_event {
	const struct router *router;
	const struct history_record *rec;
};
extern const struct report_table vrrp_report_transition;

/* How long ago that was, in microseconds. */
int64_t vrrp_report_ago_us(struct mono t);

/* The process's one world; set before the first report. */
void vrrp_report_world(const struct routers *w);

#endif
