/* SPDX-License-Identifier: MIT */
/* control_client.h -- one client of the control socket, and what the files of the
 * control server share; nobody else includes it.
 *
 * A client's life: READING (its one line), then ANSWERING until all is written and the
 * connection closed; `reload` and `restart` are WAITING in between, `monitor` stays a MONITOR.
 */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include "child.h"
#include "control.h"
#include "loop.h"

#define CONTROL_OUT		2048	/* bytes a client may leave unread */
#define CONTROL_REST		4096	/* and may send behind its request */
#define CONTROL_EVENT		512	/* longest event line, with its newline */
#define CONTROL_TABLES		16	/* a child may have */
#define CONTROL_WORDS		6	/* of a request */

#define CONTROL_READ_US		(10 * (int64_t)MONO_US_PER_S)
#define CONTROL_WRITE_US	(30 * (int64_t)MONO_US_PER_S)
#define CONTROL_TAKEN_US	(3 * (int64_t)MONO_US_PER_S)
#define CONTROL_RELOAD_US	(60 * (int64_t)MONO_US_PER_S)
#define CONTROL_MONITOR_US	(300 * (int64_t)MONO_US_PER_S)

enum control_stage {
	CONTROL_READING,
	CONTROL_WAITING,
	CONTROL_ANSWERING,
	CONTROL_MONITOR,
};

/* By the credentials that the kernel vouches for (unix(7)). */
enum control_who {
	CONTROL_STRANGER,		/* nothing */
	CONTROL_LOOKS,			/* the group of option control_group: status */
	CONTROL_ACTS,			/* root or our own user: all verbs */
};

struct control_client {
	struct loop_fd io;
	struct timer timer;		/* the peer's time to read or write is over */
	enum control_stage stage;
	enum report_format format;
	enum control_who who;
	bool body;			/* `cursor` has more to say */
	bool half;			/* the peer won't write any more */
	bool restart;			/* WAITING for a restart, not for a reload */
	bool taken;			/* the parent knows of it */
	uint16_t nline;			/* of line[]; then: read in all */
	uint16_t head, tail;		/* of out[]: not yet written */
	uint32_t ticket;		/* WAITING: for a growing answer; 0: for a reload */
	uint32_t lost;			/* events since the last that fitted */
	char line[CONTROL_LINE];
	char out[CONTROL_OUT];
	struct report_cursor cursor;
};

/* A request cut into words, each ended by NUL; w[n] and after are "". */
struct control_words {
	const char *w[CONTROL_WORDS + 1];
	unsigned n;
};

#define CONTROL_COUNTS(X)						\
	X(accepted,	"connections taken up")				\
	X(refused,	"connections refused because all slots were in use") \
	X(strangers,	"connections refused because of who asked")	\
	X(garbage,	"requests that were no text, too long or unfinished") \
	X(unknown,	"requests with an unknown or ambiguous verb")	\
	X(slow_readers,	"clients closed because they did not read")	\
	X(slow_writers,	"clients closed because they sent no request in time") \
	X(events,	"events offered to monitors")			\
	X(events_lost,	"events that a monitor lost because it did not read")

/* The server: one a process. */
struct control {
	struct child_env *env;		/* NULL: closed */
	struct loop_fd listener;
	uint32_t tickets;		/* handed out */
	struct timer again;		/* accept(2) failed: until it is tried again */
#define CONTROL_COUNT(name, what) uint64_t name;
	CONTROL_COUNTS(CONTROL_COUNT)
#undef CONTROL_COUNT
	const struct report_table *all[CONTROL_TABLES + 2];
};
struct control *control_self(void);

enum control_who control_client_who(int fd);
/* Takes `fd` over; false: all slots are in use. */
port_must_check bool control_client_open(int fd, enum control_who who, struct mono now);
void control_client_close(struct control_client *c);
unsigned control_client_count(enum control_stage stage);

/* Appends to what is to be written; false (and nothing) when it has no room. */
bool control_client_put(struct control_client *c, const char *p, size_t n);
/* The answer is complete but for `cursor` when `body` is set. */
void control_client_answer(struct control_client *c);
/* Writes what the peer takes now, with loop and timer set for the rest.  May
 * close `c`: it must not be touched after. */
void control_client_flush(struct control_client *c, struct mono now);

/* Answers the request in c->line, `n` bytes. */
void control_request_run(struct control_client *c, size_t n, struct mono now);

/* Tells a monitor how many events it lost, when there is room. */
void control_event_settle(struct control_client *c);

#endif
