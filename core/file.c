/* SPDX-License-Identifier: MIT */
/* file.c -- a small regular file, read whole. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until the end, for files under /proc and /sys do not know their size;
 * one byte more than fits tells a full buffer from a file too long. */
static int
read_all(int fd, char *buf, size_t cap, size_t *n)
{
	char more;

	*n = 0;
	for (;;) {
		const bool full = *n == cap;
		const ssize_t r = read(fd, full ? &more : buf + *n,
				       full ? 1 : cap - *n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r < 0 ? -errno : 0;
		if (full)
			return -EFBIG;
		*n += (size_t)r;
	}
}

int
file_read(const char *path, void *buf, size_t cap, size_t *n)
{
	struct stat st;
	int err;

	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (S_ISDIR(st.st_mode))
		err = -EISDIR;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else
		err = read_all(fd, buf, cap, n);
	close(fd);
	return err;
}

int
file_write_switch(const char *path, bool on)
{
	const char want[2] = { on ? '1' : '0', '\n' };
	char is = '\0';
	const int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (read(fd, &is, 1) != 1 || is != want[0])
		rc = pwrite(fd, want, sizeof want, 0) == (ssize_t)sizeof want ? 0 : -errno;
	close(fd);
	return rc;
}
