/* SPDX-License-Identifier: MIT */
/* reload.h -- from the configuration file to a sealed image, in a process of its own.
 *
 * The compiler process reads the file, writes the image into a memory file that it shares
 * with the parent, logs every complaint, hands its verdict through a pipe and exits.  A crash
 * or a hang of it is a failed reload, nothing more.  Whether and when the image is put into
 * force is the parent's (proc.c).
 */
#ifndef RELOAD_H
#define RELOAD_H

#include <sys/types.h>

#include "conf.h"
#include "loop.h"

#define RELOAD_LIMIT_US	(20 * (int64_t)MONO_US_PER_S)
#define RELOAD_FIRST	160		/* bytes of the first complaint, with NUL */

struct reload_verdict {
	uint32_t errors;		/* 0: the image is good */
	uint32_t warnings;
	char first[RELOAD_FIRST];	/* "" without one */
};

/* What came of it.  The image and its descriptor belong to who receives them. */
struct reload_result {
	struct reload_verdict verdict;
	const struct conf_image *image;	/* NULL: refused */
	int fd;				/* of the image, sealed; -1: refused */
};

struct reload {
	struct loop *loop;
	const char *path;		/* the configuration file */
	pid_t pid;			/* of the compiler; 0: none runs */
	int image_fd, verdict_fd;
	uint32_t generation;		/* that the image gets */
	struct timer limit;
	int64_t limit_us;
	/* In the compiler process, first thing: closes what is the parent's. */
	void (*forget)(struct reload *r);
	void (*done)(struct reload *r, const struct reload_result *res,
		     struct mono now);
};

/* `forget` and `done` are set by the caller before. */
void reload_open(struct reload *r, struct loop *l, const char *path);

/* Starts a compiler; none may run.  When that fails, done() says so at once. */
void reload_start(struct reload *r, uint32_t generation, struct mono now);

/* Process `pid` has ended and was not yet waited for.  true: it was the compiler, is
 * reaped, and done() was called. */
bool reload_ended(struct reload *r, pid_t pid, struct mono now);

/* Kills the compiler, if one runs; done() is not called. */
void reload_cancel(struct reload *r);

struct compile_complaint;
struct compile_result;

/* Compiles the configuration `path` into memory file `fd`, which gets the size of an image; not
 * sealed and without a generation yet.  0 and *res, or -errno. */
port_must_check int reload_compile(const char *path, int fd,
				   void (*complain)(void *ctx, const struct compile_complaint *m),
				   void *ctx, struct compile_result *res);

/* Seals the image in `fd` under its generation and maps it; NULL when it is not what this
 * build can use. */
const struct conf_image *reload_adopt(int fd, uint32_t generation);

/* Gives an image back. */
void reload_release(const struct conf_image *image, int fd);

#endif
