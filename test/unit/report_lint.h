/* SPDX-License-Identifier: MIT */
/* report_lint.h -- strict readers for what the walker writes: RFC 8259 JSON, and the
 * text exposition format of Prometheus as promtool checks it. */
#ifndef REPORT_LINT_H
#define REPORT_LINT_H

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static inline const char *lint_value(const char *s, int depth);

static inline const char *
lint_string(const char *s)
{
	if (!s || *s++ != '"')
		return NULL;
	while (*s != '"') {
		if ((unsigned char)*s < 0x20)
			return NULL;
		if (*s == '\\') {
			s++;
			if (*s == 'u') {
				for (int i = 1; i <= 4; i++)
					if (!isxdigit((unsigned char)s[i]))
						return NULL;
				s += 4;
			} else if (!*s || !strchr("\"\\/bfnrt", *s)) {
				return NULL;
			}
		}
		s++;
	}
	return s + 1;
}

static inline const char *
lint_number(const char *s)
{
	if (*s == '-')
		s++;
	if (!isdigit((unsigned char)*s) || (*s == '0' && isdigit((unsigned char)s[1])))
		return NULL;
	while (isdigit((unsigned char)*s))
		s++;
	if (*s == '.') {
		if (!isdigit((unsigned char)*++s))
			return NULL;
		while (isdigit((unsigned char)*s))
			s++;
	}
	return s;
}

static inline const char *
lint_members(const char *s, char close, bool keys, int depth)
{
	if (*s == close)
		return s + 1;
	for (;;) {
		if (keys) {
			s = lint_string(s);
			if (!s || *s++ != ':')
				return NULL;
		}
		s = lint_value(s, depth + 1);
		if (!s)
			return NULL;
		if (*s == close)
			return s + 1;
		if (*s++ != ',')
			return NULL;
	}
}

static inline const char *
lint_value(const char *s, int depth)
{
	if (depth > 20)
		return NULL;
	if (*s == '{')
		return lint_members(s + 1, '}', true, depth);
	if (*s == '[')
		return lint_members(s + 1, ']', false, depth);
	if (*s == '"')
		return lint_string(s);
	static const char *const words[] = { "true", "false", "null" };
	for (int i = 0; i < 3; i++)
		if (!strncmp(s, words[i], strlen(words[i])))
			return s + strlen(words[i]);
	return lint_number(s);
}

/* One JSON value without white space, and perhaps a newline at its end. */
static inline bool
lint_json(const char *s)
{
	s = lint_value(s, 0);
	return s && (!*s || (*s == '\n' && !s[1]));
}

static inline const char *
lint_name(const char *s)
{
	if (!isalpha((unsigned char)*s) && *s != '_')
		return NULL;
	while (isalnum((unsigned char)*s) || *s == '_')
		s++;
	return s;
}

static inline bool
lint_sample(const char *s, const char *family)
{
	const char *end = lint_name(s);
	if (!end || (size_t)(end - s) != strlen(family) || strncmp(s, family, (size_t)(end - s)))
		return false;
	s = end;
	if (*s == '{') {
		do {
			s = lint_name(s + 1);
			if (!s || *s++ != '=' || *s++ != '"')
				return false;
			for (; *s != '"'; s++) {
				if (*s == '\n' || !*s)
					return false;
				if (*s == '\\' && !strchr("\\\"n", *++s))
					return false;
			}
			s++;
		} while (*s == ',');
		if (*s++ != '}')
			return false;
	}
	if (*s++ != ' ')
		return false;
	s = lint_number(s);
	return s && *s == '\n';
}

/* NULL, or the line that is wrong: each family has HELP and TYPE once and first, its
 * samples stand together, counters and only they end in _total. */
static inline const char *
lint_metrics(const char *text)
{
	static char seen[400][100];
	int n = 0;
	char family[100] = "", kind[20];
	for (const char *s = text; *s; s = strchr(s, '\n') + 1) {
		if (!strchr(s, '\n'))
			return s;
		if (!strncmp(s, "# HELP ", 7)) {
			if (sscanf(s + 7, "%99[a-zA-Z0-9_] ", family) != 1 || n == 400)
				return s;
			for (int i = 0; i < n; i++)
				if (!strcmp(seen[i], family))
					return s;
			strcpy(seen[n++], family);
			const char *type = strchr(s, '\n') + 1;
			char again[100];
			if (sscanf(type, "# TYPE %99s %19s", again, kind) != 2 ||
			    strcmp(again, family))
				return type;
			const size_t len = strlen(family);
			const bool total = len > 6 && !strcmp(family + len - 6, "_total");
			if (total != !strcmp(kind, "counter"))
				return type;
			s = type;
		} else if (!lint_sample(s, family)) {
			return s;
		}
	}
	return NULL;
}

#endif
