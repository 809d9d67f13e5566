/* SPDX-License-Identifier: MIT */
/* checkpoint.h -- memory of a child that outlives it: the parent owns it, every life of the
 * child maps it, and each life takes up where the last one was killed.
 *
 * Here is only the frame: who wrote it and for which layout.  What is in it is the child's
 * business, down to the checksum of each record, because a child can be killed while it writes.
 * Nobody but the child's own code reads the content, so a child can harm only itself with it;
 * its parent reads `beats`.
 */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "port.h"

struct checkpoint {
	uint32_t magic;			/* CHECKPOINT_MAGIC once a child was here */
	uint32_t layout;		/* of the content, see checkpoint_take() */
	uint32_t bytes;			/* of the content */
	uint32_t lives;			/* of children that took it */
	uint32_t beats;			/* passes of the child's loop; the watchdog looks at it */
	_Alignas(8) uint8_t content[];
};

/* Why a life found nothing to take up. */
enum checkpoint_verdict {
	CHECKPOINT_FRESH,		/* the first life: all zero */
	CHECKPOINT_TAKEN,		/* written by an earlier life of this build */
	CHECKPOINT_STRANGE,		/* another layout, or damaged: zeroed */
};

/* In the parent, before the first life: `bytes` of content, zeroed and shared with every
 * process forked from here, in a memory file *fd (close-on-exec).  NULL: no memory. */
struct checkpoint *checkpoint_open(uint32_t bytes, int *fd);

/* The same memory in the binary that takes the parent's place; NULL: the file is not of that
 * size. */
struct checkpoint *checkpoint_adopt(uint32_t bytes, int fd);

/* Whether a life with this layout can take up what is in the file, or nothing is there yet. */
port_must_check bool checkpoint_fits(int fd, uint32_t bytes, uint32_t layout);

/* In the child: whether the content can be used.  `layout` is a number that changes when
 * the meaning of the content does.  Never fails: what is unusable is zeroed. */
port_must_check enum checkpoint_verdict
checkpoint_take(struct checkpoint *c, uint32_t bytes, uint32_t layout);

/* After FNV-1a, by words: for memory of this very build only.  Never 0, so that zeroed
 * memory has no right sum. */
uint32_t checkpoint_sum(const void *p, size_t n);

#endif
