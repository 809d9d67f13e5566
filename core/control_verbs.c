/* SPDX-License-Identifier: MIT */
/* control_verbs.c -- the verbs that every child has. */
#include "control_client.h"

#include <string.h>
#include <unistd.h>

#include "process_report.h"
#include "wall.h"

/* Which tables an answer holds: all, the child's own, or what every child has. */
enum scope {
	SCOPE_ALL,
	SCOPE_OWN,
	SCOPE_PROCESS,
};

/* Reads `[json] [own|process]`; a word that is neither is answered. */
static bool
read_words(struct control_client *c, const struct control_words *w, bool json,
	   enum scope *scope)
{
	*scope = SCOPE_ALL;
	for (unsigned i = 1; i < w->n; i++) {
		if (json && !strcmp(w->w[i], "json")) {
			c->format = REPORT_JSON;
		} else if (!strcmp(w->w[i], "own")) {
			*scope = SCOPE_OWN;
		} else if (!strcmp(w->w[i], "process")) {
			*scope = SCOPE_PROCESS;
		} else {
			control_fail(c, "%s takes %s, not \"%s\"", w->w[0],
				     json ? "[json]" : "no argument", w->w[i]);
			return false;
		}
	}
	return true;
}

static void
answer(struct control_client *c, enum scope scope)
{
	static const struct report_table *const none[] = { NULL };
	static const struct report_table *const process[] = {
		&process_report_table, NULL
	};
	struct control *s = control_self();
	const struct report_table *const *own = s->env->child->tables;
	const struct report_table *const *tables =
		scope == SCOPE_ALL ? s->all :
		scope == SCOPE_PROCESS ? process : own ? own : none;
	control_client_put(c, "0\n", 2);
	report_start(&c->cursor, c->format, tables);
	c->body = true;
	control_client_answer(c);
}

static void
status(struct control_client *c, const struct control_words *w, struct mono now)
{
	enum scope scope;
	(void)now;
	if (read_words(c, w, true, &scope))
		answer(c, scope);
}

static void
metrics(struct control_client *c, const struct control_words *w, struct mono now)
{
	enum scope scope;
	(void)now;
	c->format = REPORT_METRICS;
	if (read_words(c, w, false, &scope))
		answer(c, scope);
}

static void
overview(struct control_client *c, const struct control_words *w, struct mono now)
{
	const struct child_env *env = control_self()->env;
	enum scope scope;
	c->format = REPORT_COLUMNS;
	if (!read_words(c, w, false, &scope))
		return;
	char line[CONTROL_LINE], up[WALL_TEXT];
	struct strfmt out;
	strfmt_init(&out, line, sizeof line);
	strfmt_put(&out, "%s: up %s", env->child->name,
		   wall_duration(mono_diff_us(now, env->started), up));
	if (env->image)
		strfmt_put(&out, ", configuration %lu of %s",
			   (unsigned long)env->image->generation, env->image->path);
	else
		strfmt_put(&out, ", no configuration yet");
	if (env->image && !env->image->core.enabled)
		strfmt_put(&out, ", disabled by option enabled");
	control_ok(c, "%s", line);
	if (env->child->tables) {
		report_start(&c->cursor, REPORT_COLUMNS, env->child->tables);
		c->body = true;
	}
}

/* `monitor [json] [again]`: again, when it followed an earlier life, what it could not hear. */
static void
monitor(struct control_client *c, const struct control_words *w, struct mono now)
{
	struct child_env *env = control_self()->env;
	struct control_words words = *w;
	enum scope scope;
	(void)now;
	const bool again = words.n > 1 && !strcmp(words.w[words.n - 1], "again");
	words.n -= again;
	if (!read_words(c, &words, true, &scope))
		return;
	timer_stop(&env->loop.timers, &c->timer);
	control_client_put(c, "0\n", 2);
	c->stage = CONTROL_MONITOR;
	if (again && env->child->again)
		env->child->again(env, c);
}

static void
memory(struct control_client *c, const struct control_words *w, struct mono now)
{
	enum scope scope;
	(void)now;
	if (!read_words(c, w, true, &scope))
		return;
	control_table(c, c->format == REPORT_JSON ? &process_report_memory :
		      &process_report_pools, NULL);
}

/* Until the parent says that it has taken the request, it is given little time. */
static void
await_parent(struct control_client *c, int rc, struct mono now)
{
	if (rc < 0) {
		control_fail(c, "the parent does not take the request: error %d", -rc);
		return;
	}
	c->stage = CONTROL_WAITING;
	timer_arm(&control_self()->env->loop.timers, &c->timer,
		  mono_add(now, CONTROL_TAKEN_US));
}

static void
reload(struct control_client *c, const struct control_words *w, struct mono now)
{
	struct control *s = control_self();
	enum scope scope;
	if (!read_words(c, w, false, &scope))
		return;
	const struct ipc_reload m = { .client = 1 };
	await_parent(c, ipc_send_RELOAD(&s->env->ipc, &m, IPC_NO_FD), now);
}

static void
restart(struct control_client *c, const struct control_words *w, struct mono now)
{
	struct control *s = control_self();
	enum scope scope;
	if (!read_words(c, w, false, &scope))
		return;
	const struct ipc_restart m = { .client = 1 };
	c->restart = true;
	await_parent(c, ipc_send_RESTART(&s->env->ipc, &m, IPC_NO_FD), now);
}

static void
version(struct control_client *c, const struct control_words *w, struct mono now)
{
	enum scope scope;
	(void)now;
	if (!read_words(c, w, false, &scope))
		return;
	const unsigned long n = control_self()->env->parent.restarts;
	control_ok(c, "upkeepd " UPKEEP_VERSION ", restarted %lu time%s", n, n == 1 ? "" : "s");
}

const struct control_verb control_verbs[] = {
	{ "overview", "", "one line an object, for a person", false, overview },
	{ "status", "[json]", "everything there is to know", false, status },
	{ "metrics", "", "numbers for Prometheus", false, metrics },
	{ "monitor", "[json]", "follows events, one line each", false, monitor },
	{ "memory", "[json]", "pools: used, most, limit and what sets it", false, memory },
	{ "version", "", "what runs, and how often its binary was restarted", false, version },
	{ "reload", "", "reads the configuration again, as one transaction", true, reload },
	{ "restart", "", "the binary takes over from itself, as after an upgrade", true, restart },
	{ NULL, NULL, NULL, false, NULL }
};
