/* SPDX-License-Identifier: MIT */
/* toy.h -- a daemon with toy children, for the tests of the parent.
 *
 * The real parent and the real frame of a child run in processes of their own; what
 * is a toy is the child's inside and the compiler's language.  The children write what happens to
 * RUN_DIR/trace and obey lines from the FIFO RUN_DIR/NAME.cmd.
 */
#ifndef TOY_H
#define TOY_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "compile.h"
#include "control.h"
#include "proc.h"
#include "restart.h"
#include "spawn.h"

#ifndef TOY_PATIENCE_MS
#define TOY_PATIENCE_MS	20000		/* for what must happen, on a busy machine */
#endif

/* ---- the children ---- */

struct toy_conf {
	int32_t value;
};

static void
toy_trace(const char *dir, const char *fmt, ...)
{
	char path[128], line[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line - 1, fmt, ap);
	va_end(ap);
	strcat(line, "\n");
	snprintf(path, sizeof path, "%s/trace", dir);
	const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	if (write(fd, line, strlen(line)) < 0)
		abort();
	close(fd);
}

static struct loop_fd toy_cmd;
static bool toy_deaf;

/* What no honest child sends. */
static void
toy_send_raw(struct child_env *env, const char *what)
{
	struct { uint16_t type, bytes; char payload[300]; } p = { 0 };
	const int fd = env->ipc.io.fd;
	size_t len = 4;

	if (strcmp(what, "garbage") == 0) {
		memset(&p, 0xa5, sizeof p);
		len = 100;
	} else if (strcmp(what, "empty") == 0) {
		len = 0;
	} else if (strcmp(what, "long") == 0) {
		len = sizeof p;
	} else if (strcmp(what, "direction") == 0) {
		p.type = IPC_DOWN_STOP;
		p.bytes = sizeof(struct ipc_stop);
		len += p.bytes;
	} else if (strcmp(what, "short") == 0) {
		p.type = 0x100 | IPC_UP_RUN;
		p.bytes = sizeof(struct ipc_run) - 1;
		len += p.bytes;
	} else if (strcmp(what, "type") == 0) {
		p.type = 0x100 | IPC_UP__N;
	} else if (strcmp(what, "descriptor") == 0) {
		char space[CMSG_SPACE(sizeof(int))] = { 0 };
		const int stolen = 0;

		p.type = 0x100 | IPC_UP_READY;
		p.bytes = sizeof(struct ipc_ready);
		struct iovec iov = { &p, 4 + (size_t)p.bytes };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = space, .msg_controllen = sizeof space };
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof stolen);
		memcpy(CMSG_DATA(c), &stolen, sizeof stolen);
		sendmsg(fd, &m, 0);
		return;
	}
	send(fd, &p, len, 0);
}

static void
toy_obey(struct child_env *env, const char *line)
{
	struct ipc_run run = { .generation = env->image->generation };
	unsigned a, b, c, d;

	if (sscanf(line, "run %u %u %u %u", &a, &b, &c, &d) == 4) {
		run.script = (uint16_t)a;
		run.object = (uint16_t)b;
		run.event = (uint16_t)c;
		run.value = (uint16_t)d;
		ipc_send_RUN(&env->ipc, &run, IPC_NO_FD);
	} else if (strcmp(line, "reload") == 0) {
		ipc_send_RELOAD(&env->ipc, &(struct ipc_reload){ 1 }, IPC_NO_FD);
	} else if (strcmp(line, "restart") == 0) {
		ipc_send_RESTART(&env->ipc, &(struct ipc_restart){ 1 }, IPC_NO_FD);
	} else if (strcmp(line, "keep") == 0) {
		(*(uint32_t *)(void *)env->checkpoint->content)++;
	} else if (strncmp(line, "raw ", 4) == 0) {
		toy_send_raw(env, line + 4);
	} else if (strncmp(line, "die ", 4) == 0) {
		_exit(atoi(line + 4));
	} else if (strncmp(line, "raise ", 6) == 0) {
		raise(atoi(line + 6));
	} else if (strcmp(line, "spin") == 0) {
		for (;;)
			pause();
	} else if (strcmp(line, "count") == 0) {
		const struct ipc_parent *p = &env->parent;

		toy_trace(env->run_dir, "%s starts %u hangs %u refused %u scripts %u"
			  " failures %u timeouts %u skipped %u errors %u",
			  env->child->name, p->starts, p->hangs, p->refused, p->scripts,
			  p->failures, p->timeouts, p->skipped, p->conf_errors);
	} else if (strcmp(line, "deaf") == 0) {
		toy_deaf = true;
	}
	toy_trace(env->run_dir, "%s did %s", env->child->name, line);
}

static void
toy_on_cmd(struct loop_fd *f, uint32_t events, struct mono now)
{
	char text[512], *save = NULL;

	(void)events;
	(void)now;
	const ssize_t n = read(f->fd, text, sizeof text - 1);

	if (n <= 0)
		return;
	text[n] = '\0';
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		toy_obey(child_self(), l);
}

static int
toy_start(struct child_env *env, struct mono now)
{
	char path[128];

	(void)now;
	if (env->checkpoint)
		toy_trace(env->run_dir, "%s keeps %u, %s", env->child->name,
			  *(uint32_t *)(void *)env->checkpoint->content,
			  env->earlier == CHECKPOINT_TAKEN ? "taken" :
			  env->earlier == CHECKPOINT_FRESH ? "fresh" : "strange");
	snprintf(path, sizeof path, "%s/%s.cmd", env->run_dir, env->child->name);
	mkfifo(path, 0600);
	toy_cmd.fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	toy_cmd.ready = toy_on_cmd;
	toy_trace(env->run_dir, "%s start %d", env->child->name, (int)getpid());
	return loop_add(&env->loop, &toy_cmd, EPOLLIN);
}

static void
toy_apply(struct child_env *env, const struct conf_image *prev,
	  const struct conf_image *next, struct mono now)
{
	const struct toy_conf *conf = child_conf(env);

	(void)now;
	toy_trace(env->run_dir, "%s apply %u after %u value %d",
		  env->child->name, next->generation,
		  prev ? prev->generation : 0, conf->value);
}

/* Scripts 1 to 9 may be the last words of a child: value 100 + N says which. */
static void
toy_stop(struct child_env *env, struct mono now)
{
	const struct toy_conf *conf = child_conf(env);
	struct ipc_run run = { .generation = env->image->generation, .event = 99 };

	(void)now;
	toy_trace(env->run_dir, "%s stop", env->child->name);
	while (toy_deaf)
		pause();
	if (conf->value > 100 && strcmp(env->child->name, "toy") == 0) {
		run.script = (uint16_t)(conf->value - 100);
		ipc_send_RUN(&env->ipc, &run, IPC_NO_FD);
	}
}

static bool
toy_script(const struct conf_image *img, unsigned part, const struct ipc_run *run,
	   struct spawn_job *out)
{
	char text[256];
	const struct toy_conf *conf = conf_part(img, part);

	if (run->value == 666)
		return false;
	snprintf(text, sizeof text, "event%u", run->event);
	spawn_arg(out, text);
	snprintf(text, sizeof text, "value%u", run->value);
	spawn_arg(out, text);
	snprintf(text, sizeof text, "%d", conf->value);
	spawn_env(out, "TOY_VALUE", text);
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	if (run->value == 777)
		spawn_env(out, "TOO_LONG", text);
	return true;
}

static void
toy_exited(struct child_env *env, const struct ipc_exited *m, struct mono now)
{
	(void)now;
	toy_trace(env->run_dir, "%s exited script %u object %u event %u value %u status %d",
		  env->child->name, m->script, m->object, m->event, m->value,
		  m->status >= 0 && WIFEXITED(m->status) ? WEXITSTATUS(m->status)
		  : m->status >= 0 ? 1000 + WTERMSIG(m->status) : (int)m->status);
}

#ifndef TOY_KEEPS
#define TOY_KEEPS	0		/* bytes of checkpoint */
#endif
#ifndef TOY_LAYOUT
#define TOY_LAYOUT	1
#endif

#ifndef TOY_CONST
#define TOY_CONST const
#endif

static TOY_CONST struct child toy_child = {
	.name = "toy", .conf_bytes = sizeof(struct toy_conf),
	.checkpoint_bytes = TOY_KEEPS, .checkpoint_layout = TOY_LAYOUT,
	.start = toy_start, .apply = toy_apply, .stop = toy_stop,
	.script = toy_script, .exited = toy_exited,
};
static const struct child idle_child = {
	.name = "idle", .conf_bytes = sizeof(struct toy_conf),
	.start = toy_start, .apply = toy_apply, .stop = toy_stop,
};
const struct child *const child_table[] = { &toy_child, &idle_child, NULL };
const unsigned child_count = 2;

/* The control socket has its own test. */
int
control_open(struct child_env *env)
{
	(void)env;
	return 0;
}

void
control_close(void)
{
}

int
control_own(const char *run_dir, const char *name, const struct conf_core *core)
{
	(void)run_dir;
	(void)name;
	(void)core;
	return 0;
}

/* A toy writes files; what a child gives up has its own test. */
int
privilege_enter(const struct privilege *p, const struct conf_core *core)
{
	(void)p;
	(void)core;
	return 0;
}

void
control_taken(struct mono now)
{
	(void)now;
}

void
control_restarted(const struct ipc_restarted *m)
{
	struct child_env *env = child_self();

	toy_trace(env->run_dir, "%s not restarted: %s", env->child->name, m->why);
}

void
control_reloaded(const struct ipc_reloaded *m)
{
	struct child_env *env = child_self();

	toy_trace(env->run_dir, "%s reloaded %u errors %u first %s",
		  env->child->name, m->generation, m->errors, m->first);
}

/* ---- the compiler: lines of a word and a value ---- */

static void
toy_compile_script(struct conf_core *core, const char *line)
{
	struct conf_script *s = &core->script[core->nscripts++];
	char text[512], *save = NULL;

	snprintf(text, sizeof text, "%s", line);
	s->uid = (uint32_t)atoi(strtok_r(text, " ", &save));
	s->gid = s->uid;
	s->timeout_us = atoi(strtok_r(NULL, " ", &save)) * 1000;
	for (char *w; (w = strtok_r(NULL, " ", &save)) != NULL; s->argc++) {
		memcpy(s->argv + s->bytes, w, strlen(w) + 1);
		s->bytes = (uint16_t)(s->bytes + strlen(w) + 1);
	}
}

static void
toy_compile_line(struct conf_image *img, const char *l, struct compile_result *res)
{
	for (unsigned i = 0; i < 2; i++) {
		/* The compiler alone writes to an image. */
		struct toy_conf *conf = (struct toy_conf *)(uintptr_t)conf_part(img, i);

		if (strncmp(l, "value ", 6) == 0)
			conf->value = atoi(l + 6);
	}
	if (strncmp(l, "hello ", 6) == 0)
		img->core.hello_us = atoi(l + 6) * 1000;
	else if (strcmp(l, "off") == 0)
		img->core.enabled = false;
	else if (strcmp(l, "bad") == 0)
		res->errors++;
	else if (strcmp(l, "crash") == 0)
		raise(SIGKILL);
	else if (strncmp(l, "slow ", 5) == 0)
		usleep((useconds_t)atoi(l + 5) * 1000);
	else if (strncmp(l, "script ", 7) == 0)
		toy_compile_script(&img->core, l + 7);
}

struct compile_result
compile_file(const char *path, struct conf_image *img, bool digest,
	     void (*complain)(void *, const struct compile_complaint *), void *ctx)
{
	struct compile_complaint m = { .at.line = 1, .at.column = 1,
		.severity = COMPILE_ERROR, .text = "this is bad" };
	struct compile_result res = { 0 };
	char text[2048] = "", *save = NULL;
	FILE *f = fopen(path, "r");

	(void)digest;
	img->core.enabled = true;
	img->core.hello_us = 5000000;
	if (!f || fread(text, 1, sizeof text - 1, f) == 0)
		res.errors++;
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		toy_compile_line(img, l, &res);
	if (res.errors)
		complain(ctx, &m);
	return res;
}

size_t
compile_complaint_line(const struct compile_complaint *m, const char *file, char *out, size_t cap)
{
	return (size_t)snprintf(out, cap, "%s:%u:%u: error: %s", file,
				(unsigned)m->at.line, (unsigned)m->at.column, m->text);
}

/* ---- the daemon under test ---- */

static struct {
	char dir[64];
	char binary[128];		/* that a restart executes */
	pid_t pid;			/* of the daemon, a process group; 0: none */
} toy;

static void
toy_path(char *out, const char *name)
{
	snprintf(out, 100, "%s/%s", toy.dir, name);
}

static void
toy_write(const char *name, const char *text, mode_t mode)
{
	char path[128], made[140];

	toy_path(path, name);
	snprintf(made, sizeof made, "%s.new", path);
	FILE *f = fopen(made, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(made, mode), 0);
	assert_int_equal(rename(made, path), 0);
}

/* The whole of a file as text, "" when it is not there. */
static const char *
toy_read(const char *name)
{
	static char text[65536];
	char path[128];
	size_t n = 0;

	toy_path(path, name);
	FILE *f = fopen(path, "r");

	if (f) {
		n = fread(text, 1, sizeof text - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	return text;
}

static unsigned
toy_count(const char *name, const char *what)
{
	unsigned n = 0;

	for (const char *p = toy_read(name); (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

static int64_t
toy_ms(void)
{
	return loop_clock().us / 1000;
}

static void
toy_nap(unsigned ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&ts, NULL);
}

#define toy_fail(...)							\
	do {								\
		print_message(__VA_ARGS__);				\
		print_message("\n--- trace\n%s", toy_read("trace"));	\
		print_message("--- log\n%s", toy_read("log"));		\
		fail();							\
	} while (0)

/* Until `what` stands `n` times in the file. */
static void
toy_await(const char *name, const char *what, unsigned n)
{
	const int64_t until = toy_ms() + TOY_PATIENCE_MS;

	while (toy_count(name, what) < n) {
		if (toy_ms() > until)
			toy_fail("\"%s\" is not %u times in %s", what, n, name);
		toy_nap(5);
	}
}

/* The process of the `n`th start of a child, from 1. */
static port_unused pid_t
toy_pid(const char *child, unsigned n)
{
	char what[64];

	snprintf(what, sizeof what, "%s start ", child);
	toy_await("trace", what, n);
	const char *p = toy_read("trace");

	for (; n > 0; n--)
		p = strstr(p, what) + strlen(what);
	return (pid_t)atoi(p);
}

static pid_t
toy_daemon(void)
{
	char file[128], log[128];

	toy_path(file, "conf");
	toy_path(log, "log");
	const pid_t pid = fork();

	if (pid == 0) {
		const struct proc_options opt = { file, toy.dir, LOG_DEBUG, LOG_TO_STDERR,
						  toy.binary, -1 };
		const int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0666);

		setpgid(0, 0);
		dup2(fd, 2);
		close(fd);
		log_open("upkeepd", opt.log_level, opt.log_to);
		_exit(proc_run(&opt));
	}
	setpgid(pid, pid);
	return pid;
}

/* A fresh run folder and a daemon in it. */
static port_unused void
toy_up(const char *conf)
{
	toy_write("conf", conf, 0644);
	toy.pid = toy_daemon();
	toy_await("trace", " apply 1 ", 2);
}

static port_unused int
toy_wait(pid_t pid)
{
	const int64_t until = toy_ms() + TOY_PATIENCE_MS;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (toy_ms() > until)
			toy_fail("process %d does not end", (int)pid);
		toy_nap(5);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* Its exit status, 1000 + a signal that killed it. */
static port_unused int
toy_down(int sig)
{
	const pid_t pid = toy.pid;

	toy.pid = 0;
	kill(pid, sig);
	return toy_wait(pid);
}

static port_unused void
toy_await_gone(pid_t pid)
{
	const int64_t until = toy_ms() + TOY_PATIENCE_MS;

	while (kill(pid, 0) == 0) {
		if (toy_ms() > until)
			toy_fail("process %d lives on", (int)pid);
		toy_nap(5);
	}
}

static port_unused void
toy_tell(const char *child, const char *line)
{
	char path[128], name[32], text[512];

	snprintf(name, sizeof name, "%s.cmd", child);
	toy_path(path, name);
	snprintf(text, sizeof text, "%s\n", line);
	const int fd = open(path, O_WRONLY | O_NONBLOCK);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int
toy_setup(void **state)
{
	(void)state;
	snprintf(toy.dir, sizeof toy.dir, "/tmp/upkeep-toy-XXXXXX");
	toy.pid = 0;
	return mkdtemp(toy.dir) && chmod(toy.dir, 0755) == 0 ? 0 : -1;
}

static int
toy_teardown(void **state)
{
	static const char *const names[] = { "conf", "trace", "log", "pid", "toy.cmd",
		"idle.cmd", "toy.dog", "idle.dog", "out", "s1", "s2", "s3", "mode", "other",
		NULL };
	char path[128];

	(void)state;
	if (toy.pid > 0) {
		kill(-toy.pid, SIGKILL);
		kill(-toy.pid, SIGCONT);
		waitpid(toy.pid, NULL, 0);
	}
	for (unsigned i = 0; names[i]; i++) {
		toy_path(path, names[i]);
		unlink(path);
	}
	rmdir(toy.dir);
	return 0;
}

#define TOY_TEST(f)	cmocka_unit_test_setup_teardown(f, toy_setup, toy_teardown)

#endif
