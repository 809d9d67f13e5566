/* SPDX-License-Identifier: MIT */
/* control.h -- the control socket of a child: one SOCK_STREAM unix socket
 * RUN_DIR/CHILD.sock, requests of one line, answers from the walker of report.h.
 *
 * An answer begins with the line "0" (good), "1 REASON" (refused) or "2 REASON" (this child
 * has no such verb: another may), then the body until the end of file.  `monitor` keeps the
 * connection and sends one line an event.  Clients come from a fixed pool; one that never reads
 * loses events (counted, and told so) and is closed in the end, never delays anything.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "conf.h"
#include "ipc.h"
#include "report.h"

#define CONTROL_LINE	256		/* longest request, with its newline */

struct child_env;
struct control_client;

/* Binds and listens at RUN_DIR/CHILD.sock (replacing a dead one); `env` has its loop open,
 * `child`, `run_dir`, `image` (or NULL) and `started` set.  0 or -errno. */
port_must_check int control_open(struct child_env *env);
/* Ends every answer and closes.  The socket's name stays for the parent to remove: a child
 * that has given up its rights can't. */
void control_close(void);

/* Who may connect: the daemon's user, and the group that may look.  For whoever still is
 * root: the child before it gives that up, the parent after a reload.  0 or -errno. */
int control_own(const char *run_dir, const char *name, const struct conf_core *core);

/* The parent's RELOADED came: answers every client that waits for it. */
void control_reloaded(const struct ipc_reloaded *m);

/* The parent's TAKEN came: it lives, and those who wait for it may wait longer. */
void control_taken(struct mono now);

/* The parent's RESTARTED came: answers every client that waits for it. */
void control_restarted(const struct ipc_restarted *m);

/* A verb's answer, exactly one of these. */
void control_ok(struct control_client *c, const char *fmt, ...) port_format(2, 3);
void control_fail(struct control_client *c, const char *fmt, ...) port_format(2, 3);
/* An answer that grows: the client waits, at most `us`, and gets lines as they come.  The ticket
 * finds it again: it may have gone meanwhile (then these do nothing and say false). */
uint32_t control_wait(struct control_client *c, int64_t us, struct mono now);
bool control_say(uint32_t ticket, struct mono now, const char *fmt, ...) port_format(3, 4);
bool control_end(uint32_t ticket, struct mono now);

/* Renders `t` under `parent` as JSON when the request asked for it, else as columns
 * when the table has some, else as text. */
void control_table(struct control_client *c, const struct report_table *t,
		   const void *parent);

/* The object `parent` goes away: answers of control_table() about it end now. */
void control_forget(const void *parent);

/* To every monitor: the row as one event line `TIME NAME key=value ...`, or as JSON. */
void control_event(const struct report_table *t, const void *row);

/* The same to `c` alone, of what happened at `at` in this life: from child->again(). */
void control_event_again(struct control_client *c, const struct report_table *t, const void *row,
			 struct mono at);

/* The verbs that every child has, ended by a row without name; upkeepctl's help and
 * abbreviations come from here and from child->verbs.
 *
 * `status`, `metrics` and `memory` also take a last word that upkeepctl uses to join the
 * answers of several children: `own` (the child's tables), `process` (what every child has). */
struct control_words;

struct control_verb {
	const char *name;
	const char *args;		/* "[json]", "" */
	const char *what;		/* one sentence */
	bool acts;			/* changes something */
	void (*run)(struct control_client *c, const struct control_words *w,
		    struct mono now);
};
extern const struct control_verb control_verbs[];

#endif
