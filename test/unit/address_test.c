/* SPDX-License-Identifier: MIT */
/* address_test.c -- virtual addresses in a real kernel: put there, taken away, kept,
 * moved; iproute2 is the other side. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "address.h"
#include "netns.h"
#include "vrrp_pools.h"

static bool possible;
static struct netlink nl;
static struct loop loop;
static struct links ls;
static struct addresses all;
static struct address_set left, right;
static unsigned nrestored;

static void
on_restored(struct address_set *s, struct address *a, struct mono now)
{
	(void)s;
	(void)now;
	assert_true(a->there);
	nrestored++;
}

static int
fresh(void **state)
{
	(void)state;
	if (!possible)
		return 0;
	if (unshare(CLONE_NEWNET) < 0 || loop_open(&loop) < 0 ||
	    netlink_open(&nl, NETLINK_ROUTE) < 0 || link_open(&ls, &nl, &loop, 0) < 0)
		return -1;
	loop.now = loop_clock();
	address_open(&all, &nl, &ls, &loop.timers);
	address_set_init(&left, &all, "left", on_restored);
	address_set_init(&right, &all, "right", on_restored);
	nrestored = 0;
	return system("ip link add v0 type veth peer name v1; ip link set v0 addrgenmode none; "
		      "ip link set v0 up; "
		      "ip link set v1 up; ip address add 192.0.2.250/24 dev v0");
}

static int
done(void **state)
{
	struct pool_stat st;
	(void)state;

	if (!possible)
		return 0;
	address_close(&all);
	link_close(&ls);
	netlink_close(&nl);
	loop_close(&loop);
	for (unsigned i = 0; i < vrrp_pools_count; i++) {
		pool_stat(vrrp_pools[i], &st);
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

static struct vrrp_conf_vip
vip(const char *text, const char *dev)
{
	struct vrrp_conf_vip v = { .nodad = true, .advertised = true, .forever = true };
	assert_true(net_prefix_parse(&v.addr, &v.prefixlen, text, strlen(text)));
	strcpy(v.dev, dev);
	return v;
}

/* How many lines `ip address show dev DEV` has with `text`. */
static unsigned
shown(const char *dev, const char *text)
{
	char cmd[256];
	unsigned n = 0;

	snprintf(cmd, sizeof cmd, "ip -d -o address show dev %s", dev);
	for (const char *p = netns_out(cmd); (p = strstr(p, text)); p += strlen(text))
		n++;
	return n;
}

static void
apply(struct address_set *s, const struct vrrp_conf_vip *v, unsigned n)
{
	assert_int_equal(address_set_apply(s, v, n, loop_clock()), 0);
}

static void
up_and_down_in_both_families(void **state)
{
	(void)state;
	if (!possible)
		skip();

	struct vrrp_conf_vip v[] = {
		vip("192.0.2.1/24", "v0"), vip("198.51.100.1/32", "v0"),
		vip("2001:db8::1/64", "v0"), vip("2001:db8::2/128", "v0"),
		vip("fe80::5e:1/64", "v0"), vip("203.0.113.1/32", "v0"),
	};
	strcpy(v[0].label, "v0:vip");
	assert_true(net_addr_parse(&v[0].broadcast, "192.0.2.255", 11));
	v[0].noprefixroute = true;
	v[1].scope = RT_SCOPE_LINK;
	assert_true(net_addr_parse(&v[5].peer, "203.0.113.2", 11));
	apply(&left, v, 6);
	assert_int_equal(shown("v0", "192.0.2.1/"), 0);
	address_up(&left, false, loop_clock());
	assert_int_equal(left.nthere, 6);
	for (struct address *a = left.first; a; a = a->next)
		assert_true(a->there && a->wanted && !a->foreign && a->err == 0);
	assert_int_equal(shown("v0", "inet 192.0.2.1/24 brd 192.0.2.255 "
			       "scope global secondary noprefixroute v0:vip"), 1);
	assert_int_equal(shown("v0", "inet 198.51.100.1/32 scope link v0"), 1);
	assert_int_equal(shown("v0", "inet6 2001:db8::1/64 scope global nodad"), 1);
	assert_int_equal(shown("v0", "inet6 2001:db8::2/128 scope global nodad deprecated"), 1);
	assert_int_equal(shown("v0", "inet6 fe80::5e:1/64 scope link nodad"), 1);
	assert_int_equal(shown("v0", "inet 203.0.113.1 peer 203.0.113.2/32"), 1);
	assert_int_equal(shown("v0", "tentative"), 0);
	serve(20);
	assert_int_equal(nrestored, 0);
	address_down(&left, loop_clock());
	assert_int_equal(left.nthere, 0);
	serve(20);
	assert_int_equal(shown("v0", "inet 192.0.2.250/24"), 1);
	assert_int_equal(shown("v0", "inet "), 1);
	assert_int_equal(shown("v0", "2001:"), 0);
	assert_int_equal(shown("v0", "5e:1"), 0);
	assert_int_equal(all.errors, 0);
	assert_int_equal(nrestored, 0);
}

static void
many_addresses_take_few_system_calls(void **state)
{
	static struct vrrp_conf_vip v[CONFIG_VRRP_VIPS];
	char text[64];
	(void)state;
	if (!possible)
		skip();

	for (unsigned i = 0; i < CONFIG_VRRP_VIPS; i++) {
		snprintf(text, sizeof text, i % 2 ? "10.0.%u.%u/16" : "2001:db8::%u:%u/64",
			 i / 200, i % 200 + 1);
		v[i] = vip(text, "v0");
	}
	apply(&left, v, CONFIG_VRRP_VIPS);
	uint64_t before = nl.stats.batches;
	struct mono start = loop_clock();
	address_up(&left, false, start);
	int64_t us = mono_diff_us(loop_clock(), start);
	assert_int_equal(left.nthere, CONFIG_VRRP_VIPS);
	assert_true(nl.stats.batches - before <= CONFIG_VRRP_VIPS / NETLINK_BATCH + 2);
	print_message("%d addresses added in %lld us\n", CONFIG_VRRP_VIPS, (long long)us);
	assert_int_equal(shown("v0", "inet 10.0."), CONFIG_VRRP_VIPS / 2);
	serve(50);
	address_down(&left, loop_clock());
	assert_int_equal(shown("v0", "inet 10.0."), 0);
	assert_int_equal(shown("v0", "inet6 2001:"), 0);
	serve(50);
	assert_int_equal(nrestored, 0);
}

static void
what_somebody_removes_is_put_back(void **state)
{
	(void)state;
	if (!possible)
		skip();

	const struct vrrp_conf_vip v[] = {
		vip("192.0.2.1/24", "v0"), vip("2001:db8::1/64", "v0"),
	};
	apply(&left, v, 2);
	address_up(&left, false, loop_clock());
	serve(20);
	netns_sh("ip address del 192.0.2.1/24 dev v0; ip address del 2001:db8::1/64 dev v0");
	serve(30);
	assert_int_equal(shown("v0", "inet 192.0.2.1/24"), 1);
	assert_int_equal(shown("v0", "inet6 2001:db8::1/64"), 1);
	assert_int_equal(nrestored, 2);
	assert_int_equal(left.nthere, 2);
	assert_int_equal(all.restored, 2);
	address_down(&left, loop_clock());
	netns_sh("ip address add 192.0.2.1/24 dev v0; ip address del 192.0.2.1/24 dev v0");
	serve(30);
	assert_int_equal(shown("v0", "inet 192.0.2.1/24"), 0);	/* down means down */
}

static void
who_removes_it_again_and_again_waits_longer(void **state)
{
	(void)state;
	if (!possible)
		skip();

	const struct vrrp_conf_vip v = vip("192.0.2.1/32", "v0");
	apply(&left, &v, 1);
	address_up(&left, false, loop_clock());
	serve(20);
	/* As fast as it can be removed, for half a second. */
	struct mono end = mono_add(loop_clock(), 500 * NETNS_MS);
	while (mono_before(loop_clock(), end)) {
		if (left.first->there)
			netns_sh("ip address del 192.0.2.1/32 dev v0");
		serve(2);
	}
	/* 0 + 10 + 20 + 40 + 80 + 160 ms: six, not hundreds. */
	assert_in_range(nrestored, 3, 7);
	serve(700);
	assert_int_equal(shown("v0", "inet 192.0.2.1/32"), 1);
}

static void
flushing_an_interface_brings_all_back(void **state)
{
	(void)state;
	if (!possible)
		skip();

	const struct vrrp_conf_vip v[] = {
		vip("192.0.2.1/24", "v0"), vip("192.0.2.2/24", "v0"),
		vip("198.51.100.1/24", "v0"), vip("2001:db8::1/64", "v0"),
	};
	apply(&left, v, 4);
	address_up(&left, false, loop_clock());
	serve(20);
	netns_sh("ip address flush dev v0");
	serve(50);
	assert_int_equal(left.nthere, 4);
	assert_int_equal(shown("v0", "inet "), 3);
	assert_int_equal(nrestored, 4);
}

static void
taking_a_primary_away_leaves_the_others(void **state)
{
	(void)state;
	if (!possible)
		skip();

	/* The virtual address comes first and is the subnet's primary. */
	const struct vrrp_conf_vip v = vip("198.51.100.1/24", "v0");
	apply(&left, &v, 1);
	address_up(&left, false, loop_clock());
	netns_sh("ip address add 198.51.100.77/24 dev v0");
	serve(20);
	assert_int_equal(shown("v0", "198.51.100.77/24 scope global secondary"), 1);
	address_down(&left, loop_clock());
	serve(20);
	assert_int_equal(shown("v0", "198.51.100.1/24"), 0);
	assert_int_equal(shown("v0", "198.51.100.77/24"), 1);
	assert_string_equal(netns_out("cat /proc/sys/net/ipv4/conf/v0/promote_secondaries"),
			    "1\n");
	apply(&left, NULL, 0);
	address_sweep(&all, loop_clock());
	assert_string_equal(netns_out("cat /proc/sys/net/ipv4/conf/v0/promote_secondaries"),
			    "0\n");
}

/* Else the kernel drops the adverts of the owner, who speaks from that address. */
static void
packets_from_a_virtual_address_are_let_in_while_it_is_configured(void **state)
{
	(void)state;
	if (!possible)
		skip();

	const struct vrrp_conf_vip v = vip("198.51.100.1/24", "v0");
	apply(&left, &v, 1);
	address_up(&left, false, loop_clock());
	serve(20);
	assert_string_equal(netns_out("cat /proc/sys/net/ipv4/conf/v0/accept_local"),
			    "1\n");
	address_down(&left, loop_clock());
	apply(&left, NULL, 0);
	address_sweep(&all, loop_clock());
	assert_string_equal(netns_out("cat /proc/sys/net/ipv4/conf/v0/accept_local"),
			    "0\n");
}

static void
promote_secondaries_of_the_administrator_stays(void **state)
{
	(void)state;
	if (!possible)
		skip();

	netns_sh("echo 1 >/proc/sys/net/ipv4/conf/v0/promote_secondaries");
	const struct vrrp_conf_vip v = vip("198.51.100.1/24", "v0");
	apply(&left, &v, 1);
	address_up(&left, false, loop_clock());
	address_down(&left, loop_clock());
	apply(&left, NULL, 0);
	address_sweep(&all, loop_clock());
	assert_string_equal(netns_out("cat /proc/sys/net/ipv4/conf/v0/promote_secondaries"),
			    "1\n");
}

static void
a_reload_touches_only_what_differs(void **state)
{
	(void)state;
	if (!possible)
		skip();

	struct vrrp_conf_vip v[] = {
		vip("10.0.0.1/32", "v0"), vip("10.0.0.2/32", "v0"), vip("10.0.0.3/32", "v0"),
	};
	apply(&left, v, 3);
	address_up(&left, false, loop_clock());
	serve(20);
	uint64_t adds = all.adds, deletes = all.deletes;
	apply(&left, v, 3);
	address_sweep(&all, loop_clock());
	assert_int_equal(all.adds + all.deletes, adds + deletes);
	/* One leaves, one comes, one changes its label; the order is another. */
	struct vrrp_conf_vip w[] = { v[2], vip("10.0.0.4/32", "v0"), v[0] };
	strcpy(w[2].label, "v0:new");
	apply(&left, w, 3);
	address_sweep(&all, loop_clock());
	assert_int_equal(all.adds, adds + 2);
	assert_int_equal(all.deletes, deletes + 2);
	assert_int_equal(left.nthere, 3);
	assert_int_equal(shown("v0", "10.0.0.1/32 scope global v0:new"), 1);
	assert_int_equal(shown("v0", "10.0.0.2/32"), 0);
	assert_int_equal(shown("v0", "10.0.0.4/32"), 1);
	assert_string_equal(left.first->vip.dev, "v0");
	assert_int_equal(left.first->vip.addr.a[3], 3);
	assert_int_equal(left.first->next->vip.addr.a[3], 4);
	serve(30);
	assert_int_equal(nrestored, 0);
	assert_int_equal(left.nthere, 3);
}

/* Either set may be applied first; the address never leaves the kernel. */
static void
an_address_moves_between_sets(void **state)
{
	(void)state;
	if (!possible)
		skip();

	const struct vrrp_conf_vip v[] = {
		vip("10.0.0.1/32", "v0"), vip("10.0.0.2/32", "v0"),
	};
	apply(&left, v, 2);
	apply(&right, NULL, 0);
	address_up(&left, false, loop_clock());
	address_up(&right, false, loop_clock());
	serve(20);
	uint64_t deletes = all.deletes;
	apply(&left, v, 1);			/* the giver first */
	apply(&right, v + 1, 1);
	address_sweep(&all, loop_clock());
	assert_int_equal(all.deletes, deletes);
	assert_int_equal(left.nthere, 1);
	assert_int_equal(right.nthere, 1);
	apply(&left, v, 2);			/* the taker first */
	apply(&right, NULL, 0);
	address_sweep(&all, loop_clock());
	assert_int_equal(all.deletes, deletes);
	assert_int_equal(left.nthere, 2);
	assert_int_equal(right.nthere, 0);
	assert_int_equal(shown("v0", "10.0.0."), 2);
	serve(20);
	assert_int_equal(nrestored, 0);
	address_down(&left, loop_clock());
	assert_int_equal(shown("v0", "10.0.0."), 0);
}

static void
cleaning_leaves_what_another_set_holds(void **state)
{
	(void)state;
	if (!possible)
		skip();

	const struct vrrp_conf_vip v = vip("10.0.0.1/32", "v0");
	apply(&left, &v, 1);
	address_up(&left, false, loop_clock());
	serve(20);
	apply(&right, &v, 1);			/* a reload that moves it */
	address_clean(&right, loop_clock());
	assert_int_equal(shown("v0", "10.0.0.1/32"), 1);
	assert_int_equal(left.nthere, 1);
}

static void
all_addresses_can_be_replaced_at_once(void **state)
{
	static struct vrrp_conf_vip v[2][CONFIG_VRRP_VIPS];
	char text[32];
	(void)state;
	if (!possible)
		skip();

	for (unsigned i = 0; i < CONFIG_VRRP_VIPS; i++) {
		for (unsigned j = 0; j < 2; j++) {
			snprintf(text, sizeof text, "10.%u.%u.%u/32", j, i / 200, i % 200);
			v[j][i] = vip(text, "v0");
		}
	}
	apply(&left, v[0], CONFIG_VRRP_VIPS);
	address_up(&left, false, loop_clock());
	apply(&left, v[1], CONFIG_VRRP_VIPS);
	address_sweep(&all, loop_clock());
	assert_int_equal(left.nthere, CONFIG_VRRP_VIPS);
	assert_int_equal(shown("v0", "inet 10.0."), 0);
	assert_int_equal(shown("v0", "inet 10.1."), CONFIG_VRRP_VIPS);
}

static void
a_leftover_is_removed_and_a_stranger_stays(void **state)
{
	(void)state;
	if (!possible)
		skip();
	if (!all.knows_proto) {
		print_message("skipped: this kernel has no IFA_PROTO\n");
		skip();
	}

	const struct vrrp_conf_vip old[] = {
		vip("10.0.0.1/32", "v0"), vip("10.0.0.9/32", "v0"),
	};
	apply(&left, old, 2);
	address_up(&left, false, loop_clock());
	address_close(&all);			/* as if it had crashed */
	address_open(&all, &nl, &ls, &loop.timers);
	address_set_init(&left, &all, "left", on_restored);
	netns_sh("ip address add 10.0.0.2/32 dev v0");
	const struct vrrp_conf_vip v[] = {
		vip("10.0.0.1/32", "v0"), vip("10.0.0.2/32", "v0"), vip("10.0.0.3/32", "v0"),
	};
	apply(&left, v, 3);
	address_clean(&left, loop_clock());
	assert_int_equal(shown("v0", "10.0.0.1/32"), 0);
	assert_int_equal(shown("v0", "10.0.0.2/32"), 1);
	assert_int_equal(shown("v0", "10.0.0.9/32"), 1);	/* not in the set */
	assert_int_equal(left.nthere, 0);
	address_up(&left, false, loop_clock());
	assert_int_equal(left.nthere, 3);
	assert_true(left.first->next->foreign);
	address_down(&left, loop_clock());
	assert_int_equal(shown("v0", "10.0.0.2/32"), 1);
	assert_int_equal(shown("v0", "10.0.0.3/32"), 0);
}

static void
a_later_life_takes_over_what_lies_there(void **state)
{
	(void)state;
	if (!possible)
		skip();

	const struct vrrp_conf_vip v[] = {
		vip("10.0.0.1/32", "v0"), vip("2001:db8::1/64", "v0"),
	};
	apply(&left, v, 2);
	address_up(&left, false, loop_clock());
	serve(20);
	address_close(&all);			/* as if it had crashed */
	address_open(&all, &nl, &ls, &loop.timers);
	address_set_init(&left, &all, "left", on_restored);
	assert_int_equal(shown("v0", "10.0.0.1/32"), 1);
	apply(&left, v, 2);
	address_up(&left, true, loop_clock());
	assert_int_equal(left.nthere, 2);
	assert_false(left.first->foreign);
	assert_int_equal(all.found, 2);
	serve(20);
	address_down(&left, loop_clock());
	assert_int_equal(shown("v0", "10.0.0.1/32"), 0);
	assert_int_equal(shown("v0", "2001:"), 0);
}

/* As before Linux 5.18: nothing says whose an address is. */
static void
without_ifa_proto_the_configuration_says(void **state)
{
	(void)state;
	if (!possible)
		skip();

	all.knows_proto = false;
	netns_sh("ip address add 10.0.0.1/32 dev v0; ip address add 10.0.0.2/32 dev v0");
	const struct vrrp_conf_vip v = vip("10.0.0.1/32", "v0"), own = vip("10.0.0.2/32", "v0");
	right.owner = true;
	apply(&left, &v, 1);
	apply(&right, &own, 1);
	const struct link *l = left.first->link;
	assert_true(address_is_ours(&all, link_find_addr(l, &v.addr, 32)));
	assert_false(address_is_ours(&all, link_find_addr(l, &own.addr, 32)));
	address_clean(&left, loop_clock());
	address_clean(&right, loop_clock());
	assert_int_equal(shown("v0", "10.0.0.1/32"), 0);
	assert_int_equal(shown("v0", "10.0.0.2/32"), 1);
	address_up(&right, false, loop_clock());
	assert_true(right.first->foreign);
	address_down(&right, loop_clock());
	assert_int_equal(shown("v0", "10.0.0.2/32"), 1);
}

static void
an_interface_that_returns_gets_its_addresses(void **state)
{
	(void)state;
	if (!possible)
		skip();

	const struct vrrp_conf_vip v[] = {
		vip("10.0.0.1/32", "w0"), vip("2001:db8::1/64", "w0"),
	};
	apply(&left, v, 2);
	address_up(&left, false, loop_clock());
	assert_int_equal(left.nthere, 0);
	assert_int_equal(left.first->err, ENODEV);
	netns_sh("ip link add w0 type veth peer name w1; ip link set w0 up; ip link set w1 up");
	serve(100);
	assert_int_equal(left.nthere, 2);
	assert_int_equal(nrestored, 2);
	netns_sh("ip link del w0");
	serve(50);
	assert_int_equal(left.nthere, 0);
	netns_sh("ip link add w0 type veth peer name w1; ip link set w0 up; ip link set w1 up");
	serve(100);
	assert_int_equal(left.nthere, 2);
	assert_int_equal(shown("w0", "10.0.0.1/32"), 1);
	/* IPv6 addresses leave with IFF_UP and come back with it. */
	netns_sh("ip link set w0 down");
	serve(50);
	netns_sh("ip link set w0 up");
	serve(100);
	assert_int_equal(left.nthere, 2);
	assert_int_equal(shown("w0", "2001:db8::1/64"), 1);
}

static void
what_the_kernel_refuses_is_told_and_tried_again(void **state)
{
	(void)state;
	if (!possible)
		skip();

	netns_sh("echo 1 >/proc/sys/net/ipv6/conf/v0/disable_ipv6");
	const struct vrrp_conf_vip v[] = {
		vip("10.0.0.1/32", "v0"), vip("2001:db8::1/64", "v0"),
	};
	apply(&left, v, 2);
	address_up(&left, false, loop_clock());
	assert_int_equal(left.nthere, 1);
	assert_int_equal(left.first->next->err, EACCES);
	assert_true(left.first->next->due);
	assert_int_equal(all.errors, 1);
	netns_sh("echo 0 >/proc/sys/net/ipv6/conf/v0/disable_ipv6");
	loop.now = mono_add(loop_clock(), ADDRESS_PAUSE_MAX_US);
	timer_run(&loop.timers, loop.now);
	assert_int_equal(left.nthere, 2);
}

static void
a_full_pool_is_said(void **state)
{
	static struct vrrp_conf_vip v[2 * CONFIG_VRRP_VIPS + 3];
	char text[32];
	(void)state;
	if (!possible)
		skip();

	for (unsigned i = 0; i < PORT_ARRAY_SIZE(v); i++) {
		snprintf(text, sizeof text, "10.0.%u.%u/32", i / 200, i % 200);
		v[i] = vip(text, "v0");
	}
	assert_int_equal(address_set_apply(&left, v, PORT_ARRAY_SIZE(v), loop_clock()), -ENOSPC);
	assert_int_equal(left.n, 2 * CONFIG_VRRP_VIPS);
	address_up(&left, false, loop_clock());
	assert_int_equal(left.nthere, 2 * CONFIG_VRRP_VIPS);
	address_down(&left, loop_clock());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, fresh, done)
		T(up_and_down_in_both_families),
		T(many_addresses_take_few_system_calls),
		T(what_somebody_removes_is_put_back),
		T(who_removes_it_again_and_again_waits_longer),
		T(flushing_an_interface_brings_all_back),
		T(taking_a_primary_away_leaves_the_others),
		T(packets_from_a_virtual_address_are_let_in_while_it_is_configured),
		T(promote_secondaries_of_the_administrator_stays),
		T(a_reload_touches_only_what_differs),
		T(an_address_moves_between_sets),
		T(cleaning_leaves_what_another_set_holds),
		T(all_addresses_can_be_replaced_at_once),
		T(a_leftover_is_removed_and_a_stranger_stays),
		T(a_later_life_takes_over_what_lies_there),
		T(without_ifa_proto_the_configuration_says),
		T(an_interface_that_returns_gets_its_addresses),
		T(what_the_kernel_refuses_is_told_and_tried_again),
		T(a_full_pool_is_said),
	};
	possible = netns_possible();
	return cmocka_run_group_tests_name("address", tests, 0, 0);
}
