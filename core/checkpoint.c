/* SPDX-License-Identifier: MIT */
/* checkpoint.c -- the frame around what outlives a child. */
#define _GNU_SOURCE
#include "checkpoint.h"

#include <string.h>
#include <sys/mman.h>

#define CHECKPOINT_MAGIC	0x75706b63u	/* "upkc" */
#define FNV_BASIS		2166136261u
#define FNV_PRIME		16777619u

struct checkpoint *
checkpoint_open(uint32_t bytes)
{
	struct checkpoint *c = mmap(NULL, sizeof *c + bytes,
				    PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (c == MAP_FAILED)
		return NULL;
	c->bytes = bytes;
	return c;
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
