/* SPDX-License-Identifier: MIT */
/* link_test.c -- the table of interfaces stays true, whatever a real kernel does
 * to them; iproute2 is the other side. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <sys/socket.h>

#include "core_pools.h"
#include "link.h"
#include "netns.h"

static bool possible;
static struct netlink nl;
static struct loop loop;
static struct links ls;

/* What the subscriber was told. */
static unsigned told[32], nset, ngone, nresynced;
static char story[4096];

static void
tell(const char *fmt, ...)
{
	va_list ap;
	size_t n = strlen(story);

	va_start(ap, fmt);
	vsnprintf(story + n, sizeof story - n, fmt, ap);
	va_end(ap);
}

static void
on_changed(struct link_sub *s, struct link *l, unsigned what, struct mono now)
{
	(void)s;
	(void)now;
	if (what & LINK_GONE)
		tell("-%s ", l->name);
	if (what & LINK_APPEARED)
		tell("+%s ", l->name);
	if (what & LINK_USABLE)
		tell("%s:%s ", l->name, l->usable ? "up" : "down");
	for (unsigned i = 0; i < 32; i++)
		told[i] += what >> i & 1;
}

static void
on_set(struct link_sub *s, struct link *l, const struct link_addr *a, struct mono now)
{
	(void)s;
	(void)now;
	assert_ptr_equal(a->link, l);
	assert_non_null(link_find_addr(l, &a->addr, a->prefixlen));
	nset++;
}

static void
on_gone(struct link_sub *s, struct link *l, const struct link_addr *a, struct mono now)
{
	(void)s;
	(void)now;
	assert_ptr_equal(a->link, l);
	assert_null(link_find_addr(l, &a->addr, a->prefixlen));
	ngone++;
}

static void
on_resynced(struct link_sub *s, struct mono now)
{
	(void)s;
	(void)now;
	nresynced++;
}

static struct link_sub sub;

static int
open_all(int rcvbuf)
{
	memset(told, 0, sizeof told);
	nset = ngone = nresynced = 0;
	story[0] = '\0';
	if (unshare(CLONE_NEWNET) < 0 || loop_open(&loop) < 0 ||
	    netlink_open(&nl, NETLINK_ROUTE) < 0 || link_open(&ls, &nl, &loop, rcvbuf) < 0)
		return -1;
	sub = (struct link_sub){
		.changed = on_changed, .addr_set = on_set, .addr_gone = on_gone,
		.resynced = on_resynced,
	};
	link_subscribe(&ls, &sub);
	/* No address of the kernel's own making, so that tests can count. */
	return system("sysctl -qw net.ipv6.conf.default.addr_gen_mode=1 "
		      "net.ipv6.conf.default.accept_dad=0 2>/dev/null || "
		      "echo 1 >/proc/sys/net/ipv6/conf/default/addr_gen_mode");
}

static int
fresh(void **state)
{
	(void)state;
	return possible ? open_all(0) : 0;
}

static int
small(void **state)
{
	(void)state;
	return possible ? open_all(2048) : 0;
}

static int
done(void **state)
{
	struct pool_stat st;
	(void)state;

	if (!possible)
		return 0;
	link_close(&ls);
	netlink_close(&nl);
	loop_close(&loop);
	for (unsigned i = 0; i < core_pools_count; i++) {
		pool_stat(core_pools[i], &st);
		if (st.used)
			return -1;
	}
	return 0;
}

static void
serve(int ms)
{
	netns_serve(&loop, &ls.mon.io, ms, NULL);
}

/* Until the story is as long; the kernel may take its time. */
static void
serve_until(const char *want)
{
	for (int i = 0; i < 100 && strlen(story) < strlen(want); i++)
		serve(20);
	assert_string_equal(story, want);
}

static struct net_addr
ip(const char *text)
{
	struct net_addr a;
	assert_true(net_addr_parse(&a, text, strlen(text)));
	return a;
}

static bool
has(const struct link *l, const char *text, uint8_t prefixlen)
{
	const struct net_addr a = ip(text);
	return link_find_addr(l, &a, prefixlen) != NULL;
}

static void
watching_shows_what_is_there(void **state)
{
	(void)state;
	if (!possible)
		skip();

	netns_sh("ip link add v0 address 02:00:00:00:00:07 mtu 1400 type veth peer name v1");
	netns_sh("ip link set v0 up; ip link set v1 up");
	netns_sh("ip address add 192.0.2.1/24 dev v0 label v0:x; "
		 "ip address add 192.0.2.2/24 dev v0; ip address add 2001:db8::1/64 dev v0");
	struct link *l = link_watch(&ls, "v0");
	assert_non_null(l);
	assert_true(l->ifindex > 0);
	assert_ptr_equal(link_by_index(&ls, l->ifindex), l);
	assert_ptr_equal(link_by_name(&ls, "v0"), l);
	assert_true(l->usable);
	assert_int_equal(l->mtu, 1400);
	assert_true(l->has_mac);
	assert_int_equal(l->mac[5], 7);
	assert_string_equal(l->kind, "veth");
	assert_true(link_has_arp(l));
	assert_int_equal(l->naddrs, 3);
	const struct net_addr one = ip("192.0.2.1"), two = ip("192.0.2.2");
	assert_string_equal(link_find_addr(l, &one, 24)->label, "v0:x");
	assert_true(link_find_addr(l, &two, 24)->flags & IFA_F_SECONDARY);
	assert_false(link_find_addr(l, &one, 24)->flags & IFA_F_SECONDARY);
	assert_null(link_find_addr(l, &one, 25));
	serve(20);				/* old events change nothing */
	assert_string_equal(story, "");
	struct link *lo = link_watch(&ls, "lo");
	assert_false(link_has_arp(lo));
	assert_ptr_equal(link_watch(&ls, "v0"), l);
	link_unwatch(&ls, l);
	assert_ptr_equal(link_by_name(&ls, "v0"), l);
	link_unwatch(&ls, l);
	assert_null(link_by_name(&ls, "v0"));
}

static void
what_happens_after_the_first_look_is_told_once(void **state)
{
	(void)state;
	if (!possible)
		skip();

	netns_sh("ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; "
		 "ip address add 192.0.2.1/24 dev v0");
	struct link *l = link_watch(&ls, "v0");
	assert_true(l->usable);			/* the queue holds older news */
	netns_sh("ip link set v1 down; ip address del 192.0.2.1/24 dev v0; "
		 "ip address add 192.0.2.2/24 dev v0");
	serve(50);
	assert_string_equal(story, "v0:down ");
	assert_int_equal(ngone, 1);
	assert_int_equal(nset, 1);
	assert_int_equal(l->naddrs, 1);
}

static void
an_interface_comes_goes_and_comes_back(void **state)
{
	(void)state;
	if (!possible)
		skip();

	struct link *l = link_watch(&ls, "v0");
	assert_int_equal(l->ifindex, 0);
	assert_false(l->usable);
	netns_sh("ip link add v0 type veth peer name v1");
	serve(20);
	assert_string_equal(story, "+v0 ");
	uint32_t first = l->ifindex;
	netns_sh("ip link set v0 up; ip link set v1 up");
	serve(50);
	assert_string_equal(story, "+v0 v0:up ");
	netns_sh("ip address add 192.0.2.1/24 dev v0");
	serve(20);
	assert_int_equal(nset, 1);
	netns_sh("ip link del v0");
	serve(50);
	assert_string_equal(story, "+v0 v0:up v0:down -v0 ");
	assert_int_equal(ngone, 1);
	assert_int_equal(l->naddrs, 0);
	assert_int_equal(l->flaps, 1);
	assert_null(link_by_index(&ls, first));
	story[0] = '\0';
	netns_sh("ip link add v0 type veth peer name v1; ip link set v1 up; "
		 "ip link set v0 up; ip address add 192.0.2.1/24 dev v0");
	serve(50);
	assert_true(l->usable);
	assert_true(l->ifindex != first);
	assert_true(has(l, "192.0.2.1", 24));
}

static void
deleted_and_made_anew_between_two_looks(void **state)
{
	(void)state;
	if (!possible)
		skip();

	netns_sh("ip link add v0 type veth peer name v1; ip address add 192.0.2.1/24 dev v0");
	struct link *l = link_watch(&ls, "v0");
	uint32_t first = l->ifindex;
	serve(10);
	netns_sh("ip link del v0; ip link add v0 type veth peer name v1; "
		 "ip address add 192.0.2.2/24 dev v0");
	serve(20);
	assert_true(l->ifindex != first && l->ifindex != 0);
	assert_true(has(l, "192.0.2.2", 24));
	assert_false(has(l, "192.0.2.1", 24));
	assert_int_equal(told[1], 1);		/* LINK_GONE was told */
}

static void
a_flap_is_seen_both_ways(void **state)
{
	(void)state;
	if (!possible)
		skip();

	netns_sh("ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up");
	struct link *l = link_watch(&ls, "v0");
	serve(20);
	story[0] = '\0';
	netns_sh("ip link set v1 down");	/* carrier */
	serve_until("v0:down ");
	netns_sh("ip link set v1 up");
	serve_until("v0:down v0:up ");
	netns_sh("ip link set v0 down");	/* administratively */
	serve(50);
	assert_false(l->usable);
	assert_int_equal(l->flaps, 2);
}

static void
a_rename_moves_the_interface_with_its_addresses(void **state)
{
	(void)state;
	if (!possible)
		skip();

	/* Of IPv4's the kernel tells anew, of IPv6's it doesn't. */
	netns_sh("ip link add v0 type veth peer name v1; ip link set v0 addrgenmode none; "
		 "ip link set v0 up; ip address add 192.0.2.1/24 dev v0; "
		 "ip address add 2001:db8::1/64 dev v0");
	struct link *old = link_watch(&ls, "v0"), *new = link_watch(&ls, "lan");
	uint32_t index = old->ifindex;
	assert_int_equal(old->naddrs, 2);
	serve(10);
	ngone = nset = 0;
	story[0] = '\0';
	if (system("ip link set v0 name lan 2>/dev/null") != 0) {
		print_message("skipped: this kernel renames nothing that is up\n");
		skip();
	}
	serve(20);
	assert_int_equal(old->ifindex, 0);
	assert_int_equal(old->naddrs, 0);
	assert_int_equal(new->ifindex, index);
	assert_int_equal(new->naddrs, 2);
	assert_non_null(strstr(story, "-v0"));
	assert_non_null(strstr(story, "+lan"));
	assert_int_equal(ngone, 2);
	assert_true(nset >= 2);			/* told anew with its label */
}

static void
mac_and_mtu_are_followed(void **state)
{
	(void)state;
	if (!possible)
		skip();

	netns_sh("ip link add v0 type veth peer name v1");
	struct link *l = link_watch(&ls, "v0");
	serve(10);
	memset(told, 0, sizeof told);
	netns_sh("ip link set v0 address 02:00:00:00:00:55; ip link set v0 mtu 1300");
	serve(20);
	assert_int_equal(l->mac[5], 0x55);
	assert_int_equal(l->mtu, 1300);
	assert_int_equal(told[3], 1);
	assert_int_equal(told[4], 1);
}

static void
a_port_that_leaves_its_bridge_stays(void **state)
{
	(void)state;
	if (!possible)
		skip();

	netns_sh("ip link add br0 type bridge; ip link add v0 type veth peer name v1; "
		 "ip link set v0 master br0");
	struct link *l = link_watch(&ls, "v0");
	serve(10);
	netns_sh("ip link set v0 nomaster");
	serve(20);
	assert_true(l->ifindex != 0);
	assert_int_equal(told[1], 0);
}

static void
addresses_come_and_go(void **state)
{
	(void)state;
	if (!possible)
		skip();

	netns_sh("ip link add v0 type veth peer name v1; ip link set v0 up");
	struct link *l = link_watch(&ls, "v0");
	netns_sh("for i in $(seq 1 100); do echo address add 10.0.0.$i/24 dev v0; "
		 "echo address add 2001:db8::$i/64 dev v0 nodad; done | ip -b -");
	serve(50);
	assert_int_equal(l->naddrs, 200 > CONFIG_LINK_ADDRS ? CONFIG_LINK_ADDRS : 200);
	netns_sh("ip address flush dev v0");
	serve(50);
	assert_int_equal(l->naddrs, 0);
	assert_int_equal(ls.bad, 0);
}

static bool
is_one(const void *arg, const struct link_addr *a)
{
	const struct net_addr *one = arg;
	return net_addr_cmp(&a->addr, one) == 0;
}

static void
the_source_is_a_primary_that_is_not_virtual(void **state)
{
	const struct net_addr vip = ip("192.0.2.100"), vip6 = ip("fe80::5e:1");
	(void)state;
	if (!possible)
		skip();

	netns_sh("ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up");
	struct link *l = link_watch(&ls, "v0");
	assert_null(link_source(l, AF_INET, NULL, NULL));
	netns_sh("ip address add 192.0.2.100/24 dev v0; ip address add 192.0.2.1/24 dev v0; "
		 "ip address add 198.51.100.1/24 dev v0; ip address add 169.254.9.9/16 scope link dev v0");
	serve(20);
	const struct net_addr *got = &link_source(l, AF_INET, NULL, NULL)->addr;
	assert_int_equal(net_addr_cmp(got, &vip), 0);
	/* The virtual one is passed over; a real primary goes before a secondary. */
	const struct net_addr want = ip("198.51.100.1");
	got = &link_source(l, AF_INET, is_one, &vip)->addr;
	assert_int_equal(net_addr_cmp(got, &want), 0);
	netns_sh("ip address del 198.51.100.1/24 dev v0; ip address del 169.254.9.9/16 dev v0");
	serve(20);
	const struct net_addr only = ip("192.0.2.1");
	got = &link_source(l, AF_INET, is_one, &vip)->addr;
	assert_int_equal(net_addr_cmp(got, &only), 0);
	/* IPv6: link-local, not virtual, not tentative. */
	netns_sh("ip address add 2001:db8::1/64 dev v0 nodad");
	serve(20);
	assert_null(link_source(l, AF_INET6, NULL, NULL));
	netns_sh("ip address add fe80::5e:1/64 dev v0 nodad; ip address add fe80::7/64 dev v0 nodad");
	serve(20);
	const struct net_addr ll = ip("fe80::7");
	got = &link_source(l, AF_INET6, is_one, &vip6)->addr;
	assert_int_equal(net_addr_cmp(got, &ll), 0);
}

/* The table says of `dev` what iproute2 says. */
static void
compare(const struct link *l, const char *dev)
{
	char cmd[256];
	unsigned n = 0;

	snprintf(cmd, sizeof cmd, "ip -o address show dev %s | awk '{print $4}'", dev);
	char *save = NULL, *out = strdup(netns_out(cmd));
	for (char *w = strtok_r(out, "\n", &save); w; w = strtok_r(NULL, "\n", &save)) {
		struct net_addr a;
		uint8_t len;
		assert_true(net_prefix_parse(&a, &len, w, strlen(w)));
		assert_non_null(link_find_addr(l, &a, len));
		n++;
	}
	free(out);
	assert_int_equal(l->naddrs, n);
}

static void
lost_events_are_made_good(void **state)
{
	(void)state;
	if (!possible)
		skip();

	netns_sh("ip link add v0 type veth peer name v1; ip link add w0 type veth peer name w1; "
		 "ip link add u0 type veth peer name u1; ip address add 10.3.3.3/24 dev u0; "
		 "ip link set v0 up; ip link set v1 up; ip address add 192.0.2.1/24 dev v0; "
		 "ip address add 192.0.2.2/24 dev v0; ip address add 10.1.1.1/24 dev w0");
	struct link *v = link_watch(&ls, "v0"), *w = link_watch(&ls, "w0");
	const struct link *u = link_watch(&ls, "u0");
	serve(10);
	assert_true(u->ifindex != 0);
	uint64_t before = ls.resyncs;
	/* A storm of which the small queue keeps a part only: addresses come and go,
	 * one interface is deleted and made anew, the other renamed away. */
	netns_sh("(for r in 1 2 3; do for i in $(seq 1 40); do echo address add 10.0.$r.$i/32 dev v0; "
		 "done; for i in $(seq 1 2 40); do echo address del 10.0.$r.$i/32 dev v0; done; done; "
		 "echo address del 192.0.2.1/24 dev v0; "
		 "echo link del u0; echo link del w0; echo link add w0 type veth peer name w1; "
		 "echo address add 10.2.2.2/24 dev w0; echo link set v1 down) | ip -b -");
	serve(100);
	assert_true(ls.mon.stats.overruns > 0);
	assert_true(ls.resyncs > before);
	assert_true(nresynced > 0);
	compare(v, "v0");
	compare(w, "w0");
	assert_false(v->usable);
	assert_true(w->ifindex != 0);
	assert_true(has(w, "10.2.2.2", 24));
	assert_false(has(w, "10.1.1.1", 24));
	assert_int_equal(u->ifindex, 0);
	assert_int_equal(u->naddrs, 0);
}

static void
a_full_pool_is_counted_and_the_rest_serves(void **state)
{
	(void)state;
	if (!possible)
		skip();

	netns_sh("ip link add v0 type veth peer name v1; ip link set v0 up");
	struct link *l = link_watch(&ls, "v0");
	netns_sh("for i in $(seq 1 %d); do echo address add 10.0.$((i / 250)).$((i %% 250))/32 dev v0; "
		 "done | ip -b -", CONFIG_LINK_ADDRS + 5);
	serve(100);
	assert_int_equal(l->naddrs, CONFIG_LINK_ADDRS);
	assert_true(ls.full >= 5);
	netns_sh("ip address add 192.0.2.1/24 dev v0; ip address del 192.0.2.1/24 dev v0");
	serve(20);
	assert_int_equal(ngone, 1);
	assert_int_equal(l->naddrs, CONFIG_LINK_ADDRS);
	uint64_t before = ls.resyncs;
	netns_sh("for i in $(seq 1 %d); do echo address del 10.0.$((i / 250)).$((i %% 250))/32 dev v0; "
		 "done | ip -b -", CONFIG_LINK_ADDRS);
	serve(400);
	assert_int_equal(l->naddrs, 5);
	assert_in_range(ls.resyncs, before + 1, before + 4);
	struct link *held[CONFIG_LINKS];
	unsigned n = 0;
	char name[NET_IFNAME];
	for (; n < CONFIG_LINKS; n++) {
		snprintf(name, sizeof name, "x%u", n);
		held[n] = link_watch(&ls, name);
		if (!held[n])
			break;
	}
	assert_int_equal(n, CONFIG_LINKS - 1);
	link_unwatch(&ls, held[3]);
	held[3] = link_watch(&ls, "again");
	assert_non_null(held[3]);
}

/* A subscriber that lets go of everything while it is told. */
static struct link_sub rude;
static struct link *rude_link;

static void
let_go(struct link_sub *s, struct link *l, unsigned what, struct mono now)
{
	(void)what;
	(void)now;
	assert_ptr_equal(l, rude_link);
	link_unsubscribe(&ls, s);
	link_unsubscribe(&ls, &sub);
	link_unwatch(&ls, l);
	assert_non_null(link_watch(&ls, "other"));
}

static void
a_callback_may_unwatch_and_unsubscribe(void **state)
{
	(void)state;
	if (!possible)
		skip();

	rude_link = link_watch(&ls, "v0");
	rude = (struct link_sub){ .changed = let_go };
	link_subscribe(&ls, &rude);
	netns_sh("ip link add v0 type veth peer name v1; ip address add 192.0.2.1/24 dev v0");
	serve(20);
	assert_null(link_by_name(&ls, "v0"));
	assert_non_null(link_by_name(&ls, "other"));
	assert_string_equal(story, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, fresh, done)
		T(watching_shows_what_is_there),
		T(what_happens_after_the_first_look_is_told_once),
		T(an_interface_comes_goes_and_comes_back),
		T(deleted_and_made_anew_between_two_looks),
		T(a_flap_is_seen_both_ways),
		T(a_rename_moves_the_interface_with_its_addresses),
		T(mac_and_mtu_are_followed),
		T(a_port_that_leaves_its_bridge_stays),
		T(addresses_come_and_go),
		T(the_source_is_a_primary_that_is_not_virtual),
		cmocka_unit_test_setup_teardown(lost_events_are_made_good, small, done),
		T(a_full_pool_is_counted_and_the_rest_serves),
		T(a_callback_may_unwatch_and_unsubscribe),
	};
	possible = netns_possible();
	return cmocka_run_group_tests_name("link", tests, 0, 0);
}
