/* SPDX-License-Identifier: MIT */
/* check_report_probe.c -- a part of check_report.c: the checks of a server. */
#include "check_report_inside.h"

#include <string.h>

#include "strfmt.h"
#include "wall.h"

const struct probe *
check_report_probe(const struct service_dest *d, unsigned i)
{
	const struct director *const director = check_report_self();
	const struct check_conf_dest *const conf = d->conf;

	for (unsigned k = 0; k < conf->checks.n; k++) {
		const struct probe *const p =
			director->probe[director->conf->ref[conf->checks.first + k]];

		if (p && !i--)
			return p;
	}
	return NULL;
}

/* The server whose checks were asked for last. */
static const struct service_dest *dest;

static const void *
row_probe(const void *parent, unsigned i)
{
	dest = parent;
	return check_report_probe(parent, i);
}

PROBE_SHARED(checker, v->s = checker_word(p->conf))
PROBE_SHARED(address, check_report_addr(v, &p->conf->addr, p->conf->port))
PROBE(up, v->i = p->health.up)
PROBE(known, v->i = p->last.any)
PROBE(passed_last, v->i = p->last.passed)
PROBE(reason, v->s = !p->last.any || p->last.passed ? NULL : checker_reason[p->last.reason].name)
PROBE(layer, v->s = !p->last.any || p->last.passed ? NULL : checker_reason[p->last.reason].layer)
PROBE(detail, v->s = p->last.detail[0] ? p->last.detail : NULL)
PROBE(latency, v->i = p->last.latency_us)
PROBE(streak, v->u = p->health.streak)
PROBE(rise, v->u = p->conf->rise)
PROBE(fall, v->u = p->conf->fall)
PROBE(interval, v->i = p->conf->interval_us)
PROBE(timeout, v->i = p->conf->timeout_us)
PROBE(since, v->i = check_report_since(p->since_wall_us))
PROBE(passed, v->u = p->passed)
PROBE(failed, v->u = p->failed)
PROBE(changes, v->u = p->changes)
PROBE(suspended, v->i = p->suspended)
PROBE(running, v->i = p->try != NULL)
PROBE(verify, v->s = !p->conf->tls_used ? NULL : p->conf->tls.verify == TLS_CONF_NONE ? "none" :
      p->conf->tls.verify == TLS_CONF_PIN ? "pin" : "chain")
PROBE(resumed, v->u = p->resumed)
PROBE_SHARED(cert, v->i = p->cert_end_s ? p->cert_end_s * MONO_US_PER_S - wall_us() : 0)

/* Whose counters were asked for last. */
static const struct probe *recent;

static const void *
row_reason(const void *parent, unsigned i)
{
	const struct probe *const p = parent;

	recent = p;

	for (unsigned r = 1; r < CHECKER_REASON__N; r++)
		if (p->why[r] && !i--)
			return &p->why[r];
	return NULL;
}

/* Which reason a counter is of: its place in the array of some probe. */
static unsigned
reason_of(const void *row)
{
	const struct director *const director = check_report_self();
	const uint32_t *const n = row;

	for (unsigned i = 0; i <= director->conf->nchecks; i++) {
		const struct probe *const p = i > 0 ? director->probe[i - 1] : recent;

		if (p && n >= p->why && n < p->why + CHECKER_REASON__N)
			return (unsigned)(n - p->why);
	}
	return CHECKER_NONE;
}

static void
get_reason_name(const void *row, struct report_value *v)
{
	v->s = checker_reason[reason_of(row)].counter;
}

static void
get_reason_text(const void *row, struct report_value *v)
{
	v->s = checker_reason[reason_of(row)].text;
}

static void
get_reason_n(const void *row, struct report_value *v)
{
	v->u = *(const uint32_t *)row;
}

static const struct report_field reason_fields[] = {
	{ .name = "reason", .kind = REPORT_STR, .get = get_reason_name,
	  .what = "why it failed", .json_only = true },
	{ .name = "count", .kind = REPORT_UINT, .get = get_reason_n, .metric = REPORT_COUNTER,
	  .metric_name = "check_failures", .what = "tries that failed for this reason" },
	STR("meaning", get_reason_text, "the reason as a sentence"),
	{ .name = NULL }
};

static const struct report_table reasons_table = {
	.name = "failures", .row = row_reason, .fields = reason_fields,
	.what = "tries that failed, by reason",
	.label = "reason", .label_value = get_reason_name,
};

static const struct report_field probe_fields[] = {
	STR("check", check_report_probe_checker, "which one"),
	STR("address", check_report_probe_address, "what is tried"),
	GAUGE("up", REPORT_BOOL, get_probe_up, "its verdict"),
	BOOL("tried", get_probe_known, "whether a try has ended since the start"),
	BOOL("last_passed", get_probe_passed_last, "whether the last try passed"),
	GAUGE("reason", REPORT_STR, get_probe_reason, "why the last try failed"),
	STR("layer", get_probe_layer, "where: L3, L4, L6, L7; L0 is this router itself"),
	STR("detail", get_probe_detail, "what was seen"),
	GAUGE("latency", REPORT_SECONDS, get_probe_latency, "time of the last try"),
	UINT("streak", get_probe_streak, "tries in a row that disagree with the verdict"),
	UINT("rise", get_probe_rise, "that many successes make it up"),
	UINT("fall", get_probe_fall, "that many failures make it down"),
	SECS("interval", get_probe_interval, "from one try to the next"),
	SECS("timeout", get_probe_timeout, "of one try as a whole"),
	GAUGE("since", REPORT_SECONDS, get_probe_since, "time since the verdict changed"),
	COUNT("passed", get_probe_passed, "tries that passed"),
	COUNT("failed", get_probe_failed, "tries that failed"),
	COUNT("changes", get_probe_changes, "changes of the verdict"),
	BOOL("suspended", get_probe_suspended, "not tried: the service's address is elsewhere"),
	BOOL("running", get_probe_running, "a try is under way"),
	STR("tls_verify", get_probe_verify, "what of the server's TLS is verified"),
	COUNT("tls_resumed", get_probe_resumed, "TLS sessions taken up without a whole handshake"),
	GAUGE("certificate_left", REPORT_SECONDS, check_report_probe_cert,
	      "time until the server's certificate ends; 0: unknown"),
	LIST("failures", &reasons_table, "tries that failed, by reason"),
	{ .name = NULL }
};

#define LABEL	72			/* bytes; metrics cut a label behind 80 */

/* "HTTP_GET 192.0.2.1:80/health", the second of the same `nth` as "HTTP_GET#2 ...". */
static void
put_label(const struct probe *p, unsigned nth, char out[LABEL])
{
	const struct check_conf *const conf = check_report_self()->conf;
	const bool http = p->conf->checker == CHECK_CONF_HTTP_GET ||
			  p->conf->checker == CHECK_CONF_SSL_GET;
	char text[NET_ADDR_TEXT], mark[8] = "";

	if (nth > 1)
		strfmt_to(mark, sizeof mark, "#%u", nth);
	strfmt_to(out, LABEL, "%s%s %s:%u%s", checker_word(p->conf), mark,
		  net_addr_text(&p->conf->addr, text), p->conf->port, !http ? "" :
		  check_conf_text(conf, conf->url[p->conf->u.http.urls.first].path));
}

/* What tells two checks of one server apart. */
static void
get_probe_label(const void *row, struct report_value *v)
{
	const struct probe *o;
	char other[LABEL];
	unsigned nth = 1;

	put_label(row, 1, v->text);
	for (unsigned i = 0; (o = check_report_probe(dest, i)) && o != row; i++) {
		put_label(o, 1, other);
		nth += strcmp(other, v->text) == 0;
	}
	if (nth > 1)
		put_label(row, nth, v->text);
	v->s = v->text;
}

const struct report_table check_report_probes = {
	.name = "checks", .what = "how the server is tried",
	.row = row_probe, .fields = probe_fields,
	.label = "check", .label_value = get_probe_label,
};
