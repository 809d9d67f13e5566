/* SPDX-License-Identifier: MIT */
/* director_count.c -- what the kernel has counted of each server: read for a whole service at
 * once, when somebody asks, and good for a moment.
 */
#include <string.h>

#include "director.h"

#define FRESH_US	(MONO_US_PER_S / 4)

static struct {
	struct mono at[CONFIG_CHECK_SERVICES];	/* when it was read, 0: never */
	uint32_t generation;		/* of the image that indexes belong to */
	struct ipvs_msg_stats dest[CONFIG_CHECK_DESTS];
} counts;

struct reading {
	const struct director *d;
	const struct service *s;
	const struct check_conf_virtual *virtual;
	unsigned last;			/* where the last one was found: the next is near */
};

static unsigned
index_of(const struct director *d, const struct service_dest *dest)
{
	return (unsigned)(dest->conf - d->conf->dest);
}

static void
add(struct ipvs_msg_stats *sum, const struct ipvs_msg_stats *st)
{
	sum->connections += st->connections;
	sum->in_packets += st->in_packets;
	sum->out_packets += st->out_packets;
	sum->in_bytes += st->in_bytes;
	sum->out_bytes += st->out_bytes;
	sum->active += st->active;
	sum->inactive += st->inactive;
	sum->persistent += st->persistent;
}

static bool
is_it(const struct reading *r, const struct service_dest *dest, const struct ipvs_msg_dest *m)
{
	struct ipvs_msg_dest is;

	if (net_addr_cmp(&dest->conf->addr, &m->addr) != 0)
		return false;
	director_table_dest(dest, r->virtual, &is);
	return is.port == m->port;
}

/* The kernel lists them backwards, so the search goes on from the last one. */
static void
on_dest(void *ctx, const struct ipvs_msg_dest *m, const struct ipvs_msg_stats *st)
{
	struct reading *const r = ctx;
	const unsigned n = r->s->conf->dests.n;

	for (unsigned i = 0; i < n; i++) {
		const unsigned at = (r->last + n - i) % n;

		if (!is_it(r, &r->s->dests[at], m))
			continue;
		add(&counts.dest[index_of(r->d, &r->s->dests[at])], st);
		r->last = (at + n - 1) % n;
		return;
	}
	if (r->s->sorry && is_it(r, r->s->sorry, m))
		add(&counts.dest[index_of(r->d, r->s->sorry)], st);
}

static void
read_all(struct director *d, const struct service *s)
{
	const struct check_conf_range r = s->conf->virtuals;

	for (unsigned i = 0; i < s->conf->dests.n; i++)
		memset(&counts.dest[index_of(d, &s->dests[i])], 0, sizeof counts.dest[0]);
	if (s->sorry)
		memset(&counts.dest[index_of(d, s->sorry)], 0, sizeof counts.dest[0]);
	if (!s->active || !d->settled)
		return;
	for (unsigned i = r.first; i < (unsigned)r.first + r.n; i++) {
		struct reading reading = {
			.d = d, .s = s, .virtual = &d->conf->virtual[i],
			.last = s->conf->dests.n ? s->conf->dests.n - 1u : 0,
		};
		struct ipvs_msg_service key;

		director_table_virtual(d->conf, i, &key);
		if (!ipvs_count_dests(&d->ipvs, &key, on_dest, &reading))
			return;
	}
}

const struct ipvs_msg_stats *
director_count(struct director *d, const struct service_dest *dest)
{
	const struct service *const s = dest->service;
	const unsigned i = (unsigned)(s->conf - d->conf->service);
	const struct mono now = d->env->loop.now;

	if (counts.generation != d->env->image->generation) {
		memset(counts.at, 0, sizeof counts.at);
		counts.generation = d->env->image->generation;
	}
	if (counts.at[i].us == 0 || mono_diff_us(now, counts.at[i]) > FRESH_US) {
		read_all(d, s);
		counts.at[i] = now;
	}
	return &counts.dest[index_of(d, dest)];
}
