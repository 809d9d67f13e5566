/* SPDX-License-Identifier: MIT */
/* checkpoint.c -- the frame around what outlives a child. */
#define _GNU_SOURCE
#include "checkpoint.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECKPOINT_MAGIC	0x75706b63u	/* "upkc" */
#define FNV_BASIS		2166136261u
#define FNV_PRIME		16777619u

struct checkpoint *
checkpoint_adopt(uint32_t bytes, int fd)
{
	struct stat st;

	if (fstat(fd, &st) || st.st_size != (off_t)(sizeof(struct checkpoint) + bytes))
		return NULL;
	struct checkpoint *c = mmap(NULL, sizeof *c + bytes, PROT_READ | PROT_WRITE,
				    MAP_SHARED, fd, 0);

	return c == MAP_FAILED ? NULL : c;
}

struct checkpoint *
checkpoint_open(uint32_t bytes, int *fd)
{
	struct checkpoint *c = NULL;

	/* A file rather than nameless memory: it can be handed to the next binary. */
	*fd = memfd_create("upkeep checkpoint", MFD_CLOEXEC);
	if (*fd >= 0 && !ftruncate(*fd, (off_t)(sizeof *c + bytes)))
		c = checkpoint_adopt(bytes, *fd);
	if (c)
		c->bytes = bytes;
	else if (*fd >= 0)
		close(*fd);
	return c;
}

bool
checkpoint_fits(int fd, uint32_t bytes, uint32_t layout)
{
	struct checkpoint head;
	struct stat st;

	if (fstat(fd, &st) || st.st_size != (off_t)(sizeof head + bytes) ||
	    pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head)
		return false;
	return !head.magic || (head.magic == CHECKPOINT_MAGIC && head.layout == layout &&
			       head.bytes == bytes);
}

enum checkpoint_verdict
checkpoint_take(struct checkpoint *c, uint32_t bytes, uint32_t layout)
{
	enum checkpoint_verdict v = CHECKPOINT_TAKEN;

	if (!c->magic && !c->lives)
		v = CHECKPOINT_FRESH;
	else if (c->magic != CHECKPOINT_MAGIC || c->layout != layout ||
		 c->bytes != bytes)
		v = CHECKPOINT_STRANGE;
	if (v != CHECKPOINT_TAKEN) {
		/* Fresh memory is zero; to clear it would take every page of it. */
		if (v == CHECKPOINT_STRANGE)
			memset(c->content, 0, bytes);
		c->layout = layout;
		c->bytes = bytes;
		c->magic = CHECKPOINT_MAGIC;
	}
	c->lives++;
	return v;
}

uint32_t
checkpoint_sum(const void *p, size_t n)
{
	const uint8_t *byte = p;
	uint32_t sum = FNV_BASIS;

	for (; n >= sizeof sum; n -= sizeof sum, byte += sizeof sum) {
		uint32_t word;

		memcpy(&word, byte, sizeof word);
		sum = (sum ^ word) * FNV_PRIME;
		sum ^= sum >> 15;	/* high bits reach the low ones */
	}
	for (; n; n--)
		sum = (sum ^ *byte++) * FNV_PRIME;
	return sum ? sum : 1;
}
