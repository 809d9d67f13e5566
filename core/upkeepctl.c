/* SPDX-License-Identifier: MIT */
/* upkeepctl.c -- the command line: options, the verb, whom to ask.
 */
#include "upkeepctl.h"

#include <string.h>
#include <unistd.h>

#include "child.h"
#include "compile.h"
#include "control.h"
#include "schema.h"
#include "upkeepctl_digest.h"
#include "upkeepctl_join.h"
#include "upkeepctl_link.h"
#include "upkeepctl_monitor.h"
#include "upkeepctl_restart.h"
#include "upkeepctl_words.h"

#define ANSWER_S	10
#define RELOAD_S	70		/* longer than the child waits for the parent */

/* The command line, taken apart. */
struct command {
	const char *dir;
	char **words;
	int n;
	struct upkeepctl_out out;
};

static const char usage[] =
	"Usage: upkeepctl [-R DIR] [VERB [WORD]...]\n"
	"Asks upkeepd; without a verb: an overview.\n\n"
	"  -R, --run DIR          run folder of upkeepd (" UPKEEPCTL_RUN_DIR ")\n"
	"  -v, --version          print the version, and end\n"
	"  -h, --help             print this, and end\n\n";

static int
print_usage(struct upkeepctl_out *o)
{
	struct upkeepctl_words w;
	upkeepctl_out_bytes(o, usage, sizeof usage - 1);
	for (unsigned i = 0; upkeepctl_words_at(i, &w); i++)
		upkeepctl_words_print(o, &w);
	upkeepctl_out_put(o, "\nA verb may be abbreviated while it is the only one that "
			  "begins so.\nExit status: 0 done, 1 refused or no answer, "
			  "2 wrong usage.\n");
	return UPKEEPCTL_OK;
}

static int
misused(const struct upkeepctl_words *w, const char *word)
{
	const bool none = !*w->args;
	if (word)
		upkeepctl_out_complain("%s takes %s, not \"%s\"", w->name,
				       none ? "no argument" : w->args, word);
	else if (w->kind == UPKEEPCTL_WORDS_CHILD)
		upkeepctl_out_complain("%s needs %s; \"%s ?\" lists what there is", w->name,
				       w->args, w->name);
	else
		upkeepctl_out_complain("%s needs %s", w->name, w->args);
	return UPKEEPCTL_USAGE;
}

/* The words with a blank between them; false when that is no request. */
static bool
put_request(struct strfmt *s, const char *verb, char **words, int n)
{
	strfmt_put(s, "%s", verb);
	for (int i = 0; i < n; i++) {
		for (const char *p = words[i]; *p; p++)
			if ((unsigned char)*p < ' ' || *p == 0x7f) {
				upkeepctl_out_complain("a word holds a control character");
				return false;
			}
		strfmt_put(s, " %s", words[i]);
	}
	if (s->cut)
		upkeepctl_out_complain("the words are too long");
	return !s->cut;
}

static int
print_body(struct command *cmd, struct upkeepctl_link *l)
{
	while (upkeepctl_link_more(l)) {
		upkeepctl_out_bytes(&cmd->out, l->buf + l->head, l->tail - l->head);
		l->head = l->tail;
	}
	if (l->broken)
		upkeepctl_link_complain(l, cmd->dir);
	return l->broken ? UPKEEPCTL_FAILED : UPKEEPCTL_OK;
}

/* ---- verbs of one child ------------------------------------------------------------ */

static bool
has_verb(const struct child *child, const char *name)
{
	for (const struct child_verb *v = child->verbs; v && v->name; v++)
		if (!strcmp(v->name, name))
			return true;
	return false;
}

/* All that is left of the answer goes to standard error. */
static void
print_rest(struct upkeepctl_link *l)
{
	struct upkeepctl_out err;
	upkeepctl_out_init(&err, STDERR_FILENO);
	while (upkeepctl_link_more(l)) {
		upkeepctl_out_bytes(&err, l->buf + l->head, l->tail - l->head);
		l->head = l->tail;
	}
	upkeepctl_out_flush(&err);
}

/* Asks each child that has the verb until one does it. */
static int
run_child_verb(struct command *cmd, const struct upkeepctl_words *w)
{
	char text[CONTROL_LINE];
	struct strfmt request;
	strfmt_init(&request, text, sizeof text);
	if (cmd->n < 2 && *w->args && *w->args != '[')
		return misused(w, NULL);
	if (!put_request(&request, w->name, cmd->words + 1, cmd->n - 1))
		return UPKEEPCTL_USAGE;
	struct upkeepctl_link l = { .fd = -1 };
	for (unsigned i = w->child; i < child_count; i++) {
		if (!has_verb(child_table[i], w->name))
			continue;
		upkeepctl_link_close(&l);
		if (upkeepctl_link_ask(&l, cmd->dir, child_table[i]->name, text,
				       ANSWER_S) != UPKEEPCTL_LINK_GOOD)
			continue;
		const int rc = print_body(cmd, &l);
		upkeepctl_link_close(&l);
		return rc;
	}
	upkeepctl_link_complain(&l, cmd->dir);
	if (l.fd >= 0)
		print_rest(&l);
	upkeepctl_link_close(&l);
	return UPKEEPCTL_FAILED;
}

/* ---- reload --------------------------------------------------------------------------- */

/* A complaint begins with FILE:LINE: what a person does next. */
static void
suggest_check(const char *reason)
{
	const char *colon = reason[0] == '/' ? strchr(reason, ':') : NULL;
	const int n = colon && colon[1] >= '0' && colon[1] <= '9' ? (int)(colon - reason) : 0;
	upkeepctl_out_complain("\"upkeepctl check %.*s\" tells all that is wrong",
			       n ? n : 4, n ? reason : "FILE");
}

/* Any child can answer, or pass it on to the parent, which tells all of them. */
static void
ask_any(struct command *cmd, struct upkeepctl_link *l, const char *request, int timeout_s)
{
	*l = (struct upkeepctl_link){ .fd = -1 };
	for (unsigned i = 0; i < child_count; i++) {
		upkeepctl_link_close(l);
		if (upkeepctl_link_ask(l, cmd->dir, child_table[i]->name, request,
				       timeout_s) <= UPKEEPCTL_LINK_REFUSED)
			break;
	}
}

static int
run_reload(struct command *cmd)
{
	struct upkeepctl_link l;
	int rc = UPKEEPCTL_FAILED;
	ask_any(cmd, &l, "reload", RELOAD_S);
	if (l.code == UPKEEPCTL_LINK_GOOD) {
		rc = print_body(cmd, &l);
	} else {
		upkeepctl_link_complain(&l, cmd->dir);
		if (l.code == UPKEEPCTL_LINK_REFUSED) {
			print_rest(&l);
			if (strstr(l.reason, ": error: "))
				suggest_check(l.reason);
		}
	}
	upkeepctl_link_close(&l);
	return rc;
}

static int
run_version(struct command *cmd)
{
	struct upkeepctl_link l;
	int rc = UPKEEPCTL_FAILED;
	ask_any(cmd, &l, "version", ANSWER_S);
	if (l.code == UPKEEPCTL_LINK_GOOD)
		rc = print_body(cmd, &l);
	else
		upkeepctl_link_complain(&l, cmd->dir);
	upkeepctl_link_close(&l);
	return rc;
}

/* ---- the verb ---------------------------------------------------------------------------- */

static int
run_common(struct command *cmd, const struct upkeepctl_words *w)
{
	const bool json = cmd->n == 2 && !strcmp(cmd->words[1], "json") && *w->args;
	if (cmd->n > 2)
		return misused(w, cmd->words[2]);
	if (cmd->n == 2 && !json)
		return misused(w, cmd->words[1]);
	if (!strcmp(w->name, "overview"))
		return upkeepctl_join_overview(&cmd->out, cmd->dir);
	if (!strcmp(w->name, "status"))
		return upkeepctl_join_status(&cmd->out, cmd->dir, json);
	if (!strcmp(w->name, "metrics"))
		return upkeepctl_join_metrics(&cmd->out, cmd->dir);
	if (!strcmp(w->name, "memory"))
		return upkeepctl_join_memory(&cmd->out, cmd->dir, json);
	if (!strcmp(w->name, "monitor"))
		return upkeepctl_monitor_run(&cmd->out, cmd->dir, json);
	if (!strcmp(w->name, "version"))
		return run_version(cmd);
	if (!strcmp(w->name, "restart"))
		return upkeepctl_restart_run(&cmd->out, cmd->dir);
	assert(!strcmp(w->name, "reload"));
	return run_reload(cmd);
}

static int
run_check(struct command *cmd, const struct upkeepctl_words *w)
{
	if (cmd->n != 2)
		return misused(w, cmd->n < 2 ? NULL : cmd->words[2]);
	return compile_check_main(cmd->out.fd, cmd->words[1]);
}

static int
run_keys(struct command *cmd, const struct upkeepctl_words *w)
{
	const char *format = cmd->n > 1 ? cmd->words[1] : "";
	if (cmd->n > 2)
		return misused(w, cmd->words[2]);
	if (*format && strcmp(format, "json") && strcmp(format, "man"))
		return misused(w, format);
	return schema_keys_main(cmd->out.fd, format);
}

static int
run_help(struct command *cmd)
{
	struct upkeepctl_words w;
	if (cmd->n < 2)
		return print_usage(&cmd->out);
	if (!upkeepctl_words_find(cmd->words[1], &w))
		return UPKEEPCTL_USAGE;
	upkeepctl_words_print(&cmd->out, &w);
	return UPKEEPCTL_OK;
}

/* `VERB ... ?`: what may follow.  The daemon knows the objects; without it, or
 * for verbs that need none, the line of help. */
static int
run_question(struct command *cmd, const struct upkeepctl_words *w)
{
	char text[CONTROL_LINE];
	struct strfmt request;
	struct upkeepctl_link l;
	if (w->kind == UPKEEPCTL_WORDS_CHILD) {
		strfmt_init(&request, text, sizeof text);
		if (!put_request(&request, w->name, cmd->words + 1, cmd->n - 1))
			return UPKEEPCTL_USAGE;
		const enum upkeepctl_link_code code = upkeepctl_link_ask(&l, cmd->dir,
			child_table[w->child]->name, text, ANSWER_S);
		const int rc = code == UPKEEPCTL_LINK_GOOD ? print_body(cmd, &l) : -1;
		upkeepctl_link_close(&l);
		if (rc >= 0)
			return rc;
	}
	upkeepctl_words_print(&cmd->out, w);
	return UPKEEPCTL_OK;
}

static int
run_words(struct command *cmd)
{
	struct upkeepctl_words w;
	if (cmd->n == 0)
		return upkeepctl_join_overview(&cmd->out, cmd->dir);
	if (!strcmp(cmd->words[0], "?"))
		return print_usage(&cmd->out);
	if (!upkeepctl_words_find(cmd->words[0], &w))
		return UPKEEPCTL_USAGE;
	if (!strcmp(cmd->words[cmd->n - 1], "?"))
		return run_question(cmd, &w);
	switch (w.kind) {
	case UPKEEPCTL_WORDS_CHECK:
		return run_check(cmd, &w);
	case UPKEEPCTL_WORDS_KEYS:
		return run_keys(cmd, &w);
	case UPKEEPCTL_WORDS_DIGEST:
		return upkeepctl_digest_run(&cmd->out, cmd->words + 1, cmd->n - 1);
	case UPKEEPCTL_WORDS_HELP:
		return run_help(cmd);
	case UPKEEPCTL_WORDS_COMMON:
		return run_common(cmd, &w);
	case UPKEEPCTL_WORDS_CHILD:
		return run_child_verb(cmd, &w);
	}
	return UPKEEPCTL_USAGE;
}

/* ---- options --------------------------------------------------------------------------- */

static bool
is_option(const char *word, const char *brief, const char *name)
{
	return !strcmp(word, brief) || !strcmp(word, name);
}

int
upkeepctl_main(int argc, char **argv)
{
	struct command cmd = { .dir = UPKEEPCTL_RUN_DIR };
	upkeepctl_out_init(&cmd.out, STDOUT_FILENO);
	int rc = UPKEEPCTL_OK;
	int i = 1;
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (is_option(argv[i], "-h", "--help") || is_option(argv[i], "-v", "--version"))
			break;
		if (!is_option(argv[i], "-R", "--run") || i + 1 == argc) {
			upkeepctl_out_complain("option \"%s\" %s; --help lists them", argv[i],
				is_option(argv[i], "-R", "--run") ?
				"needs a folder" : "is unknown");
			return UPKEEPCTL_USAGE;
		}
		cmd.dir = argv[++i];
	}
	cmd.words = argv + i;
	cmd.n = argc - i;
	if (cmd.n > 0 && is_option(cmd.words[0], "-h", "--help"))
		rc = print_usage(&cmd.out);
	else if (cmd.n > 0 && is_option(cmd.words[0], "-v", "--version"))
		upkeepctl_out_put(&cmd.out, "upkeepctl " UPKEEP_VERSION "\n");
	else
		rc = run_words(&cmd);
	upkeepctl_out_flush(&cmd.out);
	return rc == UPKEEPCTL_OK && cmd.out.broken ? UPKEEPCTL_FAILED : rc;
}
