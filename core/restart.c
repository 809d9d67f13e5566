/* SPDX-License-Identifier: MIT */
/* restart.c -- see restart.h; what the new binary does in its trial is restart_try.c. */
#define _GNU_SOURCE
#include "restart.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "strfmt.h"
#include "title.h"

#define RESTART_ARGS	12

/* By the kernel's own call: the C library's getcwd() can allocate. */
static bool
working_folder(char *path, size_t cap)
{
	return syscall(SYS_getcwd, path, cap) > 0 && path[0] == '/';
}

void
restart_path(char *path, size_t cap)
{
	const char *given = (const char *)getauxval(AT_EXECFN);
	char folder[CONF_PATH];
	struct strfmt s;

	strfmt_init(&s, path, cap);
	if (given && given[0] == '/')
		strfmt_put(&s, "%s", given);
	else if (given && given[0] != '\0' && working_folder(folder, sizeof folder))
		strfmt_put(&s, "%s/%s", folder, given);
	if (s.cut)
		path[0] = '\0';
}

void
restart_open(struct restart *r, struct loop *l)
{
	r->loop = l;
	r->pid = 0;
	r->binary_fd = r->image_fd = r->out_fd = -1;
	r->limit_us = RESTART_LIMIT_US;
}

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
restart_forget(struct restart *r)
{
	r->pid = 0;
	shut(&r->binary_fd);
	shut(&r->image_fd);
	shut(&r->out_fd);
}

void
restart_close(struct restart *r)
{
	if (r->pid > 0) {
		timer_stop(&r->loop->timers, &r->limit);
		kill(r->pid, SIGKILL);	/* whoever reaps orphans waits for it */
	}
	restart_forget(r);
}

/* ---- looking ---- */

/* The same care that a shell's user takes: what others can write is not run as root. */
static const char *
objection(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "it is no file";
	if (!(st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return "it is not executable";
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "it belongs to another user";
	if (st->st_mode & S_IWOTH)
		return "anybody can write to it";
	return NULL;
}

const char *
restart_look(struct restart *r, const char *path, char why[RESTART_TEXT])
{
	struct stat st;
	const char *bad = NULL;

	if (path[0] == '\0')
		return "the path of the binary is unknown";
	/* For execveat(2) alone: that it can be executed is all that is needed. */
	r->binary_fd = open(path, O_PATH | O_CLOEXEC);
	if (r->binary_fd < 0 || fstat(r->binary_fd, &st))
		bad = strerror(errno);
	else
		bad = objection(&st);
	if (!bad) {
		r->image_fd = memfd_create("upkeep image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		if (r->image_fd < 0)
			bad = strerror(errno);
	}
	if (!bad)
		return NULL;
	strfmt_to(why, RESTART_TEXT, "%s: %s", path, bad);
	return why;
}

/* ---- executing ---- */

struct words {
	char *argv[RESTART_ARGS];
	char number[12];
};

/* The command line of this daemon and the note, for execve(2), which writes to none of it. */
static void
put_words(struct words *w, const struct proc_options *opt, int note_fd, bool trial)
{
	const char *word[RESTART_ARGS] = { "upkeepd", "-f", opt->file, "-R", opt->run_dir };
	unsigned n = 5;

	strfmt_to(w->number, sizeof w->number, "%d", note_fd);
	word[n++] = "--handover";
	word[n++] = w->number;
	if (opt->log_to & LOG_TO_STDERR)
		word[n++] = "-l";
	if (opt->log_to & LOG_TO_SYSLOG)
		word[n++] = "-s";
	if (opt->log_level == LOG_DEBUG)
		word[n++] = "-d";
	if (trial)
		word[n++] = "--trial";
	assert(n < RESTART_ARGS);
	memcpy(w->argv, word, sizeof word);
}

int
restart_exec(const struct restart *r, const struct proc_options *opt, int note_fd)
{
	static char *const empty[] = { NULL };
	struct words w;

	put_words(&w, opt, note_fd, false);
	syscall(SYS_execveat, r->binary_fd, "", w.argv, empty, AT_EMPTY_PATH);
	return -errno;
}

/* In the process of the trial. */
static port_noreturn void
run_trial(const struct restart *r, const struct proc_options *opt, int note_fd, int out)
{
	static char *const empty[] = { NULL };
	struct words w;
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	title_set("upkeepd: trial");
	put_words(&w, opt, note_fd, true);
	if (dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0)
		syscall(SYS_execveat, r->binary_fd, "", w.argv, empty, AT_EMPTY_PATH);
	const char *why = strerror(errno);

	(void)!write(STDOUT_FILENO, why, strlen(why));
	_exit(RESTART_REFUSED);
}

static void
on_limit(struct timer *t, struct mono now)
{
	struct restart *r = container_of(t, struct restart, limit);

	(void)now;
	kill(r->pid, SIGKILL);		/* restart_ended() sees it die */
}

int
restart_start(struct restart *r, const struct proc_options *opt, int note_fd, struct mono now)
{
	int p[2];

	assert(r->pid == 0 && r->binary_fd >= 0);
	if (pipe2(p, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	const pid_t pid = fork();
	const int rc = pid < 0 ? -errno : 0;

	if (pid == 0)
		run_trial(r, opt, note_fd, p[1]);
	close(p[1]);
	if (rc) {
		close(p[0]);
		return rc;
	}
	r->out_fd = p[0];
	r->pid = pid;
	timer_init(&r->limit, on_limit);
	timer_arm(&r->loop->timers, &r->limit, mono_add(now, r->limit_us));
	return 0;
}

/* Its first line, in `res`; "" when it said nothing. */
static void
read_line(int fd, struct restart_result *res)
{
	const ssize_t n = read(fd, res->text, sizeof res->text - 1);

	res->text[n > 0 ? n : 0] = '\0';
	res->text[strcspn(res->text, "\r\n")] = '\0';
}

static void
judge(struct restart_result *res, int status)
{
	const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	const bool word = strncmp(res->text, RESTART_WORD, strlen(RESTART_WORD)) == 0;

	res->good = word && (code == RESTART_FITS || code == RESTART_STRANGE);
	res->fits = code == RESTART_FITS;
	if (res->good || (res->text[0] != '\0' && !word))
		return;
	if (WIFSIGNALED(status))
		strfmt_to(res->text, sizeof res->text, "its trial was ended by signal %d",
			  WTERMSIG(status));
	else
		strfmt_to(res->text, sizeof res->text,
			  "its trial ended with status %d and no word that it can take over", code);
}

bool
restart_ended(struct restart *r, pid_t pid, struct mono now)
{
	struct restart_result res = { .good = false };
	int status = 0;

	if (r->pid == 0 || pid != r->pid)
		return false;
	waitpid(pid, &status, 0);
	r->pid = 0;
	timer_stop(&r->loop->timers, &r->limit);
	read_line(r->out_fd, &res);
	shut(&r->out_fd);
	judge(&res, status);
	r->done(r, &res, now);
	return true;
}
