/* SPDX-License-Identifier: MIT */
/* The walker over field tables: the same bytes whatever the buffer, documents that are
 * well-formed whatever the strings hold and whichever row goes away. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "report_lint.h"

/* ---- a toy model: routers with peers and addresses ------------------------ */

struct peer {
	const char *name;
	uint64_t heard;
};

struct router {
	const char *name;
	int state;
	bool up;
	int64_t since_us;
	uint64_t sent;
	const char *why;
	unsigned npeers, nvips;
	struct peer peer[3];
	const char *vip[3];
};

static struct router routers[4];
static unsigned nrouters;
static const char loop_object[] = "loop";
static bool loop_there;

static void
set_model(void)
{
	static const struct router fresh[3] = {
		{ "lan", 2, true, 1500000, 7, "no advert from \"left\"\nfor 3 s",
		  2, 2, { { "10.0.0.2", 5 }, { "10.0.0.3", 0 } },
		  { "192.0.2.1/24", "192.0.2.2/24" } },
		{ "w\"a\\n\x01\xff", 1, false, -250000, 18446744073709551615u, NULL,
		  0, 0, { { NULL, 0 } }, { NULL } },
		{ "dmz", 0, true, 0, 0, "", 1, 1, { { "fe80::1", 1 } }, { "2001:db8::1/64" } },
	};
	memcpy(routers, fresh, sizeof fresh);
	nrouters = 3;
	loop_there = true;
}

static const void *
router_row(const void *parent, unsigned i)
{
	(void)parent;
	return i < nrouters ? &routers[i] : NULL;
}

static const void *
peer_row(const void *parent, unsigned i)
{
	const struct router *r = parent;
	assert_true(r < routers + nrouters);	/* never under a row that is gone */
	return i < r->npeers ? &r->peer[i] : NULL;
}

static const void *
vip_row(const void *parent, unsigned i)
{
	const struct router *r = parent;
	assert_true(r < routers + nrouters);
	return i < r->nvips ? &r->vip[i] : NULL;
}

static const void *
loop_row(const void *parent, unsigned i)
{
	(void)parent;
	(void)i;
	return loop_there ? loop_object : NULL;
}

static const void *
no_row(const void *parent, unsigned i)
{
	(void)parent;
	(void)i;
	return NULL;
}

#define GET(fn, type, expr)						\
static void								\
fn(const void *row, struct report_value *v)				\
{									\
	const struct type *r = row;					\
	expr;								\
}

GET(get_name, router, v->s = r->name)
GET(get_state, router, v->i = r->state; v->s = r->state == 2 ? "MASTER" : "BACKUP")
GET(get_up, router, v->i = r->up)
GET(get_since, router, v->i = r->since_us)
GET(get_sent, router, v->u = r->sent)
GET(get_why, router, v->s = r->why)
GET(get_npeers, router, v->u = r->npeers)
GET(get_secret, router, (void)r; v->s = "json only")
GET(peer_name, peer, v->s = r->name)
GET(peer_heard, peer, v->u = r->heard)

static void
vip_text(const void *row, struct report_value *v)
{
	v->s = *(const char *const *)row;
}

static void
loop_wakeups(const void *row, struct report_value *v)
{
	(void)row;
	v->u = 42;
}

static const struct report_field vip_fields[] = {
	{ .name = "address", .kind = REPORT_STR, .get = vip_text },
	{ .name = NULL }
};
static const struct report_table vip_table = {
	.name = "vip", .row = vip_row, .fields = vip_fields, .scalars = true,
};
static const struct report_field peer_fields[] = {
	{ .name = "name", .kind = REPORT_STR, .get = peer_name },
	{ .name = "heard", .kind = REPORT_UINT, .metric = REPORT_COUNTER,
	  .what = "adverts heard\\counted\nhere", .get = peer_heard },
	{ .name = NULL }
};
static const struct report_table peer_table = {
	.name = "peer", .row = peer_row, .fields = peer_fields,
	.label = "peer", .label_value = peer_name,
};
static const struct report_field data_fields[] = {
	{ .name = "iname", .kind = REPORT_STR, .get = get_name, .column = 10,
	  .heading = "INSTANCE" },
	{ .name = "state", .kind = REPORT_INT, .metric = REPORT_GAUGE,
	  .metric_name = "router_mode", .what = "what it is", .get = get_state,
	  .column = 6, .heading = "STATE" },
	{ .name = "up", .kind = REPORT_BOOL, .metric = REPORT_GAUGE,
	  .what = "whether", .get = get_up },
	{ .name = "since", .kind = REPORT_SECONDS, .metric = REPORT_GAUGE,
	  .what = "seconds", .get = get_since, .column = 12, .heading = "SINCE" },
	{ .name = "vips", .kind = REPORT_LIST, .list = &vip_table },
	{ .name = "secret", .kind = REPORT_STR, .get = get_secret, .json_only = true },
	{ .name = "overview", .kind = REPORT_UINT, .get = get_npeers, .column = 5,
	  .heading = "PEERS", .columns_only = true },
	{ .name = NULL }
};
static const struct report_field stats_fields[] = {
	{ .name = "advert-sent", .kind = REPORT_UINT, .metric = REPORT_COUNTER,
	  .what = "adverts", .get = get_sent },
	{ .name = NULL }
};
static const struct report_field router_fields[] = {
	{ .name = "data", .kind = REPORT_GROUP, .group = data_fields },
	{ .name = "peers", .kind = REPORT_LIST, .list = &peer_table },
	{ .name = "stats", .kind = REPORT_GROUP, .group = stats_fields },
	{ .name = "why", .kind = REPORT_STR, .get = get_why, .column = REPORT_BELOW,
	  .heading = "because" },
	{ .name = NULL }
};
static const struct report_table router_table = {
	.name = "router", .row = router_row, .fields = router_fields,
	.label = "instance", .label_value = get_name,
};
static const struct report_field loop_fields[] = {
	{ .name = "wakeups", .kind = REPORT_UINT, .metric = REPORT_COUNTER,
	  .what = "times", .get = loop_wakeups },
	{ .name = NULL }
};
static const struct report_table loop_table = {
	.name = "loop", .row = loop_row, .fields = loop_fields, .single = true,
};
static const struct report_table empty_table = {
	.name = "empty", .row = no_row, .fields = peer_fields,
};
static const struct report_table *const tables[] = {
	&router_table, &loop_table, &empty_table, NULL
};

/* ---- helpers --------------------------------------------------------------- */

static char big[65536];

static const char *
render_all(enum report_format format, size_t piece)
{
	struct report_cursor c;
	report_start(&c, format, tables);
	size_t n = 0;
	for (;;) {
		size_t got = report_render(&c, big + n, piece);
		assert_true(got <= piece);
		if (got == 0)
			break;
		n += got;
		assert_true(n + piece < sizeof big);
	}
	assert_int_equal(report_render(&c, big + n, piece), 0);
	big[n] = '\0';
	return big;
}

static const enum report_format formats[] = {
	REPORT_TEXT, REPORT_JSON, REPORT_METRICS, REPORT_COLUMNS,
};

/* ---- tests ------------------------------------------------------------------ */

static void
every_buffer_size_gives_the_same_bytes(void **state)
{
	(void)state;
	for (size_t f = 0; f < 4; f++) {
		set_model();
		static char whole[65536];
		strcpy(whole, render_all(formats[f], 16384));
		assert_true(strlen(whole) > 50);
		for (size_t piece = 1; piece < 1200; piece += piece < 80 ? 1 : 37)
			assert_string_equal(render_all(formats[f], piece), whole);
	}
}

static void
json_is_exactly_this(void **state)
{
	(void)state;
	set_model();
	routers[0].why = NULL;
	routers[1] = routers[2];
	nrouters = 2;
	assert_string_equal(render_all(REPORT_JSON, 4096),
		"{\"router\":["
		"{\"data\":{\"iname\":\"lan\",\"state\":2,\"up\":true,\"since\":1.500000,"
		"\"vips\":[\"192.0.2.1/24\",\"192.0.2.2/24\"],\"secret\":\"json only\"},"
		"\"peers\":[{\"name\":\"10.0.0.2\",\"heard\":5},{\"name\":\"10.0.0.3\",\"heard\":0}],"
		"\"stats\":{\"advert-sent\":7},\"why\":null},"
		"{\"data\":{\"iname\":\"dmz\",\"state\":0,\"up\":true,\"since\":0.000000,"
		"\"vips\":[\"2001:db8::1/64\"],\"secret\":\"json only\"},"
		"\"peers\":[{\"name\":\"fe80::1\",\"heard\":1}],"
		"\"stats\":{\"advert-sent\":0},\"why\":\"\"}],"
		"\"loop\":{\"wakeups\":42},\"empty\":[]}\n");
}

static void
json_escapes_what_a_string_holds(void **state)
{
	(void)state;
	set_model();
	const char *s = render_all(REPORT_JSON, 4096);
	assert_true(lint_json(s));
	assert_non_null(strstr(s, "\"w\\\"a\\\\n\\u0001\xef\xbf\xbd\""));
	assert_non_null(strstr(s, "\"no advert from \\\"left\\\"\\nfor 3 s\""));
	assert_non_null(strstr(s, "18446744073709551615"));
	assert_non_null(strstr(s, "-0.250000"));
}

static void
text_is_exactly_this(void **state)
{
	(void)state;
	set_model();
	routers[1] = routers[2];
	nrouters = 2;
	routers[1].nvips = routers[1].npeers = 0;
	assert_string_equal(render_all(REPORT_TEXT, 4096),
		"instance lan:\n"
		"  data:\n"
		"    iname: lan\n"
		"    state: MASTER\n"
		"    up: yes\n"
		"    since: 1.5 s\n"
		"    vips: 192.0.2.1/24, 192.0.2.2/24\n"
		"  peer 10.0.0.2:\n"
		"    name: 10.0.0.2\n"
		"    heard: 5\n"
		"  peer 10.0.0.3:\n"
		"    name: 10.0.0.3\n"
		"    heard: 0\n"
		"  stats:\n"
		"    advert-sent: 7\n"
		"  why: no advert from \"left\"\\x0afor 3 s\n"
		"\n"
		"instance dmz:\n"
		"  data:\n"
		"    iname: dmz\n"
		"    state: BACKUP\n"
		"    up: yes\n"
		"    since: 0 s\n"
		"    vips: none\n"
		"  peers: none\n"
		"  stats:\n"
		"    advert-sent: 0\n"
		"  why: -\n"
		"\n"
		"loop:\n"
		"  wakeups: 42\n"
		"empty: none\n");
}

static void
metrics_are_grouped_by_name(void **state)
{
	(void)state;
	set_model();
	const char *s = render_all(REPORT_METRICS, 4096);
	assert_null(lint_metrics(s));
	assert_non_null(strstr(s,
		"# HELP upkeep_router_mode what it is\n"
		"# TYPE upkeep_router_mode gauge\n"
		"upkeep_router_mode{instance=\"lan\"} 2\n"
		"upkeep_router_mode{instance=\"w\\\"a\\\\n\xef\xbf\xbd\xef\xbf\xbd\"} 1\n"
		"upkeep_router_mode{instance=\"dmz\"} 0\n"
		"# HELP upkeep_router_up whether\n"));
	assert_non_null(strstr(s, "upkeep_router_since{instance=\"lan\"} 1.500000\n"));
	assert_non_null(strstr(s,
		"# HELP upkeep_peer_heard_total adverts heard\\\\counted\\nhere\n"
		"# TYPE upkeep_peer_heard_total counter\n"
		"upkeep_peer_heard_total{instance=\"lan\",peer=\"10.0.0.2\"} 5\n"
		"upkeep_peer_heard_total{instance=\"lan\",peer=\"10.0.0.3\"} 0\n"
		"upkeep_peer_heard_total{instance=\"dmz\",peer=\"fe80::1\"} 1\n"
		"# HELP upkeep_router_advert_sent_total adverts\n"));
	assert_non_null(strstr(s, "\nupkeep_loop_wakeups_total 42\n"));
}

static void
metrics_keep_their_heading_without_rows(void **state)
{
	(void)state;
	set_model();
	nrouters = 0;
	const char *s = render_all(REPORT_METRICS, 4096);
	assert_non_null(strstr(s, "# TYPE upkeep_router_mode gauge\n# HELP"));
	assert_null(strstr(s, "upkeep_router_mode{"));
}

static void
columns_stay_within_eighty(void **state)
{
	(void)state;
	set_model();
	char longest[300];
	memset(longest, 'x', sizeof longest);
	longest[299] = '\0';
	routers[2].name = "a-very-long-name";
	routers[2].why = longest;
	const char *s = render_all(REPORT_COLUMNS, 4096);
	assert_non_null(strstr(s,
		"INSTANCE    STATE        SINCE PEERS\n"
		"lan        MASTER        1.5 s     2\n"
		"  because no advert from \"left\"\\x0afor 3 s\n"));
	assert_non_null(strstr(s, "\na-very-lo~ BACKUP          0 s     1\n  because xxx"));
	for (const char *line = s; *line; line = strchr(line, '\n') + 1)
		assert_true(strchr(line, '\n') - line <= 80);
}

static void
columns_wider_than_the_screen_are_cut(void **state)
{
	(void)state;
	set_model();
	static const struct report_field wide_fields[] = {
		{ .name = "a", .kind = REPORT_STR, .get = get_name, .column = 50 },
		{ .name = "b", .kind = REPORT_STR, .get = get_why, .column = 20 },
		{ .name = "c", .kind = REPORT_STR, .get = get_why, .column = REPORT_REST },
		{ .name = "d", .kind = REPORT_STR, .get = get_name, .column = 5 },
		{ .name = NULL }
	};
	static const struct report_table wide = {
		.name = "wide", .row = router_row, .fields = wide_fields,
	};
	struct report_cursor c;
	routers[0].name = routers[0].why = "\xc3\xa4-----------------------------------"
		"-----------------------------------------------------------------";
	report_start_one(&c, REPORT_COLUMNS, &wide, NULL);
	big[report_render(&c, big, 4096)] = '\0';
	const char *line = strchr(big, '\n') + 1;
	unsigned width = 0;
	for (const char *p = line; *p != '\n'; p++)
		width += (*p & 0xc0) != 0x80;
	assert_int_equal(width, 80);
	assert_int_equal(strchr(line, '\n')[-1], '~');
	assert_null(strstr(big, " d"));
}

/* Whichever byte the reader has come to: what was begun is closed. */
static void
a_row_that_vanishes_ends_well_formed(void **state)
{
	(void)state;
	set_model();
	const size_t whole = strlen(render_all(REPORT_JSON, 4096));
	for (size_t at = 1; at < whole; at++) {
		for (unsigned how = 0; how < 4; how++) {
			set_model();
			struct report_cursor c;
			report_start(&c, REPORT_JSON, tables);
			size_t n = report_render(&c, big, at);
			assert_int_equal(n, at);
			if (how == 0)
				nrouters = 0;
			else if (how == 1)
				nrouters = 1;
			else if (how == 2)
				routers[0].npeers = routers[0].nvips = 0;
			else
				loop_there = false;
			for (size_t got; (got = report_render(&c, big + n, 1)) > 0;)
				n += got;
			big[n] = '\0';
			if (!lint_json(big))
				fail_msg("cut at %zu, case %u: %s", at, how, big);
		}
	}
}

static const void *moving_row[3];

static const void *
moving(const void *parent, unsigned i)
{
	(void)parent;
	return i < 3 ? moving_row[i] : NULL;
}

/* When the first row goes, the second moves into its place and is told whole. */
static void
a_row_that_moves_is_told_from_its_beginning(void **state)
{
	(void)state;
	set_model();
	const struct report_table t = {
		.name = "m", .row = moving, .fields = stats_fields,
	};
	moving_row[0] = &routers[0];
	moving_row[1] = &routers[2];
	moving_row[2] = NULL;
	struct report_cursor c;
	report_start_one(&c, REPORT_JSON, &t, NULL);
	size_t n = report_render(&c, big, strlen("{\"m\":[{\"advert-se"));
	moving_row[0] = &routers[2];
	moving_row[1] = NULL;
	/* Two calls that get no further than the rest of the atom. */
	n += report_render(&c, big + n, 1);
	n += report_render(&c, big + n, 1);
	n += report_render(&c, big + n, 1000);
	big[n] = '\0';
	assert_string_equal(big, "{\"m\":[{\"advert-sent\":7},{\"advert-sent\":0}]}\n");
}

static void
a_parent_that_goes_away_ends_the_answer(void **state)
{
	(void)state;
	set_model();
	for (size_t f = 0; f < 4; f++) {
		for (size_t at = 1; at < 200; at++) {
			set_model();
			struct report_cursor c;
			report_start_one(&c, formats[f], &peer_table, &routers[0]);
			size_t n = report_render(&c, big, at);
			report_cut(&c, &routers[1]);	/* another's: nothing happens */
			report_cut(&c, &routers[0]);
			memset(&routers[0], 0xee, sizeof routers[0]);
			for (size_t got; (got = report_render(&c, big + n, 3)) > 0;)
				n += got;
			big[n] = '\0';
			if (formats[f] == REPORT_JSON && n > 0)
				assert_true(lint_json(big));
		}
	}
}

static void
an_endless_string_is_cut_inside_its_quotes(void **state)
{
	(void)state;
	set_model();
	static char endless[5000];
	for (int kind = 0; kind < 3; kind++) {
		memset(endless, "x\x01\""[kind], sizeof endless - 1);
		routers[0].name = routers[0].why = routers[0].vip[0] = endless;
		routers[0].peer[0].name = endless;
		assert_true(lint_json(render_all(REPORT_JSON, 1000)));
		assert_null(lint_metrics(render_all(REPORT_METRICS, 1000)));
		render_all(REPORT_TEXT, 1000);
		render_all(REPORT_COLUMNS, 1000);
	}
}

static void
an_event_is_one_line(void **state)
{
	(void)state;
	set_model();
	char buf[400];
	struct strfmt out;
	strfmt_init(&out, buf, sizeof buf);
	report_line(&out, REPORT_TEXT, "2026-11-22T10:00:00Z", &router_table, &routers[0]);
	assert_string_equal(buf, "2026-11-22T10:00:00Z router iname=lan state=MASTER up=1 "
		"since=1.500000 advert-sent=7 "
		"why=\"no advert from \\\"left\\\"\\nfor 3 s\"");
	strfmt_init(&out, buf, sizeof buf);
	report_line(&out, REPORT_JSON, "2026-11-22T10:00:00Z", &router_table, &routers[0]);
	assert_string_equal(buf, "{\"time\":\"2026-11-22T10:00:00Z\",\"event\":\"router\","
		"\"iname\":\"lan\",\"state\":2,\"up\":true,\"since\":1.500000,"
		"\"secret\":\"json only\",\"advert-sent\":7,"
		"\"why\":\"no advert from \\\"left\\\"\\nfor 3 s\"}");
	assert_true(lint_json(buf));
}

static void
an_event_that_does_not_fit_leaves_out_whole_pairs(void **state)
{
	(void)state;
	set_model();
	char buf[400];
	for (size_t cap = 64; cap < sizeof buf; cap++) {
		struct strfmt out;
		strfmt_init(&out, buf, cap);
		report_line(&out, REPORT_JSON, "t", &router_table, &routers[0]);
		if (!lint_json(buf))
			fail_msg("%zu: %s", cap, buf);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_buffer_size_gives_the_same_bytes),
		cmocka_unit_test(json_is_exactly_this),
		cmocka_unit_test(json_escapes_what_a_string_holds),
		cmocka_unit_test(text_is_exactly_this),
		cmocka_unit_test(metrics_are_grouped_by_name),
		cmocka_unit_test(metrics_keep_their_heading_without_rows),
		cmocka_unit_test(columns_stay_within_eighty),
		cmocka_unit_test(columns_wider_than_the_screen_are_cut),
		cmocka_unit_test(a_row_that_vanishes_ends_well_formed),
		cmocka_unit_test(a_row_that_moves_is_told_from_its_beginning),
		cmocka_unit_test(a_parent_that_goes_away_ends_the_answer),
		cmocka_unit_test(an_endless_string_is_cut_inside_its_quotes),
		cmocka_unit_test(an_event_is_one_line),
		cmocka_unit_test(an_event_that_does_not_fit_leaves_out_whole_pairs),
	};
	return cmocka_run_group_tests_name("report", tests, 0, 0);
}
