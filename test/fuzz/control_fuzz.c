/* SPDX-License-Identifier: MIT */
/* control_fuzz.c -- any bytes from up to three clients of the control socket at once.
 *
 * The real server on its loop's descriptors, with a toy child.  Byte 0 chooses who asks
 * (bits 0..2: may act).  Then come steps: a byte of client (low two bits), kind and length;
 * a client connects when it is first named.  Whatever came, each answer begins with "0",
 * "1 REASON" or "2 REASON", its JSON is JSON and its metrics are metrics, a change is made
 * only for one who may, and at the end every client is gone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control_client.h"
#include "core_pools.h"
#include "report_lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) do { if (!(x)) abort(); } while (0)
#define CLIENTS		3
#define ANSWER		(1 << 18)

enum step {
	STEP_SEND,			/* so many bytes */
	STEP_LINE,			/* and a newline */
	STEP_READ,			/* what there is to read */
	STEP_SHUT,			/* sends no more */
	STEP_LEAVE,
	STEP_EVENT,			/* something happens, for the monitors */
	STEP_LATER,			/* so many seconds pass */
	STEP_RELOADED,			/* the parent answers */
};

static struct client {
	int fd;				/* its own end; 0: not there */
	size_t n;
	char answer[ANSWER];
} client[CLIENTS];

static struct child_env env;
static int parent_fd;
static struct mono now;

/* ---- a toy child ---- */

static const char *const names[] = { "lan", "w\"a\\n\n", "\xff\x1b[2J", "gu=est" };
static unsigned acted;

static const void *
name_row(const void *parent, unsigned i)
{
	(void)parent;
	return i < PORT_ARRAY_SIZE(names) ? names[i] : NULL;
}

static void
get_name(const void *row, struct report_value *v)
{
	v->s = row;
}

static void
get_length(const void *row, struct report_value *v)
{
	v->u = strlen(row);
}

static const struct report_field fields[] = {
	{ .name = "iname", .kind = REPORT_STR, .get = get_name, .column = 10,
	  .heading = "INSTANCE" },
	{ .name = "length", .kind = REPORT_UINT, .get = get_length,
	  .metric = REPORT_COUNTER, .what = "of its name" },
	{ .name = NULL }
};
static const struct report_table table = {
	.name = "toy", .row = name_row, .fields = fields,
	.label = "instance", .label_value = get_name,
};
static const struct report_table *const tables[] = { &table, NULL };

static void
act(struct child_env *e, struct control_client *c, const char *arg, struct mono at)
{
	(void)e;
	(void)at;
	CHECK(c->who == CONTROL_ACTS);
	acted++;
	control_ok(c, "did it to %s", arg);
}

static void
tell(struct child_env *e, struct control_client *c, const char *arg, struct mono at)
{
	(void)e;
	(void)arg;
	(void)at;
	control_table(c, &table, NULL);
}

static const struct child_verb verbs[] = {
	{ "switch", "INSTANCE", "changes something", true, act },
	{ "why", "[INSTANCE]", "tells of it", false, tell },
	{ NULL, NULL, NULL, false, NULL }
};

static const char *
object(struct child_env *e, unsigned i)
{
	(void)e;
	return i < PORT_ARRAY_SIZE(names) ? names[i] : NULL;
}

static const struct child toy = {
	.name = "toy", .tables = tables, .verbs = verbs, .object = object,
};
const struct child *const child_table[] = { &toy, NULL };
const unsigned child_count = 1;

/* ---- the loop, a turn at a time ---- */

/* Serves what is ready; the clients' deadlines see `now`, not the clock. */
static void
turn(void)
{
	struct loop *const l = &env.loop;

	l->now = now;

	for (unsigned i = 0; i < 64; i++) {
		l->nbatch = epoll_wait(l->epfd, l->batch, LOOP_BATCH, 0);
		if (l->nbatch <= 0)
			break;
		for (l->served = 0; l->served < l->nbatch; l->served++) {
			const struct epoll_event *const ev = &l->batch[l->served];
			struct loop_fd *const f = ev->data.ptr;

			if (ev->events && f)
				f->ready(f, ev->events, now);
		}
	}
	l->served = -1;
	l->nbatch = 0;
	timer_run(&l->timers, now);
}

/* ---- the clients ---- */

/* Each complete line that looks like JSON is JSON. */
static void
check_lines(char *text)
{
	char *end;

	for (char *l = text; (end = strchr(l, '\n')) != NULL; l = end + 1) {
		*end = '\0';
		CHECK(*l != '{' || lint_json(l));
	}
}

static void
check_answer(struct client *c)
{
	char *const a = c->answer;

	a[c->n] = '\0';
	if (c->n == 0)
		return;
	CHECK(strlen(a) == c->n);		/* no NUL in any answer */
	CHECK(!strncmp(a, "0\n", 2) || !strncmp(a, "1 ", 2) || !strncmp(a, "2 ", 2));
	CHECK(a[c->n - 1] == '\n');
	for (size_t i = 0; i < c->n; i++)
		CHECK((unsigned char)a[i] >= ' ' || a[i] == '\n');
	if (!strncmp(a, "0\n# HELP", 8))
		CHECK(lint_metrics(a + 2) == NULL);
	check_lines(a);
}

/* Whether there was anything. */
static bool
take(struct client *c)
{
	bool some = false;
	ssize_t n;

	while ((n = recv(c->fd, c->answer + c->n, ANSWER - 1 - c->n, MSG_DONTWAIT)) > 0) {
		c->n += (size_t)n;
		some = true;
		CHECK(c->n < ANSWER - 1);
	}
	return some;
}

static void
connect_one(struct client *c, bool acts)
{
	int sv[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sv) == 0);
	c->fd = sv[0];
	c->n = 0;
	CHECK(control_client_open(sv[1], acts ? CONTROL_ACTS : CONTROL_LOOKS, now));
}

static void
leave(struct client *c)
{
	close(c->fd);
	c->fd = -1;
}

/* Returns how many bytes of `p` it has used up. */
static size_t
do_step(struct client *c, uint8_t what, const uint8_t *p, size_t left)
{
	const size_t n = (size_t)(what >> 5) * 11 + 1;
	const size_t len = n < left ? n : left;
	const struct ipc_reloaded m = { .generation = 2, .errors = what >> 7,
		.warnings = what >> 6 & 1, .first = "said\x01 \"so\"" };

	switch ((enum step)(what >> 2 & 7)) {
	case STEP_SEND:
	case STEP_LINE:
		(void)!send(c->fd, p, len, MSG_NOSIGNAL);
		if ((what >> 2 & 7) == STEP_LINE)
			(void)!send(c->fd, "\n", 1, MSG_NOSIGNAL);
		return len;
	case STEP_READ:
		take(c);
		break;
	case STEP_SHUT:
		shutdown(c->fd, SHUT_WR);
		break;
	case STEP_LEAVE:
		leave(c);
		break;
	case STEP_EVENT:
		for (size_t i = 0; i < n; i++)
			control_event(&table, names[i % PORT_ARRAY_SIZE(names)]);
		break;
	case STEP_LATER:
		now = mono_add(now, (int64_t)n * MONO_US_PER_S);
		break;
	case STEP_RELOADED:
		control_reloaded(&m);
		break;
	}
	return 0;
}

static void
open_server(void)
{
	static const struct ipc_ops no_ops;
	static char dir[] = "/tmp/upkeep-fuzz-XXXXXX";
	char path[64];
	int child_fd;

	CHECK(mkdtemp(dir) != NULL);
	env = (struct child_env){ .child = &toy, .run_dir = dir };
	CHECK(loop_open(&env.loop) == 0);
	now = env.started = loop_clock();
	CHECK(ipc_pair(&parent_fd, &child_fd) == 0);
	CHECK(ipc_open(&env.ipc, &env.loop, child_fd, &no_ops, NULL) == 0);
	CHECK(control_open(&env) == 0);
	snprintf(path, sizeof path, "%s/toy.sock", dir);
	unlink(path);
	rmdir(dir);
}

/* Until the server has nothing more to say to anyone who still listens. */
static void
end_all(void)
{
	for (bool some = true; some; ) {
		some = false;
		turn();
		for (unsigned k = 0; k < CLIENTS; k++)
			some |= client[k].fd > 0 && take(&client[k]);
	}
	for (unsigned k = 0; k < CLIENTS; k++) {
		if (client[k].fd > 0) {
			check_answer(&client[k]);
			leave(&client[k]);
		}
		client[k].fd = 0;
	}
	turn();
	for (uint32_t i = 0; i < control_client_pool_end(); i++)
		CHECK(!control_client_pool_at(i));
	CHECK(timer_next(&env.loop.timers).us == MONO_NEVER.us);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char drop[512];

	if (size < 1)
		return 0;
	if (!env.child)
		open_server();
	now = env.started;
	for (size_t i = 1; i < size; ) {
		const uint8_t what = data[i++];
		struct client *const c = &client[what & 3];

		if ((what & 3) == CLIENTS)
			continue;
		if (!c->fd)
			connect_one(c, data[0] >> (what & 3) & 1);
		if (c->fd < 0)
			continue;
		i += do_step(c, what, data + i, size - i);
		turn();
	}
	end_all();
	while (recv(parent_fd, drop, sizeof drop, MSG_DONTWAIT) > 0)
		continue;
	return 0;
}
