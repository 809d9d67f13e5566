/* SPDX-License-Identifier: MIT */
/* proc_conf.c -- reloads: one at a time, each a transaction.
 *
 * A reload is over when it was refused, or when all children that live have the new
 * image in force; only then is the old one given back and the next reload begun.
 */
#include "proc_inside.h"

#include "core_log.h"

const struct conf_image *
proc_conf_image(const struct proc *p, uint32_t generation)
{
	if (p->now.image && p->now.image->generation == generation)
		return p->now.image;
	if (p->old.image && p->old.image->generation == generation)
		return p->old.image;
	return NULL;
}

static void
give_back(struct proc_image *i)
{
	if (i->image)
		reload_release(i->image, i->fd);
	*i = (struct proc_image){ .fd = -1 };
}

/* Tells the children that asked what came of it. */
static void
answer(struct proc *p)
{
	struct ipc_reloaded m = {
		.generation = p->now.image ? p->now.image->generation : 0,
		.errors = p->verdict.errors,
		.warnings = p->verdict.warnings,
	};

	_Static_assert(sizeof m.first == sizeof p->verdict.first,
		       "the first complaint is handed on as it is");
	__builtin_memcpy(m.first, p->verdict.first, sizeof m.first);
	for (unsigned i = 0; i < child_count; i++) {
		struct proc_child *c = &p->child[i];

		if (c->asks && c->pid > 0)
			(void)ipc_send_RELOADED(&c->ipc, &m, IPC_NO_FD);
		c->asks = false;
	}
}

static bool
all_ready(const struct proc *p)
{
	for (unsigned i = 0; i < child_count; i++) {
		const struct proc_child *c = &p->child[i];

		if (c->pid > 0 && c->ready != p->now.image->generation)
			return false;
	}
	return true;
}

static void
start(struct proc *p, struct mono now)
{
	const uint32_t generation =
		p->now.image ? p->now.image->generation + 1 : 1;

	p->again = false;
	for (unsigned i = 0; i < child_count; i++) {
		struct proc_child *c = &p->child[i];

		c->asks = c->asks_next;
		c->asks_next = false;
	}
	reload_start(&p->reload, generation, now);
}

static void
over(struct proc *p, struct mono now)
{
	give_back(&p->old);
	answer(p);
	if (p->again && !p->signal)
		start(p, now);
	else if (p->then_restart)
		proc_restart_ask(p, now);
}

static void
log_result(const struct proc *p)
{
	const uint32_t generation =
		p->now.image ? p->now.image->generation : 0;

	if (p->verdict.errors) {
		log_put(CORE_LOG_RELOAD_BAD, p->opt->file, p->verdict.errors,
			generation);
		return;
	}
	assert(p->now.image);		/* a refusal counts an error */
	log_put(CORE_LOG_RELOADED, generation, p->opt->file,
		p->verdict.warnings);
	if (!p->now.image->core.enabled)
		log_put(CORE_LOG_DISABLED, p->opt->file);
}

/* The first configuration decides whether the daemon starts at all. */
static void
first(struct proc *p, struct mono now)
{
	if (!p->now.image) {
		p->status = 1;
		loop_stop(&p->loop);
		return;
	}
	for (unsigned i = 0; i < child_count; i++)
		proc_child_start(&p->child[i], now);
	over(p, now);
}

static void
on_done(struct reload *r, const struct reload_result *res, struct mono now)
{
	struct proc *p = container_of(r, struct proc, reload);
	const bool is_first = !p->now.image;

	p->verdict = res->verdict;
	if (res->image) {
		p->old = p->now;
		p->now = (struct proc_image){ res->image, res->fd };
	}
	log_result(p);
	for (unsigned i = 0; i < child_count; i++) {
		p->child[i].count.conf_errors = p->verdict.errors;
		proc_child_tell(&p->child[i], now);
	}
	if (is_first) {
		first(p, now);
		return;
	}
	if (res->image)
		for (unsigned i = 0; i < child_count; i++)
			proc_child_commit(&p->child[i], now);
	if (!res->image || all_ready(p))
		over(p, now);
}

static void
on_forget(struct reload *r)
{
	proc_forget(container_of(r, struct proc, reload));
}

void
proc_conf_open(struct proc *p)
{
	p->now.fd = -1;
	p->old.fd = -1;
	p->reload.forget = on_forget;
	p->reload.done = on_done;
	reload_open(&p->reload, &p->loop, p->opt->file);
}

void
proc_conf_ask(struct proc *p, struct mono now)
{
	if (p->signal)
		return;
	if (p->reload.pid > 0 || p->old.image || p->restart.pid > 0 || p->going)
		p->again = true;
	else
		start(p, now);
}

void
proc_conf_check(struct proc *p, struct mono now)
{
	if (p->old.image && all_ready(p))
		over(p, now);
}
