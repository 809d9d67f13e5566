/* SPDX-License-Identifier: MIT */
/* ipvs_audit.c -- a part of ipvs.c: the whole table compared, and when that is done. */
#include "ipvs_inside.h"

#include <errno.h>
#include <linux/ip_vs.h>

#define POLL_US		(3 * (int64_t)MONO_US_PER_S)	/* for a module that is missing */
#define RETRY_US	((int64_t)MONO_US_PER_S)	/* after a first failure */
#define RETRY_MOST_US	(60 * (int64_t)MONO_US_PER_S)	/* without audits of their own */

/* ---- the kernel behind ipvs_diff -------------------------------------------------- */

struct table_reader {
	struct ipvs_reader r;
	struct ipvs_diff *diff;
	uint8_t family;			/* of the service */
};

static void
table_begin(struct ipvs_reader *r)
{
	ipvs_diff_again(container_of(r, struct table_reader, r)->diff);
}

static bool
read_service(struct ipvs_reader *r, const struct nlmsghdr *h)
{
	union ipvs_diff_thing t;

	if (ipvs_msg_get_service(h, &t.service, NULL) != IPVS_MSG_OK)
		return false;
	ipvs_diff_saw(container_of(r, struct table_reader, r)->diff, &t);
	return true;
}

static bool
read_dest(struct ipvs_reader *r, const struct nlmsghdr *h)
{
	const struct table_reader *tr = container_of(r, struct table_reader, r);
	union ipvs_diff_thing t;

	if (ipvs_msg_get_dest(h, tr->family, &t.dest, NULL) != IPVS_MSG_OK)
		return false;
	ipvs_diff_saw(tr->diff, &t);
	return true;
}

static int
services(void *ctx, struct ipvs_diff *d)
{
	struct ipvs *v = ctx;
	struct table_reader tr = {
		.r = { .read = read_service, .begin = table_begin }, .diff = d,
	};

	if (!v->family)
		return -ENOENT;
	ipvs_msg_put(ipvs_begin(v), IPVS_CMD_GET_SERVICE);
	return ipvs_read_all(v, &tr.r);
}

static int
dests(void *ctx, struct ipvs_diff *d, const struct ipvs_msg_service *s)
{
	struct ipvs *v = ctx;
	struct table_reader tr = {
		.r = { .read = read_dest, .begin = table_begin },
		.diff = d, .family = s->addr.family,
	};

	if (!v->family)
		return -ENOENT;
	ipvs_msg_put_service(ipvs_begin(v), IPVS_CMD_GET_DEST, s);
	return ipvs_read_all(v, &tr.r);
}

static void
mend_service(void *ctx, enum ipvs_diff_step step, const struct ipvs_msg_service *s)
{
	struct ipvs *v = ctx;

	v->stats.repairs++;
	ipvs_ask(v, step, s, NULL);
}

static void
mend_dest(void *ctx, enum ipvs_diff_step step, const struct ipvs_msg_service *s,
	  const struct ipvs_msg_dest *d)
{
	struct ipvs *v = ctx;

	v->stats.repairs++;
	ipvs_ask(v, step, s, d);
}

static void
flush(void *ctx)
{
	ipvs_settle(ctx);
}

static const struct ipvs_diff_kernel kernel = {
	.services = services,
	.dests = dests,
	.service = mend_service,
	.dest = mend_dest,
	.flush = flush,
};

/* ---- when ------------------------------------------------------------------------- */

static int64_t
most_us(const struct ipvs *v)
{
	return v->audit_us > 0 ? v->audit_us : RETRY_MOST_US;
}

static int64_t
at_most(int64_t us, int64_t most)
{
	return us < most ? us : most;
}

void
ipvs_soon(struct ipvs *v, struct mono now)
{
	struct mono at = mono_add(now, v->retry_us ? v->retry_us :
				  at_most(RETRY_US, most_us(v)));

	if (!v->audit.armed || mono_before(at, v->audit.at))
		timer_arm(v->timers, &v->audit, at);
}

/* The next audit, after one that has just been. */
static void
arm(struct ipvs *v, struct mono now)
{
	if (v->absent) {
		timer_arm(v->timers, &v->audit,
			  mono_add(now, at_most(POLL_US, most_us(v))));
		return;
	}
	if (!v->failed) {
		v->retry_us = 0;
		timer_stop(v->timers, &v->audit);
		if (v->audit_us > 0)
			timer_arm(v->timers, &v->audit, mono_add(now, v->audit_us));
		return;
	}
	v->retry_us = at_most(v->retry_us ? 2 * v->retry_us : RETRY_US, most_us(v));
	timer_arm(v->timers, &v->audit, mono_add(now, v->retry_us));
}

static void
compare(struct ipvs *v)
{
	v->stats.audits++;
	int error = ipvs_diff_run(&v->diff, v->want, &kernel, v);
	if (error) {
		v->failed = true;
		v->stats.failed++;
		if (ipvs_still(v, error))
			ipvs_refuse(v, "read the table", error, "");
	}
	if (v->family)
		ipvs_sync_settle(v);
}

void
ipvs_audit(struct ipvs *v, struct mono now)
{
	ipvs_settle(v);
	v->failed = false;
	if (ipvs_look(v))
		compare(v);
	arm(v, now);
}
