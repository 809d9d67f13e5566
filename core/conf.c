/* SPDX-License-Identifier: MIT */
/* conf.c -- the layout of the configuration image. */
#include "conf.h"

#include <string.h>

#include "child.h"

#define ALIGN		16u		/* each part begins at a multiple of it */

static uint32_t
aligned(uint32_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

/* Where part `i` begins; with i == child_count, where the image ends. */
static uint32_t
offset(unsigned i)
{
	uint32_t at = aligned(sizeof(struct conf_image));

	for (unsigned k = 0; k < i; k++)
		at += aligned(child_table[k]->conf_bytes);
	return at;
}

uint32_t
conf_bytes(void)
{
	return offset(child_count);
}

const void *
conf_part(const struct conf_image *img, unsigned i)
{
	if (i >= img->nparts || i >= CONF_PARTS)
		return NULL;
	return (const char *)img + img->part[i];
}

void
conf_init(struct conf_image *img)
{
	assert(child_count <= CONF_PARTS);
	img->magic = CONF_MAGIC;
	img->bytes = conf_bytes();
	img->nparts = child_count;
	for (unsigned i = 0; i < child_count; i++) {
		img->part[i] = offset(i);
		img->part_bytes[i] = child_table[i]->conf_bytes;
	}
}

/* Each script's words lie in its buffer and end in it. */
static bool
valid_core(const struct conf_core *core)
{
	if (core->nscripts > CONFIG_SCRIPTS)
		return false;
	for (unsigned i = 0; i < core->nscripts; i++) {
		const struct conf_script *s = &core->script[i];
		unsigned words = 0;

		if (s->bytes == 0 || s->bytes > sizeof s->argv ||
		    s->argv[0] != '/' || s->argv[s->bytes - 1] != '\0')
			return false;
		for (unsigned k = 0; k < s->bytes; k++)
			words += s->argv[k] == '\0';
		if (words != s->argc)
			return false;
	}
	return memchr(core->router_id, '\0', sizeof core->router_id) != NULL;
}

bool
conf_valid(const struct conf_image *img, uint32_t bytes)
{
	if (bytes < sizeof *img || img->magic != CONF_MAGIC || img->bytes != bytes ||
	    bytes != conf_bytes() || img->nparts != child_count)
		return false;
	for (unsigned i = 0; i < child_count; i++)
		if (img->part[i] != offset(i) ||
		    img->part_bytes[i] != child_table[i]->conf_bytes)
			return false;
	return memchr(img->path, '\0', sizeof img->path) != NULL &&
	       valid_core(&img->core);
}
