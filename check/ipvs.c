/* SPDX-License-Identifier: MIT */
/* ipvs.c -- changes on their way to IPVS, and whether it is there at all. */
#include "ipvs_inside.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>

#include "strfmt.h"

#define ROUNDS	2			/* a request, and its other way */

/* ---- reading ---------------------------------------------------------------------- */

static void
reader_msg(struct netlink_dump *dump, const struct nlmsghdr *h)
{
	struct ipvs_reader *r = container_of(dump, struct ipvs_reader, dump);

	if (!r->bad && !r->read(r, h))
		r->bad = true;
}

static void
reader_begin(struct netlink_dump *dump)
{
	struct ipvs_reader *r = container_of(dump, struct ipvs_reader, dump);

	r->bad = false;
	if (r->begin)
		r->begin(r);
}

struct nlmsghdr *
ipvs_begin(struct ipvs *v)
{
	return netlink_begin(&v->nl, v->family, 0);
}

static void
prepare(struct ipvs_reader *r)
{
	r->dump.msg = reader_msg;
	r->dump.begin = reader_begin;
}

int
ipvs_read_all(struct ipvs *v, struct ipvs_reader *r)
{
	prepare(r);
	int error = netlink_dump(&v->nl, &r->dump);
	return error ? error : r->bad ? -EBADMSG : 0;
}

int
ipvs_read_one(struct ipvs *v, struct ipvs_reader *r)
{
	prepare(r);
	int error = netlink_ask(&v->nl, &r->dump, NULL);
	return error ? error : r->bad ? -EBADMSG : 0;
}

/* ---- the module --------------------------------------------------------------------- */

struct family_reader {
	struct ipvs_reader r;
	uint16_t id;
};

static bool
read_family(struct ipvs_reader *r, const struct nlmsghdr *h)
{
	struct family_reader *f = container_of(r, struct family_reader, r);
	return ipvs_msg_get_family(h, &f->id) == IPVS_MSG_OK;
}

bool
ipvs_look(struct ipvs *v)
{
	struct family_reader f = { .r.read = read_family };

	ipvs_msg_put_family(netlink_begin(&v->nl, GENL_ID_CTRL, 0));
	int error = ipvs_read_one(v, &f.r);
	if (error && error != -ENOENT) {
		v->failed = true;	/* nobody knows: it stays as it was */
		return v->family != 0;
	}
	v->family = f.id;
	bool there = v->family != 0;
	if (there != v->absent)
		return there;
	v->absent = !there;
	v->stats.absent += !there;
	v->began.state = 0;
	v->present(v, there);
	return there;
}

bool
ipvs_still(struct ipvs *v, int error)
{
	uint16_t family = v->family;

	if (error != -ENOENT && error != -EOPNOTSUPP)
		return true;
	if (!ipvs_look(v) || v->family != family) {
		v->failed = true;
		return false;
	}
	return true;
}

/* ---- changes ---------------------------------------------------------------------- */

static const char *const step_word[] = {
	[IPVS_DIFF_KEEP] = "keep", [IPVS_DIFF_NEW] = "new",
	[IPVS_DIFF_SET] = "set", [IPVS_DIFF_DEL] = "delete",
};

static void
put_endpoint(struct strfmt *f, const struct net_addr *a, uint16_t port)
{
	char text[NET_ADDR_TEXT];
	bool brackets = net_addr_len(a) == 16;

	strfmt_put(f, brackets ? "[%s]:%u" : "%s:%u", net_addr_text(a, text), port);
}

static void
put_service(struct strfmt *f, const struct ipvs_msg_service *s)
{
	if (s->fwmark) {
		strfmt_put(f, "fwmark %u", s->fwmark);
		return;
	}
	strfmt_put(f, "%s ", s->protocol == IPPROTO_TCP ? "tcp" :
		   s->protocol == IPPROTO_UDP ? "udp" :
		   s->protocol == IPPROTO_SCTP ? "sctp" : "?");
	put_endpoint(f, &s->addr, s->port);
}

/* "new server 10.0.0.1:80 of tcp 192.0.2.1:80" */
static void
put_request(struct strfmt *f, const struct ipvs_request *r)
{
	strfmt_put(f, "%s %s ", step_word[r->step], r->dest ? "server" : "service");
	if (r->dest) {
		put_endpoint(f, &r->d.addr, r->d.port);
		strfmt_put(f, " of ");
	}
	put_service(f, &r->s);
}

void
ipvs_refuse(struct ipvs *v, const char *what, int error, const char *text)
{
	v->failed = true;
	v->stats.refused++;
	v->refused(v, what, error, text);
}

static void
refuse(struct ipvs *v, unsigned i)
{
	const struct ipvs_request *r = &v->pending[i];
	struct strfmt f;
	char what[2 * NET_ADDR_TEXT + 64];

	v->failed = true;
	/* A server's service was refused, and that was told, or somebody took it away: the
	 * audit sees to it. */
	if (!ipvs_still(v, r->error) || (r->dest && r->error == -ESRCH))
		return;
	/* The kernel looks for nothing else by name when it makes or changes a service. */
	if (r->error == -ENOENT && !r->dest) {
		v->stats.refused++;
		v->scheduler(v, &r->s, false);
		return;
	}
	strfmt_init(&f, what, sizeof what);
	put_request(&f, r);
	ipvs_refuse(v, what, r->error, v->text[0] && v->text_of == i ? v->text : "");
}

/* The other way to the same end, KEEP without one: the table is not as we thought. */
static enum ipvs_diff_step
other_way(const struct ipvs_request *r)
{
	/* A scheduler that the kernel has not is ENOENT, too. */
	bool none = r->error == -ESRCH || (r->dest && r->error == -ENOENT);

	if (r->step == IPVS_DIFF_NEW && r->error == -EEXIST)
		return IPVS_DIFF_SET;
	if (r->step == IPVS_DIFF_SET && none)
		return IPVS_DIFF_NEW;
	/* Its service may be among those that are made anew. */
	if (r->step == IPVS_DIFF_NEW && r->dest && r->error == -ESRCH)
		return IPVS_DIFF_NEW;
	return IPVS_DIFF_KEEP;
}

static bool
is_done(const struct ipvs_request *r)
{
	return r->error == 0 || (r->step == IPVS_DIFF_DEL &&
				 (r->error == -ESRCH || r->error == -ENOENT));
}

static void
answered(struct netlink_call *c, uint32_t cookie, int error, const char *text)
{
	struct ipvs *v = container_of(c, struct ipvs, call);

	v->pending[cookie].error = error;
	if (text[0]) {
		v->text_of = cookie;
		(void)strfmt_to(v->text, sizeof v->text, "%s", text);
	}
}

static void
send_batch(struct ipvs *v, unsigned n)
{
	static const uint8_t command[][2] = {
		[IPVS_DIFF_NEW] = { IPVS_CMD_NEW_SERVICE, IPVS_CMD_NEW_DEST },
		[IPVS_DIFF_SET] = { IPVS_CMD_SET_SERVICE, IPVS_CMD_SET_DEST },
		[IPVS_DIFF_DEL] = { IPVS_CMD_DEL_SERVICE, IPVS_CMD_DEL_DEST },
	};

	v->text[0] = '\0';
	for (unsigned i = 0; i < n; i++) {
		const struct ipvs_request *r = &v->pending[i];
		struct nlmsghdr *h = ipvs_begin(v);
		if (r->dest)
			ipvs_msg_put_dest(h, command[r->step][1], &r->s, &r->d);
		else
			ipvs_msg_put_service(h, command[r->step][0], &r->s);
		netlink_commit(&v->nl, &v->call, i);
	}
	netlink_flush(&v->nl);
}

/* Judges `n` answers; returns how many go the other way, now first in the batch. */
static unsigned
judge(struct ipvs *v, unsigned n, bool last)
{
	unsigned again = 0;

	for (unsigned i = 0; i < n; i++) {
		struct ipvs_request *r = &v->pending[i];
		enum ipvs_diff_step other = last ? IPVS_DIFF_KEEP : other_way(r);
		if (is_done(r)) {
			v->stats.changes += r->error == 0;
			if (!r->dest && r->step != IPVS_DIFF_DEL)
				v->scheduler(v, &r->s, true);
		} else if (other != IPVS_DIFF_KEEP) {
			r->step = other;
			v->pending[again++] = *r;
		} else {
			refuse(v, i);
		}
	}
	return again;
}

void
ipvs_settle(struct ipvs *v)
{
	unsigned n = v->npending;

	v->npending = 0;
	for (unsigned round = 1; n > 0 && v->family && round <= ROUNDS; round++) {
		send_batch(v, n);
		n = judge(v, n, round == ROUNDS);
	}
}

void
ipvs_ask(struct ipvs *v, enum ipvs_diff_step step, const struct ipvs_msg_service *s,
	 const struct ipvs_msg_dest *d)
{
	if (v->npending == PORT_ARRAY_SIZE(v->pending))
		ipvs_settle(v);
	if (!v->family)
		return;			/* the audit that finds it fills the table */
	struct ipvs_request *r = &v->pending[v->npending++];
	r->step = step;
	r->dest = d != NULL;
	r->s = *s;
	if (d)
		r->d = *d;
}

/* ---- what its owner says ---------------------------------------------------------- */

static void
change(struct ipvs *v, enum ipvs_diff_step step, const struct ipvs_msg_service *s,
       const struct ipvs_msg_dest *d, struct mono now)
{
	ipvs_ask(v, step, s, d);
	if (v->failed)
		ipvs_soon(v, now);
}

void
ipvs_service_put(struct ipvs *v, const struct ipvs_msg_service *s, struct mono now)
{
	change(v, IPVS_DIFF_NEW, s, NULL, now);
}

void
ipvs_service_del(struct ipvs *v, const struct ipvs_msg_service *s, struct mono now)
{
	change(v, IPVS_DIFF_DEL, s, NULL, now);
}

void
ipvs_dest_put(struct ipvs *v, const struct ipvs_msg_service *s,
	      const struct ipvs_msg_dest *d, struct mono now)
{
	change(v, IPVS_DIFF_NEW, s, d, now);
}

void
ipvs_dest_del(struct ipvs *v, const struct ipvs_msg_service *s,
	      const struct ipvs_msg_dest *d, struct mono now)
{
	change(v, IPVS_DIFF_DEL, s, d, now);
}

void
ipvs_flush(struct ipvs *v, struct mono now)
{
	ipvs_settle(v);
	if (v->failed)
		ipvs_soon(v, now);
}

static void
audit_due(struct timer *t, struct mono now)
{
	ipvs_audit(container_of(t, struct ipvs, audit), now);
}

int
ipvs_open(struct ipvs *v, struct timers *timers, struct mono now)
{
	int error = netlink_open(&v->nl, NETLINK_GENERIC);

	if (error)
		return error;
	v->timers = timers;
	v->call.done = answered;
	timer_init(&v->audit, audit_due);
	ipvs_audit(v, now);
	return 0;
}

void
ipvs_close(struct ipvs *v)
{
	timer_stop(v->timers, &v->audit);
	netlink_close(&v->nl);
	v->family = 0;
}
