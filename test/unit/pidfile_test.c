/* SPDX-License-Identifier: MIT */
/* pidfile_test.c -- one daemon a run folder; and small files read whole. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "pidfile.h"

static char dir[40];
static char path[64];

static int
make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/pidfile_test.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/pid", dir);
	return 0;
}

static int
drop_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void
put(const char *text, size_t n)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_int_equal(write(fd, text, n), n);
	close(fd);
}

/* A child that takes the file, says what it got and waits for the end. */
static pid_t
other_daemon(int *said)
{
	int p[2];

	assert_int_equal(pipe(p), 0);
	const pid_t pid = fork();
	if (pid == 0) {
		int fd;
		const int err = pidfile_take(path, &fd);

		if (write(p[1], &err, sizeof err) != sizeof err)
			_exit(1);
		pause();
		_exit(0);
	}
	close(p[1]);
	assert_int_equal(read(p[0], said, sizeof *said), sizeof *said);
	close(p[0]);
	return pid;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
taken_file_holds_our_pid(void **state)
{
	char text[32] = "";
	char want[32];
	pid_t pid;
	size_t n;
	int fd;

	(void)state;
	assert_int_equal(pidfile_take(path, &fd), 0);
	assert_int_equal(pidfile_read(path, &pid), 0);
	assert_int_equal(pid, getpid());
	assert_int_equal(file_read(path, text, sizeof text, &n), 0);
	snprintf(want, sizeof want, "%d\n", (int)getpid());
	assert_int_equal(n, strlen(want));
	assert_memory_equal(text, want, n);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	pidfile_drop(path, fd);
	assert_int_equal(pidfile_read(path, &pid), -ENOENT);
}

static void
second_daemon_is_told_who_holds_it(void **state)
{
	pid_t pid;
	int said;
	int fd;

	(void)state;
	const pid_t child = other_daemon(&said);
	assert_int_equal(said, 0);
	assert_int_equal(pidfile_take(path, &fd), -EEXIST);
	assert_int_equal(pidfile_read(path, &pid), 0);
	assert_int_equal(pid, child);
	end(child);
}

static void
file_of_a_dead_daemon_is_taken_over(void **state)
{
	pid_t pid;
	int said;
	int fd;

	(void)state;
	const pid_t child = other_daemon(&said);
	end(child);
	assert_int_equal(pidfile_read(path, &pid), 0);
	assert_int_equal(pid, child);
	assert_int_equal(pidfile_take(path, &fd), 0);
	assert_int_equal(pidfile_read(path, &pid), 0);
	assert_int_equal(pid, getpid());
	pidfile_drop(path, fd);
}

static void
longer_old_text_is_gone(void **state)
{
	pid_t pid;
	int fd;

	(void)state;
	put("123456789012345678901234567890\n", 31);
	assert_int_equal(pidfile_take(path, &fd), 0);
	assert_int_equal(pidfile_read(path, &pid), 0);
	assert_int_equal(pid, getpid());
	pidfile_drop(path, fd);
}

static void
symbolic_link_is_not_followed(void **state)
{
	char target[80];
	struct stat st;
	int fd;

	(void)state;
	snprintf(target, sizeof target, "%s/elsewhere", dir);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(pidfile_take(path, &fd), -ELOOP);
	assert_int_equal(stat(target, &st), -1);
	unlink(path);
}

static void
no_folder_is_told(void **state)
{
	pid_t pid;
	int fd;

	(void)state;
	assert_int_equal(pidfile_take("/nonexistent/pid", &fd), -ENOENT);
	assert_int_equal(pidfile_read("/nonexistent/pid", &pid), -ENOENT);
	assert_int_equal(pidfile_take(dir, &fd), -EISDIR);
}

/* As on a full disk. */
static void
lock_is_held_though_nothing_can_be_written(void **state)
{
	const struct rlimit none = { 0, RLIM_INFINITY };
	struct rlimit before;
	int fd = -1, other;
	pid_t pid;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	const int rc = pidfile_take(path, &fd);

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(rc, EFBIG);
	assert_int_equal(pidfile_take(path, &other), -EEXIST);
	assert_int_equal(pidfile_read(path, &pid), -EINVAL);
	pidfile_drop(path, fd);
}

static void
what_is_no_pid_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "\n", "0\n", "-1\n", "1 2\n", "x\n", "1\n\n",
		"2147483648\n", "99999999999999999999999999999\n",
	};
	pid_t pid = 7;

	(void)state;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(bad); i++) {
		put(bad[i], strlen(bad[i]));
		if (pidfile_read(path, &pid) != -EINVAL)
			fail_msg("%s", bad[i]);
	}
	assert_int_equal(pid, 7);
	put("17", 2);
	assert_int_equal(pidfile_read(path, &pid), 0);
	assert_int_equal(pid, 17);
	unlink(path);
}

static void
file_is_read_whole_or_refused(void **state)
{
	char buf[16];
	size_t n;

	(void)state;
	put("0123456789abcdef", 16);
	assert_int_equal(file_read(path, buf, 16, &n), 0);
	assert_int_equal(n, 16);
	assert_memory_equal(buf, "0123456789abcdef", 16);
	assert_int_equal(file_read(path, buf, 15, &n), -EFBIG);
	put("", 0);
	assert_int_equal(file_read(path, buf, 0, &n), 0);
	assert_int_equal(n, 0);
	unlink(path);
	assert_int_equal(file_read(path, buf, 16, &n), -ENOENT);
}

static void
file_that_does_not_know_its_size_is_read(void **state)
{
	static char buf[4096];
	size_t n;

	(void)state;
	assert_int_equal(file_read("/proc/self/stat", buf, sizeof buf, &n), 0);
	assert_true(n > 20);
}

static void
only_regular_files_are_read(void **state)
{
	char buf[16];
	size_t n;

	(void)state;
	assert_int_equal(file_read(dir, buf, sizeof buf, &n), -EISDIR);
	assert_int_equal(file_read("/dev/zero", buf, sizeof buf, &n), -EINVAL);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(file_read(path, buf, sizeof buf, &n), -EINVAL);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken_file_holds_our_pid),
		cmocka_unit_test(second_daemon_is_told_who_holds_it),
		cmocka_unit_test(file_of_a_dead_daemon_is_taken_over),
		cmocka_unit_test(longer_old_text_is_gone),
		cmocka_unit_test(symbolic_link_is_not_followed),
		cmocka_unit_test(no_folder_is_told),
		cmocka_unit_test(lock_is_held_though_nothing_can_be_written),
		cmocka_unit_test(what_is_no_pid_is_refused),
		cmocka_unit_test(file_is_read_whole_or_refused),
		cmocka_unit_test(file_that_does_not_know_its_size_is_read),
		cmocka_unit_test(only_regular_files_are_read),
	};

	return cmocka_run_group_tests_name("pidfile", tests, make_dir, drop_dir);
}
