/* SPDX-License-Identifier: MIT */
/* process_report.c -- the tables that every child has. */
#include "process_report.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "control_client.h"
#include "core_pools.h"
#include "mail.h"

/* ---- rows: the environment of this child, its histogram, its pools ----------- */

static const void *
self_row(const void *parent, unsigned i)
{
	(void)parent;
	return i == 0 ? control_self()->env : NULL;
}

static const void *
same_row(const void *parent, unsigned i)
{
	(void)i;
	return parent;
}

static const void *
late_row(const void *parent, unsigned i)
{
	const struct child_env *env = parent;
	return i < LOOP_LATE ? &env->loop.late[i] : NULL;
}

static const void *
pool_row(const void *parent, unsigned i)
{
	(void)parent;
	const struct child_env *env = control_self()->env;
	if (i < core_pools_count)
		return core_pools[i];
	i -= core_pools_count;
	if (!env || !env->child->pools || i >= *env->child->npools)
		return NULL;
	return env->child->pools[i];
}

/* A getter of one expression over its row `r`. */
#define GET(fn, type, expr)						\
static void								\
fn(const void *row, struct report_value *v)				\
{									\
	const type *r = row;						\
	expr;								\
}

/* ---- process ------------------------------------------------------------------ */

static void
get_child(const void *row, struct report_value *v)
{
	const struct child_env *env = row;
	v->s = env->child->name;
}

static void
get_pid(const void *row, struct report_value *v)
{
	(void)row;
	v->i = getpid();
}

static void
get_version(const void *row, struct report_value *v)
{
	(void)row;
	v->s = UPKEEP_VERSION;
}

static void
get_digest(const void *row, struct report_value *v)
{
	const struct child_env *env = row;
	struct strfmt s;
	if (!env->image)
		return;
	strfmt_init(&s, v->text, sizeof v->text);
	for (size_t i = 0; i < sizeof env->image->digest; i++)
		strfmt_put(&s, "%02x", (unsigned)env->image->digest[i]);
	v->s = v->text;
}

static void
get_cpu(const void *row, struct report_value *v)
{
	(void)row;
	struct rusage u;
	if (getrusage(RUSAGE_SELF, &u) < 0)
		return;
	v->i = ((int64_t)u.ru_utime.tv_sec + u.ru_stime.tv_sec) * MONO_US_PER_S +
		u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static void
get_rss(const void *row, struct report_value *v)
{
	(void)row;
	struct rusage u;
	if (getrusage(RUSAGE_SELF, &u) == 0)
		v->u = (uint64_t)u.ru_maxrss;
}

GET(get_uptime, struct child_env, v->i = mono_diff_us(r->loop.now, r->started))
GET(get_generation, struct child_env, v->u = r->image ? r->image->generation : 0)
GET(get_path, struct child_env, v->s = r->image ? r->image->path : NULL)

static const struct report_field process_fields[] = {
	{ .name = "pid", .kind = REPORT_INT, .get = get_pid,
	  .what = "number of the process" },
	{ .name = "version", .kind = REPORT_STR, .get = get_version,
	  .metric = REPORT_GAUGE, .metric_name = "version_info",
	  .what = "version of upkeepd that runs" },
	{ .name = "uptime", .kind = REPORT_SECONDS, .get = get_uptime,
	  .metric = REPORT_GAUGE, .metric_name = "process_uptime_seconds",
	  .what = "time since the process was started" },
	{ .name = "generation", .kind = REPORT_UINT, .get = get_generation,
	  .metric = REPORT_GAUGE, .metric_name = "config_generation",
	  .what = "number of the configuration in force" },
	{ .name = "config", .kind = REPORT_STR, .get = get_path,
	  .what = "file that the configuration was read from" },
	{ .name = "digest", .kind = REPORT_STR, .get = get_digest,
	  .what = "SHA-256 of that file's text" },
	{ .name = "cpu", .kind = REPORT_SECONDS, .get = get_cpu,
	  .metric = REPORT_COUNTER, .metric_name = "process_cpu_seconds",
	  .what = "processor time used" },
	{ .name = "rss_most_kib", .kind = REPORT_UINT, .get = get_rss,
	  .metric = REPORT_GAUGE, .what = "largest resident size, in KiB" },
	{ .name = NULL }
};

/* ---- loop ---------------------------------------------------------------------- */

static unsigned
bucket(const void *row)
{
	const uint32_t *r = row;
	return (unsigned)(r - control_self()->env->loop.late);
}

static void
get_below(const void *row, struct report_value *v)
{
	const unsigned i = bucket(row);
	/* The last bucket has no upper end. */
	if (i + 1 < LOOP_LATE)
		strfmt_to(v->text, sizeof v->text, "%lu", 1ul << i);
	else
		strfmt_to(v->text, sizeof v->text, "+Inf");
	v->s = v->text;
}

/* The end of the bucket below which 99 of 100 wake-ups lie. */
static void
get_late_99(const void *row, struct report_value *v)
{
	const struct child_env *env = row;
	uint64_t all = 0, sum = 0;
	for (unsigned i = 0; i < LOOP_LATE; i++)
		all += env->loop.late[i];
	unsigned i = 0;
	for (; i < LOOP_LATE - 1; i++) {
		sum += env->loop.late[i];
		if (sum * 100 >= all * 99)
			break;
	}
	v->i = all ? (int64_t)1 << i : 0;
}

GET(get_count, uint32_t, v->u = *r)
GET(get_wakeups, struct child_env, v->u = r->loop.wakeups)
GET(get_armed, struct child_env, v->u = r->loop.timers.armed)
GET(get_fired, struct child_env, v->u = r->loop.timers.fired)
GET(get_storms, struct child_env, v->u = r->loop.timers.storms)
GET(get_late_max, struct child_env, v->i = r->loop.late_max_us)

static const struct report_field late_fields[] = {
	{ .name = "below_us", .kind = REPORT_STR, .get = get_below,
	  .what = "upper end of the bucket, in microseconds" },
	{ .name = "wakeups", .kind = REPORT_UINT, .get = get_count,
	  .metric = REPORT_COUNTER, .metric_name = "loop_late",
	  .what = "wake-ups for a timer, by how late it was served" },
	{ .name = NULL }
};

static const struct report_table late_table = {
	.name = "late", .what = "how late timers were served",
	.row = late_row, .fields = late_fields,
	.label = "below_us", .label_value = get_below,
};

static const struct report_field loop_fields[] = {
	{ .name = "wakeups", .kind = REPORT_UINT, .get = get_wakeups,
	  .metric = REPORT_COUNTER, .what = "times the process woke up" },
	{ .name = "timers_armed", .kind = REPORT_UINT, .get = get_armed,
	  .metric = REPORT_GAUGE, .what = "timers that are set" },
	{ .name = "timers_fired", .kind = REPORT_UINT, .get = get_fired,
	  .metric = REPORT_COUNTER, .what = "timers that have fired" },
	{ .name = "timer_storms", .kind = REPORT_UINT, .get = get_storms,
	  .metric = REPORT_COUNTER,
	  .what = "wake-ups in which timers fired without end and had to wait" },
	{ .name = "late_max", .kind = REPORT_SECONDS, .get = get_late_max,
	  .metric = REPORT_GAUGE, .metric_name = "loop_late_max_seconds",
	  .what = "latest that a timer was served" },
	{ .name = "late_99", .kind = REPORT_SECONDS, .get = get_late_99,
	  .what = "99 of 100 timers were served within" },
	{ .name = "late", .kind = REPORT_LIST, .list = &late_table,
	  .json_only = true, .what = "histogram of lateness" },
	{ .name = NULL }
};

static const struct report_table loop_table = {
	.name = "loop", .what = "scheduler of descriptors and timers",
	.row = same_row, .fields = loop_fields, .single = true,
};

/* ---- messages to and from the parent ------------------------------------------- */

GET(get_ipc_sent, struct child_env, v->u = r->ipc.sent)
GET(get_ipc_received, struct child_env, v->u = r->ipc.received)
GET(get_ipc_refused, struct child_env, v->u = r->ipc.refused)
GET(get_ipc_dropped, struct child_env, v->u = r->ipc.dropped)

static const struct report_field ipc_fields[] = {
	{ .name = "sent", .kind = REPORT_UINT, .get = get_ipc_sent,
	  .metric = REPORT_COUNTER, .what = "messages to the parent" },
	{ .name = "received", .kind = REPORT_UINT, .get = get_ipc_received,
	  .metric = REPORT_COUNTER, .what = "messages from the parent" },
	{ .name = "refused", .kind = REPORT_UINT, .get = get_ipc_refused,
	  .metric = REPORT_COUNTER, .what = "messages of a wrong type or size" },
	{ .name = "dropped", .kind = REPORT_UINT, .get = get_ipc_dropped,
	  .metric = REPORT_COUNTER,
	  .what = "messages that the parent did not take in time" },
	{ .name = NULL }
};

static const struct report_table ipc_table = {
	.name = "ipc", .what = "messages between parent and child",
	.row = same_row, .fields = ipc_fields, .single = true,
};

/* ---- what the parent has counted about this child ---------------------------------- */

GET(get_starts, struct child_env, v->u = r->parent.starts)
GET(get_hangs, struct child_env, v->u = r->parent.hangs)
GET(get_bad_messages, struct child_env, v->u = r->parent.refused)
GET(get_scripts, struct child_env, v->u = r->parent.scripts)
GET(get_failures, struct child_env, v->u = r->parent.failures)
GET(get_timeouts, struct child_env, v->u = r->parent.timeouts)
GET(get_skipped, struct child_env, v->u = r->parent.skipped)
GET(get_restarts, struct child_env, v->u = r->parent.restarts)
GET(get_conf_errors, struct child_env, v->u = r->parent.conf_errors)

static const struct report_field parent_fields[] = {
	{ .name = "starts", .kind = REPORT_UINT, .get = get_starts,
	  .metric = REPORT_COUNTER, .metric_name = "child_starts",
	  .what = "starts of this child" },
	{ .name = "hangs", .kind = REPORT_UINT, .get = get_hangs,
	  .metric = REPORT_COUNTER, .metric_name = "child_hangs",
	  .what = "times that the watchdog found this child hung" },
	{ .name = "bad_messages", .kind = REPORT_UINT, .get = get_bad_messages,
	  .metric = REPORT_COUNTER, .metric_name = "child_bad_messages",
	  .what = "messages of this child that the parent refused" },
	{ .name = "scripts", .kind = REPORT_UINT, .get = get_scripts,
	  .metric = REPORT_COUNTER, .metric_name = "scripts",
	  .what = "scripts that have run" },
	{ .name = "scripts_failed", .kind = REPORT_UINT, .get = get_failures,
	  .metric = REPORT_COUNTER, .metric_name = "scripts_failed",
	  .what = "scripts that ended with an error" },
	{ .name = "scripts_timed_out", .kind = REPORT_UINT, .get = get_timeouts,
	  .metric = REPORT_COUNTER, .metric_name = "scripts_timed_out",
	  .what = "scripts that were ended because of their time limit" },
	{ .name = "scripts_skipped", .kind = REPORT_UINT, .get = get_skipped,
	  .metric = REPORT_COUNTER, .metric_name = "scripts_skipped",
	  .what = "scripts that a newer event made needless, or that could not run" },
	{ .name = "restarts", .kind = REPORT_UINT, .get = get_restarts,
	  .metric = REPORT_COUNTER, .what = "times that the daemon's binary was replaced" },
	{ .name = "reload_errors", .kind = REPORT_UINT, .get = get_conf_errors,
	  .metric = REPORT_GAUGE, .metric_name = "reload_errors",
	  .what = "errors of the last reload; 0 when it is in force" },
	{ .name = NULL }
};

static const struct report_table parent_table = {
	.name = "parent", .what = "what the parent has counted",
	.row = same_row, .fields = parent_fields, .single = true,
};

/* ---- control socket -------------------------------------------------------------- */

static void
get_clients(const void *row, struct report_value *v)
{
	(void)row;
	v->u = control_client_count(CONTROL_READING) +
		control_client_count(CONTROL_ANSWERING) +
		control_client_count(CONTROL_WAITING) +
		control_client_count(CONTROL_MONITOR);
}

static void
get_monitors(const void *row, struct report_value *v)
{
	(void)row;
	v->u = control_client_count(CONTROL_MONITOR);
}

#define GET_COUNT(name, what)						\
static void								\
get_##name(const void *row, struct report_value *v)			\
{									\
	(void)row;							\
	v->u = control_self()->name;					\
}
CONTROL_COUNTS(GET_COUNT)

#define COUNT_FIELD(n, sentence)					\
	{ .name = #n, .kind = REPORT_UINT, .get = get_##n,		\
	  .metric = REPORT_COUNTER, .what = sentence },

static const struct report_field control_fields[] = {
	{ .name = "clients", .kind = REPORT_UINT, .get = get_clients,
	  .metric = REPORT_GAUGE, .what = "control clients now" },
	{ .name = "monitors", .kind = REPORT_UINT, .get = get_monitors,
	  .metric = REPORT_GAUGE, .what = "clients that follow events now" },
	CONTROL_COUNTS(COUNT_FIELD)
	{ .name = NULL }
};

static const struct report_table control_report = {
	.name = "control", .what = "control socket",
	.row = same_row, .fields = control_fields, .single = true,
};

/* ---- log ---------------------------------------------------------------------------- */

static void
get_log_lost(const void *row, struct report_value *v)
{
	(void)row;
	v->u = log_lost();
}

static const struct report_field log_fields[] = {
	{ .name = "lost", .kind = REPORT_UINT, .get = get_log_lost,
	  .metric = REPORT_COUNTER,
	  .what = "log messages that standard error or syslog did not take" },
	{ .name = NULL }
};

static const struct report_table log_table = {
	.name = "log", .what = "log", .row = same_row, .fields = log_fields,
	.single = true,
};

/* ---- mail --------------------------------------------------------------------------- */

/* Most routers send none. */
static const void *
mail_row(const void *parent, unsigned i)
{
	struct mail_stat st;
	(void)i;
	mail_stat(&st);
	return st.wanted ? parent : NULL;
}

#define GET_MAIL(fn, expr)						\
static void								\
fn(const void *row, struct report_value *v)				\
{									\
	struct mail_stat st;						\
	(void)row;							\
	mail_stat(&st);							\
	expr;								\
}
GET_MAIL(get_mail_queued, v->u = st.waiting)
GET_MAIL(get_mail_sent, v->u = st.sent)
GET_MAIL(get_mail_failed, v->u = st.failed)
GET_MAIL(get_mail_dropped, v->u = st.lost)
GET_MAIL(get_mail_error,
	 strfmt_copy(v->text, sizeof v->text, st.error, strlen(st.error));
	 v->s = st.error[0] != '\0' ? v->text : NULL)

static const struct report_field mail_fields[] = {
	{ .name = "queued", .kind = REPORT_UINT, .get = get_mail_queued,
	  .metric = REPORT_GAUGE, .what = "mails that wait to be sent" },
	{ .name = "sent", .kind = REPORT_UINT, .get = get_mail_sent,
	  .metric = REPORT_COUNTER, .what = "mails that the mail server has taken" },
	{ .name = "failed", .kind = REPORT_UINT, .get = get_mail_failed,
	  .metric = REPORT_COUNTER, .what = "tries to send a mail that failed" },
	{ .name = "dropped", .kind = REPORT_UINT, .get = get_mail_dropped,
	  .metric = REPORT_COUNTER,
	  .what = "events whose mail was given up, or found the queue full" },
	{ .name = "last_error", .kind = REPORT_STR, .get = get_mail_error,
	  .what = "why the last try that failed did so" },
	{ .name = NULL }
};

static const struct report_table mail_table = {
	.name = "mail", .what = "mail about changes", .row = mail_row,
	.fields = mail_fields, .single = true,
};

/* ---- pools ---------------------------------------------------------------------------- */

#define GET_POOL(fn, expr)						\
static void								\
fn(const void *row, struct report_value *v)				\
{									\
	struct pool_stat st;						\
	pool_stat(row, &st);						\
	expr;								\
}
GET_POOL(pool_name, v->s = st.name)
GET_POOL(pool_symbol, v->s = st.symbol)
GET_POOL(pool_what, v->s = st.what)
GET_POOL(pool_slot, v->u = st.slot_bytes)
GET_POOL(pool_limit, v->u = st.limit)
GET_POOL(pool_used, v->u = st.used)
GET_POOL(pool_most, v->u = st.most)
GET_POOL(pool_refused, v->u = st.refused)
GET_POOL(pool_bytes, v->u = (uint64_t)st.slot_bytes * st.limit)
GET_POOL(pool_advice,
	 strfmt_to(v->text, sizeof v->text, "%s: %s", st.symbol, st.what); v->s = v->text)

static const struct report_field pool_fields[] = {
	{ .name = "name", .kind = REPORT_STR, .get = pool_name, .column = 20,
	  .heading = "POOL", .json_only = true, .what = "name of the pool" },
	{ .name = "used", .kind = REPORT_UINT, .get = pool_used, .column = 8,
	  .heading = "USED", .metric = REPORT_GAUGE, .what = "slots in use" },
	{ .name = "most", .kind = REPORT_UINT, .get = pool_most, .column = 8,
	  .heading = "MOST", .metric = REPORT_GAUGE,
	  .what = "most slots ever in use at once" },
	{ .name = "limit", .kind = REPORT_UINT, .get = pool_limit, .column = 8,
	  .heading = "LIMIT", .metric = REPORT_GAUGE, .what = "slots there are" },
	{ .name = "refused", .kind = REPORT_UINT, .get = pool_refused, .column = 8,
	  .heading = "REFUSED", .metric = REPORT_COUNTER,
	  .what = "requests that found the pool full" },
	{ .name = "slot_bytes", .kind = REPORT_UINT, .get = pool_slot, .column = 8,
	  .heading = "SLOT B", .metric = REPORT_GAUGE, .what = "bytes of one slot" },
	{ .name = "bytes", .kind = REPORT_UINT, .get = pool_bytes, .column = 10,
	  .heading = "BYTES", .what = "bytes of all slots" },
	{ .name = "symbol", .kind = REPORT_STR, .get = pool_symbol,
	  .what = "Kconfig symbol that sets the limit" },
	{ .name = "what", .kind = REPORT_STR, .get = pool_what,
	  .what = "what one slot holds" },
	{ .name = "advice", .kind = REPORT_STR, .get = pool_advice,
	  .column = REPORT_BELOW, .columns_only = true },
	{ .name = NULL }
};

const struct report_table process_report_pools = {
	.name = "pool", .what = "fixed pools of this process", .row = pool_row,
	.fields = pool_fields, .label = "pool", .label_value = pool_name,
};

/* ---- together ---------------------------------------------------------------------------- */

static const struct report_table process_table = {
	.name = "process", .what = "process", .row = same_row,
	.fields = process_fields, .single = true,
};

static const struct report_field memory_fields[] = {
	{ .name = "child", .kind = REPORT_STR, .get = get_child },
	{ .name = "pools", .kind = REPORT_LIST, .list = &process_report_pools },
	{ .name = NULL }
};

const struct report_table process_report_memory = {
	.name = "processes", .what = "memory of the processes", .row = self_row,
	.fields = memory_fields, .label = "child", .label_value = get_child,
};

static const struct report_field self_fields[] = {
	{ .name = "child", .kind = REPORT_STR, .get = get_child, .json_only = true,
	  .what = "name of the child" },
	{ .name = "process", .kind = REPORT_LIST, .list = &process_table },
	{ .name = "loop", .kind = REPORT_LIST, .list = &loop_table },
	{ .name = "ipc", .kind = REPORT_LIST, .list = &ipc_table,
	  .json_only = true },
	{ .name = "parent", .kind = REPORT_LIST, .list = &parent_table,
	  .json_only = true },
	{ .name = "control", .kind = REPORT_LIST, .list = &control_report,
	  .json_only = true },
	{ .name = "log", .kind = REPORT_LIST, .list = &log_table,
	  .json_only = true },
	{ .name = "mail", .kind = REPORT_LIST, .list = &mail_table },
	/* In text `memory` tells them, shorter. */
	{ .name = "pools", .kind = REPORT_LIST, .list = &process_report_pools,
	  .json_only = true },
	{ .name = NULL }
};

const struct report_table process_report_table = {
	.name = "processes", .what = "processes of upkeepd", .row = self_row,
	.fields = self_fields, .label = "child", .label_value = get_child,
};
