/* SPDX-License-Identifier: MIT */
/* vrrp_schema_test.c -- VRRP's sections: what a good file gives, what is refused and where. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "compile_text.h"
#include "vrrp_schema.h"

static struct vrrp_conf conf;

#define IN	(&conf.instance[0])
#define VIP(i)	(&conf.vip[IN->vips.first + (i)])

#define expect(text, ...)						\
	expect_lines((text), (const char *const[]){ __VA_ARGS__ },	\
		     sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void
expect_lines(const char *text, const char *const *want, size_t n)
{
	compile_bytes(text, strlen(text), &vrrp_schema, &conf, sizeof conf);
	check_said(want, (unsigned)n);
}

static void
good(const char *text)
{
	expect_lines(text, NULL, 0);
}

/* The shortest instance, its name and what comes first; more options may follow. */
#define HEAD(name, vrid) \
	"config vrrp_instance " name "\no interface eth0\no virtual_router_id " vrid "\n"
#define BASE	HEAD("a", "51") "l virtual_ipaddress 192.0.2.1/24\n"
#define BASE6	HEAD("a", "51") "l virtual_ipaddress fe80::51/64\n"

static const char *
text_of(const struct net_addr *a)
{
	static char text[NET_ADDR_TEXT];

	return net_addr_text(a, text);
}

static void
the_shortest_instance_has_all_defaults(void **state)
{
	(void)state;
	good(BASE);
	assert_int_equal(conf.ninstances, 1);
	assert_string_equal(IN->name, "a");
	assert_string_equal(IN->interface, "eth0");
	assert_int_equal(IN->vrid, 51);
	assert_int_equal(IN->version, 2);
	assert_int_equal(IN->family, AF_INET);
	assert_int_equal(IN->priority, 100);
	assert_int_equal(IN->advert_us, 1000000);
	assert_int_equal(IN->preempt_delay_us, 0);
	assert_true(IN->preempt);
	assert_true(IN->accept);
	assert_false(IN->initial_master);
	assert_true(IN->v3_checksum_as_v2);
	assert_false(IN->dont_track_primary);
	assert_true(IN->check_unicast_src);
	assert_int_equal(IN->auth, VRRP_CONF_AUTH_NONE);
	assert_int_equal(IN->down_timer_adverts, 3);
	assert_int_equal(IN->unicast_ttl, 255);
	assert_int_equal(IN->mcast_src.family, 0);
	assert_int_equal(IN->garp_master_repeat, 5);
	assert_int_equal(IN->garp_master_refresh_repeat, 1);
	assert_int_equal(IN->garp_lower_prio_repeat, 5);
	assert_int_equal(IN->garp_master_delay_us, 5000000);
	assert_int_equal(IN->garp_master_refresh_us, 0);
	assert_int_equal(IN->garp_lower_prio_delay_us, 5000000);
	assert_int_equal(IN->vips.first, 0);
	assert_int_equal(IN->vips.n, 1);
	assert_int_equal(IN->nadvertised, 1);
	assert_int_equal(IN->tracks.n, 0);
	assert_int_equal(IN->peers.n, 0);
	assert_int_equal(IN->notify, CONF_NO_SCRIPT);
	assert_string_equal(text_of(&conf.mcast_group4), "224.0.0.18");
	assert_string_equal(text_of(&conf.mcast_group6), "ff02::12");

	const struct vrrp_conf_vip *v = VIP(0);

	assert_string_equal(text_of(&v->addr), "192.0.2.1");
	assert_int_equal(v->prefixlen, 24);
	assert_string_equal(v->dev, "eth0");
	assert_string_equal(v->label, "");
	assert_int_equal(v->scope, RT_SCOPE_UNIVERSE);
	assert_true(v->nodad);
	assert_true(v->forever);
	assert_true(v->advertised);
	assert_false(v->noprefixroute);
}

static void
an_address_with_all_its_words(void **state)
{
	(void)state;
	good(HEAD("a", "51")
	     "l virtual_ipaddress '192.0.2.1/24 dev eth1 label eth1:vip scope site brd + "
	     "noprefixroute -nodad preferred_lft 30'\n"
	     "l virtual_ipaddress '192.0.2.2 peer 192.0.2.3/30 broadcast 192.0.2.255 "
	     "preferred_lft forever scope link'\n"
	     "l virtual_ipaddress ' 192.0.2.77/26\tbrd\r  - '\n");
	assert_string_equal(VIP(0)->dev, "eth1");
	assert_string_equal(VIP(0)->label, "eth1:vip");
	assert_int_equal(VIP(0)->scope, RT_SCOPE_SITE);
	assert_string_equal(text_of(&VIP(0)->broadcast), "192.0.2.255");
	assert_true(VIP(0)->noprefixroute);
	assert_false(VIP(0)->nodad);
	assert_false(VIP(0)->forever);
	assert_int_equal(VIP(0)->preferred_s, 30);
	assert_string_equal(text_of(&VIP(1)->peer), "192.0.2.3");
	assert_int_equal(VIP(1)->prefixlen, 30);
	assert_int_equal(VIP(1)->scope, RT_SCOPE_LINK);
	assert_true(VIP(1)->forever);
	assert_string_equal(text_of(&VIP(1)->broadcast), "192.0.2.255");
	assert_string_equal(text_of(&VIP(2)->broadcast), "192.0.2.64");
}

static void
an_address_by_reference(void **state)
{
	(void)state;
	good(HEAD("a", "51") "l virtual_ipaddress one\nl virtual_ipaddress two\n"
	     "l virtual_ipaddress long\n"
	     "config ipaddress\no name one\no address 192.0.2.1/24\n"
	     "config ipaddress two\no address 192.0.2.2/24\no device br-lan\no scope link\n"
	     "o label_suffix x\n"
	     "config ipaddress long\no address 192.0.2.3/24\no device abcdefghijklm\n");
	assert_string_equal(VIP(0)->dev, "eth0");
	assert_string_equal(VIP(0)->label, "eth0:vip");
	assert_string_equal(VIP(1)->dev, "br-lan");
	assert_string_equal(VIP(1)->label, "br-lan:x");
	assert_int_equal(VIP(1)->scope, RT_SCOPE_LINK);
	assert_string_equal(VIP(2)->label, "");	/* :vip does not fit, and need not */
}

static void
addresses_that_are_wrong(void **state)
{
	(void)state;
	expect(HEAD("a", "51") "l virtual_ipaddress 'one'\nconfig ipaddress onf\n"
	       "o address 192.0.2.1\n",
	       "4:21: error: 'one' is neither an address nor the name of a section ipaddress: "
	       "did you mean 'onf'?");
	expect(HEAD("a", "51") "l virtual_ipaddress x\n",
	       "4:21: error: 'x' is neither an address, such as 192.0.2.1/24, nor the name");
	expect(HEAD("a", "51") "l virtual_ipaddress '192.0.2.1/33'\n",
	       "4:22: error: '192.0.2.1/33' is not an IP address with a prefix length");
	expect(HEAD("a", "51") "l virtual_ipaddress '192.0.2.1/24 dve eth0'\n",
	       "4:35: error: 'dve' is no word of an address: did you mean 'dev'?");
	expect(HEAD("a", "51") "l virtual_ipaddress '192.0.2.1/24 dev'\n",
	       "4:35: error: dev needs a value");
	expect(HEAD("a", "51") "l virtual_ipaddress '192.0.2.1/24 scope here'\n",
	       "4:41: error: 'here' is not one of its words; scope takes global, site, link");
	expect(HEAD("a", "51") "l virtual_ipaddress '192.0.2.1/24 label lan:vip'\n",
	       "4:21: error: label 'lan:vip' must begin with its interface: eth0:...");
	expect(HEAD("a", "51") "l virtual_ipaddress '192.0.2.1/24 label eth0:4567890123'\n"
	       "l virtual_ipaddress '192.0.2.2/24 label eth0:45678901234'\n",
	       "5:41: error: 'eth0:45678901234' is too long; label takes a name of 1 to 15");
	expect(HEAD("a", "51") "l virtual_ipaddress two\nconfig ipaddress two\n"
	       "o address 192.0.2.2/24\no device br-lan\no label_suffix 123456789\n",
	       "4:21: error: label 'br-lan:123456789' has more than 15 characters");
	expect(HEAD("a", "51") "l virtual_ipaddress '192.0.2.1/24 brd x'\n",
	       "4:21: error: brd 'x' is not an IPv4 address, + or -");
	expect(HEAD("a", "51") "l virtual_ipaddress two\nconfig ipaddress two\no address x\n",
	       "6:11: error: 'x' is not an IP address with a prefix length");
}

static void
addresses_no_router_can_hold(void **state)
{
	static const char *const bad[][2] = {
		{ "0.0.0.0", "the unspecified address" }, { "224.0.0.1/4", "a multicast" },
		{ "127.0.0.1/8", "a loopback" }, { "255.255.255.255", "a reserved" },
		{ "240.0.0.1", "a reserved" },
	};
	static const char *const bad6[][2] = {
		{ "::", "the unspecified address" }, { "ff02::1", "a multicast" },
		{ "::1", "a loopback" },
	};
	char text[256], want[128];

	(void)state;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof text, BASE "l virtual_ipaddress '%s'\n", bad[i][0]);
		snprintf(want, sizeof want, "5:21: error: %.*s is %s",
			 (int)strcspn(bad[i][0], "/"), bad[i][0], bad[i][1]);
		expect(text, want);
	}
	for (unsigned i = 0; IS_ENABLED(CONFIG_IPV6) && i < PORT_ARRAY_SIZE(bad6); i++) {
		snprintf(text, sizeof text, BASE6 "l virtual_ipaddress '%s'\n", bad6[i][0]);
		snprintf(want, sizeof want, "5:21: error: %s is %s", bad6[i][0], bad6[i][1]);
		expect(text, want);
	}
}

static void
words_of_an_address_that_are_not_served(void **state)
{
	(void)state;
	expect(HEAD("a", "51") "l virtual_ipaddress '192.0.2.1/24 home track_group x dev eth1'\n",
	       "4:35: warning: home of an address is not served",
	       "4:40: warning: track_group of an address is not served");
	assert_string_equal(VIP(0)->dev, "eth1");
}

static void
an_instance_without_addresses_is_refused(void **state)
{
	(void)state;
	expect("config vrrp_instance a\no interface eth0\no virtual_router_id 51\n",
	       "1:1: error: vrrp_instance 'a' has no virtual_ipaddress, which must be given");
	expect("config vrrp_instance a\no virtual_router_id 51\nl virtual_ipaddress 192.0.2.1\n",
	       "1:1: error: vrrp_instance 'a' has no interface, which must be given");
	expect("config vrrp_instance a\no interface eth0\nl virtual_ipaddress 192.0.2.1\n",
	       "1:1: error: vrrp_instance 'a' has no virtual_router_id, which must be given");
}

static void
addresses_of_the_other_family_are_not_advertised(void **state)
{
	(void)state;
	if (!IS_ENABLED(CONFIG_IPV6))
		return;
	expect(BASE "l virtual_ipaddress fe80::1/64\n",
	       "5:21: error: an IPv6 address in an IPv4 instance: it belongs in "
	       "virtual_ipaddress_excluded");
	expect(BASE "o native_ipv6 1\n",
	       "4:21: error: an IPv4 address in an IPv6 instance");
	good(BASE "l virtual_ipaddress_excluded fe80::1/64\n"
	     "l virtual_ipaddress_excluded 192.0.2.2\n");
	assert_int_equal(IN->vips.n, 3);
	assert_int_equal(IN->nadvertised, 1);
	assert_false(VIP(1)->advertised);
}

static void
ipv6_is_version_3_with_a_link_local_address_first(void **state)
{
	(void)state;
	if (!IS_ENABLED(CONFIG_IPV6))
		return;
	good(BASE6 "o advert_int 0.25\n");
	assert_int_equal(IN->version, 3);
	assert_int_equal(IN->family, AF_INET6);
	expect(HEAD("a", "51") "l virtual_ipaddress 2001:db8::1/64\n"
	       "l virtual_ipaddress 2001:db8::2/64\nl virtual_ipaddress fe80::1/64\n",
	       "4:21: warning: fe80::1 is advertised first");
	assert_string_equal(text_of(&VIP(0)->addr), "fe80::1");
	assert_string_equal(text_of(&VIP(1)->addr), "2001:db8::1");
	assert_string_equal(text_of(&VIP(2)->addr), "2001:db8::2");
	expect(HEAD("a", "51") "l virtual_ipaddress 2001:db8::1/64\n",
	       "4:21: error: an IPv6 instance needs a link-local address as its first one, "
	       "such as fe80::33/64");
	expect(BASE6 "o version 2\n", "5:11: warning: VRRP version 2 has no IPv6");
	assert_int_equal(IN->version, 3);
	good("config globals g\no vrrp_version 2\n" BASE6);
	assert_int_equal(IN->version, 3);
}

static void
the_interval_of_each_version(void **state)
{
	static const struct {
		const char *version, *interval;
		int64_t us;
	} fine[] = {
		{ "2", "1", 1000000 }, { "2", "255", 255000000 }, { "3", "0.01", 10000 },
		{ "3", "40.95", 40950000 }, { "3", "1", 1000000 },
	};
	static const char *const bad[][3] = {
		{ "2", "0.5", "6:14: error: advert_int 0.5: VRRP version 2 takes 1..255" },
		{ "2", "1.5", "6:14: error: advert_int 1.5: VRRP version 2 takes 1..255" },
		{ "2", "256", "6:14: error: '256' is out of range; advert_int takes 0.01..255" },
		{ "3", "0.009", "6:14: error: '0.009' is out of range" },
		{ "3", "0", "6:14: error: '0' is out of range" },
		{ "3", "40.96", "6:14: error: advert_int 40.96: VRRP version 3 takes 0.01..40.9" },
		{ "3", "0.015", "6:14: error: advert_int 0.015: VRRP version 3 takes steps of" },
	};
	char text[256];

	(void)state;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(fine); i++) {
		snprintf(text, sizeof text, BASE "o version %s\no advert_int %s\n",
			 fine[i].version, fine[i].interval);
		good(text);
		assert_int_equal(IN->advert_us, fine[i].us);
	}
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof text, BASE "o version %s\no advert_int %s\n",
			 bad[i][0], bad[i][1]);
		expect(text, bad[i][2]);
	}
}

static void
globals_hold_for_instances_that_say_nothing(void **state)
{
	(void)state;
	good("config globals g\no vrrp_version 3\no vrrp_garp_master_delay 2\n"
	     "o vrrp_garp_master_repeat 3\no vrrp_garp_master_refresh 60\n"
	     "o vrrp_garp_master_refresh_repeat 2\no vrrp_down_timer_adverts 4\n"
	     "o vrrp_check_unicast_src 0\no v3_checksum_as_v2 0\no vrrp_startup_delay 1.5\n"
	     "o vrrp_mcast_group4 224.0.0.99\n" BASE
	     HEAD("b", "52") "l virtual_ipaddress 192.0.2.2\no version 2\n"
	     "o garp_master_delay 1\no garp_master_repeat 9\no garp_lower_prio_delay 0\n"
	     "o garp_lower_prio_repeat 0\no down_timer_adverts 5\no check_unicast_src 1\n"
	     "o v3_checksum_as_v2 1\n");
	assert_int_equal(conf.startup_delay_us, 1500000);
	assert_string_equal(text_of(&conf.mcast_group4), "224.0.0.99");
	assert_int_equal(IN->version, 3);
	assert_int_equal(IN->garp_master_delay_us, 2000000);
	assert_int_equal(IN->garp_lower_prio_delay_us, 2000000);
	assert_int_equal(IN->garp_master_repeat, 3);
	assert_int_equal(IN->garp_lower_prio_repeat, 3);
	assert_int_equal(IN->garp_master_refresh_us, 60000000);
	assert_int_equal(IN->garp_master_refresh_repeat, 2);
	assert_int_equal(IN->down_timer_adverts, 4);
	assert_false(IN->check_unicast_src);
	assert_false(IN->v3_checksum_as_v2);

	const struct vrrp_conf_instance *b = &conf.instance[1];

	assert_int_equal(b->version, 2);
	assert_int_equal(b->garp_master_delay_us, 1000000);
	assert_int_equal(b->garp_lower_prio_delay_us, 0);
	assert_int_equal(b->garp_master_repeat, 9);
	assert_int_equal(b->garp_lower_prio_repeat, 0);
	assert_int_equal(b->down_timer_adverts, 5);
	assert_true(b->check_unicast_src);
	assert_true(b->v3_checksum_as_v2);
	expect("config globals g\no vrrp_mcast_group4 192.0.2.1\n" BASE,
	       "2:21: error: 192.0.2.1 is not a multicast group");
}

static void
booleans_are_booleans(void **state)
{
	(void)state;
	good(BASE "o nopreempt 0\n");
	assert_true(IN->preempt);
	good(BASE "o nopreempt 1\n");
	assert_false(IN->preempt);
	good(BASE "o preempt 0\n");
	assert_false(IN->preempt);
	expect(BASE "o preempt 1\no nopreempt 0\n",
	       "6:13: error: nopreempt and preempt are two words for one thing");
	good(BASE "o no_accept 0\n");
	expect(BASE "o no_accept 1\n",
	       "5:13: warning: this build can't refuse packets to the virtual addresses");
	assert_true(IN->accept);
	expect(BASE "o accept 0\n", "5:10: warning: this build can't refuse packets");
	good(BASE "o use_vmac 0\no smtp_alert 0\n");
	expect(BASE "o use_vmac 1\no vmac_xmit_base 1\no debug 2\n",
	       "5:3: warning: use_vmac of vrrp_instance is not served",
	       "6:3: warning: vmac_xmit_base of vrrp_instance is not served",
	       "7:3: warning: debug of vrrp_instance is not served");
}

static void
authentication_is_for_version_2(void **state)
{
	(void)state;
	good(BASE "o auth_type PASS\no auth_pass secret\n");
	assert_int_equal(IN->auth, VRRP_CONF_AUTH_PASS);
	assert_memory_equal(IN->auth_data, "secret\0\0", 8);
	good(BASE "o auth_type PASS\no auth_pass 12345678\n");
	assert_memory_equal(IN->auth_data, "12345678", 8);
	expect(BASE "o auth_type PASS\no auth_pass 123456789\n",
	       "6:13: warning: only the first 8 characters of auth_pass count");
	assert_memory_equal(IN->auth_data, "12345678", 8);
	expect(BASE "o auth_type PASS\n", "5:13: warning: auth_type PASS does nothing without");
	assert_int_equal(result.errors, 0);
	assert_int_equal(IN->auth, VRRP_CONF_AUTH_NONE);
	expect(BASE "o auth_type PASS\no auth_pass ''\no version 3\n",
	       "5:13: warning: auth_type PASS does nothing without",
	       "6:3: warning: auth_pass has no value: ignored");
	assert_int_equal(result.errors, 0);
	expect(BASE "o auth_pass x\n", "5:13: warning: auth_pass does nothing without");
	expect(BASE "o auth_type PASS\no auth_pass x\no version 3\n",
	       "5:13: warning: VRRP version 3 has no authentication");
	assert_int_equal(result.errors, 0);
	assert_int_equal(IN->auth, VRRP_CONF_AUTH_NONE);
	expect(BASE "o auth_type AH\no auth_pass x\n",
	       "5:13: error: auth_type 'AH': this build has no AH");
	expect(BASE "o auth_type PAS\no auth_pass x\n",
	       "5:13: error: 'PAS' is unknown, did you mean 'PASS'?; auth_type takes none or "
	       "PASS");
}

static void
what_has_no_effect_is_said(void **state)
{
	(void)state;
	expect(BASE "o priority 255\no nopreempt 1\n",
	       "1:1: warning: priority 255 preempts always");
	expect(BASE "o nopreempt 1\no preempt_delay 10\n",
	       "6:17: warning: preempt_delay does nothing without preempt");
	expect(BASE "o unicast_src_ip 192.0.2.9\n",
	       "5:18: warning: unicast_src_ip does nothing without a unicast_peer");
	expect(BASE "o mcast_src_ip 192.0.2.9\nl unicast_peer 192.0.2.8\n",
	       "5:16: warning: mcast_src_ip does nothing with a unicast_peer");
	expect(BASE "o priority 255\nl track_interface 'eth1 weight 5'\n",
	       "6:19: warning: a weight does nothing at priority 255");
}

static void
sources_are_of_the_family(void **state)
{
	(void)state;
	good(BASE "o mcast_src_ip 192.0.2.9\n");
	assert_string_equal(text_of(&IN->mcast_src), "192.0.2.9");
	expect(BASE "o mcast_src_ip 224.0.0.1\n",
	       "5:16: error: mcast_src_ip 224.0.0.1 can't be the source");
	if (IS_ENABLED(CONFIG_IPV6))
		expect(BASE "o mcast_src_ip fe80::1\n",
		       "5:16: error: mcast_src_ip fe80::1 is not of the instance's family, IPv4");
}

static void
tracked_interfaces(void **state)
{
	(void)state;
	good(BASE "l track_interface eth1\nl track_interface 'eth2 weight -20'\n"
	     "l track_interface 'eth3 weight 30 reverse'\nl track_interface wan\n"
	     "config track_interface\no name wan\no value pppoe-wan\no weight 7\n");
	assert_int_equal(IN->tracks.n, 4);
	assert_string_equal(conf.track[0].dev, "eth1");
	assert_int_equal(conf.track[0].weight, 0);
	assert_int_equal(conf.track[1].weight, -20);
	assert_false(conf.track[1].reverse);
	assert_int_equal(conf.track[2].weight, 30);
	assert_true(conf.track[2].reverse);
	assert_string_equal(conf.track[3].dev, "pppoe-wan");
	assert_int_equal(conf.track[3].weight, 7);
	expect(BASE "l track_interface 'eth1 weight 254'\n",
	       "5:32: error: '254' is out of range; weight takes -253..253");
	expect(BASE "l track_interface 'eth1 wieght 2'\n",
	       "5:25: error: 'wieght' is unknown here: an interface, then weight N");
	expect(BASE "l track_interface 'eth1 weight'\n", "5:25: error: weight needs a value");
	expect(BASE "l track_interface eth1\nl track_interface 'eth1 weight 2'\n",
	       "6:19: error: interface eth1 is tracked twice");
	expect(BASE "l track_interface ''\n", "5:20: error: '' is not the name of an interface");
	expect(BASE "l track_interface wan_trak\nconfig track_interface wan_track\no value eth9\n",
	       "5:19: warning: 'wan_trak' is taken as an interface: did you mean the section "
	       "track_interface 'wan_track'?");
}

static void
unicast_peers(void **state)
{
	(void)state;
	good(BASE "o unicast_src_ip 192.0.2.9\nl unicast_peer 192.0.2.8\n"
	     "l unicast_peer '192.0.2.7 min_ttl 254 max_ttl 255'\nl unicast_peer p\n"
	     "config peer p\no address 192.0.2.6\no min_ttl 5\n");
	assert_int_equal(IN->peers.n, 3);
	assert_string_equal(text_of(&conf.peer[0].addr), "192.0.2.8");
	assert_int_equal(conf.peer[0].min_ttl, -1);
	assert_int_equal(conf.peer[0].max_ttl, -1);
	assert_int_equal(conf.peer[1].min_ttl, 254);
	assert_int_equal(conf.peer[1].max_ttl, 255);
	assert_string_equal(text_of(&conf.peer[2].addr), "192.0.2.6");
	assert_int_equal(conf.peer[2].min_ttl, 5);
	expect(BASE "l unicast_peer q\nconfig peer p\no address 192.0.2.6\n",
	       "5:16: error: 'q' is neither an IP address nor the name of a section peer");
	expect(BASE "l unicast_peer peer_b\nconfig peer peer_a\no address 192.0.2.6\n",
	       "5:16: error: 'peer_b' is neither an IP address nor the name of a section peer: "
	       "did you mean 'peer_a'?");
	expect(BASE "l unicast_peer '192.0.2.8 min_ttl 256'\n",
	       "5:35: error: '256' is out of range; min_ttl takes 0..255");
	expect(BASE "l unicast_peer '192.0.2.8 min_ttl 9 max_ttl 8'\n",
	       "5:16: error: peer 192.0.2.8: min_ttl 9 is above max_ttl 8");
	good(BASE "l unicast_peer '192.0.2.8 min_ttl 8 max_ttl 8'\n");
	expect(BASE "l unicast_peer '192.0.2.8 ttl 9'\n",
	       "5:27: error: 'ttl' is unknown here: an address, then");
	expect(BASE "l unicast_peer 192.0.2.8\nl unicast_peer 192.0.2.8\n",
	       "6:16: error: peer 192.0.2.8 is given twice");
	expect(BASE "o unicast_src_ip 192.0.2.8\nl unicast_peer 192.0.2.8\n",
	       "6:16: error: peer 192.0.2.8 is this instance's own unicast_src_ip");
	expect(BASE "l unicast_peer 224.0.0.1\n",
	       "5:16: error: 224.0.0.1 is not the address of a peer");
	if (IS_ENABLED(CONFIG_IPV6))
		expect(BASE "l unicast_peer fe80::1\n",
		       "5:16: error: peer fe80::1 is not of the instance's family, IPv4");
}

static void
two_instances_are_told_apart(void **state)
{
	(void)state;
	expect(BASE HEAD("b", "51") "l virtual_ipaddress 192.0.2.2\n",
	       "7:21: error: virtual_router_id 51 is already that of instance 'a' in line 1, on "
	       "eth0 and for IPv4 too");
	good(BASE "config vrrp_instance b\no interface eth1\no virtual_router_id 51\n"
	     "l virtual_ipaddress 192.0.2.2\n");
	if (IS_ENABLED(CONFIG_IPV6))
		good(BASE HEAD("b", "51") "l virtual_ipaddress fe80::1/64\n");
	expect(BASE HEAD("b", "52") "l virtual_ipaddress 192.0.2.1/32\n",
	       "8:21: error: 192.0.2.1 on eth0 is already that of instance 'a' in line 1");
	good(BASE "config vrrp_instance b\no interface eth1\no virtual_router_id 52\n"
	     "l virtual_ipaddress 192.0.2.1/24\n");
	expect(BASE "config vrrp_instance b\no interface eth1\no virtual_router_id 52\n"
	       "l virtual_ipaddress '192.0.2.1/24 dev eth0'\n",
	       "8:21: error: 192.0.2.1 on eth0 is already that of instance 'a'");
	expect(BASE "l virtual_ipaddress_excluded 192.0.2.1/32\n",
	       "5:30: error: 192.0.2.1 is given twice");
	expect(BASE "config vrrp_instance a\no priority 5\nconfig vrrp_instance\no name a\n"
	       "o interface eth0\no virtual_router_id 9\nl virtual_ipaddress 192.0.2.9\n",
	       "7:1: error: a second vrrp_instance 'a': the first is in line 1");
}

static void
tables_that_are_full_name_their_symbol(void **state)
{
	char *text = malloc(65536);
	size_t at = 0;

	(void)state;
	for (unsigned i = 0; i <= CONFIG_VRRP_INSTANCES + 1 && i < 255; i++)
		at += (size_t)sprintf(text + at, "config vrrp_instance i%u\no interface eth0\n"
				      "o virtual_router_id %u\n"
				      "l virtual_ipaddress 192.0.2.%u\n", i, i + 1, i + 1);
	compile_bytes(text, at, &vrrp_schema, &conf, sizeof conf);
	assert_non_null(strstr(said[0], "raise CONFIG_VRRP_INSTANCES"));
	assert_int_equal(result.errors, 1);

	at = (size_t)sprintf(text, HEAD("a", "1"));
	for (unsigned i = 0; i <= CONFIG_VRRP_VIPS; i++)
		at += (size_t)sprintf(text + at, "l virtual_ipaddress%s 10.0.%u.%u\n",
				      i ? "_excluded" : "", i / 250, i % 250 + 1);
	compile_bytes(text, at, &vrrp_schema, &conf, sizeof conf);
	assert_non_null(strstr(said[0], "raise CONFIG_VRRP_VIPS"));

	at = (size_t)sprintf(text, BASE);
	for (unsigned i = 0; i <= CONFIG_VRRP_TRACKS; i++)
		at += (size_t)sprintf(text + at, "l track_interface e%u\n", i);
	compile_bytes(text, at, &vrrp_schema, &conf, sizeof conf);
	assert_non_null(strstr(said[0], "raise CONFIG_VRRP_TRACKS"));

	at = (size_t)sprintf(text, BASE);
	for (unsigned i = 0; i <= CONFIG_VRRP_PEERS; i++)
		at += (size_t)sprintf(text + at, "l unicast_peer 10.0.%u.%u\n", i / 250,
				      i % 250 + 1);
	compile_bytes(text, at, &vrrp_schema, &conf, sizeof conf);
	assert_non_null(strstr(said[0], "raise CONFIG_VRRP_PEERS"));
	free(text);
}

static void
scripts_become_references(void **state)
{
	(void)state;
	good(BASE "o notify_master '/bin/sh -c \"echo a b\" x'\no notify '/bin/sh'\n"
	     "o notify_backup '/bin/sh'\n");
	assert_int_equal(core.nscripts, 2);
	assert_int_equal(IN->notify, IN->notify_backup);
	assert_int_not_equal(IN->notify_master, IN->notify);

	const struct conf_script *s = &core.script[IN->notify_master - 1];

	assert_int_equal(s->argc, 4);
	assert_memory_equal(s->argv, "/bin/sh\0-c\0echo a b\0x\0", s->bytes);
	assert_int_equal(s->uid, 0);
	assert_int_equal(s->timeout_us, 60000000);
	expect(BASE "o notify relative/path\n",
	       "5:10: error: 'relative/path' is not an absolute path");
	expect(BASE "o notify /no/such/file\n", "5:10: warning: there is no file '/no/such/file'");
	expect(BASE "o notify /tmp\n", "5:10: error: '/tmp' is not a program");
	expect(BASE "o notify '/bin/sh \"x'\n", "5:10: error: a quote in the command never ends");
	expect(BASE "o notify ' '\n", "5:10: error: the command is empty");
}

static void
a_command_has_a_bound(void **state)
{
	const size_t room = CONFIG_SCRIPT_BYTES - sizeof "/bin/sh";
	char text[CONFIG_SCRIPT_BYTES + 256];
	size_t at = (size_t)sprintf(text, BASE "o notify '/bin/sh ");

	(void)state;
	if (CONFIG_SCRIPT_BYTES >= CONFIG_UCI_WORD)
		return;
	memset(text + at, 'x', room - 1);
	strcpy(text + at + room - 1, "'\n");
	good(text);			/* exactly as long as there is room */
	assert_int_equal(core.script[0].bytes, CONFIG_SCRIPT_BYTES);
	strcpy(text + at + room - 1, "x'\n");
	expect(text, "5:10: error: the command is longer than");
}

static void
openwrts_default_file_is_good(void **state)
{
	(void)state;
	good("\nconfig globals 'globals'\n\toption enabled '0'\n\n"
	     "config ipaddress\n\toption name 'VI_1_ip'\n\toption address '192.168.1.3/24'\n"
	     "\toption device 'br-lan'\n\toption scope 'global'\n\n"
	     "config vrrp_instance\n\toption name 'VI_1'\n\toption state 'BACKUP'\n"
	     "\toption interface 'br-lan'\n\toption virtual_router_id '51'\n"
	     "\toption priority '101'\n\toption advert_int '1'\n"
	     "\toption auth_type 'PASS'\n\toption auth_pass 'upkeep'\n"
	     "\tlist virtual_ipaddress 'VI_1_ip'\n\toption nopreempt '1'\n");
	assert_false(core.enabled);
	assert_int_equal(conf.ninstances, 1);
	assert_string_equal(VIP(0)->label, "br-lan:vip");
}

static void
sections_of_openwrt_that_are_not_served(void **state)
{
	(void)state;
	expect(BASE "l track_script chk\nl virtual_routes r\n"
	       "config vrrp_script\no name chk\no script '/bin/true'\no interval 5\n"
	       "config vrrp_sync_group\no name g\nl group a\n"
	       "config route r\no address 10.0.0.0/8\nconfig static_ipaddress\nl address x\n"
	       "config static_routes\nl route r\nconfig bfd_instance\no neighbor_ip 1.2.3.4\n"
	       "config interface_up_down_delays\no device eth0\no down_delay 2\n",
	       "5:3: warning: track_script of vrrp_instance is not served",
	       "6:3: warning: virtual_routes of vrrp_instance is not served",
	       "7:8: warning: section vrrp_script 'chk' is not served by this build: ignored",
	       "11:8: warning: section vrrp_sync_group 'g' is not served",
	       "14:8: warning: section route 'r' is not served",
	       "16:8: warning: section static_ipaddress is not served",
	       "18:8: warning: section static_routes is not served",
	       "20:8: warning: section bfd_instance is not served",
	       "22:8: warning: section interface_up_down_delays is not served");
	assert_int_equal(result.errors, 0);
}

static void
what_lucis_form_writes_is_known(void **state)
{
	(void)state;
	expect(BASE "l track_script ts\n"
	       "config vrrp_script\no name chk\no fail 2\n"
	       "config track_script\no name ts\no value chk\no weight -5\n"
	       "o direction reverse\n",
	       "5:3: warning: track_script of vrrp_instance is not served",
	       "6:8: warning: section vrrp_script 'chk' is not served",
	       "9:8: warning: section track_script 'ts' is not served");
	assert_int_equal(result.errors, 0);
}

static void
an_advertisement_has_room_for_so_many(void **state)
{
	char *text;
	size_t at;

	(void)state;
	if (!IS_ENABLED(CONFIG_IPV6) || CONFIG_VRRP_VIPS < 90)
		return;
	text = malloc(65536);
	at = (size_t)sprintf(text, BASE6);
	for (unsigned i = 1; i < 90; i++)
		at += (size_t)sprintf(text + at, "l virtual_ipaddress 2001:db8::%x\n", i);
	compile_bytes(text, at, &vrrp_schema, &conf, sizeof conf);
	assert_non_null(strstr(said[0], "more than 89 addresses don't fit"));
	free(text);
}

/* Its value is read by check/, which is told of the instance's state. */
static bool
is_read_by_another_folder(const struct schema_row *r)
{
	return strcmp(r->name, "lvs_sync_daemon_interface") == 0;
}

/* Every row: stored into its struct where it says, told about, and sane. */
static void
rows_are_consistent(void **state)
{
	(void)state;
	for (const struct schema_section *k = vrrp_schema.sections; k->type != NULL; k++) {
		assert_true(k->bytes <= SCHEMA_OBJECT);
		for (const struct schema_row *r = k->rows; r != NULL; r = schema_next(r)) {
			char text[256];

			assert_non_null(r->what);
			assert_true(r->offset + r->bytes <= SCHEMA_OBJECT);
			if (k->service != SCHEMA_SERVED)
				assert_int_equal(r->service, SCHEMA_IGNORED);
			if (is_read_by_another_folder(r))
				assert_int_equal(r->bytes, 0);
			else if (r->service == SCHEMA_SERVED && r->type != SCHEMA_REF)
				assert_true(r->bytes > 0);
			assert_true(strlen(schema_allowed(r, text, sizeof text)) < 250);
			if (r->alias)
				assert_non_null(schema_row(k, r->of));
		}
	}
}

static void
what_is_no_host_is_a_warning(void **state)
{
	(void)state;
	expect(HEAD("a", "51") "l virtual_ipaddress 192.0.2.255/24\n",
	       "4:21: warning: 192.0.2.255/24 is the broadcast address of its network, no host");
	expect(HEAD("a", "51") "l virtual_ipaddress 192.0.2.64/26\n",
	       "4:21: warning: 192.0.2.64/26 is the address of its network, no host");
	good(HEAD("a", "51") "l virtual_ipaddress 192.0.2.0/31\nl virtual_ipaddress 192.0.2.3/31\n"
	     "l virtual_ipaddress 192.0.2.254\nl virtual_ipaddress 192.0.2.255/23\n");
}

static void
interfaces_that_differ_by_a_number_are_two(void **state)
{
	(void)state;
	good(BASE "l track_interface eth1\nl track_interface eth0\n"
	     "config track_interface eth0\no value eth0\n");
	expect(BASE "l track_interface wna\nconfig track_interface wan\no value eth0\n",
	       "5:19: warning: 'wna' is taken as an interface: did you mean");
}

/* One slip of the finger is one complaint. */
static void
no_complaint_follows_from_another(void **state)
{
	(void)state;
	expect("config vrrp_instance a\no interface eth0\no virtual_router_idd 51\n"
	       "l virtual_ipaddress 192.0.2.1/24\n",
	       "3:3: error: unknown option 'virtual_router_idd' in section vrrp_instance: did you "
	       "mean 'virtual_router_id'?");
	expect("config vrrp_instance a\no interface eth0\no virtual-router-id 51\n"
	       "l virtual_ipaddress 192.0.2.1/24\n",
	       "3:3: error: a name has letters, digits and '_' only: did you mean "
	       "'virtual_router_id'?");
	/* The other one was not tried. */
	expect("config vrrp_instance a\no virtual_router_idd 51\n"
	       "l virtual_ipaddress 192.0.2.1/24\n",
	       "1:1: error: vrrp_instance 'a' has no interface, which must be given",
	       "2:3: error: unknown option 'virtual_router_idd'");
	expect(BASE "o version 4\no advert_int 0.5\n", "5:11: error: '4' is out of range");
	expect(BASE "o advert_int 0.5\nconfig globals\no vrrp_version 4\n",
	       "7:16: error: '4' is out of range");
	expect(BASE "o advert_int 0.5\n",
	       "5:14: error: advert_int 0.5: VRRP version 2 takes 1..255 whole seconds");
	expect(BASE "o priority 99999999999999999999\n",
	       "5:12: error: '99999999999999999999' is out of range; priority takes 1..255");
	expect("config vrrp_instance a\no virtual_router_id 51\n"
	       "l virtual_ipaddress '192.0.2.1/24 label eth0:1'\n",
	       "1:1: error: vrrp_instance 'a' has no interface, which must be given");
}

static void
a_misspelt_section_is_one_complaint(void **state)
{
	(void)state;
	expect(HEAD("a", "51") "l virtual_ipaddress one\nl unicast_peer two\n"
	       "config ipadress one\no address 192.0.2.1/24\nconfig peer too\n"
	       "o address 192.0.2.2\n",
	       "5:16: error: 'two' is neither an IP address nor the name of a section peer: did "
	       "you mean 'too'?",
	       "6:8: error: unknown section type 'ipadress': did you mean 'ipaddress'?");
	expect(HEAD("a", "51") "l virtual_ipaddress 192.0.2.1/24\nl unicast_peer two\n"
	       "config peeer two\no address 192.0.2.2\n",
	       "6:8: error: unknown section type 'peeer': did you mean 'peer'?");
}

static void
a_quote_left_out_is_one_complaint(void **state)
{
	(void)state;
	expect("config vrrp_instance 'a'\n\toption interface 'eth0\n"
	       "\toption virtual_router_id '51'\n\tlist virtual_ipaddress '192.0.2.1/24'\n",
	       "2:19: error: the quote that begins here never ends");
	expect("config vrrp_instance 'a'\n\toption interface 'eth0'\n"
	       "\toption virtual_router_id '51\n\tlist virtual_ipaddress '192.0.2.1/24'\n"
	       "\tlist virtual_ipaddress '192.0.2.2/24\n",
	       "3:27: error: '51?");
	/* A value may run over lines, and what is missing is missing. */
	expect("config vrrp_instance a\no virtual_router_id 51\n"
	       "l virtual_ipaddress '192.0.2.1/24\n dev eth0'\n",
	       "1:1: error: vrrp_instance 'a' has no interface, which must be given");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces_that_differ_by_a_number_are_two),
		cmocka_unit_test(what_is_no_host_is_a_warning),
		cmocka_unit_test(no_complaint_follows_from_another),
		cmocka_unit_test(a_misspelt_section_is_one_complaint),
		cmocka_unit_test(a_quote_left_out_is_one_complaint),
		cmocka_unit_test(the_shortest_instance_has_all_defaults),
		cmocka_unit_test(an_address_with_all_its_words),
		cmocka_unit_test(an_address_by_reference),
		cmocka_unit_test(addresses_that_are_wrong),
		cmocka_unit_test(addresses_no_router_can_hold),
		cmocka_unit_test(words_of_an_address_that_are_not_served),
		cmocka_unit_test(an_instance_without_addresses_is_refused),
		cmocka_unit_test(addresses_of_the_other_family_are_not_advertised),
		cmocka_unit_test(ipv6_is_version_3_with_a_link_local_address_first),
		cmocka_unit_test(the_interval_of_each_version),
		cmocka_unit_test(globals_hold_for_instances_that_say_nothing),
		cmocka_unit_test(booleans_are_booleans),
		cmocka_unit_test(authentication_is_for_version_2),
		cmocka_unit_test(what_has_no_effect_is_said),
		cmocka_unit_test(sources_are_of_the_family),
		cmocka_unit_test(tracked_interfaces),
		cmocka_unit_test(unicast_peers),
		cmocka_unit_test(two_instances_are_told_apart),
		cmocka_unit_test(tables_that_are_full_name_their_symbol),
		cmocka_unit_test(scripts_become_references),
		cmocka_unit_test(a_command_has_a_bound),
		cmocka_unit_test(openwrts_default_file_is_good),
		cmocka_unit_test(sections_of_openwrt_that_are_not_served),
		cmocka_unit_test(what_lucis_form_writes_is_known),
		cmocka_unit_test(an_advertisement_has_room_for_so_many),
		cmocka_unit_test(rows_are_consistent),
	};

	return cmocka_run_group_tests_name("vrrp_schema", tests, 0, 0);
}
