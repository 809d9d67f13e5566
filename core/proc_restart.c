/* SPDX-License-Identifier: MIT */
/* proc_restart.c -- another binary takes this process's place, as hitless as a crash.
 *
 * The order is what makes it safe.  The trial (restart.h) comes first, while everything goes on;
 * a binary that fails it changes nothing.  Then the children are killed, whose last words are
 * heard as after any death, and only when none is left the process executes the new
 * binary: pid, lock of the run folder, checkpoints and running scripts stay, the image is the one
 * that the new binary has made in its trial, and the new children start from it at once.  Between
 * the kill and the new children lies one execve(2).
 */
#define _GNU_SOURCE
#include "proc_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core_log.h"
#include "handover.h"
#include "strfmt.h"

/* ---- asking and answering ---- */

/* Nothing has changed; who asked hears why. */
static void
refuse(struct proc *p, const char *why, struct mono now)
{
	struct ipc_restarted m = { .why = "" };

	log_put(CORE_LOG_RESTART_BAD, p->binary, why);
	strfmt_copy(m.why, sizeof m.why, why, strlen(why));
	for (unsigned i = 0; i < child_count; i++) {
		struct proc_child *c = &p->child[i];

		if (c->asks_restart && c->pid > 0)
			(void)ipc_send_RESTARTED(&c->ipc, &m, IPC_NO_FD);
		c->asks_restart = false;
	}
	restart_close(&p->restart);
	if (p->again)
		proc_conf_ask(p, now);
}

/* ---- the note ---- */

static void
describe(const struct proc *p, struct handover *h)
{
	*h = (struct handover){
		.generation = p->now.image->generation,
		.pid_fd = p->pid_fd,
		.image_fd = p->restart.image_fd,
		.again = p->again,
		.nchildren = child_count,
		.nscripts = p->scripts.busy,
	};
	memcpy(h->path, p->binary, sizeof h->path);
	for (unsigned i = 0; i < child_count; i++) {
		const struct proc_child *c = &p->child[i];
		struct handover_child *to = &h->child[i];

		strfmt_copy(to->name, sizeof to->name, c->child->name, strlen(c->child->name));
		to->checkpoint_fd = c->checkpoint_fd;
		to->held = c->held;
		to->life = c->life;
		to->count = c->count;
	}
}

/* Its file or -errno. */
static int
write_note(const struct proc *p)
{
	struct handover h;
	struct wr w;
	const int fd = handover_make(&w);

	if (fd < 0)
		return fd;
	describe(p, &h);
	handover_put(&w, &h);
	for (const struct spawn_slot *s = p->scripts.first; s; s = s->next)
		handover_put_script(&w, s);
	assert(!w.bad);
	handover_close(w.begin, w.end);
	return fd;
}

/* Everything that outlives the process, close-on-exec or not. */
static void
mark(const struct proc *p, int note_fd, int flags)
{
	fcntl(note_fd, F_SETFD, flags);
	fcntl(p->pid_fd, F_SETFD, flags);
	fcntl(p->restart.image_fd, F_SETFD, flags);
	for (unsigned i = 0; i < child_count; i++) {
		if (p->child[i].checkpoint_fd >= 0)
			fcntl(p->child[i].checkpoint_fd, F_SETFD, flags);
		if (p->child[i].held > 0)
			fcntl(p->child[i].held, F_SETFD, flags);
	}
}

/* ---- the trial ---- */

void
proc_restart_ask(struct proc *p, struct mono now)
{
	char why[RESTART_TEXT];
	const char *bad;

	if (p->signal || p->restart.pid > 0 || p->going)
		return;			/* that one answers for this one too */
	p->then_restart = p->reload.pid > 0 || p->old.image;
	if (p->then_restart)
		return;			/* after the reload that is under way */
	bad = restart_look(&p->restart, p->binary, why);
	const int note_fd = bad ? -1 : write_note(p);
	int rc = bad || note_fd >= 0 ? 0 : note_fd;

	if (!bad && !rc) {
		mark(p, note_fd, 0);
		rc = restart_start(&p->restart, p->opt, note_fd, now);
		mark(p, note_fd, FD_CLOEXEC);
		close(note_fd);
	}
	if (bad || rc)
		refuse(p, bad ? bad : strerror(-rc), now);
}

/* Where nothing can be taken up, an orderly end is kinder: a peer takes over at once. */
static void
on_done(struct restart *r, const struct restart_result *res, struct mono now)
{
	struct proc *p = container_of(r, struct proc, restart);

	if (!res->good) {
		refuse(p, res->text, now);
		return;
	}
	log_put(CORE_LOG_RESTART, p->binary, res->text,
		res->fits ? "at once" : "in order, as what they keep does not fit");
	p->going = true;
	for (unsigned i = 0; i < child_count; i++) {
		struct proc_child *c = &p->child[i];

		if (!res->fits || c->pid == 0) {
			proc_child_stop(c, now);
			continue;
		}
		watchdog_stop(&c->dog);
		proc_child_kill(c);
	}
	proc_restart_go(p, now);
}

void
proc_restart_open(struct proc *p)
{
	p->restart.done = on_done;
	restart_open(&p->restart, &p->loop);
}

/* ---- in the old binary: the moment itself ---- */

void
proc_restart_go(struct proc *p, struct mono now)
{
	if (!p->going)
		return;
	for (unsigned i = 0; i < child_count; i++)
		if (p->child[i].pid > 0)
			return;
	const int note_fd = write_note(p);
	int rc = note_fd;

	if (note_fd >= 0) {
		mark(p, note_fd, 0);
		rc = restart_exec(&p->restart, p->opt, note_fd);
		mark(p, note_fd, FD_CLOEXEC);
		close(note_fd);
	}
	log_put(CORE_LOG_RESTART_FAIL, p->binary, strerror(-rc));
	p->going = false;
	restart_close(&p->restart);
	for (unsigned i = 0; i < child_count; i++)
		proc_child_start(&p->child[i], now);
	if (p->again)
		proc_conf_ask(p, now);
}

/* ---- in the new binary ---- */

bool
proc_restart_read(struct proc *p, struct handover *h, struct rd *r)
{
	enum handover_verdict v = HANDOVER_MAGIC;

	if (handover_open(r, p->opt->note_fd)) {
		p->note_begin = r->p;
		v = handover_get(r, h);
		if (v == HANDOVER_OK && fcntl(h->pid_fd, F_GETFD) >= 0) {
			p->pid_fd = h->pid_fd;
			p->note = h;
			memcpy(p->binary, h->path, sizeof p->binary);
			return true;
		}
		handover_close(p->note_begin, r->end);
	}
	log_put(CORE_LOG_NOTE, handover_why(v));
	/* What came along is nobody's, the lock of the run folder as well. */
	for (int fd = STDERR_FILENO + 1; fd < 256; fd++)
		close(fd);
	return false;
}

const struct handover_child *
proc_restart_child(const struct proc *p, const char *name)
{
	for (uint32_t i = 0; p->note && i < p->note->nchildren; i++)
		if (strcmp(p->note->child[i].name, name) == 0)
			return &p->note->child[i];
	return NULL;
}

/* The part in this build of the note's child `i`. */
static bool
part_here(const struct proc *p, unsigned i, uint16_t *part)
{
	for (unsigned k = 0; i < p->note->nchildren && k < child_count; k++)
		if (strcmp(child_table[k]->name, p->note->child[i].name) == 0) {
			*part = (uint16_t)k;
			return true;
		}
	return false;
}

/* Scripts that run go on as this process's children; the others wait here from now on. */
static void
take_scripts(struct proc *p, struct rd *r, struct mono now)
{
	static struct spawn_slot slot;	/* too large for a small stack */
	unsigned left = 0;

	for (uint32_t i = 0; i < p->note->nscripts && !r->bad; i++)
		if (handover_get_script(r, &slot) != HANDOVER_OK ||
		    !part_here(p, slot.part, &slot.part) ||
		    !spawn_adopt(&p->scripts, &slot, now))
			left++;
	if (left > 0)
		log_put(CORE_LOG_SCRIPT_LEFT, left);
}

void
proc_restart_adopt(struct proc *p, struct rd *r, struct mono now)
{
	const struct handover *h = p->note;
	const uint32_t generation = h->generation + 1;

	close(p->opt->note_fd);
	p->restart.image_fd = h->image_fd;
	mark(p, -1, FD_CLOEXEC);
	p->restart.image_fd = -1;
	take_scripts(p, r, now);
	handover_close(p->note_begin, r->end);
	log_put(CORE_LOG_GOES_ON, UPKEEP_VERSION, p->child[0].count.restarts, p->opt->file,
		p->opt->run_dir);
	p->now.image = reload_adopt(h->image_fd, generation);
	p->now.fd = h->image_fd;
	if (!p->now.image) {
		close(h->image_fd);
		p->now.fd = -1;
	}
	for (unsigned i = 0; p->now.image && i < child_count; i++)
		proc_child_start(&p->child[i], now);
	if (!p->now.image || h->again)
		proc_conf_ask(p, now);
	p->note = NULL;
}
