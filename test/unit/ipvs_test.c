/* SPDX-License-Identifier: MIT */
/* ipvs_test.c -- the kernel's table kept as it should be, against a kernel in an array that speaks
 * generic netlink: the real requests, the real answers, the real errors, the real back-off. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/genetlink.h>
#include <linux/ip_vs.h>

#include "ipvs.h"
#include "ipvs_fake.h"

#define PORT	77			/* our nl_pid */

/* ---- the kernel ---- */

static struct {
	bool module;
	uint16_t family;
	struct ipvs_msg_daemon daemon[2];	/* master, backup; state 0: none */
	struct ipvs_msg_timeouts timeouts;
	unsigned daemon_changes, timeout_changes, asked_family, dumps;
	int fail_every;			/* -errno for each change, 0 */
	bool lies;			/* replies are cut */
	bool unborn;			/* a daemon's thread has not run yet when it is stopped */
} kern;

/* Datagrams that wait for recvmsg(2). */
static struct {
	_Alignas(8) uint8_t p[2 * FAKE_DESTS * NLMSG_MAX];
	size_t at, used;
} queue;

static _Alignas(8) uint8_t out[NLMSG_MAX];

static struct nlmsghdr *
reply(uint16_t type, uint16_t flags, uint32_t seq)
{
	memset(out, 0, sizeof out);
	nlmsg_init(out, type, flags, seq);
	((struct nlmsghdr *)(void *)out)->nlmsg_pid = PORT;
	return (void *)out;
}

static void
push(const struct nlmsghdr *h)
{
	uint64_t len = h->nlmsg_len;

	assert_true(queue.used + 8 + NLMSG_MAX < sizeof queue.p);
	memcpy(queue.p + queue.used, &len, 8);
	memcpy(queue.p + queue.used + 8, h, h->nlmsg_len);
	queue.used += 8 + (len + 7) / 8 * 8;
}

static void
push_end(const struct nlmsghdr *request, int error)
{
	bool dump = (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP && error == 0;

	/* Of this one the kernel says nothing (netlink_rcv_skb()). */
	if (error == -EINTR)
		return;
	struct nlmsghdr *h = reply(dump ? NLMSG_DONE : NLMSG_ERROR, NLM_F_CAPPED,
				   request->nlmsg_seq);

	if (dump) {
		int32_t zero = 0;
		memcpy(nlmsg_put_header(h, sizeof zero), &zero, sizeof zero);
	} else {
		struct nlmsgerr e = { .error = error, .msg = *request };
		memcpy(nlmsg_put_header(h, sizeof e), &e, sizeof e);
	}
	push(h);
}

static uint32_t
number(const struct nlattr *a)
{
	uint32_t v = 0;
	(void)!nlmsg_get_u32(a, &v);
	return v;
}

/* Key and, when there, all else of a service. */
static void
take_service(const struct nlattr *nest, struct ipvs_msg_service *s)
{
	const struct nlattr *tb[IPVS_SVC_ATTR_MAX + 1];
	uint16_t af = 0, protocol = 0;
	uint8_t port[2] = { 0, 0 }, mask[4];
	struct ip_vs_flags flags;

	memset(s, 0, sizeof *s);
	assert_true(nest && nlmsg_nested(nest, tb, IPVS_SVC_ATTR_MAX));
	assert_true(nlmsg_get_bytes(tb[IPVS_SVC_ATTR_AF], &af, 2));
	s->addr.family = (uint8_t)af;
	s->fwmark = number(tb[IPVS_SVC_ATTR_FWMARK]);
	if (!s->fwmark) {
		assert_true(nlmsg_get_bytes(tb[IPVS_SVC_ATTR_PROTOCOL], &protocol, 2));
		assert_true(nlmsg_get_bytes(tb[IPVS_SVC_ATTR_PORT], port, 2));
		assert_true(nlmsg_get_bytes(tb[IPVS_SVC_ATTR_ADDR], s->addr.a, 16));
	}
	s->protocol = (uint8_t)protocol;
	s->port = net_get16(port);
	if (!nlmsg_get_bytes(tb[IPVS_SVC_ATTR_FLAGS], &flags, sizeof flags))
		return;
	assert_int_equal(flags.mask, 0xffffffff);
	s->flags = flags.flags;
	(void)!nlmsg_get_text(tb[IPVS_SVC_ATTR_SCHED_NAME], s->scheduler, sizeof s->scheduler);
	(void)!nlmsg_get_text(tb[IPVS_SVC_ATTR_PE_NAME], s->engine, sizeof s->engine);
	s->persistence_s = number(tb[IPVS_SVC_ATTR_TIMEOUT]);
	s->netmask = number(tb[IPVS_SVC_ATTR_NETMASK]);
	memcpy(mask, &s->netmask, 4);
	if (s->addr.family == AF_INET)
		s->netmask = net_get32(mask);
}

static void
take_dest(const struct nlattr *nest, struct ipvs_msg_dest *d)
{
	const struct nlattr *tb[IPVS_DEST_ATTR_MAX + 1];
	uint16_t af = 0;
	uint8_t port[2];

	memset(d, 0, sizeof *d);
	assert_true(nest && nlmsg_nested(nest, tb, IPVS_DEST_ATTR_MAX));
	assert_true(nlmsg_get_bytes(tb[IPVS_DEST_ATTR_ADDR_FAMILY], &af, 2));
	assert_true(nlmsg_get_bytes(tb[IPVS_DEST_ATTR_ADDR], d->addr.a, 16));
	assert_true(nlmsg_get_bytes(tb[IPVS_DEST_ATTR_PORT], port, 2));
	d->addr.family = (uint8_t)af;
	d->port = net_get16(port);
	d->forward = number(tb[IPVS_DEST_ATTR_FWD_METHOD]);
	d->weight = number(tb[IPVS_DEST_ATTR_WEIGHT]);
	d->uthreshold = number(tb[IPVS_DEST_ATTR_U_THRESH]);
	d->lthreshold = number(tb[IPVS_DEST_ATTR_L_THRESH]);
}

static void
tell_service(const struct nlmsghdr *request, const struct ipvs_msg_service *s)
{
	struct nlmsghdr *h = reply(kern.family, NLM_F_MULTI, request->nlmsg_seq);

	ipvs_msg_put_service(h, IPVS_CMD_NEW_SERVICE, s);
	if (kern.lies)
		h->nlmsg_len -= 8;
	push(h);
}

static void
tell_dests(const struct nlmsghdr *request, const struct ipvs_msg_service *key)
{
	const struct fake_service *f = fake_find(&fake, key);

	for (unsigned j = 0; f && j < f->n; j++) {
		struct nlmsghdr *h = reply(kern.family, NLM_F_MULTI, request->nlmsg_seq);
		ipvs_msg_put_dest(h, IPVS_CMD_NEW_DEST, key, &f->d[j]);
		push(h);
	}
}

/* As start_sync_thread() of the kernel fills in what was not said. */
static int
change_daemon(uint8_t command, const struct nlmsghdr *request, const struct nlattr *nest)
{
	static _Alignas(8) uint8_t copy[NLMSG_MAX];
	const struct nlattr *tb[IPVS_DAEMON_ATTR_MAX + 1];
	struct ipvs_msg_daemon d;

	assert_true(nlmsg_nested(nest, tb, IPVS_DAEMON_ATTR_MAX));
	uint32_t role = number(tb[IPVS_DAEMON_ATTR_STATE]);
	struct ipvs_msg_daemon *mine = &kern.daemon[role == IPVS_MSG_BACKUP];
	if (command == IPVS_CMD_DEL_DAEMON) {
		if (!mine->state)
			return -ESRCH;
		mine->state = 0;
		kern.daemon_changes++;
		return kern.unborn ? -EINTR : 0;
	}
	if (mine->state)
		return -EEXIST;
	memcpy(copy, request, request->nlmsg_len);
	assert_int_equal(ipvs_msg_get_daemon((void *)copy, &d), IPVS_MSG_OK);
	if (strcmp(d.interface, "none0") == 0)
		return -ENODEV;
	d.maxlen = d.maxlen && d.maxlen < 1472 ? d.maxlen : 1472;
	d.port = d.port ? d.port : 8848;
	d.ttl = d.ttl ? d.ttl : 1;
	if (!d.group.family)
		d.group = fake_addr("224.0.0.81");
	*mine = d;
	kern.daemon_changes++;
	return 0;
}

static void
tell_daemons(const struct nlmsghdr *request)
{
	for (unsigned i = 0; i < 2; i++) {
		struct nlmsghdr *h = reply(kern.family, NLM_F_MULTI, request->nlmsg_seq);
		ipvs_msg_put_daemon(h, IPVS_CMD_NEW_DAEMON, i + 1, &kern.daemon[i]);
		if (kern.daemon[i].state)
			push(h);
	}
}

static int
tell_timeouts(const struct nlmsghdr *request)
{
	struct nlmsghdr *h = reply(kern.family, 0, request->nlmsg_seq);

	ipvs_msg_put_timeouts(h, &kern.timeouts);
	push(h);
	return 0;
}

static int
set_timeouts(const struct nlattr *const *tb)
{
	kern.timeout_changes++;
	(void)!nlmsg_get_u32(tb[IPVS_CMD_ATTR_TIMEOUT_TCP], &kern.timeouts.tcp_s);
	(void)!nlmsg_get_u32(tb[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN], &kern.timeouts.tcpfin_s);
	(void)!nlmsg_get_u32(tb[IPVS_CMD_ATTR_TIMEOUT_UDP], &kern.timeouts.udp_s);
	return 0;
}

static int
tell_family(const struct nlmsghdr *request)
{
	kern.asked_family++;
	if (!kern.module)
		return -ENOENT;
	struct nlmsghdr *h = reply(GENL_ID_CTRL, 0, request->nlmsg_seq);
	ipvs_msg_put(h, CTRL_CMD_NEWFAMILY);
	nlmsg_put_text(h, CTRL_ATTR_FAMILY_NAME, "IPVS");
	nlmsg_put(h, CTRL_ATTR_FAMILY_ID, &kern.family, 2);
	push(h);
	return 0;
}

static int
change(uint8_t command, const struct nlattr *const *tb)
{
	static const enum ipvs_diff_step step[] = {
		[IPVS_CMD_NEW_SERVICE] = IPVS_DIFF_NEW, [IPVS_CMD_SET_SERVICE] = IPVS_DIFF_SET,
		[IPVS_CMD_DEL_SERVICE] = IPVS_DIFF_DEL, [IPVS_CMD_NEW_DEST] = IPVS_DIFF_NEW,
		[IPVS_CMD_SET_DEST] = IPVS_DIFF_SET, [IPVS_CMD_DEL_DEST] = IPVS_DIFF_DEL,
	};
	struct ipvs_msg_service s;
	struct ipvs_msg_dest d;

	if (kern.fail_every)
		return kern.fail_every;
	take_service(tb[IPVS_CMD_ATTR_SERVICE], &s);
	if (command <= IPVS_CMD_DEL_SERVICE)
		return fake_change_service(step[command], &s);
	take_dest(tb[IPVS_CMD_ATTR_DEST], &d);
	return fake_change_dest(step[command], &s, &d);
}

static int
work_off(const struct nlmsghdr *h)
{
	const struct nlattr *tb[IPVS_CMD_ATTR_MAX + 1];
	const struct genlmsghdr *g = nlmsg_body(h, sizeof *g);
	struct ipvs_msg_service s;

	if (h->nlmsg_type == GENL_ID_CTRL)
		return tell_family(h);
	if (!kern.module || h->nlmsg_type != kern.family)
		return -ENOENT;
	assert_true(nlmsg_attrs(h, sizeof *g, tb, IPVS_CMD_ATTR_MAX));
	kern.dumps += (h->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	switch (g->cmd) {
	case IPVS_CMD_GET_SERVICE:
		if (tb[IPVS_CMD_ATTR_SERVICE]) {
			take_service(tb[IPVS_CMD_ATTR_SERVICE], &s);
			const struct fake_service *f = fake_find(&fake, &s);
			if (!f)
				return -ESRCH;
			tell_service(h, &f->s);
			return 0;
		}
		for (unsigned i = 0; i < fake.n; i++)
			tell_service(h, &fake.svc[i].s);
		return 0;
	case IPVS_CMD_GET_DEST:
		take_service(tb[IPVS_CMD_ATTR_SERVICE], &s);
		tell_dests(h, &s);
		return 0;
	case IPVS_CMD_NEW_DAEMON:
	case IPVS_CMD_DEL_DAEMON:
		return change_daemon(g->cmd, h, tb[IPVS_CMD_ATTR_DAEMON]);
	case IPVS_CMD_GET_DAEMON:
		tell_daemons(h);
		return 0;
	case IPVS_CMD_GET_CONFIG:
		return tell_timeouts(h);
	case IPVS_CMD_SET_CONFIG:
		return set_timeouts(tb);
	default:
		return change(g->cmd, tb);
	}
}

ssize_t __wrap_sendto(int fd, const void *p, size_t len, int flags,
		      const struct sockaddr *to, socklen_t tolen);
ssize_t
__wrap_sendto(int fd, const void *p, size_t len, int flags, const struct sockaddr *to,
	      socklen_t tolen)
{
	struct nlmsg_walk w;
	const struct nlmsghdr *h;

	(void)fd, (void)flags, (void)to, (void)tolen;
	nlmsg_walk(&w, p, len);
	while ((h = nlmsg_next(&w)))
		push_end(h, work_off(h));
	assert_false(w.bad);
	return (ssize_t)len;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *m, int flags);
ssize_t
__wrap_recvmsg(int fd, struct msghdr *m, int flags)
{
	uint64_t len;

	(void)fd, (void)flags;
	if (queue.at == queue.used) {
		queue.at = queue.used = 0;
		errno = EAGAIN;
		return -1;
	}
	memcpy(&len, queue.p + queue.at, 8);
	assert_true(len <= m->msg_iov->iov_len);
	memcpy(m->msg_iov->iov_base, queue.p + queue.at + 8, len);
	queue.at += 8 + (len + 7) / 8 * 8;
	if (queue.at == queue.used)
		queue.at = queue.used = 0;
	m->msg_flags = 0;
	return (ssize_t)len;
}

int __wrap_netlink_open(struct netlink *nl, int protocol);
int
__wrap_netlink_open(struct netlink *nl, int protocol)
{
	assert_int_equal(protocol, NETLINK_GENERIC);
	memset(nl, 0, sizeof *nl);
	nl->fd = 1000;
	nl->port = PORT;
	return 0;
}

void __wrap_netlink_close(struct netlink *nl);
void
__wrap_netlink_close(struct netlink *nl)
{
	nl->fd = -1;
}

/* ---- its owner ---- */

static struct ipvs v;
static struct timers timers;
static struct mono now;
static unsigned came, went, told, lacked, found;
static char last[160];
static int last_error;

static void
refused(struct ipvs *self, const char *what, int err, const char *text)
{
	assert_ptr_equal(self, &v);
	assert_non_null(text);
	(void)snprintf(last, sizeof last, "%s", what);
	last_error = err;
	told++;
}

static void
present(struct ipvs *self, bool there)
{
	assert_ptr_equal(self, &v);
	came += there;
	went += !there;
}

static void
scheduler(struct ipvs *self, const struct ipvs_msg_service *s, bool there)
{
	assert_ptr_equal(self, &v);
	assert_int_equal(there, strcmp(s->scheduler, "none-such") != 0);
	lacked += !there;
	found += there;
}

static int
fresh(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof fake);
	memset(&wish, 0, sizeof wish);
	memset(&kern, 0, sizeof kern);
	memset(&v, 0, sizeof v);
	memset(&timers, 0, sizeof timers);
	queue.at = queue.used = 0;
	kern.module = true;
	kern.family = 36;
	kern.timeouts = (struct ipvs_msg_timeouts){ 900, 120, 300 };
	now.us = MONO_US_PER_S;
	came = went = told = lacked = found = fake_changes = 0;
	last[0] = '\0';
	v.want = &wishes;
	v.refused = refused;
	v.present = present;
	v.scheduler = scheduler;
	v.audit_us = 30 * (int64_t)MONO_US_PER_S;
	return 0;
}

static void
opened(void)
{
	assert_int_equal(ipvs_open(&v, &timers, now), 0);
}

/* Time goes on by `s` seconds, timers fire on the way. */
static void
later(int64_t s)
{
	struct mono end = mono_add(now, s * MONO_US_PER_S);

	while (!mono_before(end, timer_next(&timers))) {
		now = timer_next(&timers);
		timer_run(&timers, now);
	}
	now = end;
}

static void
wish_two(void)
{
	wish.n = 2;
	for (unsigned i = 0; i < 2; i++) {
		wish.svc[i].s = fake_web((uint16_t)(80 + i));
		for (unsigned j = 0; j < 40; j++)
			wish.svc[i].d[wish.svc[i].n++] = fake_server(j);
	}
}

/* ---- the table ---- */

static void
an_empty_table_is_filled_at_the_start(void **state)
{
	(void)state;
	wish_two();
	opened();
	assert_as_wished();
	assert_int_equal(fake_changes, 82);
	assert_int_equal(v.stats.changes, 82);
	assert_int_equal(v.stats.repairs, 82);
	assert_int_equal(told + came + went, 0);
	/* 82 requests in a few sends. */
	assert_true(v.nl.stats.batches < 15);
}

static void
a_right_table_is_not_touched(void **state)
{
	(void)state;
	wish_two();
	fake = wish;
	fake.svc[fake.n++].s = fake_web(OURS + 1);
	opened();
	later(100);
	assert_int_equal(v.stats.audits, 4);
	assert_int_equal(fake_changes, 0);
	assert_int_equal(fake.n, 3);
	assert_int_equal(v.stats.repairs, 0);
}

static void
a_change_by_hand_is_mended_by_the_next_audit(void **state)
{
	(void)state;
	wish_two();
	opened();
	fake.svc[0].d[3].weight = 9;
	fake.svc[0].d[39] = fake_server(700);
	fake.svc[1] = fake.svc[--fake.n];
	fake_changes = 0;
	later(31);
	assert_as_wished();
	assert_int_equal(fake_changes, 3 + 41);
}

static void
a_put_is_there_after_the_flush(void **state)
{
	const struct ipvs_msg_service s = fake_web(80);
	struct ipvs_msg_dest d = fake_server(1);
	(void)state;

	opened();
	ipvs_service_put(&v, &s, now);
	ipvs_dest_put(&v, &s, &d, now);
	ipvs_flush(&v, now);
	assert_int_equal(fake.svc[0].n, 1);
	d.weight = 0;
	ipvs_dest_put(&v, &s, &d, now);		/* EEXIST: then it is set */
	ipvs_service_put(&v, &s, now);
	ipvs_flush(&v, now);
	assert_int_equal(fake.svc[0].d[0].weight, 0);
	ipvs_dest_del(&v, &s, &d, now);
	ipvs_dest_del(&v, &s, &d, now);		/* ENOENT: gone is gone */
	ipvs_service_del(&v, &s, now);
	ipvs_service_del(&v, &s, now);
	ipvs_dest_del(&v, &s, &d, now);
	ipvs_flush(&v, now);
	assert_int_equal(fake.n, 0);
	assert_int_equal(told, 0);
	assert_int_equal(v.stats.changes, 6);
}

static void
many_puts_go_in_batches(void **state)
{
	const struct ipvs_msg_service s = fake_web(80);
	(void)state;

	opened();
	uint64_t before = v.nl.stats.batches;
	ipvs_service_put(&v, &s, now);
	for (unsigned j = 0; j < 100; j++) {
		const struct ipvs_msg_dest d = fake_server(j);
		ipvs_dest_put(&v, &s, &d, now);
	}
	ipvs_flush(&v, now);
	assert_int_equal(fake.svc[0].n, 100);
	assert_in_range(v.nl.stats.batches - before, 1, 8);
}

static void
a_server_whose_service_was_taken_away_is_put_back_by_an_audit(void **state)
{
	(void)state;
	wish_two();
	opened();
	fake.n = 0;
	wish.svc[0].d[0].weight = 5;
	ipvs_dest_put(&v, &wish.svc[0].s, &wish.svc[0].d[0], now);
	ipvs_flush(&v, now);
	assert_int_equal(told, 0);
	later(2);
	assert_as_wished();
}

/* ---- refusals ---- */

static void
a_refusal_is_told_and_asked_again_less_and_less(void **state)
{
	(void)state;
	wish.n = 1;
	wish.svc[0].s = fake_web(80);
	strcpy(wish.svc[0].s.scheduler, "none-such");
	wish.svc[0].d[wish.svc[0].n++] = fake_server(1);
	opened();
	assert_int_equal(lacked, 1);
	later(2);			/* 1 */
	assert_int_equal(v.stats.audits, 2);
	later(28);			/* 3, 7, 15 */
	assert_int_equal(v.stats.audits, 5);
	later(120);			/* 31 and each 30 from here */
	assert_int_equal(v.stats.audits, 9);
	assert_int_equal(v.stats.refused, 9);
	assert_int_equal(went, 0);
	assert_int_equal(lacked, 9);
	assert_int_equal(told, 0);
	assert_int_equal(found, 0);
	strcpy(wish.svc[0].s.scheduler, "rr");
	later(30);
	assert_as_wished();
	assert_int_equal(found, 1);
	uint64_t audits = v.stats.audits;
	later(60);
	assert_int_equal(v.stats.audits, audits + 2);
	/* What was is forgotten: the next failure is looked after soon. */
	ipvs_audit(&v, now);
	fake.svc[0].n = 0;
	kern.fail_every = -ENOMEM;
	ipvs_dest_put(&v, &wish.svc[0].s, &wish.svc[0].d[0], now);
	ipvs_flush(&v, now);
	kern.fail_every = 0;
	later(2);
	assert_as_wished();
}

static void
a_refused_server_is_named_with_its_service(void **state)
{
	struct ipvs_msg_service s = fake_web(80);
	struct ipvs_msg_dest d = fake_server(1);
	(void)state;

	opened();
	s.addr = fake_addr("2001:db8::1");
	d.addr = fake_addr("2001:db8::7");
	d.lthreshold = 2;
	ipvs_service_put(&v, &s, now);
	ipvs_dest_put(&v, &s, &d, now);
	ipvs_flush(&v, now);
	assert_string_equal(last, "new server [2001:db8::7]:80 of tcp [2001:db8::1]:80");
	assert_int_equal(last_error, -ERANGE);
	assert_int_equal(v.stats.refused, 1);
	s.fwmark = 8;
	d.lthreshold = 0;
	ipvs_service_put(&v, &s, now);
	kern.fail_every = -ENOMEM;
	ipvs_dest_put(&v, &s, &d, now);
	ipvs_flush(&v, now);
	assert_string_equal(last, "new server [2001:db8::7]:80 of fwmark 8");
}

static void
a_reply_that_cannot_be_changes_nothing(void **state)
{
	(void)state;
	wish_two();
	fake = wish;
	fake.svc[0].n = 3;
	kern.lies = true;
	opened();
	assert_int_equal(fake_changes, 0);
	assert_int_equal(v.stats.failed, 1);
	assert_string_equal(last, "read the table");
	assert_int_equal(last_error, -EBADMSG);
	kern.lies = false;
	later(2);
	assert_as_wished();
}

/* ---- the module ---- */

static void
a_missing_module_is_told_once_and_the_table_filled_when_it_comes(void **state)
{
	const struct ipvs_msg_daemon d = { .state = IPVS_MSG_MASTER, .interface = "eth0" };
	(void)state;

	wish_two();
	kern.module = false;
	opened();
	ipvs_sync(&v, &d, now);
	ipvs_timeouts(&v, 60, 0, 0, now);
	ipvs_dest_put(&v, &wish.svc[0].s, &wish.svc[0].d[0], now);
	ipvs_flush(&v, now);
	later(60);
	assert_int_equal(went, 1);
	assert_int_equal(told, 0);
	assert_int_equal(v.stats.absent, 1);
	assert_in_range(kern.asked_family, 10, 30);
	kern.module = true;
	later(4);
	assert_int_equal(came, 1);
	assert_as_wished();
	assert_int_equal(kern.daemon[0].state, IPVS_MSG_MASTER);
	assert_int_equal(kern.timeouts.tcp_s, 60);
	later(29);
	assert_int_equal(came + went, 2);
}

static void
a_module_that_goes_and_comes_with_another_number(void **state)
{
	(void)state;
	wish_two();
	opened();
	kern.module = false;
	fake.n = 0;
	ipvs_dest_put(&v, &wish.svc[0].s, &wish.svc[0].d[0], now);
	ipvs_flush(&v, now);
	assert_int_equal(went, 1);
	assert_int_equal(told, 0);
	kern.module = true;
	kern.family = 40;
	later(4);
	assert_int_equal(came, 1);
	assert_as_wished();
	/* So fast that nobody saw it. */
	kern.family = 41;
	fake.n = 0;
	ipvs_dest_put(&v, &wish.svc[0].s, &wish.svc[0].d[0], now);
	ipvs_flush(&v, now);
	later(2);
	assert_as_wished();
	assert_int_equal(went, 1);
	assert_int_equal(told, 0);
}

/* ---- sync daemons and timeouts ---- */

static void
a_daemon_that_is_not_ours_is_left_alone(void **state)
{
	const struct ipvs_msg_daemon none = { .state = 0 };
	struct ipvs_msg_daemon d = { .state = IPVS_MSG_MASTER, .interface = "eth0", .id = 1 };
	(void)state;

	kern.daemon[1] = (struct ipvs_msg_daemon){ .state = 2, .interface = "lan", .id = 9 };
	opened();
	ipvs_sync(&v, &none, now);
	later(100);
	assert_int_equal(kern.daemon_changes, 0);
	ipvs_sync(&v, &d, now);		/* now both roles are ours */
	assert_int_equal(kern.daemon[0].state, 1);
	assert_int_equal(kern.daemon[1].state, 0);
	ipvs_sync(&v, &none, now);
	assert_int_equal(kern.daemon[0].state, 0);
	kern.daemon[0] = (struct ipvs_msg_daemon){ .state = 1, .interface = "lan" };
	later(100);			/* and no longer */
	assert_int_equal(kern.daemon[0].state, 1);
}

static void
a_daemon_follows_what_is_wanted(void **state)
{
	struct ipvs_msg_daemon d = {
		.state = IPVS_MSG_BACKUP, .interface = "eth0", .id = 1, .maxlen = 60000,
	};
	(void)state;

	opened();
	ipvs_sync(&v, &d, now);
	assert_int_equal(kern.daemon[1].state, 2);
	ipvs_sync(&v, &d, now);
	later(100);
	assert_int_equal(kern.daemon_changes, 1);
	d.state = IPVS_MSG_MASTER;
	ipvs_sync(&v, &d, now);
	assert_int_equal(kern.daemon[0].state, 1);
	assert_int_equal(kern.daemon[1].state, 0);
	assert_int_equal(kern.daemon_changes, 3);
	d.id = 2;
	ipvs_sync(&v, &d, now);
	assert_int_equal(kern.daemon[0].id, 2);
	assert_int_equal(kern.daemon_changes, 5);
	d.maxlen = 1000;
	ipvs_sync(&v, &d, now);
	assert_int_equal(kern.daemon[0].maxlen, 1000);
	d.state |= IPVS_MSG_BACKUP;
	ipvs_sync(&v, &d, now);
	assert_int_equal(kern.daemon_changes, 8);
	kern.daemon[0].state = 0;	/* stopped by hand */
	later(31);
	assert_int_equal(kern.daemon[0].state, 1);
	assert_int_equal(kern.daemon_changes, 9);
	assert_int_equal(told, 0);
}

static void
a_daemon_without_its_interface_waits_for_it(void **state)
{
	struct ipvs_msg_daemon d = { .state = IPVS_MSG_MASTER, .interface = "none0" };
	(void)state;

	opened();
	ipvs_sync(&v, &d, now);
	assert_string_equal(last, "start the master sync daemon on none0");
	assert_int_equal(last_error, -ENODEV);
	later(20);
	assert_in_range(told, 3, 6);
}

static void
a_daemon_that_has_hardly_begun_is_stopped(void **state)
{
	struct ipvs_msg_daemon d = { .state = IPVS_MSG_MASTER, .interface = "eth0" };
	(void)state;

	opened();
	ipvs_sync(&v, &d, now);
	kern.unborn = true;
	d.state = IPVS_MSG_BACKUP;
	ipvs_sync(&v, &d, now);
	assert_int_equal(kern.daemon[0].state, 0);
	assert_int_equal(kern.daemon[1].state, 2);
	assert_int_equal(told, 0);
}

static void
a_running_daemon_is_taken_up(void **state)
{
	const struct ipvs_msg_daemon d = {
		.state = IPVS_MSG_MASTER, .interface = "eth0", .id = 1, .maxlen = 60000,
	};
	(void)state;

	kern.daemon[0] = (struct ipvs_msg_daemon){
		.state = 1, .interface = "eth0", .id = 1, .maxlen = 1472, .port = 8848,
		.ttl = 1, .group = fake_addr("224.0.0.81"),
	};
	opened();
	ipvs_sync(&v, &d, now);
	assert_int_equal(kern.daemon_changes, 0);
}

static void
timeouts_are_set_when_they_differ(void **state)
{
	(void)state;
	opened();
	ipvs_timeouts(&v, 0, 0, 0, now);
	ipvs_timeouts(&v, 900, 0, 300, now);
	assert_int_equal(kern.timeout_changes, 0);
	ipvs_timeouts(&v, 60, 0, 0, now);
	assert_int_equal(kern.timeouts.tcp_s, 60);
	assert_int_equal(kern.timeouts.tcpfin_s, 120);
	later(100);
	assert_int_equal(kern.timeout_changes, 1);
}

/* ---- counts ---- */

static void
count_each(void *ctx, const struct ipvs_msg_dest *d, const struct ipvs_msg_stats *st)
{
	(void)d, (void)st;
	++*(unsigned *)ctx;
}

static void
counts_are_read(void **state)
{
	struct ipvs_msg_stats st;
	unsigned n = 0;
	(void)state;

	wish_two();
	opened();
	const struct ipvs_msg_service none = fake_web(99);
	const struct ipvs_msg_dest d = fake_server(7), other = fake_server(99);
	assert_true(ipvs_count(&v, &wish.svc[0].s, NULL, &st));
	assert_false(ipvs_count(&v, &none, NULL, &st));
	assert_true(ipvs_count(&v, &wish.svc[0].s, &d, &st));
	assert_false(ipvs_count(&v, &wish.svc[0].s, &other, &st));
	assert_true(ipvs_count_dests(&v, &wish.svc[1].s, count_each, &n));
	assert_int_equal(n, 40);
	ipvs_close(&v);
	assert_false(ipvs_count(&v, &wish.svc[0].s, NULL, &st));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_empty_table_is_filled_at_the_start, fresh),
		cmocka_unit_test_setup(a_right_table_is_not_touched, fresh),
		cmocka_unit_test_setup(a_change_by_hand_is_mended_by_the_next_audit, fresh),
		cmocka_unit_test_setup(a_put_is_there_after_the_flush, fresh),
		cmocka_unit_test_setup(many_puts_go_in_batches, fresh),
		cmocka_unit_test_setup(
			a_server_whose_service_was_taken_away_is_put_back_by_an_audit, fresh),
		cmocka_unit_test_setup(a_refusal_is_told_and_asked_again_less_and_less, fresh),
		cmocka_unit_test_setup(a_refused_server_is_named_with_its_service, fresh),
		cmocka_unit_test_setup(a_reply_that_cannot_be_changes_nothing, fresh),
		cmocka_unit_test_setup(
			a_missing_module_is_told_once_and_the_table_filled_when_it_comes, fresh),
		cmocka_unit_test_setup(a_module_that_goes_and_comes_with_another_number, fresh),
		cmocka_unit_test_setup(a_daemon_that_is_not_ours_is_left_alone, fresh),
		cmocka_unit_test_setup(a_daemon_follows_what_is_wanted, fresh),
		cmocka_unit_test_setup(a_daemon_without_its_interface_waits_for_it, fresh),
		cmocka_unit_test_setup(a_daemon_that_has_hardly_begun_is_stopped, fresh),
		cmocka_unit_test_setup(a_running_daemon_is_taken_up, fresh),
		cmocka_unit_test_setup(timeouts_are_set_when_they_differ, fresh),
		cmocka_unit_test_setup(counts_are_read, fresh),
	};
	return cmocka_run_group_tests_name("ipvs", tests, 0, 0);
}
