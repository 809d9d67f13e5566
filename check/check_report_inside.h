/* SPDX-License-Identifier: MIT */
/* check_report_inside.h -- what the files of check_report.c share; nobody else includes it. */
#ifndef CHECK_REPORT_INSIDE_H
#define CHECK_REPORT_INSIDE_H

#include "check_report.h"

#define STR(n, g, w)	{ .name = n, .kind = REPORT_STR, .get = g, .what = w }
#define BOOL(n, g, w)	{ .name = n, .kind = REPORT_BOOL, .get = g, .what = w }
#define SECS(n, g, w)	{ .name = n, .kind = REPORT_SECONDS, .get = g, .what = w }
#define UINT(n, g, w)	{ .name = n, .kind = REPORT_UINT, .get = g, .what = w }
#define LIST(n, l, w)	{ .name = n, .kind = REPORT_LIST, .list = l, .what = w }
#define COUNT(n, g, w)	{ .name = n, .kind = REPORT_UINT, .metric = REPORT_COUNTER, .get = g, \
			  .what = w }
#define GAUGE(n, k, g, w) { .name = n, .kind = k, .metric = REPORT_GAUGE, .get = g, .what = w }
#define COLUMN(n, g, h, w)						\
	{ .name = n, .kind = REPORT_STR, .get = g, .heading = h, .column = w, \
	  .columns_only = true }

/* A getter of one row: `what` fills `v` from it. */
#define CHECK_REPORT_GET(get, type, row_, what)				\
	void								\
	get(const void *row, struct report_value *v)			\
	{								\
		const type *const row_ = row;				\
		what;							\
	}
#define PROBE(name, what)						\
	static CHECK_REPORT_GET(get_probe_##name, struct probe, p, what)
#define DEST(name, what)						\
	static CHECK_REPORT_GET(get_dest_##name, struct service_dest, d, what)
#define SERVICE(name, what)						\
	static CHECK_REPORT_GET(get_service_##name, struct service, s, what)

/* The getters that the events have too. */
#define CHECK_REPORT_SHARED(X)						\
	X(dest_name) X(dest_address) X(dest_up) X(dest_why)		\
	X(service_name) X(service_held) X(service_up_weight)		\
	X(service_quorum) X(service_panic) X(service_nup)		\
	X(probe_checker) X(probe_address) X(probe_cert)
#define X(name) void check_report_##name(const void *row, struct report_value *v);
CHECK_REPORT_SHARED(X)
#undef X
#define PROBE_SHARED(name, what)					\
	CHECK_REPORT_GET(check_report_probe_##name, struct probe, p, what)
#define DEST_SHARED(name, what)						\
	CHECK_REPORT_GET(check_report_dest_##name, struct service_dest, d, what)
#define SERVICE_SHARED(name, what)					\
	CHECK_REPORT_GET(check_report_service_##name, struct service, s, what)

struct director *check_report_self(void);

/* "192.0.2.1:80", "[2001:db8::1]:80" */
void check_report_addr(struct report_value *v, const struct net_addr *addr, uint16_t port);

/* From that time of the wall clock until now; 0: it never was. */
int64_t check_report_since(int64_t wall);

/* Why the last check of a server failed, if one did. */
void check_report_why(const struct service_dest *d, struct report_value *v);

/* ---- check_report_probe.c: rows are struct probe under a struct service_dest ------ */

extern const struct report_table check_report_probes;

const struct probe *check_report_probe(const struct service_dest *d, unsigned i);

#endif
