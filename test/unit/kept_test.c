/* SPDX-License-Identifier: MIT */
/* kept_test.c -- a virtual router written down comes back as it was, or not at all. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "checkpoint.h"
#include "kept.h"

static struct kept kept;
static struct vrrp_conf conf;
static struct timers ts;
static const struct instance_port port;

static struct vrrp_conf_instance *
configured(unsigned i)
{
	struct vrrp_conf_instance *c = &conf.instance[i];

	*c = (struct vrrp_conf_instance){
		.interface = "eth0", .vrid = (uint8_t)(i + 1), .version = 3,
		.family = AF_INET, .priority = 100, .advert_us = 1000000,
	};
	return c;
}

static void
make(struct instance *in, const struct vrrp_conf_instance *c)
{
	instance_init(in, &conf, c, &port, &ts, (struct mono){ .us = 5 });
}

static int
setup(void **state)
{
	(void)state;
	memset(&kept, 0, sizeof kept);
	kept_open(&kept);
	return 0;
}

/* An instance with something in every member that is kept. */
static void
busy(struct instance *in, const struct vrrp_conf_instance *c)
{
	make(in, c);
	in->state = FSM_MASTER;
	in->sent_at.us = 1234;
	in->active_us = 77;
	in->held = true;
	in->any_heard = true;
	in->last_heard = 2;
	in->heard[2] = (struct instance_heard){
		.addr = { .family = AF_INET, .a = { 10, 0, 0, 9 } },
		.at = { .us = 99 }, .prio = 42,
	};
	in->stats.advert_sent = UINT64_C(1) << 40;
	in->stats.drop[ADV_TTL].n = 3;
	in->history.n = 1;
	in->history.rec[0].event = FSM_EV_DOWN_TIMER;
}

static void
what_was_saved_comes_back(void **state)
{
	const struct vrrp_conf_instance *c = configured(0);
	struct instance was, is;
	int64_t sent_us;

	(void)state;
	busy(&was, c);
	struct kept_slot *s = kept_claim(c, false);

	kept_save(s, &was, (struct mono){ .us = 2000 });
	kept_open(&kept);		/* another life */
	make(&is, c);
	assert_ptr_equal(kept_claim(c, true), s);
	assert_int_equal(kept_load(s, &is, &sent_us), FSM_MASTER);
	assert_int_equal(sent_us, 1234);
	assert_int_equal(is.active_us, 77);
	assert_true(is.held);
	assert_int_equal(is.heard[2].prio, 42);
	assert_memory_equal(&is.stats, &was.stats, sizeof is.stats);
	assert_memory_equal(&is.history, &was.history, sizeof is.history);
}

static void
any_damaged_byte_falls_back_to_the_copy_before(void **state)
{
	const struct vrrp_conf_instance *c = configured(0);
	struct instance was, is;
	int64_t sent_us;

	(void)state;
	busy(&was, c);
	struct kept_slot *s = kept_claim(c, false);

	kept_save(s, &was, (struct mono){ .us = 1 });
	was.sent_at.us = 5678;
	kept_save(s, &was, (struct mono){ .us = 2 });
	const unsigned newer = s->copy[1].seq > s->copy[0].seq;

	for (size_t i = 0; i < sizeof s->copy[0]; i++) {
		((uint8_t *)&s->copy[newer])[i] ^= 0x10;
		make(&is, c);
		assert_int_equal(kept_load(s, &is, &sent_us), FSM_MASTER);
		assert_int_equal(sent_us, 1234);
		((uint8_t *)&s->copy[newer])[i] ^= 0x10;
	}
	memset(s->copy, 0x5a, sizeof s->copy);
	make(&is, c);
	assert_int_equal(kept_load(s, &is, &sent_us), FSM_INIT);
	assert_int_equal(is.stats.advert_sent, 0);
}

/* A pulse is written in turn into one of two places, beside the copy it is about. */
static void
adverts_heard_since_the_copy_come_back(void **state)
{
	const struct vrrp_conf_instance *c = configured(0);
	struct instance was, is;
	int64_t sent_us;

	(void)state;
	busy(&was, c);
	was.stats.advert_rcvd = 10;
	struct kept_slot *s = kept_claim(c, false);

	kept_save(s, &was, (struct mono){ .us = 1 });
	for (unsigned i = 1; i <= 3; i++) {
		was.stats.advert_rcvd++;
		was.heard[2].at.us = 1000 * i;
		kept_heard(s, &was);
	}
	make(&is, c);
	kept_load(s, &is, &sent_us);
	assert_int_equal(is.stats.advert_rcvd, 13);
	assert_int_equal(is.heard[2].at.us, 3000);
	assert_int_equal(is.heard[2].prio, 42);
	for (size_t i = 0; i < sizeof s->pulse[0]; i++) {
		((uint8_t *)&s->pulse[13 & 1])[i] ^= 0x10;
		make(&is, c);
		kept_load(s, &is, &sent_us);
		assert_int_equal(is.stats.advert_rcvd, 12);
		assert_int_equal(is.heard[2].at.us, 2000);
		((uint8_t *)&s->pulse[13 & 1])[i] ^= 0x10;
	}
	was.stats.advert_rcvd = 5;	/* counted anew: the pulses are of another copy */
	kept_save(s, &was, (struct mono){ .us = 2 });
	make(&is, c);
	kept_load(s, &is, &sent_us);
	assert_int_equal(is.stats.advert_rcvd, 5);
}

static void
damaged_history_is_left_out(void **state)
{
	const struct vrrp_conf_instance *c = configured(0);
	struct instance was, is;
	int64_t sent_us;

	(void)state;
	busy(&was, c);
	struct kept_slot *s = kept_claim(c, false);

	kept_save(s, &was, (struct mono){ .us = 1 });
	s->history.n = 1000000;
	make(&is, c);
	assert_int_equal(kept_load(s, &is, &sent_us), FSM_MASTER);
	assert_int_equal(is.history.n, 0);
}

static void
put_right(struct kept_slot *s)
{
	struct kept_state *k = &s->copy[1];

	k->sum = checkpoint_sum(&k->seq, sizeof *k - offsetof(struct kept_state, seq));
	s->history_sum = checkpoint_sum(&s->history, sizeof s->history);
}

/* A sum may be right by chance, or because it was made so. */
static void
a_number_out_of_range_is_not_taken_up_whatever_its_sum(void **state)
{
	const struct vrrp_conf_instance *c = configured(0);
	struct instance was, is;
	int64_t sent_us;

	(void)state;
	busy(&was, c);
	struct kept_slot *s = kept_claim(c, false);

	kept_save(s, &was, (struct mono){ .us = 1 });
	const struct kept_slot good = *s;

	make(&is, c);
	assert_int_equal(kept_load(s, &is, &sent_us), FSM_MASTER);
#define REFUSED(what)							\
	do {								\
		*s = good;						\
		what;							\
		put_right(s);						\
		make(&is, c);						\
		assert_int_equal(kept_load(s, &is, &sent_us), FSM_INIT); \
	} while (0)
	REFUSED(s->copy[1].stats.drop[ADV_TTL].verdict = ADV__N);
	REFUSED(s->copy[1].stats.note[0].verdict = ADV_NOTE__N);
	REFUSED(s->copy[1].active_us = 0);
	REFUSED(s->copy[1].active_us = INT64_MAX);
	REFUSED(s->copy[1].sent_us = -1);
	REFUSED(s->copy[1].since_us = INT64_MAX);
	REFUSED(s->copy[1].since_wall_us = INT64_MIN);
	REFUSED(s->copy[1].heard[1].at.us = INT64_MIN);
#undef REFUSED
#define LEFT_OUT(what)							\
	do {								\
		*s = good;						\
		what;							\
		put_right(s);						\
		make(&is, c);						\
		assert_int_equal(kept_load(s, &is, &sent_us), FSM_MASTER); \
		assert_int_equal(is.history.n, 0);			\
	} while (0)
	LEFT_OUT(s->history.rec[0].event = FSM_EV__N);
	LEFT_OUT(s->history.rec[0].fault = HISTORY_FAULT__N);
	LEFT_OUT(s->history.rec[0].from = FSM_STATE__N);
	LEFT_OUT(s->history.rec[0].to = FSM_STATE__N);
	LEFT_OUT(s->history.rec[0].at.us = -1);
	LEFT_OUT(s->history.rec[0].silent_us = INT64_MAX);
	LEFT_OUT(memset(s->history.rec[0].detail, 'x', NET_IFNAME));
	LEFT_OUT(memset(&s->history.rec[0].preempted, 2, 1));
#undef LEFT_OUT
}

static void
history_whose_count_would_wrap_is_left_out(void **state)
{
	const struct vrrp_conf_instance *c = configured(0);
	struct instance was, is;
	int64_t sent_us;

	(void)state;
	busy(&was, c);
	was.history.n = UINT32_MAX;
	struct kept_slot *s = kept_claim(c, false);

	kept_save(s, &was, (struct mono){ .us = 1 });
	make(&is, c);
	assert_int_equal(kept_load(s, &is, &sent_us), FSM_MASTER);
	assert_int_equal(is.history.n, 0);
}

static void
another_virtual_router_is_not_taken_for_it(void **state)
{
	struct vrrp_conf_instance *c = configured(0);
	struct instance was;

	(void)state;
	busy(&was, c);
	kept_save(kept_claim(c, false), &was, (struct mono){ .us = 1 });
	kept_open(&kept);
	const struct vrrp_conf_instance own = *c;

	c->vrid++;
	assert_null(kept_claim(c, true));
	*c = own;
	c->version = 2;
	assert_null(kept_claim(c, true));
	*c = own;
	c->family = AF_INET6;
	assert_null(kept_claim(c, true));
	*c = own;
	strcpy(c->interface, "eth1");
	assert_null(kept_claim(c, true));
	*c = own;
	assert_non_null(kept_claim(c, true));
	assert_null(kept_claim(c, true));	/* once only */
}

static void
another_version_by_reload_is_the_same_virtual_router(void **state)
{
	struct vrrp_conf_instance *c = configured(0);
	struct instance was, is;
	int64_t sent_us;

	(void)state;
	busy(&was, c);
	struct kept_slot *s = kept_claim(c, false);

	kept_save(s, &was, (struct mono){ .us = 1 });
	c->version = 2;
	kept_rename(s, c);
	kept_open(&kept);
	assert_ptr_equal(kept_claim(c, true), s);
	make(&is, c);
	assert_int_equal(kept_load(s, &is, &sent_us), FSM_MASTER);
}

/* The new one stands before it in the file. */
static void
a_new_virtual_router_leaves_the_others_their_slots(void **state)
{
	const struct vrrp_conf_instance *c = configured(0);
	struct instance was;

	(void)state;
	busy(&was, c);
	struct kept_slot *s = kept_claim(c, false);

	kept_save(s, &was, (struct mono){ .us = 1 });
	kept_open(&kept);
	assert_ptr_not_equal(kept_claim(configured(1), false), s);
	assert_ptr_equal(kept_claim(c, true), s);
}

/* It may come back by a reload, long after. */
static void
what_the_next_life_does_not_have_is_forgotten(void **state)
{
	const struct vrrp_conf_instance *c = configured(0);
	struct instance was;

	(void)state;
	busy(&was, c);
	kept_save(kept_claim(c, false), &was, (struct mono){ .us = 1 });
	kept_claim(configured(1), false);
	kept_open(&kept);
	assert_non_null(kept_claim(configured(1), false));
	assert_int_equal(kept_sweep(), 1);
	assert_null(kept_claim(configured(0), true));
	assert_int_equal(kept_sweep(), 0);
	kept_open(&kept);
	assert_non_null(kept_claim(configured(1), true));
}

/* A fresh slot, and one whose writer was killed, are not damaged. */
static void
what_was_written_and_is_of_no_use_is_damaged(void **state)
{
	const struct vrrp_conf_instance *c = configured(0);
	struct instance was;

	(void)state;
	busy(&was, c);
	struct kept_slot *s = kept_claim(c, false);

	assert_null(kept_damaged(s));
	kept_save(s, &was, (struct mono){ .us = 1 });
	assert_null(kept_damaged(s));
	s->copy[0].seq++;		/* half written */
	assert_null(kept_damaged(s));
	s->history_sum = 0;
	assert_null(kept_damaged(s));
	s->history_sum = 1;
	assert_string_equal(kept_damaged(s), "flight recorder");
	s->copy[1].seq++;
	assert_string_equal(kept_damaged(s), "state and statistics");
}

static void
who_was_master_is_known_before_it_is_claimed(void **state)
{
	const struct vrrp_conf_instance *c = configured(0);
	struct instance was;
	struct mono sent = { .us = 0 };

	(void)state;
	assert_false(kept_was_master(c, &sent));
	busy(&was, c);
	kept_save(kept_claim(c, false), &was, (struct mono){ .us = 1 });
	kept_open(&kept);
	assert_true(kept_was_master(c, &sent));
	assert_int_equal(sent.us, 1234);
	assert_false(kept_was_master(configured(1), &sent));
	was.state = FSM_BACKUP;
	kept_save(kept_claim(c, true), &was, (struct mono){ .us = 2 });
	kept_open(&kept);
	assert_false(kept_was_master(c, &sent));
}

static void
every_slot_can_be_claimed_and_freed(void **state)
{
	struct kept_slot *s[CONFIG_VRRP_INSTANCES];

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < CONFIG_VRRP_INSTANCES; i++) {
			s[i] = kept_claim(configured(i), false);
			assert_non_null(s[i]);
		}
		struct vrrp_conf_instance more = *configured(0);

		more.vrid = 255;
		assert_null(kept_claim(&more, false));
		for (unsigned i = 0; i < CONFIG_VRRP_INSTANCES; i++)
			kept_free(s[i]);
	}
}

#define T(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_saved_comes_back),
		T(any_damaged_byte_falls_back_to_the_copy_before),
		T(adverts_heard_since_the_copy_come_back),
		T(damaged_history_is_left_out),
		T(a_number_out_of_range_is_not_taken_up_whatever_its_sum),
		T(history_whose_count_would_wrap_is_left_out),
		T(another_virtual_router_is_not_taken_for_it),
		T(another_version_by_reload_is_the_same_virtual_router),
		T(a_new_virtual_router_leaves_the_others_their_slots),
		T(what_the_next_life_does_not_have_is_forgotten),
		T(what_was_written_and_is_of_no_use_is_damaged),
		T(who_was_master_is_known_before_it_is_claimed),
		T(every_slot_can_be_claimed_and_freed),
	};

	return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
