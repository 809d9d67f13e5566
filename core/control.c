/* SPDX-License-Identifier: MIT */
/* control.c -- the listening socket and the answers.
 *
 * All state of the server is the one struct below and the pool of clients.
 */
#define _GNU_SOURCE
#include "control_client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core_pools.h"
#include "process_report.h"
#include "utf8.h"

#define BACKLOG		16
#define ACCEPTS		16		/* per wake-up */
#define AGAIN_US	MONO_US_PER_S

struct control *
control_self(void)
{
	static struct control self;
	return &self;
}

/* ---- answers ---------------------------------------------------------------- */

/* One line, whatever the words that came from outside hold. */
static void
put_line(struct control_client *c, const char *head, const char *fmt, va_list ap)
{
	char line[CONTROL_OUT / 2];
	struct strfmt s;
	strfmt_init(&s, line, sizeof line - 1);
	strfmt_put(&s, "%s", head);
	const size_t text = s.n;
	strfmt_putv(&s, fmt, ap);
	for (size_t i = text, k; i < s.n; i += k) {
		k = utf8_take(line + i);
		if (k == 0 && line[i] != '\n')
			line[i] = '?';
		k = k ? k : 1;
	}
	line[s.n++] = '\n';
	control_client_put(c, line, s.n);
	control_client_answer(c);
}

void
control_ok(struct control_client *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	put_line(c, "0\n", fmt, ap);
	va_end(ap);
}

void
control_fail(struct control_client *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	put_line(c, "1 ", fmt, ap);
	va_end(ap);
}

uint32_t
control_wait(struct control_client *c, int64_t us, struct mono now)
{
	struct control *s = control_self();
	c->stage = CONTROL_WAITING;
	c->ticket = ++s->tickets ? s->tickets : ++s->tickets;
	control_client_put(c, "0\n", 2);
	timer_arm(&s->env->loop.timers, &c->timer, mono_add(now, us));
	return c->ticket;
}

static struct control_client *
waiting(uint32_t ticket)
{
	for (uint32_t i = 0; ticket && i < control_client_pool_end(); i++) {
		struct control_client *c = control_client_pool_at(i);
		if (c && c->stage == CONTROL_WAITING && c->ticket == ticket)
			return c;
	}
	return NULL;
}

bool
control_say(uint32_t ticket, struct mono now, const char *fmt, ...)
{
	struct control_client *c = waiting(ticket);
	char line[CONTROL_EVENT];
	struct strfmt out;
	va_list ap;
	if (!c)
		return false;
	strfmt_init(&out, line, sizeof line - 1);
	va_start(ap, fmt);
	strfmt_putv(&out, fmt, ap);
	va_end(ap);
	line[out.n] = '\n';
	(void)control_client_put(c, line, out.n + 1);
	control_client_flush(c, now);
	return waiting(ticket) != NULL;
}

bool
control_end(uint32_t ticket, struct mono now)
{
	struct control_client *c = waiting(ticket);
	if (!c)
		return false;
	control_client_answer(c);
	control_client_flush(c, now);
	return true;
}

void
control_table(struct control_client *c, const struct report_table *t,
	      const void *parent)
{
	if (c->format == REPORT_TEXT && report_columns_any(t))
		c->format = REPORT_COLUMNS;
	control_client_put(c, "0\n", 2);
	report_start_one(&c->cursor, c->format, t, parent);
	c->body = true;
	control_client_answer(c);
}

void
control_forget(const void *parent)
{
	for (uint32_t i = 0; i < control_client_pool_end(); i++) {
		struct control_client *c = control_client_pool_at(i);
		if (c && c->body)
			report_cut(&c->cursor, parent);
	}
}

void
control_reloaded(const struct ipc_reloaded *m)
{
	const struct control *s = control_self();
	for (uint32_t i = 0; s->env && i < control_client_pool_end(); i++) {
		struct control_client *c = control_client_pool_at(i);
		if (!c || c->stage != CONTROL_WAITING || c->ticket || c->restart)
			continue;
		const unsigned long gen = m->generation, warnings = m->warnings;
		if (m->errors)
			control_fail(c, "%.*s\n%lu error%s; generation %lu stays in force",
				     (int)sizeof m->first, m->first,
				     (unsigned long)m->errors,
				     m->errors == 1 ? "" : "s", gen);
		else if (warnings)
			control_ok(c, "generation %lu is in force, %lu warning%s; the first: %.*s",
				   gen, warnings, warnings == 1 ? "" : "s",
				   (int)sizeof m->first, m->first);
		else
			control_ok(c, "generation %lu is in force", gen);
		control_client_flush(c, s->env->loop.now);
	}
}

void
control_taken(struct mono now)
{
	const struct control *s = control_self();
	for (uint32_t i = 0; s->env && i < control_client_pool_end(); i++) {
		struct control_client *c = control_client_pool_at(i);
		if (!c || c->stage != CONTROL_WAITING || c->ticket || c->taken)
			continue;
		c->taken = true;
		timer_arm(&s->env->loop.timers, &c->timer,
			  mono_add(now, CONTROL_RELOAD_US));
	}
}

void
control_restarted(const struct ipc_restarted *m)
{
	const struct control *s = control_self();
	for (uint32_t i = 0; s->env && i < control_client_pool_end(); i++) {
		struct control_client *c = control_client_pool_at(i);
		if (!c || c->stage != CONTROL_WAITING || !c->restart)
			continue;
		control_fail(c, "not restarted, nothing has changed: %.*s",
			     (int)sizeof m->why, m->why);
		control_client_flush(c, s->env->loop.now);
	}
}

/* ---- the listening socket ---------------------------------------------------- */

static int
socket_path(struct sockaddr_un *at, const char *run_dir, const char *name)
{
	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	struct strfmt s;
	strfmt_init(&s, at->sun_path, sizeof at->sun_path);
	strfmt_put(&s, "%s/%s.sock", run_dir, name);
	return s.cut ? -ENAMETOOLONG : 0;
}

static void
turn_away(int fd, const char *line)
{
	/* A fresh socket's buffer takes the line; if not, the close says enough. */
	const ssize_t sent = send(fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)sent;
	close(fd);
}

/* The last slot is for those who may act: others could hold all of them for ever. */
static bool
has_room(enum control_who who)
{
	unsigned n = 1;

	for (uint32_t i = 0; i < control_client_pool_end(); i++)
		n += control_client_pool_at(i) != NULL;
	return who == CONTROL_ACTS || n < CONFIG_CONTROL_CLIENTS || CONFIG_CONTROL_CLIENTS == 1;
}

static void
take_up(struct control *s, int fd, struct mono now)
{
	char line[96];
	const enum control_who who = control_client_who(fd);
	if (who == CONTROL_STRANGER) {
		s->strangers++;
		turn_away(fd, "1 not permitted: this is for root and option control_group\n");
	} else if (has_room(who) && control_client_open(fd, who, now)) {
		s->accepted++;
	} else {
		s->refused++;
		strfmt_to(line, sizeof line,
			  "1 busy: all %d clients are being served (CONFIG_CONTROL_CLIENTS)\n",
			  CONFIG_CONTROL_CLIENTS);
		turn_away(fd, line);
	}
}

static void
on_connect(struct loop_fd *f, uint32_t events, struct mono now)
{
	(void)events;
	struct control *s = control_self();
	for (int i = 0; i < ACCEPTS; i++) {
		const int fd = accept4(f->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0 && errno == EAGAIN)
			return;
		if (fd < 0) {
			/* No descriptor free: the listener would stay readable and
			 * the loop spin, so it rests for a while. */
			loop_mod(&s->env->loop, f, 0);
			timer_arm(&s->env->loop.timers, &s->again,
				  mono_add(now, AGAIN_US));
			return;
		}
		take_up(s, fd, now);
	}
}

static void
on_again(struct timer *t, struct mono now)
{
	(void)t;
	(void)now;
	struct control *s = control_self();
	loop_mod(&s->env->loop, &s->listener, EPOLLIN);
}

static int
bind_and_listen(int fd, const struct sockaddr_un *at)
{
	/* The parent holds the run folder's lock: what lies there is dead. */
	unlink(at->sun_path);
	const mode_t before = umask(0177);
	const int rc = bind(fd, (const struct sockaddr *)(const void *)at, sizeof *at);
	const int err = errno;
	umask(before);
	if (rc < 0)
		return -err;
	return listen(fd, BACKLOG) < 0 ? -errno : 0;
}

int
control_own(const char *run_dir, const char *name, const struct conf_core *core)
{
	struct sockaddr_un at;
	const int rc = socket_path(&at, run_dir, name);
	if (rc)
		return rc;
	/* Closed while the owner changes, so that nobody slips through. */
	if (chmod(at.sun_path, 0600) || chown(at.sun_path, core->uid, core->control_gid) ||
	    chmod(at.sun_path, core->control_gid ? 0660 : 0600))
		return -errno;
	return 0;
}

/* The child's own tables first, then what every child has. */
static int
gather_tables(struct control *s, const struct child *child)
{
	unsigned n = 0;
	for (const struct report_table *const *t = child->tables; t && *t; t++) {
		if (n == CONTROL_TABLES)
			return -E2BIG;
		s->all[n++] = *t;
	}
	s->all[n] = &process_report_table;
	return 0;
}

int
control_open(struct child_env *env)
{
	struct control *s = control_self();
	struct sockaddr_un at;
	*s = (struct control){ .listener = { .fd = -1, .ready = on_connect } };
	timer_init(&s->again, on_again);
	int rc = gather_tables(s, env->child);
	if (!rc)
		rc = socket_path(&at, env->run_dir, env->child->name);
	if (rc)
		return rc;
	s->listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->listener.fd < 0)
		return -errno;
	rc = bind_and_listen(s->listener.fd, &at);
	if (!rc && env->image)
		rc = control_own(env->run_dir, env->child->name, &env->image->core);
	if (!rc)
		rc = loop_add(&env->loop, &s->listener, EPOLLIN);
	if (rc) {
		close(s->listener.fd);
		return rc;
	}
	s->env = env;
	return 0;
}

void
control_close(void)
{
	struct control *s = control_self();
	if (!s->env)
		return;
	for (uint32_t i = 0; i < control_client_pool_end(); i++) {
		struct control_client *c = control_client_pool_at(i);
		if (c)
			control_client_close(c);
	}
	timer_stop(&s->env->loop.timers, &s->again);
	loop_del(&s->env->loop, &s->listener);
	close(s->listener.fd);
	s->env = NULL;
}
