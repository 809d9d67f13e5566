/* SPDX-License-Identifier: MIT */
/* pidfile.c -- one daemon a run folder. */
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "strfmt.h"

#define PIDFILE_TRIES	8		/* against one that is just being removed */

static int
write_pid(int fd)
{
	char text[24];

	const size_t n = strfmt_to(text, sizeof text, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0)
		return -errno;
	const ssize_t w = pwrite(fd, text, n, 0);
	if (w < 0)
		return -errno;
	return (size_t)w == n ? 0 : -ENOSPC;
}

/* Whether `path` still names what `fd` has open: its last holder may have
 * removed it between our open and our lock. */
static bool
is_same(int fd, const char *path)
{
	struct stat mine;
	struct stat there;

	return fstat(fd, &mine) == 0 && lstat(path, &there) == 0 &&
	       mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

/* 0 and a locked descriptor of the file at `path`; -EAGAIN: try again. */
static int
open_locked(const char *path, int *fd_out)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
			    O_NONBLOCK | O_NOCTTY, 0644);
	if (fd < 0)
		return -errno;
	int err = 0;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		err = errno == EWOULDBLOCK ? -EEXIST : -errno;
	else if (!is_same(fd, path))
		err = -EAGAIN;
	if (err != 0)
		close(fd);
	else
		*fd_out = fd;
	return err;
}

int
pidfile_take(const char *path, int *fd_out)
{
	int err = -EAGAIN;
	int fd = -1;

	for (int i = 0; i < PIDFILE_TRIES && err == -EAGAIN; i++)
		err = open_locked(path, &fd);
	if (err != 0)
		return err;
	*fd_out = fd;
	return -write_pid(fd);
}

int
pidfile_read(const char *path, pid_t *pid)
{
	char text[24];
	int64_t v;
	size_t n;

	const int err = file_read(path, text, sizeof text, &n);
	if (err != 0)
		return err == -EFBIG ? -EINVAL : err;
	if (n > 0 && text[n - 1] == '\n')
		n--;
	if (!strfmt_parse_i64(&v, text, n) || v < 1 || v > INT32_MAX)
		return -EINVAL;
	*pid = (pid_t)v;
	return 0;
}

void
pidfile_drop(const char *path, int fd)
{
	/* While the lock is still held: a successor must not lose its file. */
	unlink(path);
	close(fd);
}
