/* SPDX-License-Identifier: MIT */
/* compile_file.c -- a configuration file into the image of this build. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "compile.h"
#include "digest.h"
#include "globals.h"
#include "strfmt.h"

/* No router's configuration is this long; a device or a log may be. */
#define FILE_MAX	(16u << 20)

/* The work of one compilation.  Untouched, so without cost, in every other process. */
static struct compile work;

static void
begin(struct compile *c, struct conf_image *img)
{
	struct compile_part part[COMPILE_PARTS] = {
		{ .schema = &globals_schema, .mem = &img->core },
	};

	for (unsigned i = 0; i < child_count; i++) {
		part[i + 1].schema = child_table[i]->schema;
		part[i + 1].mem = (char *)img + img->part[i];
	}
	compile_begin(c, &img->core, part, child_count + 1);
}

static void
file_error(struct compile *c, const char *why)
{
	compile_error(c, (struct uci_pos){ .line = 0 }, "%s", why);
}

static const char *
why_not(int err)
{
	switch (err) {
	case ENOENT:
		return "there is no such file";
	case ENOTDIR:
		return "there is no such file: a part of the path is no folder";
	case EACCES:
	case EPERM:
		return "no permission to read it";
	case EISDIR:
		return "this is a folder";
	case ELOOP:
		return "its symbolic links lead nowhere";
	case ENAMETOOLONG:
		return "the path is too long";
	default:
		return "it can't be read";
	}
}

/* The opened file, or -1 after a complaint.  A pipe will do, but nobody waits for
 * one that has no writer. */
static int
open_text(struct compile *c, const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		file_error(c, why_not(errno));
	} else if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)) {
		file_error(c, S_ISDIR(st.st_mode) ? why_not(EISDIR) :
			   "this is a device, not a file");
	} else {
		(void)fcntl(fd, F_SETFL, 0);	/* blocking from here on */
		return fd;
	}
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static bool
is_pipe(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* false after a complaint. */
static bool
read_text(struct compile *c, int fd, bool wanted, uint8_t sum[DIGEST_MAX])
{
	char buf[4096];
	struct digest d;
	const bool digested = wanted && digest_init(&d, DIGEST_SHA256);
	uint32_t total = 0;

	for (;;) {
		const ssize_t n = read(fd, buf, sizeof buf);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			file_error(c, why_not(errno));
			return false;
		}
		if (n == 0 && total == 0 && is_pipe(fd)) {
			file_error(c, "nobody writes to this pipe");
			return false;
		}
		if (n == 0)
			break;
		if (digested)
			digest_update(&d, buf, (size_t)n);
		total += (uint32_t)n;
		if (total > FILE_MAX) {
			file_error(c, "more than 16 MiB: this is no configuration");
			return false;
		}
		if (!compile_feed(c, buf, (size_t)n))
			break;
	}
	if (digested)
		(void)digest_final(&d, sum);
	return true;
}

struct compile_result
compile_file(const char *path, struct conf_image *img, bool digest,
	     void (*complain)(void *ctx, const struct compile_complaint *m), void *ctx)
{
	struct compile *c = &work;
	uint8_t sum[DIGEST_MAX] = { 0 };

	conf_init(img);
	strfmt_copy(img->path, sizeof img->path, path, strlen(path));
	begin(c, img);

	const int fd = open_text(c, path);

	if (fd >= 0) {
		if (read_text(c, fd, digest, sum))
			(void)compile_end(c);
		(void)close(fd);
	}
	_Static_assert(sizeof img->digest <= sizeof sum, "a SHA-256 has 32 bytes");
	memcpy(img->digest, sum, sizeof img->digest);
	compile_complaint_say(c, complain, ctx);
	return c->result;
}
