/* SPDX-License-Identifier: MIT */
/* handover_test.c -- what one binary writes down the next one reads, or says why not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "handover.h"

static uint8_t note[16384];
static size_t length;

static struct rd
over(size_t n)
{
	return rd_over(note, n);
}

static struct handover
sample(void)
{
	struct handover h = {
		.path = "/usr/sbin/upkeepd", .generation = 7, .pid_fd = 3, .image_fd = 9,
		.again = 1, .nchildren = 2, .nscripts = 1,
		.child = {
			{ .name = "vrrp", .checkpoint_fd = 5, .held = 9, .life = 4,
			  .count = { .starts = 4, .hangs = 1, .restarts = 2 } },
			{ .name = "check", .checkpoint_fd = -1, .life = 1 },
		},
	};

	return h;
}

static struct spawn_slot
script(void)
{
	struct spawn_slot s = {
		.pid = 4711, .timed_out = true, .part = 1, .life = 4,
		.run = { .generation = 7, .script = 2, .object = 3, .event = 4, .value = 500 },
		.deadline = { .at = { .us = (int64_t)1 << 40 } },
		.script = { .argv = "/bin/a\0-x", .argc = 2, .bytes = 10, .uid = 1000,
			    .gid = 1001, .timeout_us = 60000000 },
		.job = { .script = 2, .bytes = 11, .nargs = 1, .nenv = 1, .text = "MASTER\0A=b" },
	};

	return s;
}

static int
setup(void **state)
{
	const struct handover h = sample();
	const struct spawn_slot s = script();
	struct wr w = wr_over(note, sizeof note);

	(void)state;
	handover_put(&w, &h);
	handover_put_script(&w, &s);
	assert_false(w.bad);
	length = (size_t)(w.p - note);
	return 0;
}

static void
what_was_written_is_read(void **state)
{
	const struct handover want = sample();
	const struct spawn_slot wants = script();
	struct rd r = over(length);
	struct handover h;
	struct spawn_slot s;

	(void)state;
	assert_int_equal(handover_get(&r, &h), HANDOVER_OK);
	assert_memory_equal(&h, &want, sizeof h);
	assert_int_equal(handover_get_script(&r, &s), HANDOVER_OK);
	assert_memory_equal(&s.script, &wants.script, sizeof s.script);
	assert_memory_equal(&s.job, &wants.job, sizeof s.job);
	assert_memory_equal(&s.run, &wants.run, sizeof s.run);
	assert_int_equal(s.pid, 4711);
	assert_true(s.timed_out);
	assert_int_equal(s.part, 1);
	assert_int_equal(s.life, 4);
	assert_true(s.deadline.at.us == wants.deadline.at.us);
	assert_ptr_equal(r.p, r.end);
}

static void
every_beginning_of_a_note_is_short(void **state)
{
	struct handover h;
	struct spawn_slot s;

	(void)state;
	for (size_t n = 0; n < length; n++) {
		struct rd r = over(n);
		const enum handover_verdict v = handover_get(&r, &h);

		if (v == HANDOVER_OK)
			assert_int_equal(handover_get_script(&r, &s), HANDOVER_SHORT);
		else
			assert_int_equal(v, HANDOVER_SHORT);
	}
}

static enum handover_verdict
with(size_t at, uint32_t value)
{
	struct rd r = over(length);
	struct handover h;

	net_put32(note + at, value);
	return handover_get(&r, &h);
}

static void
another_grammar_is_refused(void **state)
{
	(void)state;
	assert_int_equal(with(4, HANDOVER_GRAMMAR + 1), HANDOVER_VERSION);
	assert_int_equal(with(0, 1), HANDOVER_MAGIC);
}

static void
more_children_than_there_can_be_are_refused(void **state)
{
	const size_t at = 4 + 4 + 4 + strlen("/usr/sbin/upkeepd") + 4 * 4;

	(void)state;
	assert_int_equal(with(at, CONF_PARTS + 1), HANDOVER_CHILDREN);
}

static void
a_name_that_does_not_fit_is_refused_and_the_rest_is_read(void **state)
{
	struct handover h = sample();
	struct wr w = wr_over(note, sizeof note);
	struct rd r = over(sizeof note);

	(void)state;
	h.child[1].name[0] = '\0';
	handover_put(&w, &h);
	assert_int_equal(handover_get(&r, &h), HANDOVER_TEXT);
	assert_ptr_equal(r.p, w.p);
}

/* The counters lie behind name, descriptor, life and their number. */
static void
counters_of_another_build_are_skipped_or_zero(void **state)
{
	static uint8_t other[sizeof note];
	const uint32_t mine = sizeof(struct ipc_parent) / 4;
	const size_t at = 4 + 4 + 4 + strlen("/usr/sbin/upkeepd") + 5 * 4 + 4 + strlen("vrrp") + 12;
	struct handover h;

	(void)state;
	for (uint32_t n = 1; n <= mine + 3; n++) {
		memset(other, 0, sizeof other);
		memcpy(other, note, at);
		net_put32(other + at, n);
		memcpy(other + at + 4, note + at + 4, 4 * (n < mine ? n : mine));
		memcpy(other + at + 4 + 4 * n, note + at + 4 + 4 * mine,
		       length - at - 4 - 4 * mine);
		struct rd r = rd_over(other, length + 4 * (size_t)n - 4 * (size_t)mine);

		assert_int_equal(handover_get(&r, &h), HANDOVER_OK);
		assert_int_equal(h.child[0].count.starts, 4);
		assert_int_equal(h.child[0].count.restarts, n < mine ? 0 : 2);
		assert_string_equal(h.child[1].name, "check");
	}
}

static void
a_script_that_does_not_fit_is_told_and_the_next_is_read(void **state)
{
	static const struct spawn_slot good = { .script = { .argv = "/a", .argc = 1, .bytes = 3 } };
	struct spawn_slot s = good;
	struct wr w = wr_over(note, sizeof note);
	struct rd r = over(sizeof note);

	(void)state;
	s.pid = -2;
	handover_put_script(&w, &s);
	s = good;
	s.part = CONF_PARTS;
	handover_put_script(&w, &s);
	s = good;
	s.script.bytes = sizeof s.script.argv;
	const size_t at = (size_t)(w.p - note) + 10 * 4 + 2 * 8;

	handover_put_script(&w, &s);
	/* As if this build's words were shorter: one byte more than fits. */
	const uint32_t longer = sizeof s.script.argv + 1;

	memmove(note + at + 4 + longer, note + at + 3 + longer, 64);
	net_put32(note + at, longer);
	w.p++;
	handover_put_script(&w, &good);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(handover_get_script(&r, &s), HANDOVER_SCRIPT);
	assert_int_equal(handover_get_script(&r, &s), HANDOVER_OK);
	assert_string_equal(s.script.argv, "/a");
}

static void
the_fullest_note_fits_in_its_room(void **state)
{
	struct handover h = sample();
	struct spawn_slot s = script();
	static uint8_t room[65536 + 4 * CONFIG_SPAWN_QUEUE * sizeof s];

	(void)state;
	memset(h.path, 'p', sizeof h.path - 1);
	h.nchildren = CONF_PARTS;
	for (unsigned i = 0; i < CONF_PARTS; i++)
		memset(h.child[i].name, 'n', sizeof h.child[i].name - 1);
	s.script.bytes = sizeof s.script.argv;
	s.job.bytes = sizeof s.job.text;
	assert_true(handover_cap() <= sizeof room);
	struct wr w = wr_over(room, handover_cap());

	handover_put(&w, &h);
	for (unsigned i = 0; i < CONFIG_SPAWN_QUEUE; i++)
		handover_put_script(&w, &s);
	assert_false(w.bad);
}

static void
a_full_note_is_bad_and_stays_so(void **state)
{
	const struct handover h = sample();

	(void)state;
	for (size_t n = 0; n < length - 1; n++) {
		struct wr w = wr_over(note, n);
		const struct spawn_slot s = script();

		handover_put(&w, &h);
		handover_put_script(&w, &s);
		assert_true(w.bad);
	}
}

static void
every_verdict_has_a_sentence(void **state)
{
	(void)state;
	for (unsigned v = HANDOVER_OK + 1; v < HANDOVER__N; v++)
		assert_true(strlen(handover_why((enum handover_verdict)v)) > 5);
	assert_string_equal(handover_why(HANDOVER__N), "?");
}

static void
a_memory_file_holds_the_note(void **state)
{
	struct handover h = sample();
	struct wr w;
	struct rd r;

	(void)state;
	const int fd = handover_make(&w);

	assert_true(fd >= 0);
	handover_put(&w, &h);
	handover_close(w.begin, w.end);
	assert_true(handover_open(&r, fd));
	const struct rd whole = r;

	assert_int_equal(handover_get(&r, &h), HANDOVER_OK);
	handover_close(whole.p, whole.end);
	assert_false(handover_open(&r, -1));
	assert_false(handover_open(&r, 1000));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_was_written_is_read, setup),
		cmocka_unit_test_setup(every_beginning_of_a_note_is_short, setup),
		cmocka_unit_test_setup(another_grammar_is_refused, setup),
		cmocka_unit_test_setup(more_children_than_there_can_be_are_refused, setup),
		cmocka_unit_test_setup(a_name_that_does_not_fit_is_refused_and_the_rest_is_read,
				       setup),
		cmocka_unit_test_setup(counters_of_another_build_are_skipped_or_zero, setup),
		cmocka_unit_test_setup(a_script_that_does_not_fit_is_told_and_the_next_is_read,
				       setup),
		cmocka_unit_test(the_fullest_note_fits_in_its_room),
		cmocka_unit_test_setup(a_full_note_is_bad_and_stays_so, setup),
		cmocka_unit_test(every_verdict_has_a_sentence),
		cmocka_unit_test(a_memory_file_holds_the_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
