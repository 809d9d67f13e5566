/* SPDX-License-Identifier: MIT */
/* netlink_test.c -- batches, dumps and the monitor against a real kernel, in a
 * network namespace of its own. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "netlink.h"
#include "netns.h"

static bool possible;
static struct netlink nl;

static int
fresh(void **state)
{
	(void)state;
	if (!possible)
		return 0;
	if (unshare(CLONE_NEWNET) < 0 || netlink_open(&nl, NETLINK_ROUTE) < 0)
		return -1;
	return system("ip link set lo up");
}

static int
done(void **state)
{
	(void)state;
	if (possible)
		netlink_close(&nl);
	return 0;
}

/* Takes down what each request came to. */
struct asker {
	struct netlink_call call;
	unsigned n;
	uint32_t cookie[1000];
	int error[1000];
	char text[NLMSG_TEXT];
};

static void
noted(struct netlink_call *c, uint32_t cookie, int error, const char *text)
{
	struct asker *a = container_of(c, struct asker, call);
	a->cookie[a->n] = cookie;
	a->error[a->n++] = error;
	strcpy(a->text, text);
}

static void
put_addr(uint16_t type, uint16_t flags, uint32_t ifindex, uint8_t low, uint8_t lower)
{
	const struct net_addr addr = { .family = AF_INET, .a = { 10, 9, low, lower } };
	struct nlmsghdr *h = netlink_begin(&nl, type, flags);
	struct ifaddrmsg *ifa = nlmsg_put_header(h, sizeof *ifa);

	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = 32;
	ifa->ifa_index = ifindex;
	nlmsg_put_addr(h, IFA_LOCAL, &addr);
	nlmsg_put_addr(h, IFA_ADDRESS, &addr);
}

static void
each_request_of_a_batch_has_its_answer(void **state)
{
	static struct asker a = { .call.done = noted };
	(void)state;
	if (!possible)
		skip();

	for (unsigned i = 0; i < 700; i++) {
		put_addr(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, 1,
			 (uint8_t)(i / 2 >> 8), (uint8_t)(i / 2));
		netlink_commit(&nl, &a.call, i);
	}
	netlink_flush(&nl);
	assert_int_equal(a.n, 700);
	for (unsigned i = 0; i < 700; i++) {	/* every second one is a repetition */
		assert_int_equal(a.cookie[i], i);
		assert_int_equal(a.error[i], i % 2 ? -EEXIST : 0);
	}
	assert_int_equal(nl.stats.requests, 700);
	assert_in_range(nl.stats.batches, 22, 25);
	assert_int_equal(nl.stats.errors, 350);
	assert_int_equal(nl.stats.lost, 0);
	assert_int_equal(nl.stats.stale, 0);
}

static void
an_answer_explains_itself(void **state)
{
	static struct asker a = { .call.done = noted };
	(void)state;
	if (!possible)
		skip();

	put_addr(RTM_NEWADDR, NLM_F_CREATE, 4711, 1, 1);
	netlink_commit(&nl, &a.call, 0);
	netlink_flush(&nl);
	assert_int_equal(a.error[0], -ENODEV);
	/* The socket asks for strict checks: a dump whose header asks for a type of
	 * hardware is refused with a sentence. */
	char text[NLMSG_TEXT];
	struct nlmsghdr *h = netlink_begin(&nl, RTM_GETLINK, NLM_F_DUMP);
	struct ifinfomsg *ifi = nlmsg_put_header(h, sizeof *ifi);
	ifi->ifi_type = 77;
	assert_int_equal(netlink_ask(&nl, NULL, text), -EINVAL);
	assert_non_null(strstr(text, "link dump"));
}

static void
a_request_that_is_too_long_is_answered_unsent(void **state)
{
	static struct asker a = { .call.done = noted };
	(void)state;
	if (!possible)
		skip();

	struct nlmsghdr *h = netlink_begin(&nl, RTM_NEWADDR, 0);
	for (unsigned i = 0; i < 300; i++)
		nlmsg_put_u32(h, 1, 1);
	netlink_commit(&nl, &a.call, 5);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.error[0], -EMSGSIZE);
	put_addr(RTM_NEWADDR, NLM_F_CREATE, 1, 2, 2);
	netlink_commit(&nl, &a.call, 6);
	put_addr(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, 1, 2, 2);
	netlink_commit(&nl, &a.call, 7);
	netlink_flush(&nl);
	assert_int_equal(a.n, 3);
	assert_int_equal(a.error[1], 0);
	assert_int_equal(a.error[2], -EEXIST);
}

/* Counts what a dump says. */
static unsigned seen, begun;

static void
count(struct netlink_dump *d, const struct nlmsghdr *h)
{
	(void)d;
	(void)h;
	seen++;
}

static void
count_begin(struct netlink_dump *d)
{
	(void)d;
	begun++;
	seen = 0;
}

static int
dump(uint16_t type, uint8_t family, struct netlink_dump *d)
{
	struct nlmsghdr *h = netlink_begin(&nl, type, 0);
	struct ifaddrmsg *ifa = nlmsg_put_header(h, type == RTM_GETADDR ?
						 sizeof *ifa : sizeof(struct ifinfomsg));
	ifa->ifa_family = family;
	return netlink_dump(&nl, d);
}

static void
a_dump_says_everything(void **state)
{
	struct netlink_dump d = { .msg = count, .begin = count_begin };
	(void)state;
	if (!possible)
		skip();

	netns_sh("for i in $(seq 1 200); do echo address add 10.0.$i.1/32 dev lo; "
		 "done | ip -b -");
	assert_int_equal(dump(RTM_GETADDR, AF_INET, &d), 0);
	assert_int_equal(seen, 201);
	/* Requests that wait are sent before the dump. */
	put_addr(RTM_NEWADDR, NLM_F_CREATE, 1, 2, 2);
	netlink_commit(&nl, NULL, 0);
	assert_int_equal(dump(RTM_GETADDR, AF_INET, &d), 0);
	assert_int_equal(seen, 202);
	assert_int_equal(dump(RTM_GETLINK, AF_UNSPEC, &d), 0);
	assert_true(seen >= 1);
}

static void
a_dump_given_up_does_not_spoil_the_next(void **state)
{
	struct netlink_dump d = { .msg = count, .begin = count_begin };
	struct { struct nlmsghdr h; struct ifaddrmsg ifa; } ask = {
		.h = { .nlmsg_len = sizeof ask, .nlmsg_type = RTM_GETADDR,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = 9999 },
		.ifa.ifa_family = AF_INET,
	};
	(void)state;
	if (!possible)
		skip();

	netns_sh("for i in $(seq 1 4) ; do for j in $(seq 1 250); do "
		 "echo address add 10.$i.$j.1/32 dev lo; done; done | ip -b -");
	assert_int_equal(send(nl.fd, &ask, sizeof ask, 0), sizeof ask);
	assert_int_equal(dump(RTM_GETADDR, AF_INET, &d), 0);
	assert_int_equal(seen, 1001);
	assert_true(nl.stats.stale > 0 || nl.stats.busy > 0);
}

static void
an_old_answer_is_not_taken_for_a_new_one(void **state)
{
	struct netlink_dump d = { .msg = count, .begin = count_begin };
	struct { struct nlmsghdr h; struct ifinfomsg ifi; } ask = {
		.h = { .nlmsg_len = sizeof ask, .nlmsg_type = RTM_GETLINK,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK, .nlmsg_seq = 9999 },
		.ifi.ifi_index = 1,
	};
	(void)state;
	if (!possible)
		skip();

	assert_int_equal(send(nl.fd, &ask, sizeof ask, 0), sizeof ask);
	struct nlmsghdr *h = netlink_begin(&nl, RTM_GETLINK, 0);
	nlmsg_put_header(h, sizeof(struct ifinfomsg));
	nlmsg_put_text(h, IFLA_IFNAME, "nosuch");
	assert_int_equal(netlink_ask(&nl, &d, NULL), -ENODEV);
	assert_int_equal(seen, 0);
	assert_int_equal(nl.stats.stale, 2);
	/* The same before a batch. */
	static struct asker a = { .call.done = noted };
	assert_int_equal(send(nl.fd, &ask, sizeof ask, 0), sizeof ask);
	put_addr(RTM_NEWADDR, NLM_F_CREATE, 4711, 1, 1);
	netlink_commit(&nl, &a.call, 0);
	netlink_flush(&nl);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.error[0], -ENODEV);
}

static void
a_get_request_brings_its_object(void **state)
{
	struct netlink_dump d = { .msg = count, .begin = count_begin };
	char text[NLMSG_TEXT];
	(void)state;
	if (!possible)
		skip();

	struct nlmsghdr *h = netlink_begin(&nl, RTM_GETLINK, 0);
	nlmsg_put_header(h, sizeof(struct ifinfomsg));
	nlmsg_put_text(h, IFLA_IFNAME, "lo");
	assert_int_equal(netlink_ask(&nl, &d, text), 0);
	assert_int_equal(seen, 1);
	h = netlink_begin(&nl, RTM_GETLINK, 0);
	nlmsg_put_header(h, sizeof(struct ifinfomsg));
	nlmsg_put_text(h, IFLA_IFNAME, "nosuch");
	assert_int_equal(netlink_ask(&nl, &d, text), -ENODEV);
	assert_int_equal(seen, 0);
}

/* A dump whose table changes under way: a second socket adds an address after each
 * datagram was read, so that at least one attempt is interrupted. */
static struct netlink other;
static unsigned changes;

static void
disturb(struct netlink_dump *d, const struct nlmsghdr *h)
{
	count(d, h);
	if (changes == 0 || seen % 100)
		return;
	changes--;
	const struct net_addr addr = {
		.family = AF_INET, .a = { 10, 99, 1, (uint8_t)changes },
	};
	struct nlmsghdr *r = netlink_begin(&other, RTM_NEWADDR, NLM_F_CREATE);
	struct ifaddrmsg *ifa = nlmsg_put_header(r, sizeof *ifa);
	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = 32;
	ifa->ifa_index = 1;
	nlmsg_put_addr(r, IFA_LOCAL, &addr);
	netlink_commit(&other, NULL, 0);
	netlink_flush(&other);
}

static void
an_interrupted_dump_is_repeated(void **state)
{
	struct netlink_dump d = { .msg = disturb, .begin = count_begin };
	(void)state;
	if (!possible)
		skip();

	netns_sh("for i in $(seq 1 6) ; do for j in $(seq 1 250); do "
		 "echo address add 10.$i.$j.1/32 dev lo; done; done | ip -b -");
	assert_int_equal(netlink_open(&other, NETLINK_ROUTE), 0);
	begun = 0;
	changes = 3;
	assert_int_equal(dump(RTM_GETADDR, AF_INET, &d), 0);
	assert_true(nl.stats.interrupted >= 1);
	assert_int_equal(begun, nl.stats.interrupted + 1);
	assert_int_equal(seen, 1504);
	changes = 10000;		/* it never stops */
	assert_int_equal(dump(RTM_GETADDR, AF_INET, &d), -EINTR);
	netlink_close(&other);
}

/* ---- the monitor ---- */

static unsigned heard, lost;

static void
on_event(struct netlink_monitor *m, const struct nlmsghdr *h, struct mono now)
{
	(void)m;
	(void)h;
	(void)now;
	heard++;
}

static void
on_lost(struct netlink_monitor *m, struct mono now)
{
	char c;
	(void)now;

	lost++;
	assert_int_equal(recv(m->io.fd, &c, 1, MSG_PEEK), -1);	/* emptied */
	assert_int_equal(errno, EAGAIN);
}

static void
lost_events_are_noticed_when_the_queue_is_empty(void **state)
{
	static struct netlink_monitor m = { .event = on_event, .overrun = on_lost };
	const uint32_t group[] = { RTNLGRP_IPV4_IFADDR };
	(void)state;
	if (!possible)
		skip();

	assert_int_equal(netlink_monitor_open(&m, NETLINK_ROUTE, group, 1, 4096), 0);
	netns_sh("ip address add 10.1.1.1/32 dev lo");
	m.io.ready(&m.io, EPOLLIN, (struct mono){ 1 });
	assert_int_equal(heard, 1);
	assert_int_equal(lost, 0);
	netns_sh("for i in $(seq 1 200); do echo address add 10.0.$i.1/32 dev lo; "
		 "done | ip -b -");
	m.io.ready(&m.io, EPOLLIN, (struct mono){ 2 });
	assert_int_equal(lost, 1);
	assert_int_equal(m.stats.overruns, 1);
	assert_true(heard < 201);
	unsigned before = heard;
	netns_sh("ip address add 10.1.1.2/32 dev lo");
	m.io.ready(&m.io, EPOLLIN, (struct mono){ 3 });
	assert_int_equal(heard, before + 1);
	assert_int_equal(lost, 1);
	netlink_monitor_close(&m);
}

static void
what_another_process_sends_is_not_the_kernel(void **state)
{
	static struct netlink_monitor m = { .event = on_event, .overrun = on_lost };
	const uint32_t group[] = { RTNLGRP_IPV4_IFADDR };
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof to;
	(void)state;
	if (!possible)
		skip();

	heard = 0;
	assert_int_equal(netlink_monitor_open(&m, NETLINK_ROUTE, group, 1, 0), 0);
	getsockname(m.io.fd, (struct sockaddr *)&to, &len);
	struct nlmsghdr h = { .nlmsg_len = sizeof h, .nlmsg_type = RTM_NEWLINK };
	assert_int_equal(sendto(nl.fd, &h, sizeof h, 0, (struct sockaddr *)&to,
				sizeof to), sizeof h);
	m.io.ready(&m.io, EPOLLIN, (struct mono){ 1 });
	assert_int_equal(heard, 0);
	assert_int_equal(m.stats.foreign, 1);
	netlink_monitor_close(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, fresh, done)
		T(each_request_of_a_batch_has_its_answer),
		T(an_answer_explains_itself),
		T(a_request_that_is_too_long_is_answered_unsent),
		T(a_dump_says_everything),
		T(a_dump_given_up_does_not_spoil_the_next),
		T(an_old_answer_is_not_taken_for_a_new_one),
		T(a_get_request_brings_its_object),
		T(an_interrupted_dump_is_repeated),
		T(lost_events_are_noticed_when_the_queue_is_empty),
		T(what_another_process_sends_is_not_the_kernel),
	};
	possible = netns_possible();
	return cmocka_run_group_tests_name("netlink", tests, 0, 0);
}
