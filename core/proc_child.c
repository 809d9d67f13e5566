/* SPDX-License-Identifier: MIT */
/* proc_child.c -- one child's life as its parent sees it. */
#define _GNU_SOURCE
#include "proc_inside.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "core_log.h"
#include "file.h"
#include "strfmt.h"
#include "title.h"

#define WITHDRAW_S	2		/* somebody may wait for it */
#define FOR_EVER	(INT64_MAX / 4)

static long long
ms(int64_t us)
{
	return (long long)(us / MONO_US_PER_MS);
}

/* What a child says wrong must not fill a disk. */
static bool
may_log(struct proc_child *c, struct mono now)
{
	uint32_t held;

	return log_allowed(&c->refused, now, 5, 10 * MONO_US_PER_S, &held);
}

void
proc_child_tell(struct proc_child *c, struct mono now)
{
	/* Not at once: many changes make one message. */
	if (!c->tell.armed)
		timer_arm(&c->proc->loop.timers, &c->tell,
			  mono_add(now, PROC_TELL_US));
}

static void
on_tell(struct timer *t, struct mono now)
{
	struct proc_child *c = container_of(t, struct proc_child, tell);

	(void)now;
	if (c->pid > 0)
		(void)ipc_send_PARENT(&c->ipc, &c->count, IPC_NO_FD);
}

/* The states of other children's objects are theirs to tell again. */
static void
ask_others(const struct proc_child *c)
{
	const struct ipc_tell m = { .life = c->life };

	for (unsigned i = 0; i < child_count; i++) {
		struct proc_child *const other = &c->proc->child[i];

		if (other != c && other->pid > 0)
			(void)ipc_send_TELL(&other->ipc, &m, IPC_NO_FD);
	}
}

static void
on_ready(struct ipc *ipc, const struct ipc_ready *m, int fd, struct mono now)
{
	struct proc_child *c = ipc->owner;

	(void)fd;
	c->ready = m->generation;
	ask_others(c);
	proc_conf_check(c->proc, now);
}

static void
on_state(struct ipc *ipc, const struct ipc_state *m, int fd, struct mono now)
{
	struct proc_child *c = ipc->owner;
	struct ipc_state told = *m;

	(void)fd;
	(void)now;
	told.child = c->part;
	for (unsigned i = 0; i < child_count; i++) {
		struct proc_child *const other = &c->proc->child[i];

		if (other != c && other->pid > 0)
			(void)ipc_send_TOLD(&other->ipc, &told, IPC_NO_FD);
	}
}

static void
on_reload(struct ipc *ipc, const struct ipc_reload *m, int fd, struct mono now)
{
	struct proc_child *c = ipc->owner;

	const struct ipc_taken taken = { .client = m->client };

	(void)fd;
	c->asks_next = true;
	(void)ipc_send_TAKEN(&c->ipc, &taken, IPC_NO_FD);
	proc_conf_ask(c->proc, now);
}

static void
on_restart(struct ipc *ipc, const struct ipc_restart *m, int fd, struct mono now)
{
	struct proc_child *c = ipc->owner;
	const struct ipc_taken taken = { .client = m->client };

	(void)fd;
	c->asks_restart = true;
	(void)ipc_send_TAKEN(&c->ipc, &taken, IPC_NO_FD);
	proc_restart_ask(c->proc, now);
}

/* What a child can't do: name a program.  It names an index into an image that
 * the parent has, and its own code, run here, adds the words. */
static void
on_run(struct ipc *ipc, const struct ipc_run *m, int fd, struct mono now)
{
	struct proc_child *c = ipc->owner;
	struct proc *p = c->proc;
	const struct conf_image *img = proc_conf_image(p, m->generation);
	struct spawn_job job = { .script = m->script };

	(void)fd;
	const struct conf_script *script =
		img && m->script != CONF_NO_SCRIPT &&
		m->script <= img->core.nscripts
		? &img->core.script[m->script - 1] : NULL;

	if (script && spawn_script_valid(script) && c->child->script &&
	    c->child->script(img, c->part, m, &job)) {
		spawn_run(&p->scripts, c->part, c->life, m, script, &job, now);
		return;
	}
	const struct spawn_end end = {
		.part = c->part, .life = c->life, .run = *m,
		.status = SPAWN_NOT_RUN,
	};

	if (may_log(c, now))
		log_put(CORE_LOG_SCRIPT_BAD, c->child->name, m->script,
			m->generation);
	proc_script_done(&p->scripts, &end, now);
}

static void
on_refused(struct ipc *ipc, const char *why, struct mono now)
{
	struct proc_child *c = ipc->owner;

	c->count.refused++;
	proc_child_tell(c, now);
	if (may_log(c, now))
		log_put(CORE_LOG_REFUSED, c->child->name, why,
			(unsigned long long)ipc->refused);
}

static void
on_sysctl(struct ipc *ipc, const struct ipc_sysctl *m, int fd, struct mono now)
{
	struct proc_child *c = ipc->owner;
	const char *const *const list = c->child->sysctls;
	unsigned n = 0;

	(void)fd;
	while (list && list[n])
		n++;
	if (m->which >= n) {
		on_refused(ipc, "no such switch", now);
		return;
	}
	const int rc = file_write_switch(list[m->which], m->value != 0);

	if (rc)
		log_put(CORE_LOG_SYSCTL, list[m->which], strerror(-rc));
}

/* ipc_ops.gone stays NULL: that a child has closed its end is no news; SIGCHLD or
 * the watchdog will say what became of it. */
static const struct ipc_ops up_ops = {
	.parent = true,
	.READY = on_ready,
	.RUN = on_run,
	.RELOAD = on_reload,
	.RESTART = on_restart,
	.STATE = on_state,
	.SYSCTL = on_sysctl,
	.refused = on_refused,
};

static void
count_script(struct proc_child *c, const struct spawn_end *end)
{
	if (end->status == SPAWN_NOT_RUN) {
		c->count.skipped++;
		return;
	}
	c->count.scripts++;
	if (end->status != 0)
		c->count.failures++;
	if (end->timed_out)
		c->count.timeouts++;
}

void
proc_script_done(struct spawn_queue *q, const struct spawn_end *end,
		 struct mono now)
{
	struct proc *p = container_of(q, struct proc, scripts);
	struct proc_child *c = &p->child[end->part];
	const struct ipc_exited m = {
		.generation = end->run.generation,
		.script = end->run.script,
		.object = end->run.object,
		.event = end->run.event,
		.value = end->run.value,
		.status = end->status,
	};

	count_script(c, end);
	proc_child_tell(c, now);
	/* A child that was started since has not asked for it. */
	if (c->pid > 0 && c->life == end->life)
		(void)ipc_send_EXITED(&c->ipc, &m, IPC_NO_FD);
	proc_check_end(p, now);
}

/* Nothing but SIGKILL reaches one that was stopped. */
static bool
is_stopped(pid_t pid)
{
	siginfo_t si = { 0 };

	return waitid(P_PID, (id_t)pid, &si, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
	       si.si_pid == pid;
}

/* The watchdog has given up: looks whether the child lives, and ends it. */
static void
on_hang(struct watchdog *w, const char *why, struct mono now)
{
	struct proc_child *c = container_of(w, struct proc_child, dog);
	siginfo_t si = { 0 };
	int64_t grace_us = PROC_HANG_US;

	if (c->pid == 0)
		return;
	if (waitid(P_PID, (id_t)c->pid, &si, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    si.si_pid == c->pid)
		return;			/* dead already: SIGCHLD is on its way */
	c->count.hangs++;
	log_put(CORE_LOG_CHILD_HANG, c->child->name, (int)c->pid, why);
	if (is_stopped(c->pid)) {
		kill(c->pid, SIGKILL);
		return;
	}
	kill(c->pid, SIGTERM);
	if (w->hello_us < grace_us)
		grace_us = w->hello_us;
	timer_arm(&c->proc->loop.timers, &c->timer, mono_add(now, grace_us));
}

/* One timer, two uses: a child that runs is killed, one that does not is started. */
static void
on_timer(struct timer *t, struct mono now)
{
	struct proc_child *c = container_of(t, struct proc_child, timer);

	if (c->pid == 0) {
		proc_child_start(c, now);
		return;
	}
	log_put(CORE_LOG_CHILD_SLOW, c->child->name, (int)c->pid);
	kill(c->pid, SIGKILL);
}

/* What earlier lives keep, of this binary or of the one before. */
static void
init_checkpoint(struct proc_child *c, const struct handover_child *old)
{
	c->checkpoint_fd = -1;
	if (old && old->checkpoint_fd >= 0) {
		c->checkpoint_fd = old->checkpoint_fd;
		c->checkpoint = checkpoint_adopt(c->child->checkpoint_bytes, c->checkpoint_fd);
		if (c->checkpoint)
			return;
		log_put(CORE_LOG_CHECKPOINT, c->child->name);
		close(c->checkpoint_fd);
	}
	if (c->child->checkpoint_bytes)
		c->checkpoint = checkpoint_open(c->child->checkpoint_bytes, &c->checkpoint_fd);
}

void
proc_child_init(struct proc *p, unsigned part)
{
	struct proc_child *c = &p->child[part];

	c->proc = p;
	c->child = child_table[part];
	c->part = (uint16_t)part;
	c->ipc.io.fd = -1;
	c->ipc.ops = &up_ops;
	c->dog.io.fd = -1;
	c->dog.hang = on_hang;
	const struct handover_child *old = proc_restart_child(p, c->child->name);

	init_checkpoint(c, old);
	c->held = old ? old->held : 0;
	if (c->held <= 0 && c->child->hold)
		c->held = c->child->hold();
	if (old) {
		c->life = old->life;
		c->count = old->count;
		c->count.restarts++;
	}
	timer_init(&c->timer, on_timer);
	timer_init(&c->tell, on_tell);
}

void
proc_child_forget(struct proc_child *c)
{
	if (c->ipc.io.fd >= 0)
		close(c->ipc.io.fd);
	if (c->dog.io.fd >= 0)
		close(c->dog.io.fd);
	if (c->checkpoint_fd >= 0)
		close(c->checkpoint_fd);
	if (c->held > 0)
		close(c->held);
}

/* The first moments of the new process; the rest is child.c's. */
static port_noreturn void
become_child(struct proc_child *c, int ipc_fd)
{
	static char title[32];
	struct proc *p = c->proc;

	strfmt_to(title, sizeof title, "upkeepd: %s", c->child->name);
	title_set(title);
	log_open(title, p->opt->log_level, p->opt->log_to);
	p->env.held = c->held;
	c->held = 0;			/* it is not only the parent's */
	proc_forget(p);
	p->env.run_dir = p->opt->run_dir;
	p->env.checkpoint = c->checkpoint;
	p->env.parent = c->count;
	child_main(&p->env, c->child, ipc_fd, p->now.image);
}

/* A dead child that stays dead for a while must not hold what a peer may take.  The process
 * that takes it away; 0: none. */
static pid_t
withdraw(struct proc_child *c, int64_t us)
{
	struct proc *p = c->proc;
	const pid_t pid = c->child->withdraw ? fork() : -1;

	if (pid != 0)
		return pid > 0 ? pid : 0;
	proc_forget(p);
	p->env.run_dir = p->opt->run_dir;
	p->env.child = c->child;
	p->env.image = p->now.image;
	p->env.checkpoint = c->checkpoint;
	alarm(WITHDRAW_S);
	c->child->withdraw(&p->env, us);
	_exit(0);
}

/* 0 or -errno; in the new process it does not return. */
static int
fork_child(struct proc_child *c)
{
	struct proc *p = c->proc;
	int mine, its;
	int rc = ipc_pair(&mine, &its);

	if (!rc)
		rc = ipc_open(&c->ipc, &p->loop, mine, &up_ops, c);
	if (rc)
		return rc;
	const pid_t pid = fork();

	if (pid == 0)
		become_child(c, its);
	rc = pid < 0 ? -errno : 0;
	close(its);
	if (rc)
		ipc_close(&c->ipc);
	else
		c->pid = pid;
	return rc;
}

void
proc_child_start(struct proc_child *c, struct mono now)
{
	struct proc *p = c->proc;

	c->life++;
	c->count.starts++;		/* the child inherits what was counted */
	proc_renew_run_dir(p);
	int rc = fork_child(c);

	proc_child_tell(c, now);
	c->started = now;
	c->ready = p->now.image->generation;	/* inherited */
	c->dog.beats = c->checkpoint ? &c->checkpoint->beats : NULL;
	if (!rc)
		rc = watchdog_start(&c->dog, &p->loop, p->opt->run_dir,
				    c->child->name,
				    p->now.image->core.hello_us, now);
	if (!rc) {
		log_put(CORE_LOG_CHILD_START, c->child->name, (int)c->pid);
		return;
	}
	const int64_t delay_us = backoff_died(&c->backoff, 0);

	log_put(CORE_LOG_CHILD_FORK, c->child->name, strerror(-rc), ms(delay_us));
	(void)withdraw(c, delay_us);
	timer_arm(&p->loop.timers, &c->timer, mono_add(now, delay_us));
}

void
proc_child_stop(struct proc_child *c, struct mono now)
{
	const struct ipc_stop m = { .reason = (uint32_t)c->proc->signal };
	struct timers *timers = &c->proc->loop.timers;

	timer_stop(timers, &c->timer);
	watchdog_stop(&c->dog);
	if (c->pid == 0)
		return;
	timer_arm(timers, &c->timer, mono_add(now, PROC_CHILD_END_US));
	if (ipc_send_STOP(&c->ipc, &m, IPC_NO_FD))
		kill(c->pid, SIGTERM);
}

void
proc_child_hurry(struct proc_child *c, struct mono now)
{
	const struct mono soon = mono_add(now, PROC_HURRY_US);

	if (c->pid > 0 && mono_before(soon, c->timer.at))
		timer_arm(&c->proc->loop.timers, &c->timer, soon);
}

void
proc_child_kill(struct proc_child *c)
{
	if (c->pid > 0)
		kill(c->pid, SIGKILL);
}

void
proc_child_commit(struct proc_child *c, struct mono now)
{
	const struct conf_image *img = c->proc->now.image;
	const struct ipc_commit m = {
		.generation = img->generation,
		.bytes = img->bytes,
	};

	if (c->pid == 0)
		return;
	watchdog_pace(&c->dog, img->core.hello_us, now);
	if (control_own(c->proc->opt->run_dir, c->child->name, &img->core) == -ENOENT) {
		/* Only a child with all its rights can make a socket, one that begins. */
		log_put(CORE_LOG_SOCKET_GONE, c->child->name);
		proc_child_kill(c);
		return;
	}
	/* One that does not read its mail has the image when it is started anew. */
	if (ipc_send_COMMIT(&c->ipc, &m, c->proc->now.fd))
		proc_child_kill(c);
}

static void
log_death(const struct proc_child *c, pid_t pid, int status, int64_t delay_us)
{
	if (c->proc->signal || c->proc->going)
		log_put(CORE_LOG_CHILD_END, c->child->name, (int)pid);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		log_put(CORE_LOG_CHILD_FILTER, c->child->name, (int)pid,
			WTERMSIG(status), ms(delay_us));
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		log_put(CORE_LOG_CHILD_BUSY, c->child->name, (int)pid,
			WTERMSIG(status), ms(delay_us));
	else if (WIFSIGNALED(status))
		log_put(CORE_LOG_CHILD_KILLED, c->child->name, (int)pid,
			WTERMSIG(status), ms(delay_us));
	else
		log_put(CORE_LOG_CHILD_EXIT, c->child->name, (int)pid,
			WEXITSTATUS(status), ms(delay_us));
}

/* It had no orderly end, and there is no next life to take away what it held.  Waits for that:
 * what is started in this place will look whether it is gone. */
static void
clean_up(struct proc_child *c)
{
	const pid_t pid = withdraw(c, FOR_EVER);

	if (pid)
		waitpid(pid, NULL, 0);
}

/* Ended for what it did, so however long it lived, it would do that again. */
static int64_t
lived(const struct proc_child *c, int status, struct mono now)
{
	const bool busy = WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU;

	return busy ? 0 : mono_diff_us(now, c->started);
}

bool
proc_child_ended(struct proc_child *c, pid_t pid, struct mono now)
{
	struct proc *p = c->proc;
	int status = 0;

	if (pid != c->pid)
		return false;
	/* Its last words, such as the scripts of its end. */
	ipc_drain(&c->ipc, now);
	ipc_close(&c->ipc);
	waitpid(pid, &status, 0);
	c->pid = 0;
	c->asks = false;
	c->asks_next = false;
	c->asks_restart = false;
	watchdog_stop(&c->dog);
	timer_stop(&p->loop.timers, &c->timer);

	const int64_t delay_us = backoff_died(&c->backoff, lived(c, status, now));

	log_death(c, pid, status, delay_us);
	if (p->going) {
		proc_restart_go(p, now);
		return true;
	}
	if (p->signal && status)
		clean_up(c);
	if (p->signal)
		proc_check_end(p, now);
	else	/* through the timer: a SIGTERM that is just being read comes first */
		timer_arm(&p->loop.timers, &c->timer, mono_add(now, delay_us));
	if (delay_us && !p->signal)
		(void)withdraw(c, delay_us);
	proc_conf_check(p, now);
	return true;
}
