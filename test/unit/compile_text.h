/* SPDX-License-Identifier: MIT */
/* compile_text.h -- for unit tests: compiles a text and keeps what was complained of.
 *
 * expect(text, "2:9 error: ...", ..., NULL) wants exactly these complaints in this
 * order; each wanted line may leave out the end of the real one.
 */
#ifndef COMPILE_TEXT_H
#define COMPILE_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "globals.h"

static struct conf_core core;
static struct compile_result result;
static char said[CONFIG_CONF_ERRORS + 1][COMPILE_TEXT + 32];
static unsigned nsaid;

static void
on_complaint(void *ctx, const struct compile_complaint *m)
{
	(void)ctx;
	compile_complaint_line(m, "F", said[nsaid], sizeof said[0]);

	const size_t skip = m->at.line ? 2 : 3;	/* the file's name */

	memmove(said[nsaid], said[nsaid] + skip, strlen(said[nsaid]) - skip + 1);
	nsaid++;
}

/* `mem` is the part of `schema`, zeroed first. */
static void
compile_bytes(const char *text, size_t n, const struct schema *schema, void *mem,
	      size_t bytes)
{
	struct compile *c = malloc(sizeof *c);
	const struct compile_part parts[] = {
		{ .schema = &globals_schema, .mem = &core },
		{ .schema = schema, .mem = mem },
	};

	memset(&core, 0, sizeof core);
	memset(mem, 0, bytes);
	memset(c, 0x5a, sizeof *c);
	nsaid = 0;
	compile_begin(c, &core, parts, 2);
	(void)compile_feed(c, text, n);
	result = *compile_end(c);
	compile_complaint_say(c, on_complaint, NULL);
	free(c);
}

static void
check_said(const char *const *want, unsigned n)
{
	for (unsigned i = 0; i < n || i < nsaid; i++) {
		const char *w = i < n ? want[i] : "(nothing more)";
		const char *s = i < nsaid ? said[i] : "(nothing more)";

		if (strncmp(w, s, strlen(w)) != 0)
			fail_msg("complaint %u\n  wanted: %s\n  said:   %s", i + 1, w, s);
	}
}

#endif
