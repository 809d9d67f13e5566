/* SPDX-License-Identifier: MIT */
/* check.c -- the health-check child: one constant of functions and tables (child.h). */
#include "check.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "check_log.h"
#include "check_pools.h"
#include "check_report.h"
#include "check_schema.h"
#include "control.h"
#include "director.h"
#include "mail.h"
#include "seccomp.h"
#include "strfmt.h"
#include "suggest.h"

/* All that this process has; nobody else names it. */
static struct director director;

static int
start(struct child_env *env, struct mono now)
{
	const int rc = env->checkpoint ? director_open(&director, env, now) : -ENOMEM;

	if (rc)
		log_put(CHECK_LOG_START, "its checkpoint", strerror(-rc));
	else
		check_report_director(&director);
	return rc;
}

static void
privilege(const void *part, struct privilege *out)
{
	(void)part;
	out->caps = PRIVILEGE_CAP(CAP_NET_ADMIN) | PRIVILEGE_CAP(CAP_NET_RAW);
	out->families = SECCOMP_CLIENT | SECCOMP_IPVS | SECCOMP_FILES;
}

static void
apply(struct child_env *env, const struct conf_image *prev, const struct conf_image *next,
      struct mono now)
{
	const struct check_conf *const conf = child_conf(env);

	(void)prev;
	mail_apply(&env->loop, &next->core, now);
	director_conf(&director, conf, now);
	log_put(CHECK_LOG_APPLY, next->generation, conf->nservices, conf->nservers,
		conf->nchecks);
}

static void
stop(struct child_env *env, struct mono now)
{
	(void)env;
	mail_stop();
	director_stop(&director, now);
}

static void
told(struct child_env *env, const struct ipc_state *m, struct mono now)
{
	(void)env;
	director_told(&director, m->name, m->state != 0, now);
}

static void
exited(struct child_env *env, const struct ipc_exited *m, struct mono now)
{
	(void)env;
	director_exited(&director, m, now);
}

/* ---- verbs ----------------------------------------------------------------------- */

/* The index of that server; -1 after an answer. */
static int
named(struct control_client *c, const char *name)
{
	for (unsigned i = 0; i < director.conf->nservers; i++)
		if (strcmp(director.conf->server[i].name, name) == 0)
			return (int)i;
	control_fail(c, "no server '%s' (`?` lists them)", name);
	return -1;
}

/* Each check of a server, once. */
static unsigned
each_probe(unsigned server, void (*fn)(struct probe *p, uint32_t ticket, struct mono now),
	   uint32_t ticket, struct mono now)
{
	const struct check_conf *const conf = director.conf;
	unsigned n = 0;

	for (unsigned i = 0; i < conf->nchecks; i++) {
		if (!director.probe[i] || !director_has(&director, server, i))
			continue;
		n++;
		if (fn)
			fn(director.probe[i], ticket, now);
	}
	return n;
}

static void
say_ready(struct control_client *c, int i, const char *value, struct mono now)
{
	(void)value;
	director_admin(&director, (unsigned)i, SERVICE_READY, now);
	director_weight(&director, (unsigned)i, -1, now);
	control_ok(c, "%s: as its checks and the configuration say",
		   director.conf->server[i].name);
}

static void
say_drain(struct control_client *c, int i, const char *value, struct mono now)
{
	(void)value;
	director_admin(&director, (unsigned)i, SERVICE_DRAIN, now);
	control_ok(c, "%s: drained, its connections go on and none begin",
		   director.conf->server[i].name);
}

static void
say_down(struct control_client *c, int i, const char *value, struct mono now)
{
	(void)value;
	director_admin(&director, (unsigned)i, SERVICE_DOWN, now);
	control_ok(c, "%s: down until told `ready`", director.conf->server[i].name);
}

static void
say_weight(struct control_client *c, int i, const char *value, struct mono now)
{
	int64_t weight;

	if (!strfmt_parse_i64(&weight, value, strlen(value)) || weight < 0 ||
	    weight > UINT16_MAX) {
		control_fail(c, "weight takes 0..65535, not \"%s\"", value);
		return;
	}
	director_weight(&director, (unsigned)i, (int32_t)weight, now);
	control_ok(c, "%s: weight %lld until told `ready`", director.conf->server[i].name,
		   (long long)weight);
}

static void
say_check(struct control_client *c, int i, const char *value, struct mono now)
{
	const unsigned n = each_probe((unsigned)i, probe_now, 0, now);

	(void)value;
	if (n == 0)
		control_fail(c, "%s has no check", director.conf->server[i].name);
	else
		control_ok(c, "%s: %u check%s begun", director.conf->server[i].name, n,
			   n == 1 ? "" : "s");
}

static const struct {
	const char *word;
	bool value;
	void (*run)(struct control_client *c, int server, const char *value, struct mono now);
} words[] = {
	{ "ready", false, say_ready }, { "drain", false, say_drain },
	{ "down", false, say_down }, { "weight", true, say_weight },
	{ "check", false, say_check },
};

static void
unknown_word(struct control_client *c, const char *word)
{
	struct suggest near;

	suggest_begin(&near, word);
	for (size_t i = 0; i < PORT_ARRAY_SIZE(words); i++)
		suggest_offer(&near, words[i].word);
	if (near.best)
		control_fail(c, "no word \"%s\"; did you mean \"%s\"?", word, near.best);
	else
		control_fail(c, "server NAME takes ready, drain, down, weight N or check, "
			     "not \"%s\"", word);
}

static void
verb_server(struct child_env *env, struct control_client *c, const char *const *arg,
	    struct mono now)
{
	const int server = named(c, arg[0]);

	(void)env;
	if (server < 0)
		return;
	for (size_t i = 0; i < PORT_ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, arg[1]) != 0)
			continue;
		if (words[i].value != (arg[2][0] != '\0'))
			control_fail(c, words[i].value ? "%s needs a number" :
				     "%s takes no value", words[i].word);
		else
			words[i].run(c, server, arg[2], now);
		return;
	}
	unknown_word(c, arg[1]);
}

static void
verb_probe(struct child_env *env, struct control_client *c, const char *const *arg,
	   struct mono now)
{
	const int server = named(c, arg[0]);
	int64_t longest = 0;

	(void)env;
	if (server < 0)
		return;
	if (each_probe((unsigned)server, NULL, 0, now) == 0) {
		control_fail(c, "%s has no check", arg[0]);
		return;
	}
	for (unsigned i = 0; i < director.conf->nchecks; i++)
		if (director.conf->check[i].timeout_us > longest)
			longest = director.conf->check[i].timeout_us;
	director_explain(&director, (unsigned)server,
			 control_wait(c, 2 * longest + 10 * (int64_t)MONO_US_PER_S, now), now);
}

static const struct child_verb verbs[] = {
	{ "server", "SERVER WORD [N]", "ready, drain, down, weight N or check", true,
	  verb_server },
	{ "probe", "SERVER", "runs a server's checks now, and tells each step", true,
	  verb_probe },
	{ .name = NULL },
};

static const char *
object(struct child_env *env, unsigned i)
{
	(void)env;
	return director.conf && i < director.conf->nservers ? director.conf->server[i].name : NULL;
}

/* In the order of director_table_switches(). */
static const char *const sysctls[] = {
	"/proc/sys/net/ipv4/vs/expire_nodest_conn",
	"/proc/sys/net/ipv4/vs/expire_quiescent_template",
	NULL,
};

const struct child check_child = {
	.name = "check",
	.conf_bytes = sizeof(struct check_conf),
	.schema = &check_schema,
	.tables = check_report_tables,
	.verbs = verbs,
	.checkpoint_bytes = sizeof(struct check_kept),
	.checkpoint_layout = CHECK_KEPT_LAYOUT,
	.pools = check_pools,
	.npools = &check_pools_count,
	.privilege = privilege,
	.start = start,
	.apply = apply,
	.stop = stop,
	.script = director_notify_script,
	.exited = exited,
	.told = told,
	.sysctls = sysctls,
	.object = object,
};
