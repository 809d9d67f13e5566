/* SPDX-License-Identifier: MIT */
/* restart_try.c -- the new binary's trial, see restart.h: nothing that it does lasts but the
 * image in the memory file. */
#include "restart.h"

#include <string.h>
#include <unistd.h>

#include "checkpoint.h"
#include "child.h"
#include "compile.h"
#include "handover.h"
#include "reload.h"
#include "strfmt.h"

#define LINE	(COMPILE_TEXT + CONF_PATH + 32)

/* One line, the first of which the old binary hands on. */
static void
say(const char *text)
{
	char line[LINE + 1];
	const size_t n = strfmt_to(line, sizeof line, "%s\n", text);

	(void)!write(STDOUT_FILENO, line, n);
}

struct trial {
	const char *file;
	bool said;			/* the first error: more might not fit in the pipe */
};

static void
on_complaint(void *ctx, const struct compile_complaint *m)
{
	struct trial *t = ctx;
	char line[LINE];

	if (m->severity != COMPILE_ERROR || t->said)
		return;
	t->said = true;
	compile_complaint_line(m, t->file, line, sizeof line);
	say(line);
}

/* A child of the old binary that this one has too, and whose checkpoint it can take up. */
static bool
fits(const struct handover_child *old)
{
	for (unsigned i = 0; i < child_count; i++) {
		const struct child *c = child_table[i];

		if (strcmp(c->name, old->name))
			continue;
		if (!c->checkpoint_bytes || old->checkpoint_fd < 0)
			return !c->checkpoint_bytes == (old->checkpoint_fd < 0);
		return checkpoint_fits(old->checkpoint_fd, c->checkpoint_bytes,
				       c->checkpoint_layout);
	}
	return false;
}

static enum handover_verdict
read_note(struct handover *h, int fd)
{
	struct rd r;

	/* It stays mapped: this process ends soon. */
	return handover_open(&r, fd) ? handover_get(&r, h) : HANDOVER_MAGIC;
}

int
restart_try(const struct proc_options *opt, int note_fd)
{
	struct trial t = { .file = opt->file };
	struct handover h;
	const enum handover_verdict v = read_note(&h, note_fd);
	bool all = true;

	if (v != HANDOVER_OK) {
		char line[RESTART_TEXT];

		strfmt_to(line, sizeof line, "version %s can't read the note: %s", UPKEEP_VERSION,
			  handover_why(v));
		say(line);
		return RESTART_REFUSED;
	}
	struct compile_result res = { 0 };

	if (reload_compile(opt->file, h.image_fd, on_complaint, &t, &res)) {
		say("no memory for the configuration image");
		return RESTART_REFUSED;
	}
	if (res.errors)
		return RESTART_REFUSED;
	for (uint32_t i = 0; i < h.nchildren; i++)
		all &= fits(&h.child[i]);
	say(RESTART_WORD ": version " UPKEEP_VERSION);
	return all ? RESTART_FITS : RESTART_STRANGE;
}
