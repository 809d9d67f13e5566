/* SPDX-License-Identifier: MIT */
/* reload.c -- see reload.h. */
#define _GNU_SOURCE
#include "reload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compile.h"
#include "core_log.h"
#include "strfmt.h"
#include "title.h"

/* One write(2) to a pipe of at most this many bytes is never split. */
_Static_assert(sizeof(struct reload_verdict) <= 512, "exceeds POSIX PIPE_BUF");

void
reload_open(struct reload *r, struct loop *l, const char *path)
{
	r->loop = l;
	r->path = path;
	r->pid = 0;
	r->image_fd = -1;
	r->verdict_fd = -1;
	r->limit_us = RELOAD_LIMIT_US;
}

static void
close_all(struct reload *r)
{
	if (r->image_fd >= 0)
		close(r->image_fd);
	if (r->verdict_fd >= 0)
		close(r->verdict_fd);
	r->image_fd = -1;
	r->verdict_fd = -1;
}

/* ---- in the compiler process ---- */

struct compiler {
	const char *path;
	struct reload_verdict verdict;
	bool has_error;			/* verdict.first is an error */
};

/* Option `enabled` is off: nothing is configured but that. */
static void
empty(struct conf_image *img)
{
	static struct conf_image head;	/* too large for a small stack */

	head = *img;
	memset(img, 0, conf_bytes());
	conf_init(img);
	memcpy(img->digest, head.digest, sizeof img->digest);
	memcpy(img->path, head.path, sizeof img->path);
	memcpy(img->core.router_id, head.core.router_id,
	       sizeof img->core.router_id);
	img->core.hello_us = head.core.hello_us;
	img->core.uid = head.core.uid;
	img->core.gid = head.core.gid;
	img->core.control_gid = head.core.control_gid;
	img->core.enabled = false;
}

/* Says a complaint, and keeps the first that counts: an error before a warning. */
static void
on_complaint(void *ctx, const struct compile_complaint *m)
{
	struct compiler *c = ctx;
	char line[COMPILE_TEXT + CONF_PATH + 32];
	const bool bad = m->severity == COMPILE_ERROR;
	const size_t len = compile_complaint_line(m, c->path, line, sizeof line);

	if (bad)
		log_put(CORE_LOG_CONF_ERROR, line);
	else
		log_put(CORE_LOG_CONF_WARNING, line);
	if (c->verdict.first[0] != '\0' && (c->has_error || !bad))
		return;
	c->has_error = bad;
	if (!strfmt_copy(c->verdict.first, sizeof c->verdict.first, line, len))
		memcpy(c->verdict.first + sizeof c->verdict.first - sizeof "...", "...",
		       sizeof "...");
}

int
reload_compile(const char *path, int fd,
	       void (*complain)(void *ctx, const struct compile_complaint *m), void *ctx,
	       struct compile_result *res)
{
	if (ftruncate(fd, (off_t)conf_bytes()))
		return -errno;
	struct conf_image *img = mmap(NULL, conf_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED,
				      fd, 0);

	if (img == MAP_FAILED)
		return -errno;
	conf_init(img);
	*res = compile_file(path, img, true, complain, ctx);
	if (res->errors == 0 && !img->core.enabled)
		empty(img);
	munmap(img, conf_bytes());
	return 0;
}

static port_noreturn void
run_compiler(struct reload *r, int out)
{
	struct compiler c = { .path = r->path };
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	r->forget(r);
	title_set("upkeepd: compiler");

	struct compile_result res = { 0 };

	if (reload_compile(r->path, r->image_fd, on_complaint, &c, &res))
		_exit(1);
	c.verdict.errors = res.errors;
	c.verdict.warnings = res.warnings;
	_exit(write(out, &c.verdict, sizeof c.verdict) ==
	      (ssize_t)sizeof c.verdict ? 0 : 1);
}

/* ---- in the parent ---- */

static void
refuse(struct reload *r, const char *why, struct mono now)
{
	struct reload_result res = { .verdict.errors = 1, .fd = -1 };

	strfmt_copy(res.verdict.first, sizeof res.verdict.first, why,
		    strlen(why));
	close_all(r);
	r->done(r, &res, now);
}

/* The memory file and the pipe; the pipe's writing end or -errno. */
static int
open_all(struct reload *r)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	r->verdict_fd = p[0];
	r->image_fd = memfd_create("upkeep image",
				   MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (r->image_fd < 0) {
		const int rc = -errno;

		close(p[1]);
		return rc;
	}
	return p[1];
}

static void
on_limit(struct timer *t, struct mono now)
{
	struct reload *r = container_of(t, struct reload, limit);

	(void)now;
	log_put(CORE_LOG_RELOAD_SLOW, r->path);
	kill(r->pid, SIGKILL);		/* reload_ended() sees it die */
}

void
reload_start(struct reload *r, uint32_t generation, struct mono now)
{
	assert(r->pid == 0);
	const int out = open_all(r);
	const pid_t pid = out < 0 ? -1 : fork();
	const int rc = out < 0 ? -out : errno;

	if (pid == 0)
		run_compiler(r, out);
	if (out >= 0)
		close(out);
	if (pid < 0) {
		log_put(CORE_LOG_RELOAD_FAIL, strerror(rc));
		refuse(r, "the configuration compiler can't be started", now);
		return;
	}
	r->pid = pid;
	r->generation = generation;
	timer_init(&r->limit, on_limit);
	timer_arm(&r->loop->timers, &r->limit, mono_add(now, r->limit_us));
}

/* Nobody can write to the file from here on, this process included. */
static bool
seal(int fd, uint32_t generation)
{
	return pwrite(fd, &generation, sizeof generation,
		      offsetof(struct conf_image, generation)) ==
		       (ssize_t)sizeof generation &&
	       fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
		     F_SEAL_WRITE | F_SEAL_SEAL) == 0;
}

const struct conf_image *
reload_adopt(int fd, uint32_t generation)
{
	struct stat st;

	/* Whatever the compiler says: a short file must not be looked into. */
	if (fstat(fd, &st) || st.st_size != (off_t)conf_bytes() || !seal(fd, generation))
		return NULL;
	/* Private, as a sealed file can't be mapped shared before Linux 6.7. */
	void *p = mmap(NULL, conf_bytes(), PROT_READ, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (conf_valid(p, conf_bytes()))
		return p;
	munmap(p, conf_bytes());
	return NULL;
}

static void
conclude(struct reload *r, struct mono now)
{
	struct reload_result res = { .fd = -1 };

	if (read(r->verdict_fd, &res.verdict, sizeof res.verdict) !=
	    (ssize_t)sizeof res.verdict) {
		refuse(r, "the configuration compiler gave no verdict", now);
		return;
	}
	res.verdict.first[sizeof res.verdict.first - 1] = '\0';
	if (res.verdict.errors == 0) {
		res.image = reload_adopt(r->image_fd, r->generation);
		if (!res.image) {
			refuse(r, "the configuration image is not usable", now);
			return;
		}
		res.fd = r->image_fd;
		r->image_fd = -1;
	}
	close_all(r);
	r->done(r, &res, now);
}

bool
reload_ended(struct reload *r, pid_t pid, struct mono now)
{
	if (pid != r->pid)
		return false;
	int status = 0;

	waitpid(pid, &status, 0);
	r->pid = 0;
	timer_stop(&r->loop->timers, &r->limit);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		conclude(r, now);
		return true;
	}
	log_put(CORE_LOG_RELOAD_DIED, r->path,
		WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	refuse(r, "the configuration compiler died", now);
	return true;
}

void
reload_cancel(struct reload *r)
{
	if (r->pid == 0)
		return;
	timer_stop(&r->loop->timers, &r->limit);
	kill(r->pid, SIGKILL);
	r->pid = 0;
	close_all(r);
}

void
reload_release(const struct conf_image *image, int fd)
{
	/* munmap() takes what mmap() gave, which nobody may write through. */
	munmap((void *)(uintptr_t)image, image->bytes);
	close(fd);
}
