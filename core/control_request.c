/* SPDX-License-Identifier: MIT */
/* control_request.c -- from one line to a verb, and what `?` answers.
 *
 * A verb may be abbreviated as long as it is the only one that begins so.
 */
#include "control_client.h"

#include <string.h>

#include "control_help.h"
#include "suggest.h"

/* Cuts `line` (NUL-terminated) at white space; false: more words than any verb takes. */
static bool
cut(struct control_words *w, char *line)
{
	*w = (struct control_words){ .n = 0 };
	for (char *p = line; ; ) {
		while (*p == ' ' || *p == '\t')
			*p++ = '\0';
		if (!*p)
			break;
		if (w->n == CONTROL_WORDS)
			return false;
		w->w[w->n++] = p;
		while (*p && *p != ' ' && *p != '\t')
			p++;
	}
	for (unsigned i = w->n; i <= CONTROL_WORDS; i++)
		w->w[i] = "";
	return true;
}

static bool
is_text(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)p[i] < ' ' && p[i] != '\t') || p[i] == 0x7f)
			return false;
	return true;
}

/* ---- finding the verb ---------------------------------------------------------- */

struct search {
	const char *typed;
	size_t len;
	const struct control_verb *common;
	const struct child_verb *own;
	const char *hit[2];		/* names that begin so */
	unsigned hits;
	struct suggest near;
};

/* Whether `name` is what was typed, to the letter. */
static bool
offer(struct search *s, const char *name)
{
	suggest_offer(&s->near, name);
	if (strncmp(name, s->typed, s->len))
		return false;
	if (!name[s->len]) {
		s->hits = 1;
		s->hit[0] = name;
		return true;
	}
	if (s->hits < 2)
		s->hit[s->hits] = name;
	s->hits++;
	return false;
}

static void
search(struct search *s, const struct child *child)
{
	suggest_begin(&s->near, s->typed);
	for (const struct control_verb *v = control_verbs; v->name; v++) {
		const unsigned before = s->hits;
		const bool exact = offer(s, v->name);
		if (exact || s->hits > before)
			s->common = v, s->own = NULL;
		if (exact)
			return;
	}
	for (const struct child_verb *v = child->verbs; v && v->name; v++) {
		const unsigned before = s->hits;
		const bool exact = offer(s, v->name);
		if (exact || s->hits > before)
			s->own = v, s->common = NULL;
		if (exact)
			return;
	}
}

/* "2": another child may know it. */
static void
not_found(struct control_client *c, const struct search *s)
{
	char line[CONTROL_LINE + 96];
	struct strfmt out;
	control_self()->unknown++;
	strfmt_init(&out, line, sizeof line);
	if (s->hits > 1)
		strfmt_put(&out, "2 \"%s\" is ambiguous: %s, %s%s\n", s->typed,
			   s->hit[0], s->hit[1], s->hits > 2 ? ", ..." : "");
	else if (s->near.best)
		strfmt_put(&out, "2 unknown verb \"%s\"; did you mean \"%s\"?\n",
			   s->typed, s->near.best);
	else
		strfmt_put(&out, "2 unknown verb \"%s\"; \"?\" lists them\n", s->typed);
	control_client_put(c, line, out.n);
	control_client_answer(c);
}

/* ---- a verb of the child ------------------------------------------------------- */

/* The object must be one of the child's; a wrong one is answered with the nearest. */
static bool
object_known(struct control_client *c, const struct child_verb *v, const char *arg)
{
	struct child_env *env = control_self()->env;
	struct suggest near;
	const char *longer = NULL;	/* one that begins as was typed */
	suggest_begin(&near, arg);
	for (unsigned i = 0; env->child->object; i++) {
		const char *name = env->child->object(env, i);
		if (!name)
			break;
		if (!strcmp(name, arg))
			return true;
		suggest_offer(&near, name);
		if (!strncmp(name, arg, strlen(arg)))
			longer = name;
	}
	if (!env->child->object)
		return true;
	if (longer || near.best)
		control_fail(c, "no %.*s \"%s\"; did you mean \"%s\"?",
			     (int)strcspn(v->args, " "), v->args, arg,
			     longer ? longer : near.best);
	else
		control_fail(c, "no %.*s \"%s\"; \"%s ?\" lists them",
			     (int)strcspn(v->args, " "), v->args, arg, v->name);
	return false;
}

/* Words of "NAME VERB [VALUE]", and how many of them may be left out. */
static unsigned
words_in(const char *args)
{
	unsigned n = args && *args ? 1 : 0;
	for (const char *p = n ? args : ""; *p; p++)
		n += *p == ' ';
	return n;
}

static unsigned
optional_in(const char *args)
{
	unsigned n = 0;
	for (const char *p = args ? args : ""; *p; p++)
		n += *p == '[';
	return n;
}

static void
run_own(struct control_client *c, const struct child_verb *v,
	const struct control_words *w, struct mono now)
{
	const char *arg[CONTROL_WORDS + 1];
	unsigned n = w->n;
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(arg); i++)
		arg[i] = i + 1 < PORT_ARRAY_SIZE(arg) ? w->w[i + 1] : "";
	if (n > 1 && !strcmp(w->w[n - 1], "json")) {
		c->format = REPORT_JSON;
		arg[n-- - 2] = "";
	}
	const unsigned takes = words_in(v->args), needs = takes - optional_in(v->args);
	if (n > 1 + takes)
		control_fail(c, "%s takes %s, not \"%s\"", v->name,
			     takes ? v->args : "no argument", w->w[1 + takes]);
	else if (n < 1 + needs)
		control_fail(c, "%s needs %s; \"%s ?\" lists what there is", v->name,
			     v->args, v->name);
	else if (v->acts && c->who != CONTROL_ACTS)
		control_fail(c, "%s is for root only", v->name);
	else if (!needs || object_known(c, v, w->w[1]))
		v->run(control_self()->env, c, arg, now);
}

static void
run_common(struct control_client *c, const struct control_verb *v,
	   const struct control_words *w, struct mono now)
{
	if (v->acts && c->who != CONTROL_ACTS)
		control_fail(c, "%s is for root only", v->name);
	else
		v->run(c, w, now);
}

/* ---- the request ---------------------------------------------------------------- */

static void
run_words(struct control_client *c, struct control_words *w, struct mono now)
{
	bool asks = !strcmp(w->w[w->n - 1], "?");
	if (asks)
		w->n--;
	if (w->n > 0 && !strcmp(w->w[0], "help")) {
		asks = true;
		w->w[0] = w->w[1];
		w->n--;
	}
	if (w->n == 0) {
		control_help_verbs(c);
		return;
	}
	struct search s = { .typed = w->w[0], .len = strlen(w->w[0]) };
	search(&s, control_self()->env->child);
	if (s.hits != 1)
		not_found(c, &s);
	else if (asks)
		control_help_verb(c, s.common, s.own, w->n > 1);
	else if (s.common)
		run_common(c, s.common, w, now);
	else
		run_own(c, s.own, w, now);
}

void
control_request_run(struct control_client *c, size_t n, struct mono now)
{
	struct control_words w;
	if (n > 0 && c->line[n - 1] == '\r')
		n--;
	if (!is_text(c->line, n)) {
		control_self()->garbage++;
		control_fail(c, "not a request: it holds bytes that are no text");
		return;
	}
	c->line[n] = '\0';
	if (!cut(&w, c->line))
		control_fail(c, "more than %d words", CONTROL_WORDS);
	else if (w.n == 0)
		control_fail(c, "an empty request; \"?\" lists the verbs");
	else
		run_words(c, &w, now);
}
