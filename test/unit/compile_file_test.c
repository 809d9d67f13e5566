/* SPDX-License-Identifier: MIT */
/* compile_file_test.c -- files of every kind, the image's layout, and who may change a
 * command that runs as root.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "compile.h"

/* A child of the test's own. */
struct part {
	uint32_t boxes;
	uint16_t script;
};

struct box {
	char name[CONF_NAME];
	uint16_t script;
};

static const struct schema_row rows[] = {
	{ "name", "", SCHEMA_NAME_AT(struct box, name) },
	{ "run", "", SCHEMA_SCRIPT_AT(struct box, script) },
	{ .name = NULL },
};

static void
make(struct compile *c, const struct compile_section *s, void *part, void *obj)
{
	struct part *p = part;
	const struct box *b = obj;

	(void)c;
	(void)s;
	p->boxes++;
	p->script = b->script;
}

static void
summary(const void *part, struct strfmt *out)
{
	const struct part *p = part;

	strfmt_put(out, "%u boxes", (unsigned)p->boxes);
}

static const struct schema_section sections[] = {
	{ .type = "box", .what = "a box", .rows = rows, .bytes = sizeof(struct box),
	  .named = true, .make = make },
	{ .type = NULL },
};

static const struct schema schema = {
	.name = "test", .sections = sections, .summary = summary,
};

static const struct child one = {
	.name = "one", .conf_bytes = sizeof(struct part), .schema = &schema,
};

static const struct child two = { .name = "two", .conf_bytes = 3, .schema = &(const struct schema){
	.name = "none", .sections = (const struct schema_section[]){ { .type = NULL } } } };

const struct child *const child_table[] = { &one, &two, NULL };
const unsigned child_count = 2;

static char dir[] = "/tmp/compile_fileXXXXXX";
static char path[64];
static struct conf_image *img;
static char said[1024];

static void
on_complaint(void *ctx, const struct compile_complaint *m)
{
	char line[512];

	(void)ctx;
	compile_complaint_line(m, "F", line, sizeof line);
	strncat(said, line, sizeof said - strlen(said) - 2);
	strcat(said, "\n");
}

static struct compile_result
compile(const char *file)
{
	said[0] = '\0';
	memset(img, 0, conf_bytes());
	return compile_file(file, img, true, on_complaint, NULL);
}

static const char *
file(const char *text, size_t n)
{
	snprintf(path, sizeof path, "%s/f", dir);

	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), (ssize_t)n);
	close(fd);
	return path;
}

static const char *
text(const char *s)
{
	return file(s, strlen(s));
}

static void
an_image_is_laid_out_and_valid(void **state)
{
	(void)state;

	const struct compile_result r =
		compile(text("config globals\no router_id r1\nconfig box a\n"));

	assert_int_equal(r.errors, 0);
	assert_string_equal(said, "");
	assert_true(conf_valid(img, conf_bytes()));
	assert_int_equal(img->generation, 0);
	assert_int_equal(img->nparts, 2);
	assert_true(img->part[0] >= sizeof *img);
	assert_true(img->part[1] >= img->part[0] + sizeof(struct part));
	assert_true(conf_bytes() >= img->part[1] + 3);
	assert_int_equal(img->part[0] % 8, 0);
	assert_string_equal(img->path, path);
	assert_string_equal(img->core.router_id, "r1");

	const struct part *p = conf_part(img, 0);

	assert_int_equal(p->boxes, 1);
	assert_non_null(conf_part(img, 1));
	assert_null(conf_part(img, 2));
	assert_null(conf_part(img, 99));
}

static void
an_image_that_was_changed_is_not_valid(void **state)
{
	(void)state;
	(void)compile(text("config box a\no run /bin/sh\n"));
	assert_true(conf_valid(img, conf_bytes()));
	assert_false(conf_valid(img, conf_bytes() - 1));
	assert_false(conf_valid(img, 8));
	img->magic++;
	assert_false(conf_valid(img, conf_bytes()));
	img->magic--;
	img->part[1]++;
	assert_false(conf_valid(img, conf_bytes()));
	img->part[1]--;
	img->core.nscripts = CONFIG_SCRIPTS + 1;
	assert_false(conf_valid(img, conf_bytes()));
	img->core.nscripts = 1;
	img->core.script[0].argc++;
	assert_false(conf_valid(img, conf_bytes()));
	img->core.script[0].argc--;
	img->core.script[0].bytes = CONFIG_SCRIPT_BYTES + 1;
	assert_false(conf_valid(img, conf_bytes()));
	img->core.script[0].bytes = 8;
	assert_true(conf_valid(img, conf_bytes()));
}

static void
the_digest_is_that_of_the_text(void **state)
{
	static const uint8_t abc[] = { 0xba, 0x78, 0x16, 0xbf };	/* SHA-256("abc") */

	(void)state;
	(void)compile(text("abc"));
	if (IS_ENABLED(CONFIG_TLS))
		assert_memory_equal(img->digest, abc, sizeof abc);
}

static void
what_is_no_file_is_one_line(void **state)
{
	static const char *const cases[][2] = {
		{ "/nonexistent/x", "F: error: there is no such file\n" },
		{ "/etc/passwd/x", "F: error: there is no such file: a part of the path is no "
		  "folder\n" },
		{ "/tmp", "F: error: this is a folder\n" },
		{ "/dev/zero", "F: error: this is a device, not a file\n" },
		{ "/dev/null", "F: error: this is a device, not a file\n" },
	};

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(cases); i++) {
		assert_int_equal(compile(cases[i][0]).errors, 1);
		assert_string_equal(said, cases[i][1]);
	}
}

static void
a_fifo_without_a_writer_keeps_nobody_waiting(void **state)
{
	char fifo[64];

	(void)state;
	snprintf(fifo, sizeof fifo, "%s/fifo", dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(compile(fifo).errors, 1);
	assert_string_equal(said, "F: error: nobody writes to this pipe\n");
	unlink(fifo);
}

static void
binary_and_empty_files(void **state)
{
	static char big[1 << 20];

	(void)state;
	assert_int_equal(compile("/proc/self/exe").errors, 1);
	assert_string_equal(said, "F:1:1: error: this is not a text file\n");
	assert_int_equal(compile(text("")).warnings, 1);
	assert_string_equal(said, "F: warning: nothing is configured here\n");
	assert_int_equal(compile(file(big, sizeof big)).errors, 1);
	memset(big, '#', sizeof big);
	assert_int_equal(compile(file(big, sizeof big)).errors, 0);
	memset(big, 'x', sizeof big);
	assert_int_equal(compile(file(big, sizeof big)).errors, 1);
}

static void
a_file_of_more_than_16_mib_is_refused(void **state)
{
	int fd;

	(void)state;
	(void)text("# ");
	fd = open(path, O_WRONLY | O_APPEND);
	for (int i = 0; i < 17 * 16; i++) {
		static char chunk[65536];

		memset(chunk, '#', sizeof chunk);
		assert_int_equal(write(fd, chunk, sizeof chunk), (ssize_t)sizeof chunk);
	}
	close(fd);
	assert_int_equal(compile(path).errors, 1);
	assert_string_equal(said, "F: error: more than 16 MiB: this is no configuration\n");
}

/* A script in the test's folder, of that mode. */
static void
script(const char *name, mode_t mode)
{
	char p[96];

	snprintf(p, sizeof p, "%s/%s", dir, name);

	const int fd = open(p, O_WRONLY | O_CREAT | O_TRUNC, 0700);

	assert_int_equal(write(fd, "#!/bin/sh\n", 10), 10);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static struct compile_result
run(const char *name)
{
	char t[256];

	snprintf(t, sizeof t, "config box a\no run '%s/%s a'\n", dir, name);
	return compile(text(t));
}

static void
a_command_as_root_is_one_that_only_root_can_change(void **state)
{
	char p[96], q[96];

	(void)state;
	if (geteuid() != 0)
		return;
	script("ok", 0755);
	assert_int_equal(run("ok").errors, 0);
	assert_string_equal(said, "");

	const struct part *part = conf_part(img, 0);

	assert_int_equal(part->script, 1);
	assert_int_equal(img->core.script[0].argc, 2);

	script("noexec", 0644);
	assert_int_equal(run("noexec").errors, 0);
	assert_non_null(strstr(said, "is not executable"));

	script("open", 0757);
	assert_int_equal(run("open").errors, 1);
	assert_non_null(strstr(said, "would run as root, but others than root can change"));

	snprintf(p, sizeof p, "%s/ok", dir);
	assert_int_equal(chown(p, 1, 0), 0);
	assert_int_equal(run("ok").errors, 1);
	assert_int_equal(chown(p, 0, 1), 0);
	assert_int_equal(run("ok").errors, 0);	/* the group may not write */
	assert_int_equal(chmod(p, 0775), 0);
	assert_int_equal(run("ok").errors, 1);
	assert_int_equal(chown(p, 0, 0), 0);
	assert_int_equal(run("ok").errors, 0);	/* root's group may */

	snprintf(q, sizeof q, "%s/sub", dir);
	assert_int_equal(mkdir(q, 0777), 0);
	assert_int_equal(chmod(q, 0777), 0);
	script("sub/x", 0755);
	assert_int_equal(run("sub/x").errors, 1);
	assert_non_null(strstr(said, "/sub'"));
	assert_int_equal(chmod(q, 01777), 0);	/* sticky, as /tmp */
	assert_int_equal(run("sub/x").errors, 0);

	/* A link is judged by where it leads, and by who may turn it. */
	snprintf(p, sizeof p, "%s/link", dir);
	assert_int_equal(symlink("sub/x", p), 0);
	assert_int_equal(run("link").errors, 0);
	assert_int_equal(chmod(q, 0777), 0);
	assert_int_equal(run("link").errors, 1);
	unlink(p);
	assert_int_equal(symlink("/bin/sh", p), 0);
	assert_int_equal(run("link").errors, 0);
	unlink(p);
	assert_int_equal(symlink("link", p), 0);
	assert_int_equal(run("link").errors, 0);	/* leads nowhere: no such file */
	assert_non_null(strstr(said, "can't be looked at"));
}

static void
a_command_as_another_user_is_that_users_business(void **state)
{
	char t[256];

	(void)state;
	if (geteuid() != 0)
		return;
	script("open", 0757);
	snprintf(t, sizeof t, "config globals\no script_user 65534\no script_timeout 3\n"
		 "config box a\no run '%s/open'\n", dir);
	assert_int_equal(compile(text(t)).errors, 0);
	assert_int_equal(img->core.script[0].uid, 65534);
	assert_int_equal(img->core.script[0].timeout_us, 3000000);
}

static void
check_sums_up(void **state)
{
	static const struct {
		const char *text, *want;
		int rc;
	} cases[] = {
		{ "config box a\n", "ok: 1 boxes", 0 },
		{ "", "ok, 1 warning: 0 boxes", 0 },
		{ "config globals\no enabled 0\n", "ok: 0 boxes; disabled by option enabled", 0 },
		{ "x\ny\n", "2 errors", 1 },
		{ "config box a\no run /no/such\no x y\n", "1 error, 1 warning", 1 },
	};

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(cases); i++) {
		char out[4096], want[256];
		int p[2];

		assert_int_equal(pipe(p), 0);
		assert_int_equal(compile_check_main(p[1], text(cases[i].text)), cases[i].rc);
		close(p[1]);

		const ssize_t n = read(p[0], out, sizeof out - 1);

		assert_true(n > 0);
		out[n] = '\0';
		snprintf(want, sizeof want, "%s: %s\n", path, cases[i].want);
		assert_true((size_t)n >= strlen(want));
		assert_string_equal(out + n - strlen(want), want);
		close(p[0]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_is_laid_out_and_valid),
		cmocka_unit_test(an_image_that_was_changed_is_not_valid),
		cmocka_unit_test(the_digest_is_that_of_the_text),
		cmocka_unit_test(what_is_no_file_is_one_line),
		cmocka_unit_test(a_fifo_without_a_writer_keeps_nobody_waiting),
		cmocka_unit_test(binary_and_empty_files),
		cmocka_unit_test(a_file_of_more_than_16_mib_is_refused),
		cmocka_unit_test(a_command_as_root_is_one_that_only_root_can_change),
		cmocka_unit_test(a_command_as_another_user_is_that_users_business),
		cmocka_unit_test(check_sums_up),
	};
	char cmd[64];
	int rc;

	if (mkdtemp(dir) == NULL)
		return 1;
	img = malloc(conf_bytes());
	rc = cmocka_run_group_tests_name("compile_file", tests, 0, 0);
	free(img);
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	return system(cmd) != 0 || rc;
}
