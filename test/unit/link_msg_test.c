/* SPDX-License-Identifier: MIT */
/* link_msg_test.c -- what the kernel says about interfaces and addresses, also
 * when it is cut, bent or about something else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "link_msg.h"

static _Alignas(8) uint8_t buf[NLMSG_MAX];
static struct link_msg iface;
static struct link_msg_addr addr;

static struct nlmsghdr *
begin_link(uint16_t type, uint8_t family)
{
	const struct ifinfomsg ifi = {
		.ifi_family = family, .ifi_type = ARPHRD_ETHER, .ifi_index = 7,
		.ifi_flags = IFF_UP | IFF_RUNNING,
	};
	nlmsg_init(buf, type, 0, 0);
	struct nlmsghdr *h = (void *)buf;
	memcpy(nlmsg_put_header(h, sizeof ifi), &ifi, sizeof ifi);
	return h;
}

static struct nlmsghdr *
full_link(void)
{
	static const uint8_t mac[] = { 2, 0, 0, 0, 0, 9 };
	uint32_t conf[IPV4_DEVCONF_ACCEPT_LOCAL] = { 0 };
	struct nlmsghdr *h = begin_link(RTM_NEWLINK, AF_UNSPEC);

	nlmsg_put_text(h, IFLA_IFNAME, "eth7");
	nlmsg_put_u32(h, IFLA_MTU, 1492);
	nlmsg_put_u8(h, IFLA_OPERSTATE, 6);
	nlmsg_put(h, IFLA_ADDRESS, mac, sizeof mac);
	nlmsg_put_u32(h, IFLA_LINK, 3);
	struct nlattr *info = nlmsg_nest(h, IFLA_LINKINFO);
	nlmsg_put_text(h, IFLA_INFO_KIND, "macvlan");
	nlmsg_nest_end(h, info);
	conf[IPV4_DEVCONF_PROMOTE_SECONDARIES - 1] = 1;
	struct nlattr *spec = nlmsg_nest(h, IFLA_AF_SPEC);
	struct nlattr *inet = nlmsg_nest(h, AF_INET);
	nlmsg_put(h, IFLA_INET_CONF, conf, sizeof conf);
	nlmsg_nest_end(h, inet);
	nlmsg_nest_end(h, spec);
	assert_true(nlmsg_fits(h));
	return h;
}

static struct nlmsghdr *
begin_addr(uint16_t type, uint8_t family, uint8_t prefixlen)
{
	const struct ifaddrmsg ifa = {
		.ifa_family = family, .ifa_prefixlen = prefixlen,
		.ifa_flags = IFA_F_PERMANENT, .ifa_scope = 253, .ifa_index = 7,
	};
	nlmsg_init(buf, type, 0, 0);
	struct nlmsghdr *h = (void *)buf;
	memcpy(nlmsg_put_header(h, sizeof ifa), &ifa, sizeof ifa);
	return h;
}

static struct net_addr
ip(const char *text)
{
	struct net_addr a;
	assert_true(net_addr_parse(&a, text, strlen(text)));
	return a;
}

static void
put_ip(struct nlmsghdr *h, uint16_t type, const char *text)
{
	const struct net_addr a = ip(text);
	nlmsg_put_addr(h, type, &a);
}

static enum link_msg_verdict
decode(const struct nlmsghdr *h)
{
	memset(&iface, 0xee, sizeof iface);
	memset(&addr, 0xee, sizeof addr);
	return link_msg_decode(h, &iface, &addr);
}

static void
a_link_is_read_whole(void **state)
{
	(void)state;
	assert_int_equal(decode(full_link()), LINK_MSG_LINK);
	assert_false(iface.gone);
	assert_int_equal(iface.ifindex, 7);
	assert_int_equal(iface.flags, IFF_UP | IFF_RUNNING);
	assert_int_equal(iface.type, ARPHRD_ETHER);
	assert_int_equal(iface.has, LINK_MSG_NAME | LINK_MSG_MTU | LINK_MSG_MAC |
			 LINK_MSG_OPER | LINK_MSG_BASE | LINK_MSG_INET);
	assert_string_equal(iface.name, "eth7");
	assert_int_equal(iface.mtu, 1492);
	assert_int_equal(iface.operstate, 6);
	assert_int_equal(iface.mac[5], 9);
	assert_int_equal(iface.base, 3);
	assert_string_equal(iface.kind, "macvlan");
	assert_int_equal(iface.inet, LINK_MSG_PROMOTE);
	((struct nlmsghdr *)buf)->nlmsg_type = RTM_DELLINK;
	assert_int_equal(decode((void *)buf), LINK_MSG_LINK);
	assert_true(iface.gone);
}

static void
a_wireless_event_says_flags_alone(void **state)
{
	(void)state;
	assert_int_equal(decode(begin_link(RTM_NEWLINK, AF_UNSPEC)), LINK_MSG_LINK);
	assert_int_equal(iface.has, 0);
	assert_string_equal(iface.name, "");
}

static void
a_port_that_leaves_its_bridge_is_not_gone(void **state)
{
	(void)state;
	assert_int_equal(decode(begin_link(RTM_DELLINK, AF_BRIDGE)), LINK_MSG_OTHER);
}

static void
a_long_hardware_address_is_none(void **state)
{
	static const uint8_t infiniband[20] = { 1 };
	(void)state;

	struct nlmsghdr *h = begin_link(RTM_NEWLINK, AF_UNSPEC);
	nlmsg_put(h, IFLA_ADDRESS, infiniband, sizeof infiniband);
	assert_int_equal(decode(h), LINK_MSG_LINK);
	assert_int_equal(iface.has & LINK_MSG_MAC, 0);
}

static void
an_ipv4_address_is_read_whole(void **state)
{
	(void)state;
	struct nlmsghdr *h = begin_addr(RTM_NEWADDR, AF_INET, 24);
	put_ip(h, IFA_ADDRESS, "192.0.2.1");
	put_ip(h, IFA_LOCAL, "192.0.2.1");
	nlmsg_put_u32(h, IFA_FLAGS, IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE);
	nlmsg_put_text(h, IFA_LABEL, "eth7:vip");
	nlmsg_put_u8(h, 11, 0x75);
	assert_int_equal(decode(h), LINK_MSG_ADDR);
	const struct net_addr want = ip("192.0.2.1");
	assert_int_equal(net_addr_cmp(&addr.addr, &want), 0);
	assert_int_equal(addr.peer.family, 0);
	assert_int_equal(addr.prefixlen, 24);
	assert_int_equal(addr.scope, 253);
	assert_int_equal(addr.ifindex, 7);
	assert_int_equal(addr.flags, IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE);
	assert_int_equal(addr.proto, 0x75);
	assert_string_equal(addr.label, "eth7:vip");
}

static void
a_point_to_point_address_has_a_peer(void **state)
{
	const struct net_addr mine = ip("2001:db8::1"), far = ip("2001:db8::2");
	(void)state;

	struct nlmsghdr *h = begin_addr(RTM_DELADDR, AF_INET6, 128);
	put_ip(h, IFA_ADDRESS, "2001:db8::2");
	put_ip(h, IFA_LOCAL, "2001:db8::1");
	assert_int_equal(decode(h), LINK_MSG_ADDR);
	assert_true(addr.gone);
	assert_int_equal(net_addr_cmp(&addr.addr, &mine), 0);
	assert_int_equal(net_addr_cmp(&addr.peer, &far), 0);
	assert_int_equal(addr.flags, IFA_F_PERMANENT);	/* the header's */
	h = begin_addr(RTM_NEWADDR, AF_INET6, 64);	/* no IFA_LOCAL */
	put_ip(h, IFA_ADDRESS, "2001:db8::1");
	assert_int_equal(decode(h), LINK_MSG_ADDR);
	assert_int_equal(net_addr_cmp(&addr.addr, &mine), 0);
	assert_int_equal(addr.peer.family, 0);
}

static void
what_cannot_be_is_refused(void **state)
{
	static const uint8_t three[3];
	(void)state;

	struct nlmsghdr *h = begin_addr(RTM_NEWADDR, AF_INET, 24);
	assert_int_equal(decode(h), LINK_MSG_BAD);	/* no address */
	nlmsg_put(h, IFA_LOCAL, three, sizeof three);
	assert_int_equal(decode(h), LINK_MSG_BAD);
	h = begin_addr(RTM_NEWADDR, AF_INET, 33);
	put_ip(h, IFA_LOCAL, "192.0.2.1");
	assert_int_equal(decode(h), LINK_MSG_BAD);
	h = begin_addr(RTM_NEWADDR, AF_INET6, 129);
	put_ip(h, IFA_ADDRESS, "2001:db8::1");
	assert_int_equal(decode(h), LINK_MSG_BAD);
	h = begin_link(RTM_NEWLINK, AF_UNSPEC);
	((struct ifinfomsg *)(void *)(buf + NLMSG_HDRLEN))->ifi_index = 0;
	assert_int_equal(decode(h), LINK_MSG_BAD);
	((struct ifinfomsg *)(void *)(buf + NLMSG_HDRLEN))->ifi_index = -1;
	assert_int_equal(decode(h), LINK_MSG_BAD);
	h = begin_link(RTM_NEWROUTE, AF_UNSPEC);
	assert_int_equal(decode(h), LINK_MSG_OTHER);
	h = begin_addr(RTM_NEWADDR, AF_PACKET, 8);
	assert_int_equal(decode(h), LINK_MSG_OTHER);
}

static void
every_cut_is_survived(void **state)
{
	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		struct nlmsghdr *h = kind ? begin_addr(RTM_NEWADDR, AF_INET, 24) :
					    full_link();
		if (kind) {
			put_ip(h, IFA_ADDRESS, "192.0.2.1");
			put_ip(h, IFA_LOCAL, "192.0.2.1");
			nlmsg_put_text(h, IFA_LABEL, "eth7:vip");
		}
		uint32_t full = h->nlmsg_len;
		for (uint32_t n = NLMSG_HDRLEN; n < full; n++) {
			uint8_t *p = malloc(n);
			memcpy(p, buf, n);
			((struct nlmsghdr *)(void *)p)->nlmsg_len = n;
			enum link_msg_verdict v = decode((void *)p);
			assert_int_not_equal(v, LINK_MSG_OTHER);
			/* Nothing is read that is only half there. */
			if (n < NLMSG_HDRLEN + 8)
				assert_int_equal(v, LINK_MSG_BAD);
			free(p);
		}
	}
}

static void
every_octet_may_be_anything(void **state)
{
	(void)state;
	uint32_t full = full_link()->nlmsg_len;

	for (uint32_t i = 0; i < full; i++) {
		if (i < 4)			/* nlmsg_next() sees to the length */
			continue;
		for (unsigned v = 0; v < 256; v++) {
			full_link();
			uint8_t *p = malloc(full);
			memcpy(p, buf, full);
			p[i] = (uint8_t)v;
			if (decode((void *)p) == LINK_MSG_LINK) {
				assert_true(memchr(iface.name, 0, sizeof iface.name));
				assert_true(memchr(iface.kind, 0, sizeof iface.kind));
			}
			free(p);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_is_read_whole),
		cmocka_unit_test(a_wireless_event_says_flags_alone),
		cmocka_unit_test(a_port_that_leaves_its_bridge_is_not_gone),
		cmocka_unit_test(a_long_hardware_address_is_none),
		cmocka_unit_test(an_ipv4_address_is_read_whole),
		cmocka_unit_test(a_point_to_point_address_has_a_peer),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(every_cut_is_survived),
		cmocka_unit_test(every_octet_may_be_anything),
	};
	return cmocka_run_group_tests_name("link_msg", tests, 0, 0);
}
