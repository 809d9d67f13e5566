/* SPDX-License-Identifier: MIT */
/* adv.c -- the VRRP ADVERTISEMENT on the wire. */
#include "adv.h"

#include <string.h>
#include <sys/socket.h>

#include "auth.h"
#include "cursor.h"
#include "interval.h"

#define TYPE_ADVERTISEMENT 1		/* RFC 9568 5.2.2 */
#define RESERVED_MASK	0x0fff		/* upper nibble: RFC 9568 5.2.6 */
#define IP4_HEADER	20
#define IP4_FRAGMENT	0x3fff		/* more fragments, and the offset */

/* Offsets of what is patched in a written message. */
#define AT_PRIO		2
#define AT_SUM		6

_Static_assert(ADV_AUTH == AUTH_LEN, "one password, two names for its length");

const struct adv_verdict_text adv_verdict[ADV__N] = {
#define X(name, clause, sentence, counter) \
	[ADV_##name] = { #name, clause, sentence, counter },
	ADV_VERDICTS(X)
#undef X
};

const struct adv_note_text adv_note[ADV_NOTE__N] = {
#define X(name, clause, sentence) [ADV_NOTE_##name] = { #name, clause, sentence },
	ADV_NOTES(X)
#undef X
};

static void
rd_addr4(struct rd *r, struct net_addr *a)
{
	const uint8_t *p = rd_take(r, 4);

	memset(a, 0, sizeof *a);
	if (p) {
		a->family = AF_INET;
		memcpy(a->a, p, 4);
	}
}

enum adv_verdict
adv_ip4(struct adv_meta *meta, const uint8_t **payload, size_t *len,
	const void *buf, size_t n)
{
	const uint8_t *ip = buf;
	struct rd r = { ip, ip + n, false };

	*payload = NULL;
	*len = 0;
	const uint8_t first = rd_u8(&r);
	rd_u8(&r);				/* type of service */
	const size_t total = rd_u16(&r);
	rd_u16(&r);				/* identification */
	const uint16_t fragment = rd_u16(&r);
	meta->ttl = rd_u8(&r);
	const uint8_t proto = rd_u8(&r);
	rd_u16(&r);				/* the kernel has verified it */
	rd_addr4(&r, &meta->src);
	rd_addr4(&r, &meta->dst);

	const size_t header = (size_t)(first & 15) * 4;

	if (n > 0 && first >> 4 != 4)
		return ADV_IP_VERSION;
	if (r.bad || header < IP4_HEADER || total < header || total > n)
		return ADV_IP_SHORT;
	if (proto != ADV_PROTO)
		return ADV_IP_PROTO;
	if (fragment & IP4_FRAGMENT)
		return ADV_IP_FRAGMENT;
	*payload = ip + header;
	*len = total - header;
	return ADV_OK;
}

/* The pseudo-header of RFC 8200 8.1, or IPv4's, for `len` octets after IP. */
static uint32_t
sum_pseudo(const struct adv_meta *meta, size_t len)
{
	const size_t alen = net_addr_len(&meta->src);
	uint8_t tail[8] = { 0 };
	uint32_t sum = net_sum_add(0, meta->src.a, alen);

	sum = net_sum_add(sum, meta->dst.a, alen);
	if (alen == 4) {
		tail[1] = ADV_PROTO;
		net_put16(tail + 2, (uint16_t)len);
		return net_sum_add(sum, tail, 4);
	}
	net_put32(tail, (uint32_t)len);
	tail[7] = ADV_PROTO;
	return net_sum_add(sum, tail, sizeof tail);
}

/* 0 for a message whose checksum field is right, what belongs into it for one
 * whose field is 0. */
static uint16_t
sum_message(const void *buf, size_t len, const struct adv_meta *meta,
	    enum adv_sum form)
{
	const uint32_t sum =
		form == ADV_SUM_PSEUDO ? sum_pseudo(meta, len) : 0;

	return net_sum_fold(net_sum_add(sum, buf, len));
}

/* The form that must be, whatever is wished, for this version and family. */
static enum adv_sum
sum_form(unsigned version, const struct adv_meta *meta, enum adv_sum wish)
{
	if (version == 2)
		return ADV_SUM_PLAIN;
	return meta->src.family == AF_INET6 ? ADV_SUM_PSEUDO : wish;
}

/* Verify `len` octets of message.  Over IPv6 the sum is the transport's and
 * covers the `n` octets of the whole payload; over IPv4, version 3 is good in
 * either form, because RFC 5798 was read both ways. */
static bool
sum_right(struct adv *adv, const struct adv_meta *meta, const void *buf,
	  size_t len, size_t n)
{
	const enum adv_sum first = sum_form(adv->version, meta, ADV_SUM_PLAIN);

	adv->sum = first;
	if (sum_message(buf, first == ADV_SUM_PSEUDO ? n : len, meta, first) == 0)
		return true;
	if (sum_form(adv->version, meta, ADV_SUM_PSEUDO) == first)
		return false;
	adv->sum = ADV_SUM_PSEUDO;
	return sum_message(buf, len, meta, ADV_SUM_PSEUDO) == 0;
}

enum adv_verdict
adv_decode(struct adv *adv, const struct adv_meta *meta, const void *buf,
	   size_t n)
{
	const uint8_t *msg = buf;
	struct rd r = { msg, msg + n, false };

	memset(adv, 0, sizeof *adv);
	const uint8_t version_type = rd_u8(&r);
	adv->version = version_type >> 4;
	adv->type = version_type & 15;
	adv->vrid = rd_u8(&r);
	adv->prio = rd_u8(&r);
	adv->naddr = rd_u8(&r);
	const uint16_t word = rd_u16(&r);
	rd_u16(&r);				/* checksum, verified in place */
	adv->alen = (uint8_t)net_addr_len(&meta->src);
	adv->addr = rd_take(&r, (size_t)adv->naddr * adv->alen);
	if (adv->version == 2) {
		const uint8_t *auth = rd_take(&r, ADV_AUTH);

		adv->auth_type = word >> 8;
		adv->interval = word & 0xff;
		if (auth)
			memcpy(adv->auth, auth, ADV_AUTH);
	} else {
		adv->interval = word & RESERVED_MASK;
	}
	if (!r.bad) {
		adv->trailer = r.p;
		adv->trailer_len = (uint16_t)(r.end - r.p);
	}

	if (net_addr_is_multicast(&meta->dst) && meta->ttl != ADV_TTL_SENT)
		return ADV_TTL;
	if (n == 0)
		return ADV_SHORT;
	if (adv->version != 3 && (adv->version != 2 || adv->alen != 4))
		return ADV_VERSION;
	if (adv->version == 3 && adv->type != TYPE_ADVERTISEMENT)
		return ADV_TYPE;
	if (r.bad)
		return ADV_SHORT;
	if (!sum_right(adv, meta, buf, (size_t)(r.p - msg), n))
		return ADV_CHECKSUM;
	return ADV_OK;
}

/* Is every address of ours in the message?  The counts being equal, and ours
 * all different, the two then are the same set in any order. */
static bool
addresses_agree(const struct adv *adv, const struct adv_expect *expect)
{
	const size_t alen = adv->alen;
	const size_t size = adv->naddr * alen;

	if (adv->naddr != expect->naddr)
		return false;
	if (memcmp(adv->addr, expect->addr, size) == 0)
		return true;
	for (size_t i = 0; i < size; i += alen) {
		size_t k = 0;

		while (k < size &&
		       memcmp(expect->addr + i, adv->addr + k, alen) != 0)
			k += alen;
		if (k == size)
			return false;
	}
	return true;
}

/* RFC 3768 7.1 and RFC 2338 7.1: what only version 2 has. */
static enum adv_verdict
check_v2(const struct adv *adv, const struct adv_expect *expect)
{
	if (expect->prio == ADV_PRIO_OWNER)
		return ADV_OWNER;
	if (adv->auth_type > ADV_AUTH_AH)
		return ADV_AUTH_UNKNOWN;
	if (adv->auth_type != expect->auth_type)
		return ADV_AUTH_OTHER;
	if (adv->auth_type == ADV_AUTH_PASS &&
	    !auth_equal(adv->auth, expect->auth, ADV_AUTH))
		return ADV_AUTH_FAILED;
	if (adv->type != TYPE_ADVERTISEMENT)
		return ADV_TYPE;
	return ADV_OK;
}

/* RFC 9568 7.1 with its errata: what only version 3 has. */
static enum adv_verdict
check_v3(const struct adv *adv)
{
	if (adv->alen == 16 &&
	    (adv->addr[0] != 0xfe || (adv->addr[1] & 0xc0) != 0x80))
		return ADV_LINK_LOCAL;
	if (adv->interval == 0)
		return ADV_NO_INTERVAL;
	return ADV_OK;
}

/* Is the packet for us at all: its VRID, version and way here. */
static enum adv_verdict
check_way(const struct adv *adv, const struct adv_meta *meta,
	  const struct adv_expect *expect)
{
	if (adv->vrid != expect->vrid)
		return ADV_VRID;
	if (adv->version != expect->version)
		return ADV_OTHER_VERSION;
	if (expect->self.family != 0 &&
	    net_addr_cmp(&meta->src, &expect->self) == 0)
		return ADV_LOOP;
	if (expect->unicast == net_addr_is_multicast(&meta->dst))
		return ADV_CAST;
	if (!expect->unicast)
		return ADV_OK;
	if (!expect->peer)
		return ADV_PEER;
	if (meta->ttl < expect->ttl_min || meta->ttl > expect->ttl_max)
		return ADV_TTL;
	return ADV_OK;
}

enum adv_verdict
adv_check(const struct adv *adv, const struct adv_meta *meta,
	  const struct adv_expect *expect, unsigned *notes)
{
	const bool v2 = adv->version == 2;

	*notes = 0;
	enum adv_verdict verdict = check_way(adv, meta, expect);
	if (verdict == ADV_OK && v2)
		verdict = check_v2(adv, expect);
	if (verdict == ADV_OK && adv->naddr == 0)
		verdict = ADV_COUNT;
	if (verdict == ADV_OK && !v2)
		verdict = check_v3(adv);
	if (verdict != ADV_OK)
		return verdict;

	const bool owner = adv->prio == ADV_PRIO_OWNER;
	const bool strange = !expect->any_addr && !addresses_agree(adv, expect);

	if (v2 && strange && !owner)
		return ADV_ADDRESSES;
	if (v2 && adv->interval != expect->interval)
		return ADV_INTERVAL;

	if (strange)
		*notes |= 1u << ADV_NOTE_ADDRESSES;
	if (adv->interval != expect->interval)
		*notes |= 1u << ADV_NOTE_INTERVAL;
	if (owner && expect->prio == ADV_PRIO_OWNER)
		*notes |= 1u << ADV_NOTE_OWNERS;
	if (adv->trailer_len > 0)
		*notes |= 1u << ADV_NOTE_TRAILER;
	if (!v2 && adv->alen == 4 && adv->sum != expect->sum)
		*notes |= 1u << ADV_NOTE_CHECKSUM;
	return ADV_OK;
}

size_t
adv_size(unsigned version, unsigned alen, unsigned naddr)
{
	if (naddr == 0 || naddr > (alen == 4 ? ADV_MAX4 : ADV_MAX6))
		return 0;
	if (version == 2 && alen == 4)
		return ADV_HEADER + 4 * naddr + ADV_AUTH;
	if (version == 3 && (alen == 4 || alen == 16))
		return ADV_HEADER + alen * naddr;
	return 0;
}

size_t
adv_encode(const struct adv *adv, const struct adv_meta *meta, void *buf,
	   size_t cap)
{
	const size_t size = adv_size(adv->version, adv->alen, adv->naddr);
	const size_t addr_size = (size_t)adv->alen * adv->naddr;
	uint8_t *p = buf;

	if (size == 0 || size > cap)
		return 0;
	memmove(p + ADV_HEADER, adv->addr, addr_size);
	p[0] = (uint8_t)(adv->version << 4 | TYPE_ADVERTISEMENT);
	p[1] = adv->vrid;
	p[AT_PRIO] = adv->prio;
	p[3] = adv->naddr;
	if (adv->version == 2) {
		uint8_t *auth = p + ADV_HEADER + addr_size;

		p[4] = adv->auth_type;
		p[5] = (uint8_t)adv->interval;
		memset(auth, 0, ADV_AUTH);
		if (adv->auth_type == ADV_AUTH_PASS)
			memcpy(auth, adv->auth, ADV_AUTH);
	} else {
		net_put16(p + 4, adv->interval & RESERVED_MASK);
	}
	adv_set_sum(buf, size, meta, adv->sum);
	return size;
}

/* RFC 1624 equation 3: HC' = ~(~HC + ~m + m').  The sum is never 0, so the
 * result is bit for bit what a new computation gives. */
void
adv_set_priority(void *buf, uint8_t prio)
{
	uint8_t *p = buf;
	const uint16_t before = net_get16(p + AT_PRIO);

	p[AT_PRIO] = prio;
	uint32_t sum = (uint16_t)~net_get16(p + AT_SUM);
	sum += (uint16_t)~before;
	sum += net_get16(p + AT_PRIO);
	net_put16(p + AT_SUM, net_sum_fold(sum));
}

void
adv_set_sum(void *buf, size_t len, const struct adv_meta *meta,
	    enum adv_sum sum)
{
	uint8_t *p = buf;
	const enum adv_sum form = sum_form(p[0] >> 4, meta, sum);

	net_put16(p + AT_SUM, 0);
	net_put16(p + AT_SUM, sum_message(buf, len, meta, form));
}

int64_t
adv_interval_us(const struct adv *adv)
{
	return interval_wire_us(adv->version, adv->interval);
}
