/* SPDX-License-Identifier: MIT */
/* ipvs_msg_test.c -- IPVS over generic netlink: octets as the kernel has them, and replies that
 * are cut, bent or about something else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ipvs_msg.h"

static _Alignas(8) uint8_t buf[NLMSG_MAX];
static struct nlmsghdr *const h = (void *)buf;

static void
begin(void)
{
	memset(buf, 0xa5, sizeof buf);
	nlmsg_init(buf, 0x20, NLM_F_REQUEST, 1);
}

static struct net_addr
ip(const char *text)
{
	struct net_addr a;
	assert_true(net_addr_parse(&a, text, strlen(text)));
	return a;
}

static struct ipvs_msg_service
web(void)
{
	return (struct ipvs_msg_service){
		.addr = ip("192.0.2.1"), .port = 8080, .protocol = IPPROTO_TCP,
		.scheduler = "wlc", .engine = "sip", .flags = IP_VS_SVC_F_PERSISTENT,
		.persistence_s = 300, .netmask = 0xffffff00,
	};
}

static struct ipvs_msg_dest
server(void)
{
	return (struct ipvs_msg_dest){
		.addr = ip("10.0.0.7"), .port = 8081, .forward = 2, .weight = 77,
		.uthreshold = 900, .lthreshold = 800, .tunnel = 1, .tunnel_port = 6080,
		.tunnel_flags = 1,
	};
}

/* Attribute `type` of the nest `nest`, or of the message itself for 0. */
static const struct nlattr *
attr(uint16_t nest, uint16_t type)
{
	static const struct nlattr *top[32], *in[32];

	assert_true(nlmsg_attrs(h, GENL_HDRLEN, top, 31));
	if (!nest)
		return top[type];
	assert_true(nlmsg_nested(top[nest], in, 31));
	return in[type];
}

static void
assert_octets(const struct nlattr *a, const char *octets, size_t n)
{
	assert_non_null(a);
	assert_int_equal(a->nla_len - NLA_HDRLEN, n);
	assert_memory_equal((const uint8_t *)a + NLA_HDRLEN, octets, n);
}

static uint32_t
number(const struct nlattr *a)
{
	uint32_t v = 0;
	assert_true(nlmsg_get_u32(a, &v));
	return v;
}

/* ---- writing ---- */

static void
ports_and_ipv4_masks_are_in_network_order(void **state)
{
	const struct ipvs_msg_service s = web();
	const struct ipvs_msg_dest d = server();
	(void)state;

	begin();
	ipvs_msg_put_service(h, IPVS_CMD_NEW_SERVICE, &s);
	assert_int_equal(buf[NLMSG_HDRLEN], IPVS_CMD_NEW_SERVICE);
	assert_int_equal(buf[NLMSG_HDRLEN + 1], 1);
	assert_octets(attr(IPVS_CMD_ATTR_SERVICE, IPVS_SVC_ATTR_PORT), "\x1f\x90", 2);
	assert_octets(attr(IPVS_CMD_ATTR_SERVICE, IPVS_SVC_ATTR_NETMASK), "\xff\xff\xff\0", 4);
	assert_octets(attr(IPVS_CMD_ATTR_SERVICE, IPVS_SVC_ATTR_ADDR),
		      "\xc0\0\2\1\0\0\0\0\0\0\0\0\0\0\0", 16);
	begin();
	ipvs_msg_put_dest(h, IPVS_CMD_NEW_DEST, &s, &d);
	assert_octets(attr(IPVS_CMD_ATTR_DEST, IPVS_DEST_ATTR_PORT), "\x1f\x91", 2);
	assert_octets(attr(IPVS_CMD_ATTR_DEST, IPVS_DEST_ATTR_TUN_PORT), "\x17\xc0", 2);
	assert_octets(attr(IPVS_CMD_ATTR_DEST, IPVS_DEST_ATTR_ADDR),
		      "\x0a\0\0\7\0\0\0\0\0\0\0\0\0\0\0", 16);
}

static void
an_ipv6_prefix_is_in_host_order(void **state)
{
	struct ipvs_msg_service s = web();
	(void)state;

	s.addr = ip("2001:db8::1");
	s.netmask = 128;
	begin();
	ipvs_msg_put_service(h, IPVS_CMD_SET_SERVICE, &s);
	assert_int_equal(number(attr(IPVS_CMD_ATTR_SERVICE, IPVS_SVC_ATTR_NETMASK)), 128);
}

static void
flags_are_all_ours_but_the_kernels_own(void **state)
{
	struct ipvs_msg_service s = web();
	struct ip_vs_flags f;
	(void)state;

	s.flags = IP_VS_SVC_F_HASHED | IP_VS_SVC_F_ONEPACKET;
	begin();
	ipvs_msg_put_service(h, IPVS_CMD_NEW_SERVICE, &s);
	assert_true(nlmsg_get_bytes(attr(IPVS_CMD_ATTR_SERVICE, IPVS_SVC_ATTR_FLAGS),
				    &f, sizeof f));
	assert_int_equal(f.flags, IP_VS_SVC_F_ONEPACKET);
	assert_int_equal(f.mask, 0xffffffff);
}

static void
a_mark_needs_no_address(void **state)
{
	struct ipvs_msg_service s = web();
	(void)state;

	s.fwmark = 9;
	begin();
	ipvs_msg_put_service(h, IPVS_CMD_DEL_SERVICE, &s);
	assert_int_equal(number(attr(IPVS_CMD_ATTR_SERVICE, IPVS_SVC_ATTR_FWMARK)), 9);
	assert_null(attr(IPVS_CMD_ATTR_SERVICE, IPVS_SVC_ATTR_ADDR));
	assert_null(attr(IPVS_CMD_ATTR_SERVICE, IPVS_SVC_ATTR_PORT));
	assert_null(attr(IPVS_CMD_ATTR_SERVICE, IPVS_SVC_ATTR_PROTOCOL));
}

static void
a_key_is_no_more_than_a_key(void **state)
{
	const struct ipvs_msg_service s = web();
	const struct ipvs_msg_dest d = server();
	(void)state;

	begin();
	ipvs_msg_put_dest(h, IPVS_CMD_DEL_DEST, &s, &d);
	assert_null(attr(IPVS_CMD_ATTR_SERVICE, IPVS_SVC_ATTR_SCHED_NAME));
	assert_null(attr(IPVS_CMD_ATTR_DEST, IPVS_DEST_ATTR_WEIGHT));
	assert_non_null(attr(IPVS_CMD_ATTR_DEST, IPVS_DEST_ATTR_ADDR_FAMILY));
}

static void
only_a_tunnel_has_a_tunnel(void **state)
{
	const struct ipvs_msg_service s = web();
	struct ipvs_msg_dest d = server();
	(void)state;

	d.forward = 3;
	begin();
	ipvs_msg_put_dest(h, IPVS_CMD_SET_DEST, &s, &d);
	assert_null(attr(IPVS_CMD_ATTR_DEST, IPVS_DEST_ATTR_TUN_TYPE));
	assert_null(attr(IPVS_CMD_ATTR_DEST, IPVS_DEST_ATTR_TUN_PORT));
}

static void
timeouts_of_nought_are_left_out(void **state)
{
	const struct ipvs_msg_timeouts t = { .tcp_s = 900, .udp_s = 30 };
	(void)state;

	begin();
	ipvs_msg_put_timeouts(h, &t);
	assert_int_equal(number(attr(0, IPVS_CMD_ATTR_TIMEOUT_TCP)), 900);
	assert_null(attr(0, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN));
	assert_int_equal(number(attr(0, IPVS_CMD_ATTR_TIMEOUT_UDP)), 30);
}

static void
a_daemons_defaults_are_left_to_the_kernel(void **state)
{
	const struct ipvs_msg_daemon d = { .interface = "eth1", .id = 7 };
	(void)state;

	begin();
	ipvs_msg_put_daemon(h, IPVS_CMD_NEW_DAEMON, IPVS_MSG_BACKUP, &d);
	assert_int_equal(number(attr(IPVS_CMD_ATTR_DAEMON, IPVS_DAEMON_ATTR_STATE)), 2);
	assert_octets(attr(IPVS_CMD_ATTR_DAEMON, IPVS_DAEMON_ATTR_MCAST_IFN), "eth1", 5);
	for (uint16_t i = IPVS_DAEMON_ATTR_SYNC_MAXLEN; i <= IPVS_DAEMON_ATTR_MCAST_TTL; i++)
		assert_null(attr(IPVS_CMD_ATTR_DAEMON, i));
	begin();
	ipvs_msg_put_daemon(h, IPVS_CMD_DEL_DAEMON, IPVS_MSG_MASTER, &d);
	assert_null(attr(IPVS_CMD_ATTR_DAEMON, IPVS_DAEMON_ATTR_MCAST_IFN));
}

/* ---- there and back ---- */

static uint32_t seed = 20261124;

static uint32_t
draw(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(seed >> 8) * n >> 24);
}

static struct net_addr
any_addr(bool six)
{
	struct net_addr a = { .family = six ? AF_INET6 : AF_INET };
	for (unsigned i = 0; i < net_addr_len(&a); i++)
		a.a[i] = (uint8_t)draw(256);
	return a;
}

static struct ipvs_msg_service
any_service(void)
{
	bool six = draw(2);
	struct ipvs_msg_service s = {
		.addr = any_addr(six), .port = (uint16_t)draw(65536),
		.protocol = (uint8_t)draw(256), .persistence_s = draw(1 << 24),
		.flags = (draw(64) & ~2u), .netmask = six ? 1 + draw(128) : draw(1 << 24) << 8,
	};
	strcpy(s.scheduler, ipvs_msg_scheduler[draw(14)].name);
	if (draw(2))
		strcpy(s.engine, "fifteen-octets!");
	return s;
}

static void
services_come_back_as_they_went(void **state)
{
	struct ipvs_msg_service got;
	(void)state;

	for (int i = 0; i < 5000; i++) {
		struct ipvs_msg_service s = any_service();
		if (i % 3 == 0)
			s = (struct ipvs_msg_service){
				.addr.family = s.addr.family, .fwmark = 1 + draw(1000),
				.scheduler = "rr", .netmask = s.netmask,
			};
		begin();
		ipvs_msg_put_service(h, IPVS_CMD_NEW_SERVICE, &s);
		assert_true(nlmsg_fits(h));
		memset(&got, 0xee, sizeof got);
		assert_int_equal(ipvs_msg_get_service(h, &got, NULL), IPVS_MSG_OK);
		assert_true(ipvs_msg_equal_service(&s, &got));
		assert_int_equal(ipvs_msg_hash_service(&s), ipvs_msg_hash_service(&got));
		assert_int_equal(got.port, s.port);
		assert_int_equal(got.netmask, s.netmask);
	}
}

static void
servers_come_back_as_they_went(void **state)
{
	struct ipvs_msg_dest got;
	(void)state;

	for (int i = 0; i < 5000; i++) {
		const struct ipvs_msg_service s = any_service();
		const struct ipvs_msg_dest d = {
			.addr = any_addr(draw(2)), .port = (uint16_t)draw(65536),
			.forward = draw(4), .weight = draw(65536), .uthreshold = draw(1000),
			.lthreshold = draw(1000), .tunnel = (uint8_t)draw(3),
			.tunnel_port = (uint16_t)draw(65536), .tunnel_flags = (uint16_t)draw(3),
		};
		begin();
		ipvs_msg_put_dest(h, IPVS_CMD_NEW_DEST, &s, &d);
		memset(&got, 0xee, sizeof got);
		assert_int_equal(ipvs_msg_get_dest(h, AF_INET, &got, NULL), IPVS_MSG_OK);
		assert_true(ipvs_msg_equal_dest(&d, &got));
		assert_int_equal(ipvs_msg_hash_dest(&d), ipvs_msg_hash_dest(&got));
	}
}

static void
daemons_come_back_as_they_went(void **state)
{
	struct ipvs_msg_daemon d = {
		.interface = "eth0.4000", .id = 255, .maxlen = 1400, .group = ip("ff02::81"),
		.port = 9999, .ttl = 4,
	}, got;
	(void)state;

	for (int i = 0; i < 2; i++) {
		begin();
		ipvs_msg_put_daemon(h, IPVS_CMD_NEW_DAEMON, IPVS_MSG_MASTER, &d);
		assert_int_equal(ipvs_msg_get_daemon(h, &got), IPVS_MSG_OK);
		assert_int_equal(got.state, IPVS_MSG_MASTER);
		assert_true(ipvs_msg_equal_daemon(&d, &got));
		assert_int_equal(got.maxlen, 1400);
		d.group = ip("224.0.0.99");
	}
}

static void
timeouts_come_back_as_they_went(void **state)
{
	const struct ipvs_msg_timeouts t = { 1, 2, 3 };
	struct ipvs_msg_timeouts got;
	(void)state;

	begin();
	ipvs_msg_put_timeouts(h, &t);
	assert_int_equal(ipvs_msg_get_timeouts(h, &got), IPVS_MSG_OK);
	assert_memory_equal(&got, &t, sizeof t);
}

static void
the_kernels_version_and_size_are_read(void **state)
{
	struct ipvs_msg_info i;
	(void)state;

	begin();
	ipvs_msg_put(h, IPVS_CMD_SET_INFO);
	nlmsg_put_u32(h, IPVS_INFO_ATTR_VERSION, 0x010201);
	assert_int_equal(ipvs_msg_get_info(h, &i), IPVS_MSG_LACKS);
	nlmsg_put_u32(h, IPVS_INFO_ATTR_CONN_TAB_SIZE, 4096);
	assert_int_equal(ipvs_msg_get_info(h, &i), IPVS_MSG_OK);
	assert_int_equal(i.version, 0x010201);
	assert_int_equal(i.slots, 4096);
}

static void
a_server_without_a_family_has_its_services(void **state)
{
	struct ipvs_msg_dest d;
	(void)state;

	begin();
	ipvs_msg_put(h, IPVS_CMD_NEW_DEST);
	struct nlattr *nest = nlmsg_nest(h, IPVS_CMD_ATTR_DEST);
	nlmsg_put(h, IPVS_DEST_ATTR_ADDR, ip("2001:db8::7").a, 16);
	nlmsg_put(h, IPVS_DEST_ATTR_PORT, "\0\x50", 2);
	for (uint16_t i = IPVS_DEST_ATTR_FWD_METHOD; i <= IPVS_DEST_ATTR_L_THRESH; i++)
		nlmsg_put_u32(h, i, i);
	nlmsg_nest_end(h, nest);
	assert_int_equal(ipvs_msg_get_dest(h, AF_INET6, &d, NULL), IPVS_MSG_OK);
	assert_int_equal(d.addr.family, AF_INET6);
	assert_int_equal(d.port, 80);
	assert_int_equal(ipvs_msg_get_dest(h, AF_INET, &d, NULL), IPVS_MSG_OK);
	assert_int_equal(d.addr.family, AF_INET);
}

/* ---- what the kernel has counted ---- */

static void
put_stats(uint16_t type, bool wide, uint64_t base)
{
	struct nlattr *nest = nlmsg_nest(h, type);
	for (uint16_t i = IPVS_STATS_ATTR_CONNS; i <= IPVS_STATS_ATTR_OUTBPS; i++) {
		uint64_t v = base + i;
		if (wide || i == IPVS_STATS_ATTR_INBYTES || i == IPVS_STATS_ATTR_OUTBYTES)
			nlmsg_put(h, i, &v, sizeof v);
		else
			nlmsg_put_u32(h, i, (uint32_t)v);
	}
	nlmsg_nest_end(h, nest);
}

static void
put_dest_with_stats(bool narrow, bool wide)
{
	begin();
	ipvs_msg_put(h, IPVS_CMD_NEW_DEST);
	struct nlattr *nest = nlmsg_nest(h, IPVS_CMD_ATTR_DEST);
	nlmsg_put(h, IPVS_DEST_ATTR_ADDR, ip("10.0.0.7").a, 16);
	nlmsg_put(h, IPVS_DEST_ATTR_PORT, "\0\x50", 2);
	for (uint16_t i = IPVS_DEST_ATTR_FWD_METHOD; i <= IPVS_DEST_ATTR_PERSIST_CONNS; i++)
		nlmsg_put_u32(h, i, i);
	if (narrow)
		put_stats(IPVS_DEST_ATTR_STATS, false, 100);
	if (wide)
		put_stats(IPVS_DEST_ATTR_STATS64, true, UINT64_C(1) << 40);
	nlmsg_nest_end(h, nest);
	assert_true(nlmsg_fits(h));
}

static void
wide_numbers_are_preferred(void **state)
{
	const uint64_t base = UINT64_C(1) << 40;
	struct ipvs_msg_dest d;
	struct ipvs_msg_stats s;
	(void)state;

	put_dest_with_stats(true, true);
	assert_int_equal(ipvs_msg_get_dest(h, AF_INET, &d, &s), IPVS_MSG_OK);
	assert_true(s.connections == base + 1 && s.in_packets == base + 2);
	assert_true(s.out_packets == base + 3 && s.in_bytes == base + 4);
	assert_true(s.out_bytes == base + 5 && s.cps == base + 6 && s.in_pps == base + 7);
	assert_true(s.out_pps == base + 8 && s.in_bps == base + 9 && s.out_bps == base + 10);
	assert_int_equal(s.active, IPVS_DEST_ATTR_ACTIVE_CONNS);
	assert_int_equal(s.inactive, IPVS_DEST_ATTR_INACT_CONNS);
	assert_int_equal(s.persistent, IPVS_DEST_ATTR_PERSIST_CONNS);
	put_dest_with_stats(true, false);
	assert_int_equal(ipvs_msg_get_dest(h, AF_INET, &d, &s), IPVS_MSG_OK);
	assert_true(s.connections == 101 && s.in_bytes == 104 && s.out_bps == 110);
	put_dest_with_stats(false, false);
	assert_int_equal(ipvs_msg_get_dest(h, AF_INET, &d, &s), IPVS_MSG_OK);
	assert_true(s.connections == 0 && s.out_bps == 0);
}

/* ---- what cannot be ---- */

static void
what_lacks_a_key_is_refused(void **state)
{
	static const uint8_t four[4] = { 192, 0, 2, 1 };
	struct ipvs_msg_service s;
	(void)state;

	for (unsigned without = 1; without <= IPVS_SVC_ATTR_NETMASK; without++) {
		const struct ip_vs_flags f = { 0, 0 };
		const uint16_t af = AF_INET, tcp = IPPROTO_TCP;
		begin();
		ipvs_msg_put(h, IPVS_CMD_NEW_SERVICE);
		struct nlattr *nest = nlmsg_nest(h, IPVS_CMD_ATTR_SERVICE);
		if (without != IPVS_SVC_ATTR_AF)
			nlmsg_put(h, IPVS_SVC_ATTR_AF, &af, 2);
		if (without != IPVS_SVC_ATTR_PROTOCOL)
			nlmsg_put(h, IPVS_SVC_ATTR_PROTOCOL, &tcp, 2);
		nlmsg_put(h, IPVS_SVC_ATTR_ADDR, four, without == IPVS_SVC_ATTR_ADDR ? 3 : 4);
		if (without != IPVS_SVC_ATTR_PORT)
			nlmsg_put(h, IPVS_SVC_ATTR_PORT, "\0\x50", 2);
		if (without != IPVS_SVC_ATTR_SCHED_NAME)
			nlmsg_put_text(h, IPVS_SVC_ATTR_SCHED_NAME, "rr");
		nlmsg_put(h, IPVS_SVC_ATTR_FLAGS, &f, without == IPVS_SVC_ATTR_FLAGS ? 7 : 8);
		if (without != IPVS_SVC_ATTR_TIMEOUT)
			nlmsg_put_u32(h, IPVS_SVC_ATTR_TIMEOUT, 0);
		if (without != IPVS_SVC_ATTR_NETMASK)
			nlmsg_put_u32(h, IPVS_SVC_ATTR_NETMASK, 0);
		nlmsg_nest_end(h, nest);
		assert_int_equal(ipvs_msg_get_service(h, &s, NULL),
				 without == IPVS_SVC_ATTR_FWMARK ? IPVS_MSG_OK : IPVS_MSG_LACKS);
	}
}

static void
strange_values_are_refused(void **state)
{
	struct ipvs_msg_service s = web();
	struct ipvs_msg_daemon d = { .interface = "eth0" };
	(void)state;

	s.addr.family = AF_PACKET;
	begin();
	ipvs_msg_put_service(h, IPVS_CMD_NEW_SERVICE, &s);
	assert_int_equal(ipvs_msg_get_service(h, &s, NULL), IPVS_MSG_STRANGE);
	begin();
	ipvs_msg_put_daemon(h, IPVS_CMD_NEW_DAEMON, 3, &d);
	assert_int_equal(ipvs_msg_get_daemon(h, &d), IPVS_MSG_STRANGE);
	s = web();
	begin();
	ipvs_msg_put_service(h, IPVS_CMD_SET_SERVICE, &s);
	assert_int_equal(ipvs_msg_get_service(h, &s, NULL), IPVS_MSG_OTHER);
	begin();
	ipvs_msg_put(h, IPVS_CMD_NEW_SERVICE);
	assert_int_equal(ipvs_msg_get_service(h, &s, NULL), IPVS_MSG_LACKS);
	begin();
	assert_int_equal(ipvs_msg_get_service(h, &s, NULL), IPVS_MSG_SHORT);
}

static enum ipvs_msg_verdict
family_reply(const char *name, uint16_t id, uint16_t *out)
{
	const struct genlmsghdr g = { .cmd = CTRL_CMD_NEWFAMILY, .version = 2 };

	begin();
	memcpy(nlmsg_put_header(h, sizeof g), &g, sizeof g);
	nlmsg_put_text(h, CTRL_ATTR_FAMILY_NAME, name);
	nlmsg_put(h, CTRL_ATTR_FAMILY_ID, &id, sizeof id);
	return ipvs_msg_get_family(h, out);
}

static void
the_family_is_ours_or_none(void **state)
{
	uint16_t id = 0;
	(void)state;

	assert_int_equal(family_reply("IPVS", 36, &id), IPVS_MSG_OK);
	assert_int_equal(id, 36);
	assert_int_equal(family_reply("IPVS2", 37, &id), IPVS_MSG_STRANGE);
	assert_int_equal(family_reply("IPV", 37, &id), IPVS_MSG_STRANGE);
	assert_int_equal(family_reply("IPVS", 15, &id), IPVS_MSG_STRANGE);
	assert_int_equal(id, 36);
	begin();
	ipvs_msg_put_family(h);
	assert_int_equal(ipvs_msg_get_family(h, &id), IPVS_MSG_OTHER);
}

/* All readers over one message; texts that come out must end. */
static void
read_all(const struct nlmsghdr *m)
{
	struct ipvs_msg_service s;
	struct ipvs_msg_dest d;
	struct ipvs_msg_daemon e;
	struct ipvs_msg_timeouts t;
	struct ipvs_msg_info i;
	struct ipvs_msg_stats st;
	uint16_t id;

	if (ipvs_msg_get_service(m, &s, &st) == IPVS_MSG_OK) {
		assert_non_null(memchr(s.scheduler, 0, sizeof s.scheduler));
		assert_non_null(memchr(s.engine, 0, sizeof s.engine));
		assert_true(s.addr.family == AF_INET || s.addr.family == AF_INET6);
	}
	if (ipvs_msg_get_dest(m, AF_INET, &d, &st) == IPVS_MSG_OK)
		assert_true(d.addr.family == AF_INET || d.addr.family == AF_INET6);
	if (ipvs_msg_get_daemon(m, &e) == IPVS_MSG_OK)
		assert_non_null(memchr(e.interface, 0, sizeof e.interface));
	(void)!ipvs_msg_get_timeouts(m, &t);
	(void)!ipvs_msg_get_info(m, &i);
	(void)!ipvs_msg_get_family(m, &id);
}

static void
fill(int kind)
{
	const struct ipvs_msg_service s = web();
	const struct ipvs_msg_daemon e = { .interface = "eth0", .group = ip("224.0.0.9") };

	begin();
	if (kind == 0)
		ipvs_msg_put_service(h, IPVS_CMD_NEW_SERVICE, &s);
	else if (kind == 1)
		put_dest_with_stats(true, true);
	else
		ipvs_msg_put_daemon(h, IPVS_CMD_NEW_DAEMON, IPVS_MSG_MASTER, &e);
}

static void
every_cut_is_survived(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		fill(kind);
		uint32_t full = h->nlmsg_len;
		for (uint32_t n = NLMSG_HDRLEN; n < full; n++) {
			struct nlmsghdr *m = malloc(n);
			struct ipvs_msg_dest d;
			memcpy(m, buf, n);
			m->nlmsg_len = n;
			read_all(m);
			if (kind == 1)		/* nothing that is half there is taken */
				assert_int_not_equal(ipvs_msg_get_dest(m, AF_INET, &d, NULL),
						     IPVS_MSG_OK);
			free(m);
		}
	}
}

static void
every_octet_may_be_anything(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		fill(kind);
		uint32_t full = h->nlmsg_len;
		uint8_t *p = malloc(full);
		for (uint32_t i = 4; i < full; i++) {
			for (unsigned v = 0; v < 256; v++) {
				memcpy(p, buf, full);
				p[i] = (uint8_t)v;
				read_all((void *)p);
			}
		}
		free(p);
	}
}

/* ---- comparing ---- */

static void
each_member_makes_a_difference(void **state)
{
	const struct ipvs_msg_service s = web();
	const struct ipvs_msg_dest d = server();
	struct ipvs_msg_service t[] = { s, s, s, s, s, s, s, s };
	struct ipvs_msg_dest e[] = { d, d, d, d, d, d, d, d, d };
	(void)state;

	t[0].addr = ip("192.0.2.2");
	t[1].port++;
	t[2].protocol++;
	t[3].scheduler[0] = 'x';
	t[4].engine[0] = '\0';
	t[5].flags ^= IP_VS_SVC_F_ONEPACKET;
	t[6].persistence_s++;
	t[7].netmask = 0xffffffff;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(t); i++) {
		assert_false(ipvs_msg_equal_service(&s, &t[i]));
		assert_int_equal(ipvs_msg_same_service(&s, &t[i]), i >= 3);
	}
	e[0].addr = ip("10.0.0.8");
	e[1].port++;
	e[2].forward = 3;
	e[3].weight = 0;
	e[4].uthreshold++;
	e[5].lthreshold++;
	e[6].tunnel++;
	e[7].tunnel_port++;
	e[8].tunnel_flags++;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(e); i++) {
		assert_false(ipvs_msg_equal_dest(&d, &e[i]));
		assert_int_equal(ipvs_msg_same_dest(&d, &e[i]), i >= 2);
	}
}

static void
what_the_kernel_adds_makes_none(void **state)
{
	struct ipvs_msg_service s = web(), t = web();
	struct ipvs_msg_dest d = server(), e = server();
	(void)state;

	t.flags |= IP_VS_SVC_F_HASHED;
	assert_true(ipvs_msg_equal_service(&s, &t));
	e.active = e.inactive = e.persistent = 5;
	assert_true(ipvs_msg_equal_dest(&d, &e));
	d.forward = e.forward = 3;
	e.tunnel_port = 1;
	assert_true(ipvs_msg_equal_dest(&d, &e));
	s.fwmark = t.fwmark = 4;
	t.addr = ip("0.0.0.0");
	t.port = 0;
	t.protocol = 0;
	assert_true(ipvs_msg_equal_service(&s, &t));
	assert_int_equal(ipvs_msg_hash_service(&s), ipvs_msg_hash_service(&t));
}

static void
a_daemon_of_defaults_is_that_of_the_kernel(void **state)
{
	const struct ipvs_msg_daemon want = { .interface = "eth0", .id = 3 };
	struct ipvs_msg_daemon have = {
		.interface = "eth0", .id = 3, .maxlen = 1472, .group = ip("224.0.0.81"),
		.port = 8848, .ttl = 1,
	};
	(void)state;

	assert_true(ipvs_msg_equal_daemon(&want, &have));
	have.ttl = 2;
	assert_false(ipvs_msg_equal_daemon(&want, &have));
	have.ttl = 1;
	have.id = 4;
	assert_false(ipvs_msg_equal_daemon(&want, &have));
}

/* ---- schedulers ---- */

static void
schedulers_and_their_flags_are_known_by_name(void **state)
{
	(void)state;
	assert_true(ipvs_msg_is_scheduler("rr"));
	assert_true(ipvs_msg_is_scheduler("twos"));
	assert_false(ipvs_msg_is_scheduler("rrr"));
	assert_false(ipvs_msg_is_scheduler(""));
	assert_int_equal(ipvs_msg_flag_bit("sh", "sh-port"), 16);
	assert_int_equal(ipvs_msg_flag_bit("sh", "sh-fallback"), 8);
	assert_int_equal(ipvs_msg_flag_bit("mh", "mh-port"), 16);
	assert_int_equal(ipvs_msg_flag_bit("mh", "mh-fallback"), 8);
	assert_int_equal(ipvs_msg_flag_bit("mh", "sh-port"), 0);
	assert_int_equal(ipvs_msg_flag_bit("wlc", "flag-3"), 32);
	assert_int_equal(ipvs_msg_flag_bit("wlc", "flag-4"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_and_ipv4_masks_are_in_network_order),
		cmocka_unit_test(an_ipv6_prefix_is_in_host_order),
		cmocka_unit_test(flags_are_all_ours_but_the_kernels_own),
		cmocka_unit_test(a_mark_needs_no_address),
		cmocka_unit_test(a_key_is_no_more_than_a_key),
		cmocka_unit_test(only_a_tunnel_has_a_tunnel),
		cmocka_unit_test(timeouts_of_nought_are_left_out),
		cmocka_unit_test(a_daemons_defaults_are_left_to_the_kernel),
		cmocka_unit_test(services_come_back_as_they_went),
		cmocka_unit_test(servers_come_back_as_they_went),
		cmocka_unit_test(daemons_come_back_as_they_went),
		cmocka_unit_test(timeouts_come_back_as_they_went),
		cmocka_unit_test(the_kernels_version_and_size_are_read),
		cmocka_unit_test(a_server_without_a_family_has_its_services),
		cmocka_unit_test(wide_numbers_are_preferred),
		cmocka_unit_test(what_lacks_a_key_is_refused),
		cmocka_unit_test(strange_values_are_refused),
		cmocka_unit_test(the_family_is_ours_or_none),
		cmocka_unit_test(every_cut_is_survived),
		cmocka_unit_test(every_octet_may_be_anything),
		cmocka_unit_test(each_member_makes_a_difference),
		cmocka_unit_test(what_the_kernel_adds_makes_none),
		cmocka_unit_test(a_daemon_of_defaults_is_that_of_the_kernel),
		cmocka_unit_test(schedulers_and_their_flags_are_known_by_name),
	};
	return cmocka_run_group_tests_name("ipvs_msg", tests, 0, 0);
}
