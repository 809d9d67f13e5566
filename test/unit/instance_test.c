/* SPDX-License-Identifier: MIT */
/* instance_test.c -- virtual routers on a wire that is an array, under simulated
 * time: what RFC 9568 6.4 promises, in microseconds. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "instance.h"

#define ROUTERS 3

static struct timers ts;
static struct mono now;
static struct vrrp_conf conf[ROUTERS];
static struct instance in[ROUTERS];
static bool deaf[ROUTERS], dead[ROUTERS], unread[ROUTERS];
static bool held_addresses[ROUTERS];
static unsigned bursts[ROUTERS], again[ROUTERS], sent[ROUTERS];
static struct mono last_sent[ROUTERS];
static uint8_t last_prio[ROUTERS];
static char order[64];			/* S send, Z priority 0, + - addresses, ! announce */

static unsigned
index_of(const struct instance *i)
{
	return (unsigned)(i - in);
}

static void
note_order(char c)
{
	size_t n = strlen(order);

	if (n < sizeof order - 1)
		order[n] = c;
}

static int
port_send(struct instance *from, const struct net_addr *dst, const void *msg,
	  size_t len)
{
	unsigned me = index_of(from);
	struct adv_meta meta = { .src = from->source, .dst = *dst, .ttl = 255 };

	if (dead[me])
		return -1;
	sent[me]++;
	last_sent[me] = now;
	last_prio[me] = ((const uint8_t *)msg)[2];
	note_order(last_prio[me] ? 'S' : 'Z');
	for (unsigned i = 0; i < ROUTERS; i++) {
		struct adv adv;

		if (i == me || dead[i] || deaf[i] || !in[i].conf)
			continue;
		assert_int_equal(adv_decode(&adv, &meta, msg, len), ADV_OK);
		instance_packet(&in[i], &adv, &meta, now);
	}
	return 0;
}

static bool
port_waiting(struct instance *i)
{
	return unread[index_of(i)];
}

static void
port_addresses(struct instance *i, bool on, struct mono t)
{
	(void)t;
	held_addresses[index_of(i)] = on;
	note_order(on ? '+' : '-');
}

static void
port_announce(struct instance *i, enum instance_announce what, struct mono t)
{
	(void)t;
	bursts[index_of(i)] += what == INSTANCE_ANNOUNCE_BEGIN;
	again[index_of(i)] += what == INSTANCE_ANNOUNCE_AGAIN;
	if (what == INSTANCE_ANNOUNCE_BEGIN)
		note_order('!');
}

static void
port_changed(struct instance *i, const struct history_record *rec, struct mono t)
{
	assert_int_equal(rec->to, i->state);
	assert_int_equal(rec->at.us, t.us);
}

static int64_t settled_us[ROUTERS];	/* the interval that would be kept */

static void
port_settled(struct instance *i, struct mono t)
{
	(void)t;
	settled_us[index_of(i)] = i->active_us;
}

static void
port_noted(struct instance *i, enum adv_verdict v, unsigned notes,
	   const struct adv *adv, const struct adv_meta *meta, struct mono t)
{
	(void)i; (void)v; (void)notes; (void)adv; (void)meta; (void)t;
}

static const struct instance_port port = {
	.send = port_send, .waiting = port_waiting, .addresses = port_addresses,
	.announce = port_announce, .changed = port_changed,
	.noted = port_noted, .settled = port_settled,
};

/* 10.0.0.1 has index 0, and so on: the higher index wins a tie. */
static struct net_addr
addr_of(unsigned i)
{
	return (struct net_addr){ .family = AF_INET, .a = { 10, 0, 0, (uint8_t)(i + 1) } };
}

static void
make(unsigned i, uint8_t version, uint8_t prio, int64_t advert_us)
{
	struct vrrp_conf *c = &conf[i];

	*c = (struct vrrp_conf){
		.mcast_group4 = { .family = AF_INET, .a = { 224, 0, 0, 18 } },
		.ninstances = 1, .nvips = 1,
	};
	c->instance[0] = (struct vrrp_conf_instance){
		.name = "t", .interface = "eth0", .vrid = 51,
		.version = version, .family = AF_INET, .priority = prio,
		.advert_us = advert_us, .preempt = true, .accept = true,
		.v3_checksum_as_v2 = true, .down_timer_adverts = 3,
		.unicast_ttl = 255, .vips = { 0, 1 }, .nadvertised = 1,
	};
	c->vip[0].addr = (struct net_addr){ .family = AF_INET,
					    .a = { 10, 0, 0, 100 } };
	instance_init(&in[i], c, &c->instance[0], &port, &ts, now);
}

static void
world(unsigned i, bool link, uint8_t prio)
{
	struct instance_conditions c = {
		.source = addr_of(i), .ifindex = 2, .link = link,
		.tracked = true, .prio = prio, .fault = link ? "" : "eth0",
	};

	instance_conditions(&in[i], &c, now);
}

static void
start(unsigned i)
{
	world(i, true, in[i].conf->priority);
}

/* Until `us` from now, deadline by deadline. */
static void
run(int64_t us)
{
	struct mono end = mono_add(now, us);

	while (!mono_before(end, timer_next(&ts))) {
		now = timer_next(&ts);
		timer_run(&ts, now);
	}
	now = end;
}

static int
setup(void **state)
{
	(void)state;
	ts = (struct timers){ 0 };
	now = (struct mono){ .us = 1000000000 };
	memset(in, 0, sizeof in);
	memset(deaf, 0, sizeof deaf);
	memset(dead, 0, sizeof dead);
	memset(unread, 0, sizeof unread);
	memset(held_addresses, 0, sizeof held_addresses);
	memset(bursts, 0, sizeof bursts);
	memset(again, 0, sizeof again);
	memset(sent, 0, sizeof sent);
	memset(order, 0, sizeof order);
	return 0;
}

static void
kill_router(unsigned i)
{
	dead[i] = true;
	timer_stop(&ts, &in[i].adv_timer);
	timer_stop(&ts, &in[i].down_timer);
	timer_stop(&ts, &in[i].delay_timer);
}

/* Two routers, 200 and 100; the first is MASTER when this returns. */
static void
pair(uint8_t version, int64_t advert_us)
{
	make(0, version, 200, advert_us);
	make(1, version, 100, advert_us);
	start(0);
	start(1);
	run(5 * advert_us);
	assert_int_equal(in[0].state, FSM_MASTER);
	assert_int_equal(in[1].state, FSM_BACKUP);
}

static void
alone_becomes_master_after_exactly_the_down_interval(void **state)
{
	(void)state;
	make(0, 3, 100, MONO_US_PER_S);
	start(0);
	assert_int_equal(in[0].state, FSM_BACKUP);
	run(3609374);
	assert_int_equal(in[0].state, FSM_BACKUP);
	run(1);
	assert_int_equal(in[0].state, FSM_MASTER);
	assert_string_equal(order, "S+!");
	assert_true(held_addresses[0]);
}

static void
owner_is_master_at_once(void **state)
{
	(void)state;
	make(0, 3, 255, MONO_US_PER_S);
	start(0);
	assert_int_equal(in[0].state, FSM_MASTER);
	assert_int_equal(sent[0], 1);
	assert_int_equal(last_prio[0], 255);
}

static void
adverts_keep_the_rhythm_without_drift(void **state)
{
	(void)state;
	pair(3, 100000);
	unsigned before = sent[0];
	int64_t phase = last_sent[0].us % 100000;

	run(10 * MONO_US_PER_S);
	assert_int_equal(sent[0] - before, 100);
	assert_int_equal(last_sent[0].us % 100000, phase);
}

static void
backup_takes_over_one_down_interval_after_the_last_advert(void **state)
{
	(void)state;
	for (uint8_t version = 2; version <= 3; version++) {
		setup(NULL);
		pair(version, MONO_US_PER_S);
		kill_router(0);
		struct mono last = last_sent[0];

		run(4 * MONO_US_PER_S);
		assert_int_equal(in[1].state, FSM_MASTER);
		assert_int_equal(in[1].since.us - last.us, 3609375);
	}
}

static void
priority_zero_shortens_the_wait_to_skew(void **state)
{
	(void)state;
	pair(3, MONO_US_PER_S);
	order[0] = 0;
	memset(order, 0, sizeof order);
	instance_event(&in[0], FSM_EV_SHUTDOWN, now);
	assert_string_equal(order, "Z-");	/* leave first, then let go */
	struct mono gone = now;

	run(MONO_US_PER_S);
	assert_int_equal(in[1].state, FSM_MASTER);
	assert_int_equal(in[1].since.us - gone.us, 609375);
	assert_int_equal(in[1].stats.pri_zero_rcvd, 1);
	assert_int_equal(in[0].stats.pri_zero_sent, 1);
}

/* The skew that a leaving MASTER began is not made a whole down interval. */
static void
what_changes_meanwhile_keeps_the_wait_for_a_leaver_short(void **state)
{
	(void)state;
	for (unsigned interval = 0; interval < 2; interval++) {
		setup(NULL);
		pair(3, MONO_US_PER_S);
		instance_event(&in[0], FSM_EV_SHUTDOWN, now);
		struct mono gone = now;
		static struct vrrp_conf next;

		run(100000);
		next = conf[1];
		if (interval) {
			next.instance[0].advert_us = 2 * MONO_US_PER_S;
			instance_reconf(&in[1], &next, &next.instance[0], now);
			gone = now;
		} else {
			world(1, true, 128);
		}
		run(MONO_US_PER_S);
		assert_int_equal(in[1].state, FSM_MASTER);
		assert_int_equal(in[1].since.us - gone.us,
				 interval ? 609375 : 500000);
	}
}

static void
better_router_preempts_and_the_lower_gives_way(void **state)
{
	(void)state;
	make(1, 3, 100, 100000);
	start(1);
	run(MONO_US_PER_S);
	assert_int_equal(in[1].state, FSM_MASTER);
	make(0, 3, 200, 100000);
	start(0);
	run(MONO_US_PER_S);
	assert_int_equal(in[0].state, FSM_MASTER);
	assert_int_equal(in[1].state, FSM_BACKUP);
	assert_false(held_addresses[1]);
}

static void
nopreempt_leaves_the_lower_master(void **state)
{
	(void)state;
	make(1, 3, 100, 100000);
	start(1);
	run(MONO_US_PER_S);
	make(0, 3, 200, 100000);
	conf[0].instance[0].preempt = false;
	instance_init(&in[0], &conf[0], &conf[0].instance[0], &port, &ts, now);
	start(0);
	run(10 * MONO_US_PER_S);
	assert_int_equal(in[0].state, FSM_BACKUP);
	kill_router(1);
	run(MONO_US_PER_S);
	assert_int_equal(in[0].state, FSM_MASTER);
}

static void
preempt_delay_postpones_but_a_silent_master_is_replaced_at_once(void **state)
{
	(void)state;
	make(1, 3, 100, 100000);
	start(1);
	run(MONO_US_PER_S);
	make(0, 3, 200, 100000);
	conf[0].instance[0].preempt_delay_us = 5 * MONO_US_PER_S;
	instance_init(&in[0], &conf[0], &conf[0].instance[0], &port, &ts, now);
	start(0);
	struct mono begun = now;

	run(5 * MONO_US_PER_S);
	assert_int_equal(in[0].state, FSM_BACKUP);
	run(MONO_US_PER_S);
	assert_int_equal(in[0].state, FSM_MASTER);
	assert_true(in[0].since.us - begun.us >= 5 * MONO_US_PER_S);

	setup(NULL);
	make(1, 3, 100, 100000);
	start(1);
	run(MONO_US_PER_S);
	make(0, 3, 200, 100000);
	conf[0].instance[0].preempt_delay_us = 60 * MONO_US_PER_S;
	instance_init(&in[0], &conf[0], &conf[0].instance[0], &port, &ts, now);
	start(0);
	run(MONO_US_PER_S);
	kill_router(1);
	run(MONO_US_PER_S);
	assert_int_equal(in[0].state, FSM_MASTER);
}

static void
equal_priorities_are_decided_by_the_higher_address(void **state)
{
	(void)state;
	make(0, 3, 100, 100000);
	make(1, 3, 100, 100000);
	deaf[0] = deaf[1] = true;
	start(0);
	start(1);
	run(MONO_US_PER_S);
	assert_int_equal(in[0].state, FSM_MASTER);
	assert_int_equal(in[1].state, FSM_MASTER);
	deaf[0] = deaf[1] = false;
	run(200000);
	assert_int_equal(in[0].state, FSM_BACKUP);
	assert_int_equal(in[1].state, FSM_MASTER);
}

static void
backup_learns_the_interval_and_forgets_it_as_master(void **state)
{
	(void)state;
	make(0, 3, 200, 400000);
	make(1, 3, 100, 100000);
	start(0);
	start(1);
	run(3 * MONO_US_PER_S);
	assert_int_equal(in[1].state, FSM_BACKUP);
	assert_int_equal(in[1].active_us, 400000);
	kill_router(0);
	struct mono last = last_sent[0];

	run(2 * MONO_US_PER_S);
	assert_int_equal(in[1].since.us - last.us, 3 * 400000 + 156 * 400000 / 256);
	unsigned before = sent[1];

	run(MONO_US_PER_S);
	assert_int_equal(sent[1] - before, 10);
}

static void
version_2_of_another_interval_is_dropped(void **state)
{
	(void)state;
	make(0, 2, 200, 2 * MONO_US_PER_S);
	make(1, 2, 100, MONO_US_PER_S);
	start(0);
	start(1);
	run(20 * MONO_US_PER_S);
	assert_int_equal(in[1].state, FSM_MASTER);
	assert_true(in[1].stats.drop[ADV_INTERVAL].n > 0);
	assert_int_equal(in[1].stats.advert_rcvd, 0);
}

static void
refused_packets_touch_no_timer(void **state)
{
	(void)state;
	pair(3, MONO_US_PER_S);
	struct mono due[2] = { in[0].adv_timer.at, in[1].down_timer.at };
	struct adv adv = { .vrid = 51 };
	struct adv_meta meta = { .src = addr_of(2) };

	for (unsigned n = 0; n < 1000; n++) {
		for (unsigned v = 1; v < ADV__N; v++) {
			instance_refused(&in[0], v, &adv, &meta, now);
			instance_refused(&in[1], v, &adv, &meta, now);
		}
	}
	assert_int_equal(in[0].adv_timer.at.us, due[0].us);
	assert_int_equal(in[1].down_timer.at.us, due[1].us);
	assert_int_equal(in[1].stats.drop[ADV_CHECKSUM].n, 1000);
}

static void
losing_adverts_are_answered_but_not_without_end(void **state)
{
	(void)state;
	pair(3, MONO_US_PER_S);
	dead[1] = true;
	uint8_t ip[4] = { 10, 0, 0, 100 };
	struct adv adv = {
		.addr = ip, .interval = 100, .version = 3, .type = 1,
		.vrid = 51, .prio = 10, .naddr = 1, .alen = 4,
	};
	struct adv_meta meta = {
		.src = addr_of(1), .dst = conf[0].mcast_group4, .ttl = 255,
	};
	unsigned before = sent[0];

	instance_packet(&in[0], &adv, &meta, now);
	assert_int_equal(sent[0] - before, 1);	/* RFC 9568 6.4.3: at once */
	for (unsigned i = 0; i < 1000; i++)
		instance_packet(&in[0], &adv, &meta, now);
	assert_true(sent[0] - before <= 8);
	assert_true(in[0].stats.answer_held > 900);
	assert_int_equal(in[0].state, FSM_MASTER);
}

static void
a_flood_of_priority_zero_neither_floods_nor_silences_the_master(void **state)
{
	(void)state;
	pair(3, MONO_US_PER_S);
	dead[1] = true;
	uint8_t ip[4] = { 10, 0, 0, 100 };
	struct adv adv = {
		.addr = ip, .interval = 100, .version = 3, .type = 1,
		.vrid = 51, .prio = 0, .naddr = 1, .alen = 4,
	};
	struct adv_meta meta = {
		.src = addr_of(1), .dst = conf[0].mcast_group4, .ttl = 255,
	};
	unsigned before = sent[0];

	instance_packet(&in[0], &adv, &meta, now);
	assert_int_equal(sent[0] - before, 1);	/* RFC 9568 6.4.3: at once, */
	assert_int_equal(mono_diff_us(in[0].adv_timer.at, now), MONO_US_PER_S);
	for (unsigned i = 0; i < 10000; i++) {
		instance_packet(&in[0], &adv, &meta, now);
		run(1000);
		assert_true(mono_diff_us(now, last_sent[0]) <= MONO_US_PER_S);
	}
	assert_true(sent[0] - before <= 60);
	assert_int_equal(in[0].state, FSM_MASTER);
}

static void
down_timer_lets_unread_packets_in_first(void **state)
{
	(void)state;
	pair(3, 100000);
	kill_router(0);
	/* This process slept for a second; an advert came meanwhile. */
	now = mono_add(in[1].down_timer.at, MONO_US_PER_S);
	unread[1] = true;
	timer_run(&ts, now);
	assert_int_equal(in[1].state, FSM_BACKUP);
	assert_int_equal(in[1].stats.down_grace, 1);
	uint8_t ip[4] = { 10, 0, 0, 100 };
	struct adv adv = {
		.addr = ip, .interval = 10, .version = 3, .type = 1,
		.vrid = 51, .prio = 200, .naddr = 1, .alen = 4,
	};
	struct adv_meta meta = {
		.src = addr_of(0), .dst = conf[0].mcast_group4, .ttl = 255,
	};

	instance_packet(&in[1], &adv, &meta, now);
	unread[1] = false;
	run(10000);
	assert_int_equal(in[1].state, FSM_BACKUP);
	/* It slept again, and none came: it takes over. */
	now = mono_add(in[1].down_timer.at, MONO_US_PER_S);
	timer_run(&ts, now);
	assert_int_equal(in[1].state, FSM_MASTER);
}

/* What is read at once is not all: the advert may lie behind other packets. */
static void
down_timer_waits_while_packets_lie_unread_but_not_for_ever(void **state)
{
	(void)state;
	pair(3, 100000);
	kill_router(0);
	now = in[1].down_timer.at;
	unread[1] = true;
	timer_run(&ts, now);
	for (unsigned i = 0; i < 50; i++) {
		now = mono_add(now, 1000);
		timer_run(&ts, now);
		assert_int_equal(in[1].state, FSM_BACKUP);
	}
	assert_int_equal(in[1].stats.down_grace, 1);
	/* Another priority does not cut the reading short. */
	world(1, true, 120);
	timer_run(&ts, now);
	assert_int_equal(in[1].state, FSM_BACKUP);
	for (unsigned i = 0; i < 50; i++) {
		now = mono_add(now, 1000);
		timer_run(&ts, now);
	}
	assert_int_equal(in[1].state, FSM_MASTER);
}

static void
fault_takes_the_addresses_and_recovery_listens_first(void **state)
{
	(void)state;
	pair(3, 100000);
	unsigned before = sent[0];

	world(0, false, 200);
	assert_int_equal(in[0].state, FSM_FAULT);
	assert_int_equal(sent[0], before);	/* nothing can leave */
	assert_false(held_addresses[0]);
	run(MONO_US_PER_S);
	assert_int_equal(in[1].state, FSM_MASTER);
	start(0);
	assert_int_equal(in[0].state, FSM_BACKUP);
	run(MONO_US_PER_S);
	assert_int_equal(in[0].state, FSM_MASTER);
	char why[HISTORY_TEXT];

	history_why(history_at(&in[0].history, 2), why);
	assert_non_null(strstr(why, "eth0"));
}

static void
lowered_priority_hands_over_within_a_down_interval(void **state)
{
	(void)state;
	pair(3, 100000);
	world(0, true, 50);
	run(MONO_US_PER_S);
	assert_int_equal(in[1].state, FSM_MASTER);
	assert_int_equal(in[0].state, FSM_BACKUP);
	world(0, true, 200);
	run(MONO_US_PER_S);
	assert_int_equal(in[0].state, FSM_MASTER);
}

static void
switchover_moves_and_stays(void **state)
{
	(void)state;
	pair(3, 100000);
	instance_event(&in[0], FSM_EV_GIVE_WAY, now);
	run(MONO_US_PER_S);
	assert_int_equal(in[1].state, FSM_MASTER);
	assert_int_equal(in[0].state, FSM_BACKUP);
	run(20 * MONO_US_PER_S);
	assert_int_equal(in[0].state, FSM_BACKUP);	/* though it would preempt */
	kill_router(1);
	run(MONO_US_PER_S);
	assert_int_equal(in[0].state, FSM_MASTER);
}

static void
reconf_of_the_interval_takes_effect_without_a_transition(void **state)
{
	(void)state;
	pair(3, MONO_US_PER_S);
	static struct vrrp_conf next[2];

	for (unsigned i = 0; i < 2; i++) {
		next[i] = conf[i];
		next[i].instance[0].advert_us = 100000;
		instance_reconf(&in[i], &next[i], &next[i].instance[0], now);
	}
	unsigned before = sent[0], releases = in[0].stats.release_master;

	run(MONO_US_PER_S);
	assert_in_range(sent[0] - before, 9, 11);
	assert_int_equal(in[0].stats.release_master, releases);
	assert_int_equal(in[1].state, FSM_BACKUP);
}

/* A new life of router 0, which was in `was` and sent its last advert at `sent`. */
static void
live_again(enum fsm_state was, struct mono at)
{
	kill_router(0);
	dead[0] = false;
	held_addresses[0] = false;
	instance_init(&in[0], &conf[0], &conf[0].instance[0], &port, &ts, now);
	instance_resume(&in[0], was, at);
	start(0);
}

static void
master_of_an_earlier_life_goes_on_at_once(void **state)
{
	(void)state;
	pair(3, 100000);
	struct mono sent_at = in[0].sent_at;

	now = mono_add(sent_at, 250000);
	live_again(FSM_MASTER, sent_at);
	assert_int_equal(in[0].state, FSM_MASTER);
	assert_true(held_addresses[0]);
	assert_int_equal(in[0].stats.become_master, 0);	/* it was all the time */
	assert_int_equal(last_sent[0].us, now.us);
	run(MONO_US_PER_S);
	assert_int_equal(in[1].stats.become_master, 0);
	assert_int_equal(in[0].state, FSM_MASTER);
}

static void
master_whom_a_peer_may_have_replaced_starts_as_backup(void **state)
{
	(void)state;
	pair(3, 100000);
	live_again(FSM_MASTER, mono_add(now, -300000));
	assert_int_equal(in[0].state, FSM_BACKUP);
	assert_false(held_addresses[0]);
	assert_int_equal(in[0].stats.release_master, 1);
}

static void
backup_of_an_earlier_life_keeps_what_an_operator_told_it(void **state)
{
	(void)state;
	pair(3, 100000);
	instance_event(&in[0], FSM_EV_GIVE_WAY, now);
	run(MONO_US_PER_S);
	assert_int_equal(in[1].state, FSM_MASTER);
	kill_router(0);
	dead[0] = false;
	instance_init(&in[0], &conf[0], &conf[0].instance[0], &port, &ts, now);
	in[0].held = true;
	instance_resume(&in[0], FSM_BACKUP, now);
	start(0);
	run(5 * MONO_US_PER_S);
	assert_int_equal(in[0].state, FSM_BACKUP);
	assert_int_equal(in[1].state, FSM_MASTER);
}

/* Killed again before it hears anybody, it must still know whom it listens to. */
static void
backup_of_an_earlier_life_keeps_the_interval_it_learnt(void **state)
{
	(void)state;
	pair(3, 100000);
	kill_router(1);
	dead[1] = false;
	instance_init(&in[1], &conf[1], &conf[1].instance[0], &port, &ts, now);
	in[1].active_us = 5 * MONO_US_PER_S;
	in[1].any_heard = true;
	instance_resume(&in[1], FSM_BACKUP, now);
	start(1);
	assert_int_equal(in[1].active_us, 5 * MONO_US_PER_S);
	assert_int_equal(settled_us[1], 5 * MONO_US_PER_S);
	assert_int_equal(mono_diff_us(in[1].down_timer.at, now),
			 15 * MONO_US_PER_S + 156 * 5 * MONO_US_PER_S / 256);
}

/* A restart reads the file: in version 2 all must say the same, and the others do by now. */
static void
backup_of_an_earlier_life_goes_by_the_interval_of_its_file(void **state)
{
	(void)state;
	pair(2, MONO_US_PER_S);
	kill_router(1);
	dead[1] = false;
	conf[1].instance[0].advert_us = 5 * MONO_US_PER_S;
	instance_init(&in[1], &conf[1], &conf[1].instance[0], &port, &ts, now);
	in[1].active_us = MONO_US_PER_S;
	in[1].any_heard = true;
	instance_resume(&in[1], FSM_BACKUP, now);
	start(1);
	assert_int_equal(in[1].active_us, 5 * MONO_US_PER_S);
	assert_int_equal(mono_diff_us(in[1].down_timer.at, now),
			 15 * MONO_US_PER_S + 156 * MONO_US_PER_S / 256);
	/* Version 3 that has never heard anybody has learnt nothing either. */
	kill_router(1);
	dead[1] = false;
	conf[1].instance[0].version = 3;
	instance_init(&in[1], &conf[1], &conf[1].instance[0], &port, &ts, now);
	in[1].active_us = MONO_US_PER_S;
	instance_resume(&in[1], FSM_BACKUP, now);
	start(1);
	assert_int_equal(in[1].active_us, 5 * MONO_US_PER_S);
}

static void
random_life_ends_with_exactly_one_master(void **state)
{
	(void)state;
	uint32_t rng = 20261122;

	print_message("seed %u\n", rng);
	for (unsigned round = 0; round < 300; round++) {
		setup(NULL);
		for (unsigned i = 0; i < ROUTERS; i++) {
			rng = rng * 1664525u + 1013904223u;
			make(i, 3, (uint8_t)(1 + (rng >> 8) % 254), 100000);
			start(i);
		}
		for (unsigned step = 0; step < 60; step++) {
			rng = rng * 1664525u + 1013904223u;
			unsigned i = (rng >> 8) % ROUTERS;

			switch ((rng >> 16) % 5) {
			case 0: deaf[i] = !deaf[i]; break;
			case 1: world(i, false, in[i].prio); break;
			case 2: start(i); break;
			case 3: world(i, in[i].ready, (uint8_t)(1 + (rng >> 20) % 254)); break;
			case 4: instance_event(&in[i], FSM_EV_GIVE_WAY, now); break;
			default: break;
			}
			run((rng >> 4) % 300000);
		}
		memset(deaf, 0, sizeof deaf);
		for (unsigned i = 0; i < ROUTERS; i++)
			start(i);
		run(2 * MONO_US_PER_S);
		unsigned masters = 0;

		for (unsigned i = 0; i < ROUTERS; i++) {
			masters += in[i].state == FSM_MASTER;
			assert_int_equal(held_addresses[i],
					 in[i].state == FSM_MASTER);
		}
		assert_int_equal(masters, 1);
	}
}

#define T(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(alone_becomes_master_after_exactly_the_down_interval),
		T(owner_is_master_at_once),
		T(adverts_keep_the_rhythm_without_drift),
		T(backup_takes_over_one_down_interval_after_the_last_advert),
		T(priority_zero_shortens_the_wait_to_skew),
		T(what_changes_meanwhile_keeps_the_wait_for_a_leaver_short),
		T(better_router_preempts_and_the_lower_gives_way),
		T(nopreempt_leaves_the_lower_master),
		T(preempt_delay_postpones_but_a_silent_master_is_replaced_at_once),
		T(equal_priorities_are_decided_by_the_higher_address),
		T(backup_learns_the_interval_and_forgets_it_as_master),
		T(version_2_of_another_interval_is_dropped),
		T(refused_packets_touch_no_timer),
		T(losing_adverts_are_answered_but_not_without_end),
		T(a_flood_of_priority_zero_neither_floods_nor_silences_the_master),
		T(down_timer_lets_unread_packets_in_first),
		T(down_timer_waits_while_packets_lie_unread_but_not_for_ever),
		T(fault_takes_the_addresses_and_recovery_listens_first),
		T(lowered_priority_hands_over_within_a_down_interval),
		T(switchover_moves_and_stays),
		T(reconf_of_the_interval_takes_effect_without_a_transition),
		T(master_of_an_earlier_life_goes_on_at_once),
		T(master_whom_a_peer_may_have_replaced_starts_as_backup),
		T(backup_of_an_earlier_life_keeps_what_an_operator_told_it),
		T(backup_of_an_earlier_life_keeps_the_interval_it_learnt),
		T(backup_of_an_earlier_life_goes_by_the_interval_of_its_file),
		T(random_life_ends_with_exactly_one_master),
	};

	return cmocka_run_group_tests_name("instance", tests, NULL, NULL);
}
