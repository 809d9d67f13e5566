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

void
check_schema_sync(struct compile *c, const struct compile_section *s, struct check_conf *conf)
{
	const struct compile_value *const v = compile_doc_first(c, s, "lvs_sync_daemon");
	struct check_conf_sync *const sync = &conf->sync;
	int64_t id = 0, maxlen = 0, port = 0, ttl = 0;
	const struct number numbers[] = {
		{ "id", 0, 255, &id }, { "maxlen", 1, 65507, &maxlen },
		{ "port", 1, 65535, &port }, { "ttl", 1, 255, &ttl },
	};
	struct compile_words w;

	if (v == NULL)
		return;
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
	sync->id = (uint8_t)id;
	sync->maxlen = (uint16_t)maxlen;
	sync->port = (uint16_t)port;
	sync->ttl = (uint8_t)ttl;
	sync->wanted = true;
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
