/* SPDX-License-Identifier: MIT */
/* conf.h -- the configuration image: what the compiler process writes and the
 * parent and the children map read-only.
 *
 * Plain data with indexes, no pointers, the same for whoever maps it.  One
 * image holds the part that core knows (globals, scripts) and one part for each
 * child of the build, in the order of child_table[], at part[] bytes from the start.
 */
#ifndef CONF_H
#define CONF_H

#include "mail_conf.h"
#include "net.h"
#include "port.h"

#define CONF_NAME	32		/* a section's name, with NUL */
#define CONF_PATH	128		/* a file's path, with NUL */
#define CONF_PARTS	4		/* children an image has room for */
#define CONF_NO_SCRIPT	0		/* script references are index + 1 */

/* A program that only the parent runs. */
struct conf_script {
	char argv[CONFIG_SCRIPT_BYTES];	/* words, each ended by NUL */
	uint16_t argc;			/* >= 1; argv[0] is an absolute path */
	uint16_t bytes;			/* used in argv */
	uint32_t uid;			/* runs as this user and group */
	uint32_t gid;
	int64_t timeout_us;		/* its process group is then killed */
};

/* What all processes share; section `globals`. */
struct conf_core {
	bool enabled;			/* option enabled; off: nothing runs */
	char router_id[64];		/* default: the host name */
	int64_t hello_us;		/* watchdog interval, 100 ms .. 60 s */
	uint32_t uid;			/* the children's user, 0: root's without rights */
	uint32_t gid;			/* and group */
	uint32_t control_gid;		/* may look at the control sockets, 0: no group */
	struct mail_conf mail;
	uint16_t nscripts;
	struct conf_script script[CONFIG_SCRIPTS];
};

#define CONF_MAGIC	0x75706b31u	/* "upk1" */

struct conf_image {
	uint32_t magic;			/* CONF_MAGIC */
	uint32_t bytes;			/* of the whole image */
	uint32_t generation;		/* 1, 2, ...; set by the parent */
	uint32_t nparts;		/* == child_count of the build */
	uint32_t part[CONF_PARTS];	/* offset of each child's part */
	uint32_t part_bytes[CONF_PARTS];
	uint8_t digest[32];		/* SHA-256 of the text it was made from */
	char path[CONF_PATH];		/* the file it was made from */
	struct conf_core core;
};

/* The part of child `i`, NULL when the image has none. */
const void *conf_part(const struct conf_image *img, unsigned i);

/* Bytes an image of this build takes: the header and every child's part. */
uint32_t conf_bytes(void);

/* Lays out an empty image in conf_bytes() zeroed bytes: fresh memory is, and what no
 * configuration fills is then never touched. */
void conf_init(struct conf_image *img);

/* Whether `img`, `bytes` long, is an image that this build can use. */
port_must_check bool conf_valid(const struct conf_image *img, uint32_t bytes);

#endif
