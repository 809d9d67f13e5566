/* SPDX-License-Identifier: MIT */
/* check_schema_globals.c -- the kernel's sync daemon and time-outs, in keepalived's grammar. */
#include <string.h>

#include "check_schema.h"
#include "strfmt.h"

/* A word and the number behind it. */
struct number {
	const char *word;
	int64_t min, max;
	int64_t *out;
};

static bool
read_number(struct compile *c, const struct compile_value *v, struct compile_words *w,
	    const struct number *n)
{
	if (compile_value_word(w) && strfmt_parse_i64(n->out, w->word, w->len) &&
	    *n->out >= n->min && *n->out <= n->max)
		return true;
	compile_error(c, compile_doc_inside(v, w->off), "%s takes %lld..%lld", n->word,
		      (long long)n->min, (long long)n->max);
	return false;
}

static const struct number *
find(const struct number *table, size_t n, const struct compile_words *w)
{
	for (size_t i = 0; i < n; i++)
		if (compile_value_is(w, table[i].word))
			return &table[i];
	return NULL;
}

static void
follow(struct compile *c, const struct compile_value *v, const struct compile_words *w,
       struct check_conf_sync *sync)
{
	char shown[COMPILE_SHOWN];
	const struct compile_section *s = NULL;

	if (strfmt_copy(sync->follow, sizeof sync->follow, w->word, w->len))
		s = compile_doc_lookup(c, "vrrp_instance", sync->follow);
	if (s == NULL)
		compile_error(c, compile_doc_inside(v, w->off), "'%s' is neither a "
			      "vrrp_instance nor id, maxlen, port, ttl, group",
			      compile_value_shown(w->word, w->len, shown));
}

/* keepalived's default of the sync daemon's id; its folder says what is wrong with it. */
static uint8_t
vrid_of(const struct compile *c, const char *instance)
{
	const struct compile_section *const s = compile_doc_lookup(c, "vrrp_instance", instance);
	const struct compile_value *const v =
		s != NULL ? compile_doc_first(c, s, "virtual_router_id") : NULL;
	int64_t vrid;

	return v != NULL && strfmt_parse_i64(&vrid, compile_doc_str(c, v), v->len) ?
	       (uint8_t)vrid : 0;
}

void
check_schema_sync(struct compile *c, const struct compile_section *s, struct check_conf *conf)
{
	const struct compile_value *const v = compile_doc_first(c, s, "lvs_sync_daemon");
	struct check_conf_sync *const sync = &conf->sync;
	int64_t id = CHECK_SCHEMA_UNSET, maxlen = 0, port = 0, ttl = 0;
	const struct number numbers[] = {
		{ "id", 0, 255, &id }, { "maxlen", 1, 65507, &maxlen },
		{ "port", 1, 65535, &port }, { "ttl", 1, 255, &ttl },
	};
	struct compile_words w;

	if (v == NULL)
		return;
	sync->wanted = true;
	compile_value_words(&w, compile_doc_str(c, v), v->len);
	(void)compile_value_word(&w);
	if (w.len == 0 || w.len >= sizeof sync->interface) {
		compile_error(c, v->at, "lvs_sync_daemon takes an interface first");
		return;
	}
	memcpy(sync->interface, w.word, w.len);
	while (compile_value_word(&w)) {
		const struct number *const n = find(numbers, PORT_ARRAY_SIZE(numbers), &w);

		if (n != NULL) {
			if (!read_number(c, v, &w, n))
				return;
		} else if (compile_value_is(&w, "group")) {
			if (!compile_value_word(&w) ||
			    !net_addr_parse(&sync->group, w.word, w.len) ||
			    !net_addr_is_multicast(&sync->group)) {
				compile_error(c, compile_doc_inside(v, w.off),
					      "group takes a multicast address");
				return;
			}
		} else {
			follow(c, v, &w, sync);
		}
	}
	sync->id = id < 0 ? vrid_of(c, sync->follow) : (uint8_t)id;
	sync->maxlen = (uint16_t)maxlen;
	sync->port = (uint16_t)port;
	sync->ttl = (uint8_t)ttl;
}

/* The same in the words of an instance that it follows. */
static void
follow_instance(struct compile *c, const struct compile_section *s,
		const struct compile_value *v, struct check_conf_sync *sync)
{
	static const struct schema_row row = {
		"lvs_sync_daemon_interface", NULL,
		SCHEMA_IFNAME_AT(struct check_conf_sync, interface),
	};
	const char *const name = compile_doc_name(c, s);

	sync->wanted = true;
	/* What its own rows refuse of the name has been said by them. */
	if (strfmt_copy(sync->follow, sizeof sync->follow, name, strlen(name)) &&
	    compile_value_set(c, &row, compile_doc_str(c, v), v->len, v->at, sync))
		sync->id = vrid_of(c, name);
}

void
check_schema_sync_finish(struct compile *c, struct check_conf *conf)
{
	const struct compile_section *const globals = compile_doc_single(c, "globals");
	const struct compile_value *said =
		globals != NULL ? compile_doc_first(c, globals, "lvs_sync_daemon") : NULL;

	for (uint32_t i = 0; i < c->nsections; i++) {
		const struct compile_section *const s = &c->section[i];
		const struct compile_value *const v =
			compile_doc_first(c, s, "lvs_sync_daemon_interface");

		if (v == NULL)
			continue;
		if (said != NULL)
			compile_error(c, v->at, "the kernel has one sync daemon, and %s in line "
				      "%u has it already", said->row->name,
				      (unsigned)said->at.line);
		else
			follow_instance(c, s, v, &conf->sync);
		said = said != NULL ? said : v;
	}
}

void
check_schema_timeouts(struct compile *c, const struct compile_section *s,
		      struct check_conf *conf)
{
	const struct compile_value *const v = compile_doc_first(c, s, "lvs_timeouts");
	const int64_t day = 86400;
	int64_t tcp = 0, fin = 0, udp = 0;
	const struct number numbers[] = {
		{ "tcp", 1, 31 * day, &tcp }, { "tcpfin", 1, 31 * day, &fin },
		{ "udp", 1, 31 * day, &udp },
	};
	struct compile_words w;

	if (v == NULL)
		return;
	compile_value_words(&w, compile_doc_str(c, v), v->len);
	while (compile_value_word(&w)) {
		const struct number *const n = find(numbers, PORT_ARRAY_SIZE(numbers), &w);

		if (n == NULL) {
			compile_error(c, compile_doc_inside(v, w.off),
				      "lvs_timeouts takes [tcp S] [tcpfin S] [udp S]");
			return;
		}
		if (!read_number(c, v, &w, n))
			return;
	}
	conf->timeout_tcp_s = (uint32_t)tcp;
	conf->timeout_tcpfin_s = (uint32_t)fin;
	conf->timeout_udp_s = (uint32_t)udp;
}
