/* SPDX-License-Identifier: MIT */
/* announce_test.c -- what a neighbour on the wire hears, and when. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include "announce.h"
#include "netns.h"

static bool possible;
static int wire = -1;
static struct netlink nl;
static struct loop loop;
static struct links ls;
static struct addresses all;
static struct address_set set;
static struct announcer by;
static struct announce an;
static struct vrrp_conf_instance conf;
static struct mono now;

static struct vrrp_conf_vip
vip(const char *text, const char *dev)
{
	struct vrrp_conf_vip v = { .nodad = true, .advertised = true, .forever = true };
	assert_true(net_prefix_parse(&v.addr, &v.prefixlen, text, strlen(text)));
	strcpy(v.dev, dev);
	return v;
}

/* A socket that hears all that arrives at `dev`. */
static int
listen_at(const char *dev)
{
	struct sockaddr_ll sa = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	return fd;
}

static int
fresh(void **state)
{
	(void)state;
	if (!possible)
		return 0;
	if (unshare(CLONE_NEWNET) < 0 || loop_open(&loop) < 0 ||
	    netlink_open(&nl, NETLINK_ROUTE) < 0 || link_open(&ls, &nl, &loop, 0) < 0 ||
	    announce_open(&by, &loop.timers, 0) < 0)
		return -1;
	netns_sh("echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad; "
		 "ip link add v0 address 02:00:00:00:00:07 type veth peer name v1; "
		 "ip link set v0 addrgenmode none; ip link set v1 addrgenmode none; "
		 "ip link set v0 up; ip link set v1 up");
	wire = listen_at("v1");
	address_open(&all, &nl, &ls, &loop.timers);
	address_set_init(&set, &all, "lan", NULL);
	conf = (struct vrrp_conf_instance){
		.garp_master_repeat = 5, .garp_master_refresh_repeat = 1,
		.garp_lower_prio_repeat = 3, .garp_master_delay_us = 5000000,
		.garp_lower_prio_delay_us = 5000000,
	};
	announce_init(&an, &by, &set);
	now = loop_clock();
	announce_conf(&an, &conf, now);
	const struct vrrp_conf_vip v[] = { vip("192.0.2.1/24", "v0"), vip("2001:db8::1/64", "v0") };
	assert_int_equal(address_set_apply(&set, v, 2, now), 0);
	address_up(&set, false, now);
	assert_int_equal(set.nthere, 2);
	return 0;
}

static int
done(void **state)
{
	(void)state;
	if (!possible)
		return 0;
	announce_stop(&an);
	close(wire);
	address_close(&all);
	announce_close(&by);
	link_close(&ls);
	netlink_close(&nl);
	loop_close(&loop);
	return 0;
}

static unsigned arps, nas;

/* Counts the announcements on the wire and compares each with the builder's. */
static void
hear(const uint8_t mac[NET_MAC])
{
	uint8_t f[2048], want[ANNOUNCE_FRAME_MAX];
	ssize_t n;

	arps = nas = 0;
	usleep(2000);
	while ((n = recv(wire, f, sizeof f, 0)) > 0) {
		if (n >= 42 && f[12] == 8 && f[13] == 6 && f[28] == 192) {
			const struct net_addr a = { .family = AF_INET,
						    .a = { f[28], f[29], f[30], f[31] } };
			assert_int_equal(announce_frame(want, &a, mac), n);
			assert_memory_equal(f, want, n);
			arps++;
		} else if (n == 86 && f[12] == 0x86 && f[54] == 136) {
			struct net_addr a = { .family = AF_INET6 };
			memcpy(a.a, f + 62, 16);
			assert_int_equal(announce_frame(want, &a, mac), n);
			assert_memory_equal(f, want, n);
			nas++;
		}
	}
}

static const uint8_t mac7[] = { 2, 0, 0, 0, 0, 7 };

/* Lets `us` pass for the timers. */
static void
pass(int64_t us)
{
	now = mono_add(now, us);
	timer_run(&loop.timers, now);
}

static void
a_master_announces_twice(void **state)
{
	(void)state;
	if (!possible)
		skip();

	announce_start(&an, now);
	hear(mac7);
	assert_int_equal(arps, 5);
	assert_int_equal(nas, 5);
	pass(4999999);
	hear(mac7);
	assert_int_equal(arps + nas, 0);
	pass(1);
	hear(mac7);
	assert_int_equal(arps, 5);
	assert_int_equal(nas, 5);
	pass(3600000000);
	hear(mac7);
	assert_int_equal(arps + nas, 0);
	assert_int_equal(by.arps, 10);
	assert_int_equal(by.nas, 10);
	assert_int_equal(an.sent, 20);
}

static void
a_refresh_goes_on_until_the_end(void **state)
{
	(void)state;
	if (!possible)
		skip();

	conf.garp_master_refresh_us = 10000000;
	conf.garp_master_refresh_repeat = 2;
	announce_start(&an, now);
	pass(5000000);
	hear(mac7);
	assert_int_equal(arps, 10);
	for (int i = 0; i < 3; i++) {
		pass(i ? 10000000 : 5000000);
		hear(mac7);
		assert_int_equal(arps, 2);
		assert_int_equal(nas, 2);
	}
	conf.garp_master_refresh_us = 0;	/* a reload */
	announce_conf(&an, &conf, now);
	pass(60000000);
	hear(mac7);
	assert_int_equal(arps, 0);
	conf.garp_master_refresh_us = 10000000;
	announce_conf(&an, &conf, now);
	announce_stop(&an);
	pass(60000000);
	hear(mac7);
	assert_int_equal(arps, 0);
	assert_int_equal(loop.timers.armed, 0);
}

static void
losing_adverts_are_answered_once_a_second(void **state)
{
	(void)state;
	if (!possible)
		skip();

	announce_lower(&an, now);		/* not MASTER: nothing */
	hear(mac7);
	assert_int_equal(arps, 0);
	announce_start(&an, now);
	pass(5000000);
	hear(mac7);
	for (int i = 0; i < 1000; i++) {	/* 10 s, an advert every 10 ms */
		announce_lower(&an, now);
		pass(10000);
	}
	hear(mac7);
	assert_in_range(arps, 10 * 3 + 3, 10 * 3 + 6);	/* and one delayed burst or two */
	assert_int_equal(by.held, 990);
}

static void
one_address_alone(void **state)
{
	(void)state;
	if (!possible)
		skip();

	announce_start(&an, now);
	hear(mac7);
	announce_one(&an, set.first->next, now);
	hear(mac7);
	assert_int_equal(arps, 0);
	assert_int_equal(nas, 5);
	announce_now(&an, now);
	hear(mac7);
	assert_int_equal(arps, 5);
	assert_int_equal(nas, 5);
}

static void
an_address_that_is_not_there_is_not_announced(void **state)
{
	(void)state;
	if (!possible)
		skip();

	address_down(&set, now);
	announce_start(&an, now);
	hear(mac7);
	assert_int_equal(arps + nas, 0);
	assert_int_equal(by.arps + by.nas, 0);
}

static void
the_hardware_address_is_that_of_the_moment(void **state)
{
	static const uint8_t mac9[] = { 2, 0, 0, 0, 0, 9 };
	(void)state;
	if (!possible)
		skip();

	netns_serve(&loop, &ls.mon.io, 20, NULL);
	netns_sh("ip link set v0 address 02:00:00:00:00:09");
	netns_serve(&loop, &ls.mon.io, 20, NULL);
	hear(mac9);
	announce_start(&an, now);
	hear(mac9);
	assert_int_equal(arps, 5);
}

static void
interfaces_without_arp_are_passed_over(void **state)
{
	(void)state;
	if (!possible)
		skip();

	const struct vrrp_conf_vip v[] = {
		vip("192.0.2.1/24", "v0"), vip("192.0.2.9/32", "lo"), vip("192.0.2.10/32", "gone"),
	};
	netns_sh("ip link set lo up");
	assert_int_equal(address_set_apply(&set, v, 3, now), 0);
	address_up(&set, false, now);
	assert_int_equal(set.nthere, 2);
	announce_start(&an, now);
	hear(mac7);
	assert_int_equal(arps, 5);
	assert_int_equal(by.skipped, 5);
	netns_sh("ip link set v0 arp off");
	netns_serve(&loop, &ls.mon.io, 50, NULL);
	announce_now(&an, now);
	hear(mac7);
	assert_int_equal(arps, 0);
}

static void
a_frame_that_the_kernel_refuses_is_counted(void **state)
{
	(void)state;
	if (!possible)
		skip();

	netns_sh("ip link del v0");		/* and we have not heard of it */
	announce_start(&an, now);
	assert_int_equal(by.failed, 10);
	assert_int_equal(by.arps + by.nas, 0);
}

static void
hundreds_of_addresses_are_all_heard(void **state)
{
	static struct vrrp_conf_vip v[CONFIG_VRRP_VIPS];
	const int bytes = 1 << 24;
	char text[32];
	(void)state;
	if (!possible)
		skip();

	setsockopt(wire, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
	for (unsigned i = 0; i < CONFIG_VRRP_VIPS; i++) {
		snprintf(text, sizeof text, "192.0.%u.%u/32", i / 200, i % 200);
		v[i] = vip(text, "v0");
	}
	assert_int_equal(address_set_apply(&set, v, CONFIG_VRRP_VIPS, now), 0);
	address_up(&set, false, now);
	announce_start(&an, now);
	hear(mac7);
	assert_int_equal(arps, 5 * CONFIG_VRRP_VIPS);
	assert_int_equal(by.failed, 0);
	address_sweep(&all, now);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, fresh, done)
		T(a_master_announces_twice),
		T(a_refresh_goes_on_until_the_end),
		T(losing_adverts_are_answered_once_a_second),
		T(one_address_alone),
		T(an_address_that_is_not_there_is_not_announced),
		T(the_hardware_address_is_that_of_the_moment),
		T(interfaces_without_arp_are_passed_over),
		T(a_frame_that_the_kernel_refuses_is_counted),
		T(hundreds_of_addresses_are_all_heard),
	};
	possible = netns_possible();
	return cmocka_run_group_tests_name("announce", tests, 0, 0);
}
