/* SPDX-License-Identifier: MIT */
/* passwd.c -- user and group names to numbers. */
#include "passwd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "strfmt.h"

#define FIELDS		4		/* name:password:uid:gid, name:password:gid:members */
#define FIELD		64		/* longest field kept; longer ones match nothing */

/* The line under way, its first fields. */
struct line {
	char field[FIELDS][FIELD];
	size_t len[FIELDS];
	unsigned n;			/* field under way, FIELDS: the rest of the line */
};

static void
line_byte(struct line *l, char c)
{
	if (c == ':') {
		l->n += l->n < FIELDS;
	} else if (l->n < FIELDS) {
		if (l->len[l->n] < FIELD)
			l->field[l->n][l->len[l->n]++] = c;
	}
}

static bool
number(const struct line *l, unsigned field, uint32_t *out)
{
	int64_t v;

	if (!strfmt_parse_i64(&v, l->field[field], l->len[field]) || v < 0 ||
	    v > UINT32_MAX - 1)
		return false;
	*out = (uint32_t)v;
	return true;
}

static bool
matches(const struct line *l, unsigned field, const char *text)
{
	return l->len[field] < FIELD && l->len[field] == strlen(text) &&
	       memcmp(l->field[field], text, l->len[field]) == 0;
}

/* Finds the line whose field `key` is `text` into `l`. */
static bool
find(const char *path, unsigned key, const char *text, struct line *l)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	char buf[512];
	bool found = false;
	ssize_t n;

	if (fd < 0)
		return false;
	memset(l, 0, sizeof *l);
	do {
		n = read(fd, buf, sizeof buf);
		for (ssize_t i = 0; i < n && !found; i++) {
			if (buf[i] != '\n') {
				line_byte(l, buf[i]);
				continue;
			}
			found = matches(l, key, text);
			if (!found)
				memset(l, 0, sizeof *l);
		}
	} while (!found && (n > 0 || (n < 0 && errno == EINTR)));
	if (!found)			/* the last line may lack its newline */
		found = matches(l, key, text);
	(void)close(fd);
	return found;
}

static bool
is_number(const char *s, uint32_t *out)
{
	int64_t v;

	if (!strfmt_parse_i64(&v, s, strlen(s)) || v < 0 || v > UINT32_MAX - 1)
		return false;
	*out = (uint32_t)v;
	return true;
}

bool
passwd_user(const char *path, const char *name, uint32_t *uid, uint32_t *gid)
{
	struct line l;

	if (name[0] == '\0')
		return false;
	if (is_number(name, uid)) {
		if (!find(path, 2, name, &l) || !number(&l, 3, gid))
			*gid = *uid;
		return true;
	}
	return find(path, 0, name, &l) && number(&l, 2, uid) && number(&l, 3, gid);
}

bool
passwd_group(const char *path, const char *name, uint32_t *gid)
{
	struct line l;

	if (name[0] == '\0')
		return false;
	return is_number(name, gid) || (find(path, 0, name, &l) && number(&l, 2, gid));
}
