/* SPDX-License-Identifier: MIT */
/* proc.c -- the parent's start, signals and end, see proc.h. */
#define _GNU_SOURCE
#include "proc.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core_log.h"
#include "pidfile.h"
#include "proc_inside.h"
#include "strfmt.h"

#define PROC_PATH	128		/* a path in the run folder, with NUL */
#define PROC_ORPHANS	55		/* looks at 100 ms whether they have ended, */
#define PROC_KILLED	10		/* and then whether those that hang are dead */

/* The one parent of this process. */
static struct proc proc;

void
proc_forget(struct proc *p)
{
	for (unsigned i = 0; i < child_count; i++)
		proc_child_forget(&p->child[i]);
	if (p->now.fd >= 0)
		close(p->now.fd);
	if (p->old.fd >= 0)
		close(p->old.fd);
	restart_forget(&p->restart);
	close(p->signals.fd);
	loop_close(&p->loop);
}

/* ---- signals ---- */

/* Reaps whatever has ended; an owner looks at it first, while its number is surely
 * still its own. */
static void
reap(struct proc *p, struct mono now)
{
	for (;;) {
		siginfo_t si = { 0 };
		bool known = false;

		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) ||
		    si.si_pid == 0)
			return;
		for (unsigned i = 0; i < child_count && !known; i++)
			known = proc_child_ended(&p->child[i], si.si_pid, now);
		known = known || spawn_ended(&p->scripts, si.si_pid, now) ||
			reload_ended(&p->reload, si.si_pid, now) ||
			restart_ended(&p->restart, si.si_pid, now);
		if (!known)
			waitpid(si.si_pid, NULL, 0);
	}
}

static bool
any_child(const struct proc *p)
{
	for (unsigned i = 0; i < child_count; i++)
		if (p->child[i].pid > 0)
			return true;
	return false;
}

void
proc_check_end(struct proc *p, struct mono now)
{
	(void)now;
	if (p->signal && !any_child(p) && p->scripts.busy == 0)
		loop_stop(&p->loop);
}

static void
give_up_scripts(struct proc *p, struct mono now)
{
	const unsigned left = p->scripts.busy;

	if (left > 0)
		log_put(CORE_LOG_SCRIPT_LEFT, left);
	(void)spawn_give_up(&p->scripts, now);
}

static void
on_end(struct timer *t, struct mono now)
{
	struct proc *p = container_of(t, struct proc, end);

	for (unsigned i = 0; i < child_count; i++)
		proc_child_kill(&p->child[i]);
	give_up_scripts(p, now);
	loop_stop(&p->loop);
}

/* A second signal: no waiting for scripts, and little for children, but as much
 * as one needs that is just taking its addresses away. */
static void
hurry(struct proc *p, struct mono now)
{
	for (unsigned i = 0; i < child_count; i++)
		proc_child_hurry(&p->child[i], now);
	give_up_scripts(p, now);
	proc_check_end(p, now);
}

static void
begin_end(struct proc *p, int sig, struct mono now)
{
	if (p->signal) {
		hurry(p, now);
		return;
	}
	p->signal = sig;
	log_put(CORE_LOG_END, sig);
	reload_cancel(&p->reload);
	p->going = false;
	restart_close(&p->restart);
	for (unsigned i = 0; i < child_count; i++)
		proc_child_stop(&p->child[i], now);
	timer_arm(&p->loop.timers, &p->end, mono_add(now, PROC_END_US));
	proc_check_end(p, now);
}

static void
on_signal(struct loop_fd *f, uint32_t events, struct mono now)
{
	struct proc *p = container_of(f, struct proc, signals);
	struct signalfd_siginfo si;

	(void)events;
	while (read(f->fd, &si, sizeof si) == (ssize_t)sizeof si) {
		if (si.ssi_signo == SIGCHLD)
			reap(p, now);
		else if (si.ssi_signo == SIGHUP)
			proc_conf_ask(p, now);
		else
			begin_end(p, (int)si.ssi_signo, now);
	}
}

static int
open_signals(struct proc *p)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	sigaction(SIGPIPE, &ignore, NULL);
	/* keepalived writes dumps on these two; who is used to that must not end
	 * us.  The children inherit it, scripts do not. */
	sigaction(SIGUSR1, &ignore, NULL);
	sigaction(SIGUSR2, &ignore, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_SETMASK, &set, NULL);
	p->signals.ready = on_signal;
	p->signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (p->signals.fd < 0)
		return -errno;
	return loop_add(&p->loop, &p->signals, EPOLLIN);
}

/* ---- the run folder ---- */

static bool
in_run_dir(const struct proc *p, char path[PROC_PATH], const char *name,
	   const char *suffix)
{
	struct strfmt s;

	strfmt_init(&s, path, PROC_PATH);
	strfmt_put(&s, "%s/%s%s", p->opt->run_dir, name, suffix);
	return !s.cut;
}

/* Whether the daemon that wrote the pid file is gone and only its children hold
 * the lock, on their way to an orderly end. */
static bool
only_orphans(const char *path)
{
	pid_t pid;

	return pidfile_read(path, &pid) == 0 && kill(pid, 0) &&
	       errno == ESRCH;
}

/* Whatever the umask: the group of option control_group passes through it.  -EEXIST: it is
 * there. */
static int
make_run_dir(const char *path)
{
	return mkdir(path, 0755) || chmod(path, 0755) ? -errno : 0;
}

/* Somebody may remove it while we run: the next child needs it, and the lock. */
void
proc_renew_run_dir(struct proc *p)
{
	char path[PROC_PATH];
	int fd;

	if (make_run_dir(p->opt->run_dir) || !in_run_dir(p, path, "pid", "") ||
	    pidfile_take(path, &fd) < 0)
		return;			/* it is there, or the child will say what is wrong */
	close(p->pid_fd);
	p->pid_fd = fd;
}

/* Those that still hold the lock had time enough to end in order. */
static void
end_orphans(const struct proc *p)
{
	for (unsigned i = 0; i < child_count; i++) {
		const char *name = child_table[i]->name;
		const pid_t pid = watchdog_end_orphan(p->opt->run_dir, name);

		if (pid)
			log_put(CORE_LOG_ORPHAN_HANGS, name, (int)pid);
	}
}

/* 0 or -errno, with one line in the log. */
static int
take_run_dir(struct proc *p)
{
	char path[PROC_PATH];

	if (!in_run_dir(p, path, "pid", "")) {
		log_put(CORE_LOG_NO_START, "the run folder's path is too long",
			strerror(ENAMETOOLONG));
		return -ENAMETOOLONG;
	}
	int rc = make_run_dir(p->opt->run_dir);

	if (!rc || rc == -EEXIST)
		rc = pidfile_take(path, &p->pid_fd);

	for (int i = 0; i <= PROC_ORPHANS + PROC_KILLED && rc == -EEXIST &&
	     only_orphans(path); i++) {
		if (i == PROC_ORPHANS)
			end_orphans(p);
		usleep(100 * 1000);
		rc = pidfile_take(path, &p->pid_fd);
	}
	if (rc == -EEXIST)
		log_put(CORE_LOG_TWICE, p->opt->run_dir);
	else if (rc < 0)
		log_put(CORE_LOG_NO_FOLDER, p->opt->run_dir, strerror(-rc));
	else if (rc > 0)		/* a full disk is no reason not to route */
		log_put(CORE_LOG_NO_PID, p->opt->run_dir, strerror(rc));
	return rc < 0 ? rc : 0;
}

static void
leave_run_dir(struct proc *p)
{
	char path[PROC_PATH];

	for (unsigned i = 0; i < child_count; i++) {
		if (in_run_dir(p, path, child_table[i]->name, ".dog"))
			unlink(path);
		if (in_run_dir(p, path, child_table[i]->name, ".sock"))
			unlink(path);
	}
	if (in_run_dir(p, path, "pid", ""))
		pidfile_drop(path, p->pid_fd);
}

/* ---- the daemon ---- */

/* 0 or -errno. */
static int
open_parent(struct proc *p)
{
	int rc = loop_open(&p->loop);

	if (!rc)
		rc = open_signals(p);
	if (rc) {
		log_put(CORE_LOG_NO_START, "no loop", strerror(-rc));
		return rc;
	}
	for (unsigned i = 0; i < child_count; i++)
		proc_child_init(p, i);
	timer_init(&p->end, on_end);
	spawn_open(&p->scripts, &p->loop, proc_script_done);
	proc_conf_open(p);
	proc_restart_open(p);
	return 0;
}

int
proc_run(const struct proc_options *opt)
{
	struct proc *p = &proc;

	struct handover note;
	struct rd rest;

	p->opt = opt;
	strfmt_copy(p->binary, sizeof p->binary, opt->binary, strlen(opt->binary));
	const bool goes_on = opt->note_fd >= 0 && proc_restart_read(p, &note, &rest);

	if (!goes_on && take_run_dir(p))
		return 1;
	if (!open_parent(p)) {
		if (goes_on) {
			proc_restart_adopt(p, &rest, loop_clock());
			reap(p, loop_clock());
		} else {
			log_put(CORE_LOG_START, opt->file, opt->run_dir);
			proc_conf_ask(p, loop_clock());
		}
		if (p->status == 0)	/* else no compiler could be started */
			loop_run(&p->loop);
	} else {
		p->status = 1;
	}
	leave_run_dir(p);
	return p->status;
}
