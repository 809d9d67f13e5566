/* SPDX-License-Identifier: MIT */
/* compile_script.c -- a command into the image, and whether it is safe to run.
 *
 * A command that runs as root must be one that only root can change: the file and every
 * folder above it belong to root and nobody else may write there (a sticky folder such as
 * /tmp will do: what root owns in it stays).  Links are followed by the same rule.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compile.h"
#include "strfmt.h"

#define LINKS		16		/* symbolic links followed */
#define PATH		512

/* Appends a byte to the words; false: no room. */
static bool
put(struct conf_script *s, char b)
{
	if (s->bytes == sizeof s->argv)
		return false;
	s->argv[s->bytes++] = b;
	return true;
}

enum split {
	SPLIT_OK,
	SPLIT_EMPTY,
	SPLIT_LONG,
	SPLIT_QUOTE,
};

static bool
is_space(char b)
{
	return b == ' ' || (b >= '\t' && b <= '\r');
}

/* Words as keepalived splits them: at white space; '...' and "..." keep it, a backslash
 * outside '...' makes the next byte plain. */
static enum split
split(struct conf_script *s, const char *p, size_t len)
{
	char quote = '\0';
	bool word = false;

	for (size_t i = 0; i < len; i++) {
		char b = p[i];

		if (quote == '\0' && is_space(b)) {
			if (word && !put(s, '\0'))
				return SPLIT_LONG;
			word = false;
			continue;
		}
		if (!word) {
			s->argc++;
			word = true;
		}
		if (b == quote && quote != '\0') {
			quote = '\0';
			continue;
		}
		if (quote == '\0' && (b == '\'' || b == '"')) {
			quote = b;
			continue;
		}
		if (b == '\\' && quote != '\'' && i + 1 < len)
			b = p[++i];
		if (!put(s, b))
			return SPLIT_LONG;
	}
	if (quote != '\0')
		return SPLIT_QUOTE;
	if (word && !put(s, '\0'))
		return SPLIT_LONG;
	return s->argc > 0 ? SPLIT_OK : SPLIT_EMPTY;
}

static bool
only_root_writes(const struct stat *st)
{
	if (st->st_uid != 0)
		return false;
	if (S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX))
		return true;
	if ((st->st_mode & S_IWGRP) && st->st_gid != 0)
		return false;
	return !(st->st_mode & S_IWOTH);
}

/* Takes the first name of `todo` off; false when none is left. */
static bool
next_name(char todo[PATH], char name[PATH])
{
	size_t begin = 0, end;

	while (todo[begin] == '/')
		begin++;
	for (end = begin; todo[end] != '/' && todo[end] != '\0'; end++)
		;
	strfmt_copy(name, PATH, todo + begin, end - begin);
	memmove(todo, todo + end, strlen(todo + end) + 1);
	return name[0] != '\0';
}

/* Walks `cmd` name by name, links too, to the first part that others than root can
 * change, and puts it into `weak`; false: there is none, or no such file. */
static bool
weak_part(const char *cmd, char weak[PATH])
{
	char todo[PATH], done[PATH] = "", name[PATH], link[PATH], both[PATH];
	unsigned links = 0;

	if (!strfmt_copy(todo, sizeof todo, cmd, strlen(cmd)))
		return false;
	while (next_name(todo, name)) {
		struct stat st;

		strfmt_to(weak, PATH, "%s/%s", done, name);
		if (lstat(weak, &st) != 0)
			return false;
		if (!S_ISLNK(st.st_mode)) {
			if (!only_root_writes(&st))
				return true;
			memcpy(done, weak, sizeof done);
			continue;
		}

		const ssize_t n = readlink(weak, link, sizeof link - 1);

		if (n <= 0 || ++links > LINKS)
			return true;	/* a loop, or changed under our eyes */
		link[n] = '\0';
		if (link[0] == '/')
			done[0] = '\0';
		strfmt_to(both, sizeof both, "%s/%s", link, todo);
		memcpy(todo, both, sizeof todo);
	}
	return false;
}

/* Whether the program may be run; what is only missing so far is a warning. */
static bool
check_program(struct compile *c, const char *path, struct uci_pos at)
{
	char shown[COMPILE_SHOWN], weak[PATH];
	struct stat st;

	compile_value_shown(path, strlen(path), shown);
	if (path[0] != '/') {
		compile_error(c, at, "'%s' is not an absolute path, as a command must "
			      "begin with", shown);
		return false;
	}
	if (stat(path, &st) != 0) {
		compile_warn(c, at, errno == ENOENT || errno == ENOTDIR ?
			     "there is no file '%s'" : "'%s' can't be looked at", shown);
		return true;
	}
	if (!S_ISREG(st.st_mode)) {
		compile_error(c, at, "'%s' is not a program", shown);
		return false;
	}
	if (!(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		compile_warn(c, at, "'%s' is not executable", shown);
	if (c->script_uid == 0 && weak_part(path, weak)) {
		compile_error(c, at, "'%s' would run as root, but others than root can "
			      "change '%s'", shown,
			      compile_value_shown(weak, strlen(weak), shown));
		return false;
	}
	return true;
}

static bool
same(const struct conf_script *a, const struct conf_script *b)
{
	return a->argc == b->argc && a->bytes == b->bytes && a->uid == b->uid &&
	       a->gid == b->gid && a->timeout_us == b->timeout_us &&
	       memcmp(a->argv, b->argv, a->bytes) == 0;
}

/* The reference of the command, which is added when it is new. */
static uint16_t
enter(struct compile *c, const struct conf_script *s, struct uci_pos at)
{
	struct conf_core *core = c->core;

	for (uint16_t i = 0; i < core->nscripts; i++)
		if (same(&core->script[i], s))
			return (uint16_t)(i + 1);
	if (core->nscripts == CONFIG_SCRIPTS) {
		compile_full(c, at, CONFIG_SCRIPTS, "scripts", "CONFIG_SCRIPTS");
		return CONF_NO_SCRIPT;
	}
	core->script[core->nscripts++] = *s;
	return core->nscripts;
}

uint16_t
compile_script(struct compile *c, const char *s, size_t len, struct uci_pos at)
{
	struct conf_script script;

	memset(&script, 0, sizeof script);
	switch (split(&script, s, len)) {
	case SPLIT_OK:
		break;
	case SPLIT_EMPTY:
		compile_error(c, at, "the command is empty");
		return CONF_NO_SCRIPT;
	case SPLIT_LONG:
		compile_error(c, at, "the command is longer than %d bytes: raise "
			      "CONFIG_SCRIPT_BYTES", CONFIG_SCRIPT_BYTES);
		return CONF_NO_SCRIPT;
	case SPLIT_QUOTE:
		compile_error(c, at, "a quote in the command never ends");
		return CONF_NO_SCRIPT;
	}
	if (!check_program(c, script.argv, at))
		return CONF_NO_SCRIPT;
	script.uid = c->script_uid;
	script.gid = c->script_gid;
	script.timeout_us = c->script_timeout_us;
	return enter(c, &script, at);
}
