/* SPDX-License-Identifier: MIT */
/* check_dns.c -- a DNS server answers a query: over UDP, over TCP when the reply was cut.
 *
 * A reply must be to this query (id, question), say NOERROR, and hold a record of the
 * asked type at the name, or where its CNAMEs lead; with an expected answer, a record with just
 * that.  Whatever else comes over UDP is somebody else's and changes nothing.  The query is
 * sent up to three times, first with EDNS; a server that does not know EDNS gets it without.
 * A reply over TCP is judged by what `state` can hold of it; where an answer is expected, that
 * must be all, lest the verdict hang on the order of records.
 */
#include <string.h>
#include <sys/socket.h>

#include "checker.h"
#include "dns.h"

#define SENDS	3			/* of one query over UDP */
#define CNAMES	16			/* in a chain */
#define ANSWER	512			/* longest text of an answer that can be expected */

struct state {
	uint16_t got;			/* TCP: bytes of length and message so far */
	uint16_t len;			/* of the message, when got >= 2 */
	uint8_t sends;
	uint8_t msg[CONFIG_CHECK_STATE - 6];
};

/* What is looked for, and where the search is. */
struct search {
	struct checker_run *run;
	const struct check_conf_dns *conf;
	struct dns_name owner;		/* whose records count now */
	struct dns_name target;		/* of the CNAME that stood there */
	bool alias;			/* there was one */
	bool found;			/* a record of the type */
	bool match;			/* with the expected data */
};

static enum checker_step
ask(struct checker_run *run)
{
	const struct check_conf_dns *const c = &run->check->u.dns;
	const bool tcp = run->link == CHECKER_STREAM;
	struct state *const st = run->state;

	if (c->name.n > DNS_NAME)
		return checker_down(run, CHECKER_LOCAL, "no name that can be asked for");
	if (tcp)
		wr_u16(&run->out, (uint16_t)(DNS_HEADER + c->name.n + 4));
	else if (++st->sends < SENDS)
		run->wake_us = st->sends * run->check->timeout_us / SENDS;
	dns_query(&run->out, (uint16_t)run->id, run->conf->text + c->name.at, c->name.n,
		  c->type, !tcp && st->sends == 1 ? DNS_UDP : 0);
	if (run->out.bad)
		return checker_down(run, CHECKER_LOCAL, "the query is too long for CHECK_SEND");
	return CHECKER_MORE;
}

/* Whether the data is the expected answer.  Addresses are compared as such, strings to the letter;
 * where a name ends it, the dot of the root may stand behind it. */
static bool
is_answer(const struct checker_run *run, uint16_t type, const char *seen, size_t n)
{
	const struct check_conf_bytes b = run->check->u.dns.answer;
	const char *const want = check_conf_text(run->conf, b);
	struct net_addr x, y;
	size_t len = b.n;

	if (type == DNS_TXT || type == DNS_SPF)
		return len == n && memcmp(want, seen, n) == 0;
	if ((type == DNS_A || type == DNS_AAAA) && net_addr_parse(&x, want, len) &&
	    net_addr_parse(&y, seen, n))
		return net_addr_cmp(&x, &y) == 0;
	if (len == n + 1 && n > 0 && want[n] == '.')
		len--;
	if (len != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const uint8_t a = (uint8_t)want[i], c = (uint8_t)seen[i];

		if (a != c && ((a ^ c) != 0x20 || (a | 0x20) < 'a' || (a | 0x20) > 'z'))
			return false;
	}
	return true;
}

/* A record of the asked type where it is looked for. */
static enum dns_verdict
look(struct search *s, const struct dns_msg *m, const struct dns_record *r)
{
	char text[ANSWER];
	struct strfmt out;

	strfmt_init(&out, text, sizeof text);
	const enum dns_verdict v = dns_data_text(m, r, &out);

	if (v != DNS_MSG_OK)
		return v;
	s->match = !s->match && !out.cut && is_answer(s->run, r->type, text, out.n) ?
		true : s->match;
	if (!s->found || s->match)
		strfmt_to(s->run->detail, sizeof s->run->detail, "%s", text);
	s->found = true;
	return DNS_MSG_OK;
}

/* Looks at all answers once; stops at the first that decides. */
static enum dns_verdict
pass(struct search *s, struct dns_msg m)
{
	const bool any = s->conf->type == DNS_ANY;

	s->alias = false;
	for (unsigned i = 0; i < m.answers; i++) {
		struct dns_record r;
		size_t at;
		enum dns_verdict v = dns_next_record(&m, &r);

		if (v != DNS_MSG_OK)
			return v;
		if (r.class != DNS_IN || !dns_name_equal(&r.owner, &s->owner))
			continue;
		if (any || r.type == s->conf->type) {
			v = look(s, &m, &r);
		} else if (r.type == DNS_CNAME) {
			at = r.at;
			v = dns_name_read(&m, &at, &s->target);
			s->alias = true;
		}
		if (v != DNS_MSG_OK || s->match || (s->found && s->conf->answer.at == 0))
			return v;
	}
	return DNS_MSG_OK;
}

static enum checker_step
too_long(struct checker_run *run, size_t whole)
{
	return checker_down(run, CHECKER_LONG, "%u bytes over TCP, more than CHECK_STATE",
			    (unsigned)whole);
}

/* The answers, of which `m` is at the first, in a message of `whole` bytes. */
static enum checker_step
judge_answers(struct search *s, const struct dns_msg *m, size_t whole)
{
	struct checker_run *const run = s->run;

	for (unsigned i = 0; i < CNAMES; i++) {
		const enum dns_verdict v = pass(s, *m);

		if (s->found && (s->match || s->conf->answer.at == 0))
			return CHECKER_UP;
		if (v == DNS_MSG_SHORT && whole > m->n)
			return too_long(run, whole);
		if (v != DNS_MSG_OK)
			return checker_down(run, CHECKER_PROTOCOL, "%s", dns_verdict_text(v));
		if (s->found) {
			run->reason = CHECKER_CONTENT;	/* detail: what is there */
			return CHECKER_DOWN;
		}
		if (!s->alias)
			return checker_down(run, CHECKER_EMPTY, "%s",
					    i ? "a CNAME that leads nowhere" : "no record");
		s->owner = s->target;
	}
	return checker_down(run, CHECKER_EMPTY, "more than %u CNAMEs", CNAMES);
}

/* Whether the question is the one that was asked; servers may leave it out when they fail. */
static bool
is_asked(struct search *s, struct dns_msg *m)
{
	struct dns_question q;

	memcpy(s->owner.w, s->run->conf->text + s->conf->name.at, s->conf->name.n);
	s->owner.n = (uint8_t)s->conf->name.n;
	if (m->questions == 0)
		return (m->flags & DNS_RCODE) != DNS_NOERROR;
	return m->questions == 1 && dns_next_question(m, &q) == DNS_MSG_OK &&
		q.type == s->conf->type && q.class == DNS_IN &&
		dns_name_equal(&q.name, &s->owner);
}

static enum checker_step
judge_rcode(struct checker_run *run, unsigned rcode)
{
	const char *const word = dns_rcode_text(rcode);
	struct state *const st = run->state;

	/* It may be EDNS that it does not know (RFC 6891 7). */
	if ((rcode == DNS_FORMERR || rcode == DNS_NOTIMP) &&
	    run->link == CHECKER_DATAGRAM && st->sends == 1)
		return ask(run);
	if (word)
		return checker_down(run, CHECKER_STATUS, "%s", word);
	return checker_down(run, CHECKER_STATUS, "rcode %u", rcode);
}

/* The first `n` bytes of a message of `whole` bytes. */
static enum checker_step
judge(struct checker_run *run, const uint8_t *p, size_t n, size_t whole)
{
	const bool udp = run->link == CHECKER_DATAGRAM;
	struct search s = { .run = run, .conf = &run->check->u.dns };
	struct dns_msg m;

	if (dns_open(&m, p, n) != DNS_MSG_OK || m.id != (uint16_t)run->id ||
	    !(m.flags & DNS_QR) || (m.flags & DNS_OPCODE) || !is_asked(&s, &m)) {
		if (!udp)
			return checker_down(run, CHECKER_PROTOCOL, "not a reply to the query");
		strfmt_to(run->detail, sizeof run->detail, "came: not a reply to the query");
		return CHECKER_MORE;
	}
	if (m.flags & DNS_RCODE)
		return judge_rcode(run, m.flags & DNS_RCODE);
	if (udp && (m.flags & DNS_TC)) {
		run->link = CHECKER_STREAM;
		run->wake_us = 0;
		return CHECKER_NEXT;
	}
	if (n < whole && s.conf->answer.at != 0)
		return too_long(run, whole);
	return judge_answers(&s, &m, whole);
}

/* TCP: a length of two bytes stands before the message (RFC 7766 8). */
static enum checker_step
collect(struct checker_run *run, const uint8_t *p, size_t n)
{
	struct state *const st = run->state;

	for (; n > 0 && st->got < 2; n--, st->got++)
		st->len = (uint16_t)(st->len << 8 | *p++);
	if (st->got < 2)
		return CHECKER_MORE;

	const size_t have = st->got - 2u;
	const size_t most = st->len < sizeof st->msg ? st->len : sizeof st->msg;
	const size_t take = n < most - have ? n : most - have;

	memcpy(st->msg + have, p, take);
	st->got = (uint16_t)(st->got + take);
	if (have + take < most)
		return CHECKER_MORE;
	return judge(run, st->msg, most, st->len);
}

static enum checker_step
input(struct checker_run *run, const uint8_t *p, size_t n)
{
	if (run->link == CHECKER_STREAM)
		return collect(run, p, n);
	return judge(run, p, n, n);
}

const struct checker check_dns = {
	.name = "dns",
	.link = CHECKER_DATAGRAM,
	.state_size = sizeof(struct state),
	.open = ask,
	.input = input,
	.tick = ask,
};
