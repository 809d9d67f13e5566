/* SPDX-License-Identifier: MIT */
/* adv_packet.h -- a good packet of each kind, to be spoilt by a test.
 *
 * Each case spoils one thing; the checksum is made right again unless the case
 * is about it.  cmocka.h must have been included.
 */
#ifndef ADV_PACKET_H
#define ADV_PACKET_H

#include <stdlib.h>
#include <string.h>

#include "adv.h"

enum kind { V2, V2_PASS, V3_PLAIN, V3_PSEUDO, V3_IPV6, KIND__N };

/* A packet on its way, and the router that gets it. */
struct packet {
	struct adv_meta meta;
	struct adv_expect expect;
	uint8_t own[64];		/* the router's own addresses, packed */
	uint8_t buf[256];
	size_t len;
	enum adv_sum sum;
};

static inline struct net_addr
ip(const char *text)
{
	struct net_addr a;

	assert_true(net_addr_parse(&a, text, strlen(text)));
	return a;
}

static inline void
put(uint8_t *where, const char *text)
{
	const struct net_addr a = ip(text);

	memcpy(where, a.a, net_addr_len(&a));
}

/* Two addresses, priority 150, one second, to a router of priority 100. */
static inline struct packet
good(enum kind kind)
{
	const bool v6 = kind == V3_IPV6, v2 = kind == V2 || kind == V2_PASS;
	struct packet p = { .sum = kind == V3_PLAIN || v2 ? ADV_SUM_PLAIN : ADV_SUM_PSEUDO };
	struct adv adv = {
		.version = v2 ? 2 : 3, .type = 1, .vrid = 7, .prio = 150, .naddr = 2,
		.alen = v6 ? 16 : 4, .interval = v2 ? 1 : 100, .sum = (uint8_t)p.sum,
	};

	p.meta.src = ip(v6 ? "fe80::10" : "192.0.2.10");
	p.meta.dst = ip(v6 ? "ff02::12" : "224.0.0.18");
	p.meta.ttl = 255;
	put(p.own, v6 ? "fe80::100" : "192.0.2.100");
	put(p.own + adv.alen, v6 ? "2001:db8::100" : "198.51.100.1");
	if (kind == V2_PASS) {
		adv.auth_type = ADV_AUTH_PASS;
		memcpy(adv.auth, "secret", 6);
	}
	adv.addr = p.own;
	p.len = adv_encode(&adv, &p.meta, p.buf, sizeof p.buf);
	assert_true(p.len > 0);
	p.expect = (struct adv_expect){
		.self = ip(v6 ? "fe80::11" : "192.0.2.11"), .interval = adv.interval,
		.naddr = 2, .version = adv.version, .vrid = 7, .prio = 100,
		.auth_type = adv.auth_type, .ttl_max = 255, .sum = (uint8_t)p.sum,
	};
	memcpy(p.expect.auth, adv.auth, ADV_AUTH);
	return p;
}

static inline void
resum(struct packet *p)
{
	adv_set_sum(p->buf, p->len, &p->meta, p->sum);
}

static inline enum adv_verdict
judge(struct packet *p, unsigned *notes)
{
	struct adv adv;
	uint8_t *copy = malloc(p->len ? p->len : 1);	/* no byte beyond it */

	memcpy(copy, p->buf, p->len);
	p->expect.addr = p->own;
	*notes = 0;
	enum adv_verdict verdict = adv_decode(&adv, &p->meta, copy, p->len);
	if (verdict == ADV_OK)
		verdict = adv_check(&adv, &p->meta, &p->expect, notes);
	if (verdict != ADV_OK)
		assert_int_equal(*notes, 0);
	free(copy);
	return verdict;
}

/* How often is() has met each verdict. */
static unsigned met[ADV__N];

static inline void
is(struct packet *p, enum adv_verdict want)
{
	unsigned notes;
	const enum adv_verdict got = judge(p, &notes);

	met[got]++;
	if (got != want)
		fail_msg("%s, not %s", adv_verdict[got].name, adv_verdict[want].name);
}

/* Accepted, with exactly these things to log. */
static inline void
notes_are(struct packet *p, unsigned want)
{
	unsigned notes;

	assert_int_equal(judge(p, &notes), ADV_OK);
	assert_int_equal(notes, want);
}

/* Every verdict of a stage has been provoked, and by the case that names it. */
static inline void
all_seen(enum adv_verdict from, enum adv_verdict to)
{
	for (enum adv_verdict v = from; v <= to; v++)
		if (met[v] == 0)
			fail_msg("no packet provoked %s", adv_verdict[v].name);
}

#endif
