/* SPDX-License-Identifier: MIT */
/* schema_keys_test.c -- the reference, in its three forms, from the real rows. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check_schema.h"
#include "child.h"
#include "globals.h"
#include "vrrp_schema.h"

static const struct child vrrp = {
	.name = "vrrp", .conf_bytes = sizeof(struct vrrp_conf), .schema = &vrrp_schema,
};
static const struct child check = { .name = "check", .schema = &check_schema };
const struct child *const child_table[] = { &vrrp, &check, NULL };
const unsigned child_count = 2;

static char out[1 << 17];

static void
keys(const char *format)
{
	char path[] = "/tmp/schema_keysXXXXXX";
	const int fd = mkstemp(path);
	ssize_t n;

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(schema_keys_main(fd, format), 0);
	n = pread(fd, out, sizeof out - 1, 0);
	assert_true(n > 1000 && n < (ssize_t)sizeof out - 1);
	out[n] = '\0';
	close(fd);
}

/* Calls `f` for each row of each section, and counts them. */
static unsigned
each(void (*f)(const struct schema_section *, const struct schema_row *))
{
	static const struct schema *const all[] = {
		&globals_schema, &vrrp_schema, &check_schema,
	};
	unsigned n = 0;

	for (size_t i = 0; i < PORT_ARRAY_SIZE(all); i++)
		for (const struct schema_section *k = all[i]->sections; k->type; k++)
			for (const struct schema_row *r = k->rows; r; r = schema_next(r), n++)
				f(k, r);
	return n;
}

static void
in_text(const struct schema_section *k, const struct schema_row *r)
{
	char want[96];

	snprintf(want, sizeof want, "\n  %s  ", r->name);
	assert_non_null(strstr(out, want));
	snprintf(want, sizeof want, "config %s", k->type);
	assert_non_null(strstr(out, want));
}

static void
text_fits_80_columns(void **state)
{
	size_t column = 0;

	(void)state;
	keys("");
	for (const char *p = out; *p; p++) {
		column = *p == '\n' ? 0 : column + 1;
		assert_true(column < 80);
		assert_false(p > out && *p == '\n' && p[-1] == ' ');
	}
	(void)each(in_text);
}

static void
in_man(const struct schema_section *k, const struct schema_row *r)
{
	char want[96];

	snprintf(want, sizeof want, ".TP\n\\fB%s\\fR (", r->name);
	assert_non_null(strstr(out, want));
	snprintf(want, sizeof want, ".SS \"config %s", k->type);
	assert_non_null(strstr(out, want));
}

static void
a_section_of_two_folders_is_printed_once(void **state)
{
	const char *first;

	(void)state;
	keys("man");
	(void)each(in_man);
	first = strstr(out, ".SS \"config globals\"");
	assert_non_null(first);
	assert_null(strstr(first + 1, ".SS \"config globals\""));
}

static void
nothing(const struct schema_section *k, const struct schema_row *r)
{
	(void)k;
	(void)r;
}

/* Brackets match outside strings; returns how often `key` is a key. */
static unsigned
json_scan(const char *key)
{
	char stack[64];
	unsigned depth = 0, found = 0;

	for (const char *p = out; *p; p++) {
		if (*p == '"') {
			const char *begin = ++p;

			while (*p != '"') {
				p += *p == '\\';
				assert_true((unsigned char)*p >= 0x20);
				p++;
			}
			found += p[1] == ':' && strncmp(begin, key, strlen(key)) == 0 &&
				 begin + strlen(key) == p;
		} else if (*p == '{' || *p == '[') {
			stack[depth++] = *p == '{' ? '}' : ']';
		} else if (*p == '}' || *p == ']') {
			assert_true(depth > 0 && stack[--depth] == *p);
		}
	}
	assert_int_equal(depth, 0);
	return found;
}

static void
json_has_every_row(void **state)
{
	(void)state;
	keys("json");
	assert_int_equal(json_scan("served"), each(nothing) + json_scan("section") -
			 json_scan("form"));
	assert_non_null(strstr(out, "{\"name\":\"advert_int\",\"type\":\"seconds\",\"unit\":\"s\","
			       "\"min\":0.01,\"max\":255,\"default\":1,\"list\":false,"
			       "\"required\":false,\"served\":true,"));
	assert_non_null(strstr(out, "\"words\":[\"none\",\"PASS\"]"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_fits_80_columns),
		cmocka_unit_test(a_section_of_two_folders_is_printed_once),
		cmocka_unit_test(json_has_every_row),
	};

	return cmocka_run_group_tests_name("schema_keys", tests, 0, 0);
}
