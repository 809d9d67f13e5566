/* SPDX-License-Identifier: MIT */
/* handover_file.c -- the memory file that a note lies in. */
#define _GNU_SOURCE
#include "handover.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int
handover_make(struct wr *w)
{
	const size_t cap = handover_cap();
	const int fd = memfd_create("upkeep handover", MFD_CLOEXEC);
	void *p = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, (off_t)cap))
		p = mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		const int rc = -errno;

		if (fd >= 0)
			close(fd);
		return rc;
	}
	*w = wr_over(p, cap);
	return fd;
}

bool
handover_open(struct rd *r, int fd)
{
	struct stat st;

	/* Whatever the number is of, only a file of some size can be a note. */
	if (fd < 0 || fstat(fd, &st) || st.st_size <= 0 || st.st_size > (off_t)INT32_MAX)
		return false;
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return false;
	*r = rd_over(p, (size_t)st.st_size);
	return true;
}

void
handover_close(const void *begin, const void *end)
{
	/* munmap() takes what mmap() gave, which a reader must not write through. */
	munmap((void *)(uintptr_t)begin, (size_t)((const uint8_t *)end - (const uint8_t *)begin));
}
