/* SPDX-License-Identifier: MIT */
/* ipvs_kernel_test.c -- the kernel's own IPVS: random tables put into it and read back, by us and
 * through /proc/net/ip_vs.  Needs a kernel that has it: an emulated board. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/ip_vs.h>
#include <netinet/in.h>

#include "ipvs.h"
#include "ipvs_fake.h"
#include "netns.h"

static struct ipvs v, w;
static struct timers timers;
static const struct mono now = { .us = MONO_US_PER_S };
static bool possible;
static unsigned told, came, went, lacked;
static char last[160];
static int last_error;

static void
refused(struct ipvs *self, const char *what, int err, const char *text)
{
	(void)self;
	(void)snprintf(last, sizeof last, "%s", what);
	printf("# refused: %s: %s %s\n", what, strerror(-err), text);
	last_error = err;
	told++;
}

static void
present(struct ipvs *self, bool there)
{
	(void)self;
	came += there;
	went += !there;
}

static void
scheduler(struct ipvs *self, const struct ipvs_msg_service *s, bool there)
{
	(void)self;
	(void)s;
	lacked += !there;
}

static void
prepare(struct ipvs *x)
{
	memset(x, 0, sizeof *x);
	x->want = &wishes;
	x->refused = refused;
	x->present = present;
	x->scheduler = scheduler;
	x->audit_us = 30 * (int64_t)MONO_US_PER_S;
}

static int
fresh(void **state)
{
	(void)state;
	if (!possible)
		return 0;
	memset(&wish, 0, sizeof wish);
	told = came = went = lacked = 0;
	prepare(&v);
	assert_int_equal(ipvs_open(&v, &timers, now), 0);
	assert_true(v.family);
	return 0;
}

static int
empty(void **state)
{
	(void)state;
	if (!possible)
		return 0;
	wish.n = 0;
	ipvs_audit(&v, now);
	ipvs_close(&v);
	return 0;
}

static void
need(void)
{
	if (!possible)
		skip();
}

/* Lines of the kernel's own list that say `word`. */
static unsigned
listed(const char *word)
{
	static char line[256];
	FILE *f = fopen("/proc/net/ip_vs", "r");
	unsigned n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		n += strstr(line, word) != NULL;
	fclose(f);
	return n;
}

/* Another process, as it were, finds nothing to mend. */
static void
assert_nothing_differs(void)
{
	prepare(&w);
	assert_int_equal(ipvs_open(&w, &timers, now), 0);
	assert_int_equal(w.stats.repairs, 0);
	assert_int_equal(w.stats.changes, 0);
	assert_int_equal(w.stats.failed, 0);
	ipvs_close(&w);
}

static struct ipvs_msg_service
any_service(void)
{
	static const char *const scheduler[] = { "rr", "wlc", "sh", "mh" };
	static const uint8_t protocol[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };
	struct ipvs_msg_service s = fake_web((uint16_t)(1 + fake_draw(8)));
	unsigned pick = fake_draw(4);

	s.protocol = protocol[fake_draw(3)];
	strcpy(s.scheduler, scheduler[pick]);
	if (pick >= 2)
		s.flags |= fake_draw(2) ? IP_VS_SVC_F_SCHED1 : IP_VS_SVC_F_SCHED2;
	if (s.protocol == IPPROTO_UDP && fake_draw(2))
		s.flags |= IP_VS_SVC_F_ONEPACKET;
	if (fake_draw(3) == 0) {
		s.flags |= IP_VS_SVC_F_PERSISTENT;
		s.persistence_s = 60 + fake_draw(1000);
		s.netmask = 0xffffff00;
	}
	if (fake_draw(3) == 0) {
		s.addr = fake_addr("2001:db8::1");
		s.netmask = s.persistence_s ? 64 : 128;
	}
	if (fake_draw(4) == 0) {
		s.fwmark = s.port;
		s.port = 0;
		s.protocol = 0;
		memset(s.addr.a, 0, sizeof s.addr.a);
	}
	return s;
}

static struct ipvs_msg_dest
any_dest(uint8_t family)
{
	static const uint32_t forward[] = { 0, 2, 3 };
	struct ipvs_msg_dest d = fake_server(1 + fake_draw(90));

	d.forward = forward[fake_draw(3)];
	d.weight = fake_draw(100);
	d.uthreshold = fake_draw(2) * 1000;
	d.lthreshold = d.uthreshold / 2;
	if (d.forward == 2) {
		d.tunnel = (uint8_t)fake_draw(3);
		d.tunnel_port = d.tunnel == 1 ? 6080 : 0;
		d.tunnel_flags = d.tunnel ? (uint16_t)fake_draw(3) : 0;
	}
	/* Another family only through a tunnel. */
	if (family == AF_INET6 && (d.forward != 2 || fake_draw(2))) {
		uint8_t n = d.addr.a[3];
		d.addr = fake_addr("2001:db8::f00");
		d.addr.a[15] = n;
	}
	return d;
}

static void
draw_wishes(unsigned services, unsigned servers)
{
	wish.n = 0;
	for (unsigned i = 0; i < services; i++) {
		struct fake_service *f = &wish.svc[wish.n];
		f->s = any_service();
		f->n = 0;
		if (fake_find(&wish, &f->s))
			continue;
		for (unsigned j = fake_draw(servers); j > 0; j--) {
			f->d[f->n] = any_dest(f->s.addr.family);
			f->n += !fake_find_dest(f, &f->d[f->n]);
		}
		wish.n++;
	}
}

static void
any_table_is_put_into_it_and_read_back(void **state)
{
	(void)state;
	need();
	for (uint32_t i = 0; i < 60; i++) {
		unsigned servers = 0;

		fake_seed = 99 + i;
		draw_wishes(12, i % 10 ? 8 : 60);
		for (unsigned k = 0; k < wish.n; k++)
			servers += wish.svc[k].n;
		ipvs_audit(&v, now);
		assert_int_equal(told, 0);
		assert_int_equal(listed("  -> "), servers + 1);	/* and the heading */
		assert_int_equal(listed("TCP ") + listed("UDP ") + listed("SCTP ") +
				 listed("FWM "), wish.n);
		assert_nothing_differs();
	}
}

static void
a_change_reaches_it_as_it_was_meant(void **state)
{
	const struct ipvs_msg_service s = fake_web(80);
	struct ipvs_msg_dest d = fake_server(1);
	struct ipvs_msg_stats st;
	(void)state;

	need();
	d.weight = 77;
	ipvs_service_put(&v, &s, now);
	ipvs_dest_put(&v, &s, &d, now);
	ipvs_flush(&v, now);
	assert_int_equal(listed("TCP  C0000201:0050 rr"), 1);
	assert_int_equal(listed("-> 0A000001:0050      Masq    77"), 1);
	d.weight = 0;
	d.forward = 3;
	ipvs_dest_put(&v, &s, &d, now);
	ipvs_service_put(&v, &s, now);
	ipvs_flush(&v, now);
	assert_int_equal(listed("-> 0A000001:0050      Route   0"), 1);
	assert_true(ipvs_count(&v, &s, NULL, &st));
	assert_true(ipvs_count(&v, &s, &d, &st));
	assert_int_equal(st.active, 0);
	ipvs_dest_del(&v, &s, &d, now);
	ipvs_dest_del(&v, &s, &d, now);
	ipvs_service_del(&v, &s, now);
	ipvs_service_del(&v, &s, now);
	ipvs_dest_del(&v, &s, &d, now);
	ipvs_flush(&v, now);
	assert_false(ipvs_count(&v, &s, NULL, &st));
	assert_int_equal(listed("TCP "), 0);
	assert_int_equal(told, 0);
	assert_int_equal(v.stats.changes, 6);
}

static void
what_is_foreign_stays(void **state)
{
	const struct ipvs_msg_service theirs = fake_web(OURS + 5);
	(void)state;

	need();
	ipvs_service_put(&v, &theirs, now);
	ipvs_flush(&v, now);
	wish.n = 1;
	wish.svc[0].s = fake_web(80);
	ipvs_audit(&v, now);
	assert_int_equal(listed("TCP "), 2);
	wish.n = 0;
	ipvs_audit(&v, now);
	assert_int_equal(listed("TCP  C0000201:03ED rr"), 1);
	ipvs_service_del(&v, &theirs, now);
	ipvs_flush(&v, now);
	assert_int_equal(listed("TCP "), 0);
}

static void
its_refusals_are_told(void **state)
{
	struct ipvs_msg_service s = fake_web(80);
	struct ipvs_msg_dest d = fake_server(1);
	(void)state;

	need();
	strcpy(s.scheduler, "none-such");
	ipvs_service_put(&v, &s, now);
	ipvs_flush(&v, now);
	assert_int_equal(lacked, 1);
	assert_int_equal(went, 0);
	strcpy(s.scheduler, "rr");
	d.lthreshold = 5;
	ipvs_service_put(&v, &s, now);
	ipvs_dest_put(&v, &s, &d, now);
	ipvs_flush(&v, now);
	assert_int_equal(last_error, -ERANGE);
	d.lthreshold = 0;
	d.addr = fake_addr("224.0.0.5");
	ipvs_dest_put(&v, &s, &d, now);
	d.addr = fake_addr("2001:db8::7");
	ipvs_dest_put(&v, &s, &d, now);
	ipvs_flush(&v, now);
	assert_int_equal(last_error, -EINVAL);
	assert_int_equal(told, 3);
	assert_int_equal(lacked, 1);
}

static void
sync_daemons_and_timeouts_become_as_wanted(void **state)
{
	struct ipvs_msg_daemon d = {
		.state = IPVS_MSG_MASTER, .interface = "sync0", .id = 7, .maxlen = 1200,
	};
	(void)state;

	need();
	netns_sh("ip link add sync0 type dummy; ip address add 192.0.2.9/24 dev sync0; "
		 "ip link set sync0 up multicast on");
	for (unsigned i = 0; i < 2; i++) {
		ipvs_sync(&v, &d, now);
		assert_int_equal(v.stats.changes, 1);
		ipvs_audit(&v, now);
		assert_int_equal(v.stats.changes, 1);
	}
	d.state = IPVS_MSG_BACKUP;
	d.group = fake_addr("224.0.0.99");
	d.ttl = 3;
	d.port = 9000;
	ipvs_sync(&v, &d, now);
	assert_int_equal(v.stats.changes, 3);
	ipvs_audit(&v, now);
	assert_int_equal(v.stats.changes, 3);
	d.state |= IPVS_MSG_MASTER;
	ipvs_sync(&v, &d, now);
	assert_int_equal(v.stats.changes, 4);
	d.state = 0;
	ipvs_sync(&v, &d, now);
	assert_int_equal(v.stats.changes, 6);
	ipvs_timeouts(&v, 100, 0, 33, now);
	ipvs_timeouts(&v, 100, 0, 33, now);
	assert_int_equal(v.stats.changes, 7);
	assert_int_equal(told, 0);
	strcpy(d.interface, "none0");
	d.state = IPVS_MSG_MASTER;
	ipvs_sync(&v, &d, now);
	assert_int_equal(last_error, -ENODEV);
	d.state = 0;
	ipvs_sync(&v, &d, now);
}

static void
many_servers_are_put_in_and_taken_out(void **state)
{
	(void)state;
	need();
	wish.n = 40;
	for (uint16_t i = 0; i < 40; i++) {
		wish.svc[i].s = fake_web((uint16_t)(i + 1));
		wish.svc[i].n = 0;
		while (wish.svc[i].n < 100) {
			wish.svc[i].d[wish.svc[i].n] = fake_server(1 + wish.svc[i].n);
			wish.svc[i].n++;
		}
	}
	ipvs_audit(&v, now);
	assert_int_equal(listed("  -> "), 4001);
	assert_int_equal(v.stats.changes, 4040);
	assert_nothing_differs();
	for (unsigned i = 0; i < 40; i++)
		wish.svc[i].n = 1;
	ipvs_audit(&v, now);
	assert_int_equal(listed("  -> "), 41);
	assert_nothing_differs();
	assert_int_equal(told, 0);
}

/* Only where nobody else minds. */
static void
a_module_that_goes_and_comes_finds_its_table(void **state)
{
	(void)state;
	need();
	if (!getenv("IPVS_UNLOAD")) {
		print_message("skipped: this kernel may not, or can't, lose the module\n");
		skip();
	}
	wish.n = 1;
	wish.svc[0].s = fake_web(80);
	wish.svc[0].d[wish.svc[0].n++] = fake_server(1);
	netns_sh("rmmod ip_vs_rr ip_vs_wlc ip_vs_sh ip_vs_mh ip_vs");
	ipvs_dest_put(&v, &wish.svc[0].s, &wish.svc[0].d[0], now);
	ipvs_flush(&v, now);
	/* The kernel may load it when its family is asked for. */
	printf("# went %u, came %u\n", went, came);
	netns_sh("modprobe ip_vs; modprobe ip_vs_rr");
	ipvs_audit(&v, now);
	assert_int_equal(went, came);
	assert_int_equal(listed("  -> "), 2);
	assert_int_equal(told, 0);
}

static int
lacks(void)
{
	if (access("/proc/net/ip_vs", F_OK) == 0)
		return 0;
	(void)!system("modprobe -q -a ip_vs ip_vs_rr ip_vs_wlc ip_vs_sh ip_vs_mh 2>/dev/null");
	return access("/proc/net/ip_vs", F_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(any_table_is_put_into_it_and_read_back, fresh, empty),
		cmocka_unit_test_setup_teardown(a_change_reaches_it_as_it_was_meant, fresh, empty),
		cmocka_unit_test_setup_teardown(what_is_foreign_stays, fresh, empty),
		cmocka_unit_test_setup_teardown(its_refusals_are_told, fresh, empty),
		cmocka_unit_test_setup_teardown(sync_daemons_and_timeouts_become_as_wanted, fresh,
						empty),
		cmocka_unit_test_setup_teardown(many_servers_are_put_in_and_taken_out, fresh, empty),
		cmocka_unit_test_setup_teardown(a_module_that_goes_and_comes_finds_its_table, fresh,
						empty),
	};

	possible = netns_possible();
	/* Without an address of its own it takes every server for none. */
	if (possible)
		netns_sh("ip link set lo up");
	if (possible && lacks()) {
		fprintf(stderr, "skipped: a kernel without IPVS\n");
		possible = false;
	}
	return cmocka_run_group_tests_name("ipvs_kernel", tests, 0, 0);
}
