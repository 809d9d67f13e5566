/* SPDX-License-Identifier: MIT */
/* spawn.c -- see spawn.h.
 *
 * A script is the leader of its process group and is reaped only here, so its
 * number can't belong to somebody else while a signal is sent to it.
 */
#define _GNU_SOURCE
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core_log.h"
#include "core_pools.h"

#define SPAWN_GRACE_US	(1 * (int64_t)MONO_US_PER_S)	/* SIGTERM to SIGKILL */
#define SPAWN_WORDS	(CONFIG_SCRIPT_BYTES + SPAWN_TEXT)	/* if all were "" */
#define SPAWN_ENVS	(2 + SPAWN_TEXT / 2)			/* and all "A=" */

static void
append(struct spawn_job *job, const char *a, const char *b)
{
	const size_t la = strlen(a), lb = strlen(b);

	if (la + lb + 1 > sizeof job->text - job->bytes) {
		job->cut = true;
		return;
	}
	memcpy(job->text + job->bytes, a, la);
	memcpy(job->text + job->bytes + la, b, lb + 1);
	job->bytes = (uint16_t)(job->bytes + la + lb + 1);
}

void
spawn_arg(struct spawn_job *job, const char *word)
{
	assert(job->nenv == 0);
	append(job, "", word);
	if (!job->cut)
		job->nargs++;
}

void
spawn_env(struct spawn_job *job, const char *name, const char *value)
{
	const uint16_t before = job->bytes;

	append(job, name, "=");
	if (job->cut)
		return;
	job->bytes--;			/* the value goes over the NUL */
	append(job, "", value);
	if (job->cut)
		job->bytes = before;
	else
		job->nenv++;
}

void
spawn_open(struct spawn_queue *q, struct loop *l,
	   void (*done)(struct spawn_queue *, const struct spawn_end *,
			struct mono))
{
	*q = (struct spawn_queue){ .loop = l, .done = done };
}

/* Fills `words` with `n` words of `text`; returns where the text goes on. */
static char *
split(char **words, unsigned n, char *text)
{
	for (unsigned i = 0; i < n; i++) {
		words[i] = text;
		text += strlen(text) + 1;
	}
	return text;
}

/* Whether the first `bytes` of `text`, which has `cap`, are `n` whole words. */
static bool
are_words(const char *text, size_t bytes, size_t cap, unsigned n)
{
	if (bytes > cap || (bytes > 0 && text[bytes - 1] != '\0'))
		return false;
	for (size_t i = 0; i < bytes; i++)
		if (text[i] == '\0' && n-- == 0)
			return false;
	return n == 0;
}

bool
spawn_script_valid(const struct conf_script *script)
{
	return script->argc > 0 && script->argv[0] == '/' &&
	       are_words(script->argv, script->bytes, sizeof script->argv,
			 script->argc);
}

static bool
become(uint32_t uid, uint32_t gid)
{
	if (geteuid() != 0)
		return geteuid() == uid && getegid() == gid;
	return !setgroups(0, NULL) && !setgid(gid) && !setuid(uid);
}

/* Signals, descriptors and umask as a login shell would find them. */
static void
clean_slate(void)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null >= 0)
		dup2(null, STDIN_FILENO);
	/* What a script says goes where our standard error goes. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	syscall(SYS_close_range, 3u, ~0u, 0u);
	umask(S_IWGRP | S_IWOTH);
}

/* Between fork and exec; the copy of the slot is this process's own. */
static port_noreturn void
exec_script(struct spawn_slot *s)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char home[] = "HOME=/";
	char *argv[SPAWN_WORDS + 1], *envp[SPAWN_ENVS + 1];

	setpgid(0, 0);
	clean_slate();
	split(argv, s->script.argc, s->script.argv);
	char *rest = split(argv + s->script.argc, s->job.nargs, s->job.text);

	argv[s->script.argc + s->job.nargs] = NULL;
	envp[0] = path;
	envp[1] = home;
	split(envp + 2, s->job.nenv, rest);
	envp[2 + s->job.nenv] = NULL;
	if (chdir("/") || !become(s->script.uid, s->script.gid))
		_exit(SPAWN_DENIED);
	execve(argv[0], argv, envp);
	_exit(SPAWN_MISSING);
}

static void
unlink_slot(struct spawn_queue *q, struct spawn_slot *s)
{
	struct spawn_slot **at = &q->first;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	q->busy--;
}

/* Takes the slot out of the queue and tells what became of it. */
static void
finish(struct spawn_queue *q, struct spawn_slot *s, int32_t status,
       struct mono now)
{
	const struct spawn_end end = {
		.part = s->part, .life = s->life, .run = s->run,
		.status = status, .timed_out = s->timed_out,
	};

	timer_stop(&q->loop->timers, &s->deadline);
	unlink_slot(q, s);
	pool_put(spawn, s);
	q->done(q, &end, now);
}

static void
on_deadline(struct timer *t, struct mono now)
{
	struct spawn_slot *s = container_of(t, struct spawn_slot, deadline);

	if (s->timed_out) {
		kill(-s->pid, SIGKILL);
		return;
	}
	s->timed_out = true;
	log_put(CORE_LOG_SCRIPT_SLOW, s->script.argv, (int)s->pid);
	kill(-s->pid, SIGTERM);
	timer_arm(&s->queue->loop->timers, t, mono_add(now, SPAWN_GRACE_US));
}

/* 0 or -errno. */
static int
start(struct spawn_queue *q, struct spawn_slot *s, struct mono now)
{
	const pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		exec_script(s);
	/* Both sides do it, so that the group exists whoever runs first. */
	setpgid(pid, pid);
	s->pid = pid;
	timer_arm(&q->loop->timers, &s->deadline,
		  mono_add(now, s->script.timeout_us));
	return 0;
}

static bool
same_object(const struct spawn_slot *s, uint16_t part, uint16_t object)
{
	return s->part == part && s->run.object == object;
}

/* Whether `s` waits for what `run` is about.  In another image the same index may be another
 * object's, whose news does not make this one old; a check's is asked anew there anyway. */
static bool
waits_for(const struct spawn_slot *s, uint16_t part, const struct ipc_run *run)
{
	return s->pid == 0 && same_object(s, part, run->object) &&
	       (s->job.quiet || s->run.generation == run->generation);
}

/* Whether an earlier script of the same object runs or waits. */
static bool
must_wait(const struct spawn_queue *q, const struct spawn_slot *s)
{
	for (const struct spawn_slot *e = q->first; e != s; e = e->next)
		if (same_object(e, s->part, s->run.object))
			return true;
	return false;
}

/* The first that waits and need not, NULL when there is none. */
static struct spawn_slot *
next_ready(const struct spawn_queue *q)
{
	for (struct spawn_slot *s = q->first; s; s = s->next)
		if (s->pid == 0 && !must_wait(q, s))
			return s;
	return NULL;
}

static void
start_ready(struct spawn_queue *q, struct mono now)
{
	struct spawn_slot *s;

	while ((s = next_ready(q)) != NULL) {
		const int rc = start(q, s, now);

		if (rc == 0)
			continue;
		log_put(CORE_LOG_SCRIPT_FORK, s->script.argv, strerror(-rc));
		finish(q, s, SPAWN_NOT_RUN, now);
	}
}

/* Drops what waits for the object because of another event: it is no longer true. */
static void
drop_stale(struct spawn_queue *q, uint16_t part, const struct ipc_run *run,
	   struct mono now)
{
	struct spawn_slot *s = q->first;

	while (s) {
		struct spawn_slot *next = s->next;

		if (waits_for(s, part, run) && s->run.event != run->event)
			finish(q, s, SPAWN_NOT_RUN, now);
		s = next;
	}
}

static struct spawn_slot *
find_waiting(const struct spawn_queue *q, uint16_t part,
	     const struct ipc_run *run)
{
	for (struct spawn_slot *s = q->first; s; s = s->next)
		if (waits_for(s, part, run) && s->run.script == run->script)
			return s;
	return NULL;
}

static struct spawn_slot *
append_slot(struct spawn_queue *q)
{
	struct spawn_slot *s = pool_get(spawn);

	if (!s)
		return NULL;
	struct spawn_slot **at = &q->first;

	while (*at)
		at = &(*at)->next;
	*at = s;
	s->queue = q;
	timer_init(&s->deadline, on_deadline);
	q->busy++;
	return s;
}

void
spawn_run(struct spawn_queue *q, uint16_t part, uint32_t life,
	  const struct ipc_run *run, const struct conf_script *script,
	  const struct spawn_job *job, struct mono now)
{
	struct spawn_end end = {
		.part = part, .life = life, .run = *run,
		.status = SPAWN_NOT_RUN,
	};

	assert(spawn_script_valid(script));
	assert(are_words(job->text, job->bytes, sizeof job->text,
			 (unsigned)job->nargs + job->nenv));
	drop_stale(q, part, run, now);
	if (job->cut) {
		log_put(CORE_LOG_SCRIPT_CUT, script->argv, SPAWN_TEXT);
		q->done(q, &end, now);
		return;
	}
	struct spawn_slot *s = find_waiting(q, part, run);

	if (s) {
		end.life = s->life;
		end.run = s->run;
		q->done(q, &end, now);
	} else {
		s = append_slot(q);
	}
	if (!s) {
		uint32_t held;

		if (log_allowed(&q->full, now, 5, 10 * MONO_US_PER_S, &held))
			log_put(CORE_LOG_SCRIPT_FULL, script->argv,
				CONFIG_SPAWN_QUEUE);
		q->done(q, &end, now);
		return;
	}
	s->part = part;
	s->life = life;
	s->run = *run;
	s->script = *script;
	s->job = *job;
	if (job->timeout_us > 0)
		s->script.timeout_us = job->timeout_us;
	start_ready(q, now);
}

bool
spawn_adopt(struct spawn_queue *q, const struct spawn_slot *from, struct mono now)
{
	const struct spawn_job *job = &from->job;

	if (!spawn_script_valid(&from->script) ||
	    !are_words(job->text, job->bytes, sizeof job->text,
		       (unsigned)job->nargs + job->nenv))
		return false;
	struct spawn_slot *s = append_slot(q);

	if (!s)
		return false;
	s->pid = from->pid;
	s->timed_out = from->timed_out;
	s->part = from->part;
	s->life = from->life;
	s->run = from->run;
	s->script = from->script;
	s->job = from->job;
	if (s->pid > 0)
		timer_arm(&q->loop->timers, &s->deadline, from->deadline.at);
	start_ready(q, now);
	return true;
}

static void
log_end(const struct spawn_slot *s, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	if (s->job.quiet)
		return;
	log_put(CORE_LOG_SCRIPT_FAIL, s->script.argv, (int)s->pid,
		WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

bool
spawn_ended(struct spawn_queue *q, pid_t pid, struct mono now)
{
	struct spawn_slot *s = q->first;

	while (s && s->pid != pid)
		s = s->next;
	if (!s)
		return false;
	/* The leader of a group that ran out of time may have left others
	 * behind; until it is reaped the group's number is surely its own. */
	if (s->timed_out)
		kill(-pid, SIGKILL);
	int status = 0;

	waitpid(pid, &status, 0);
	log_end(s, status);
	finish(q, s, status, now);
	start_ready(q, now);
	return true;
}

unsigned
spawn_give_up(struct spawn_queue *q, struct mono now)
{
	const unsigned n = q->busy;

	while (q->first) {
		struct spawn_slot *s = q->first;

		if (s->pid > 0)
			kill(-s->pid, SIGKILL);
		finish(q, s, SPAWN_NOT_RUN, now);
	}
	return n;
}
