/* SPDX-License-Identifier: MIT */
/* dns.c -- DNS messages: queries, and the walk over a reply. */
#include "dns.h"

#include <string.h>

#define JUMPS	128			/* pointers of one name; it has at most 127 labels */

const char *
dns_verdict_text(enum dns_verdict v)
{
	static const char *const text[DNS_VERDICT__N] = {
#define X(name, what) [DNS_MSG_##name] = what,
		DNS_VERDICTS(X)
#undef X
	};

	return (unsigned)v < DNS_VERDICT__N ? text[v] : "?";
}

static void
put_opt(struct wr *out, uint16_t udp)
{
	wr_u8(out, 0);			/* the root's */
	wr_u16(out, DNS_OPT);
	wr_u16(out, udp);
	wr_u32(out, 0);			/* extended rcode, version, flags */
	wr_u16(out, 0);
}

void
dns_query(struct wr *out, uint16_t id, const uint8_t *name, size_t n, uint16_t type,
	  uint16_t udp)
{
	wr_u16(out, id);
	wr_u16(out, DNS_RD);
	wr_u16(out, 1);
	wr_u16(out, 0);
	wr_u16(out, 0);
	wr_u16(out, udp ? 1 : 0);
	wr_put(out, name, n);
	wr_u16(out, type);
	wr_u16(out, DNS_IN);
	if (udp)
		put_opt(out, udp);
}

enum dns_verdict
dns_open(struct dns_msg *m, const void *p, size_t n)
{
	struct rd r = rd_over(p, n);

	*m = (struct dns_msg){ .p = p, .n = n, .at = DNS_HEADER };
	m->id = rd_u16(&r);
	m->flags = rd_u16(&r);
	m->questions = rd_u16(&r);
	m->answers = rd_u16(&r);
	(void)rd_u32(&r);		/* counts of what stands behind the answers */
	return r.bad ? DNS_MSG_SHORT : DNS_MSG_OK;
}

/* A label, or the root's end of a name, onto `out`. */
static bool
append(struct dns_name *out, const uint8_t *label)
{
	const size_t n = 1u + label[0];

	if (out->n + n > sizeof out->w)
		return false;
	memcpy(out->w + out->n, label, n);
	out->n = (uint8_t)(out->n + n);
	return true;
}

/* Each jump goes to before the piece that has it, so that no walk is a circle. */
enum dns_verdict
dns_name_read(const struct dns_msg *m, size_t *at, struct dns_name *out)
{
	size_t i = *at, piece = *at;
	unsigned jumps = 0;
	uint8_t len;

	out->n = 0;
	do {
		if (i >= m->n)
			return DNS_MSG_SHORT;
		len = m->p[i];
		const size_t need = len >= 0xc0 ? 2 : 1u + len;

		if (len >= 0x40 && len < 0xc0)
			return DNS_MSG_LABEL;
		if (m->n - i < need)
			return DNS_MSG_SHORT;
		if (len >= 0xc0) {
			const size_t to = (size_t)(net_get16(m->p + i) & 0x3fff);

			if (to >= piece || ++jumps > JUMPS)
				return DNS_MSG_POINTER;
			if (jumps == 1)
				*at = i + need;
			i = piece = to;
			continue;
		}
		if (!append(out, m->p + i))
			return DNS_MSG_LONG;
		i += need;
	} while (len != 0);
	if (jumps == 0)
		*at = i;
	return DNS_MSG_OK;
}

enum dns_verdict
dns_next_question(struct dns_msg *m, struct dns_question *out)
{
	const enum dns_verdict v = dns_name_read(m, &m->at, &out->name);

	if (v != DNS_MSG_OK)
		return v;
	if (m->n - m->at < 4)
		return DNS_MSG_SHORT;
	out->type = net_get16(m->p + m->at);
	out->class = net_get16(m->p + m->at + 2);
	m->at += 4;
	return DNS_MSG_OK;
}

enum dns_verdict
dns_next_record(struct dns_msg *m, struct dns_record *out)
{
	const enum dns_verdict v = dns_name_read(m, &m->at, &out->owner);

	if (v != DNS_MSG_OK)
		return v;
	struct rd r = rd_over(m->p + m->at, m->n - m->at);

	out->type = rd_u16(&r);
	out->class = rd_u16(&r);
	out->ttl_s = rd_u32(&r);
	out->n = rd_u16(&r);
	if (!rd_take(&r, out->n))
		return DNS_MSG_SHORT;
	out->at = m->at + 10;
	m->at = out->at + out->n;
	return DNS_MSG_OK;
}
