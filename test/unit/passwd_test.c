/* SPDX-License-Identifier: MIT */
/* passwd_test.c -- names to numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "passwd.h"

static char path[] = "/tmp/passwd_testXXXXXX";

static void
write_file(const char *text)
{
	const int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void
users(void **state)
{
	uint32_t uid = 1, gid = 1;

	(void)state;
	write_file("root:x:0:0:root:/root:/bin/sh\n# c\n\nbroken\nweb:*:33:44:a:b:c\n"
		   "big:x:4294967294:7::\ntoo:x:4294967295:7::\nneg:x:-1:7::\nlast:x:5:6");
	assert_true(passwd_user(path, "root", &uid, &gid));
	assert_int_equal(uid, 0);
	assert_int_equal(gid, 0);
	assert_true(passwd_user(path, "web", &uid, &gid));
	assert_int_equal(uid, 33);
	assert_int_equal(gid, 44);
	assert_true(passwd_user(path, "last", &uid, &gid));
	assert_int_equal(uid, 5);
	assert_true(passwd_user(path, "big", &uid, &gid));
	assert_true(uid == 4294967294u);
	assert_false(passwd_user(path, "too", &uid, &gid));
	assert_false(passwd_user(path, "neg", &uid, &gid));
	assert_false(passwd_user(path, "we", &uid, &gid));
	assert_false(passwd_user(path, "webb", &uid, &gid));
	assert_false(passwd_user(path, "", &uid, &gid));
	assert_false(passwd_user(path, "broken", &uid, &gid));
}

static void
users_by_number(void **state)
{
	uint32_t uid = 1, gid = 1;

	(void)state;
	write_file("web:*:33:44:a:b:c\n");
	assert_true(passwd_user(path, "33", &uid, &gid));
	assert_int_equal(uid, 33);
	assert_int_equal(gid, 44);
	assert_true(passwd_user(path, "99", &uid, &gid));
	assert_int_equal(uid, 99);
	assert_int_equal(gid, 99);
}

static void
groups(void **state)
{
	uint32_t gid = 1;

	(void)state;
	write_file("adm:x:4:a,b\nweb:x:44:\n");
	assert_true(passwd_group(path, "web", &gid));
	assert_int_equal(gid, 44);
	assert_true(passwd_group(path, "7", &gid));
	assert_int_equal(gid, 7);
	assert_false(passwd_group(path, "no", &gid));
}

static void
long_lines_and_fields(void **state)
{
	static char text[3000];
	uint32_t uid, gid;

	(void)state;
	memset(text, 'x', 2000);
	strcpy(text + 2000, ":x:1:1:\na:x:2:3:");
	memset(text + strlen(text), 'y', 700);
	write_file(text);
	assert_true(passwd_user(path, "a", &uid, &gid));
	assert_int_equal(uid, 2);
	text[64] = '\0';		/* as many x as a field keeps */
	assert_false(passwd_user(path, text, &uid, &gid));
}

static void
no_file(void **state)
{
	uint32_t uid, gid;

	(void)state;
	assert_false(passwd_user("/nonexistent", "root", &uid, &gid));
	assert_false(passwd_group("/nonexistent", "root", &gid));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users),
		cmocka_unit_test(users_by_number),
		cmocka_unit_test(groups),
		cmocka_unit_test(long_lines_and_fields),
		cmocka_unit_test(no_file),
	};
	const int fd = mkstemp(path);
	int rc;

	close(fd);
	rc = cmocka_run_group_tests_name("passwd", tests, 0, 0);
	unlink(path);
	return rc;
}
