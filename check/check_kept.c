/* SPDX-License-Identifier: MIT */
/* check_kept.c -- records of the checkpoint, each with its own sum. */
#include "check_kept.h"

#include <string.h>

#include "checkpoint.h"
#include "strfmt.h"

static struct check_kept *kept;

/* Every record begins with the sum of what follows it. */
#define SUM(r)	checkpoint_sum((const uint8_t *)(r) + sizeof(uint32_t), \
			       sizeof *(r) - sizeof(uint32_t))
#define WHOLE(r)	((r)->sum == SUM(r))
#define SEAL(r)		((void)((r)->sum = SUM(r)))
#define EMPTY(r)	((void)memset(r, 0, sizeof *(r)))

/* Of an earlier life's records of one kind: how many there are, and where the next search begins:
 * right behind what the last one found, as an image asks in the order in which it was written. */
struct records {
	unsigned n, at;
};
static struct {
	struct records probe, server, service;
} early;

/* Up to the last that is there: one before it may be half written. */
static struct records
count(const void *first, size_t bytes, unsigned n)
{
	uint32_t sum = 0;

	for (; n > 0 && sum == 0; n -= sum == 0)
		memcpy(&sum, (const uint8_t *)first + (n - 1) * bytes, sizeof sum);
	return (struct records){ .n = n };
}

void
check_kept_open(struct check_kept *content)
{
	kept = content;
	early.probe = count(kept->probe, sizeof kept->probe[0],
			    PORT_ARRAY_SIZE(kept->probe));
	early.server = count(kept->server, sizeof kept->server[0],
			    PORT_ARRAY_SIZE(kept->server));
	early.service = count(kept->service, sizeof kept->service[0],
			    PORT_ARRAY_SIZE(kept->service));
}

/* Those up to the last; one without a sum was being written when the process was killed. */
#define DAMAGED(r, n)	damaged(r, sizeof (r)[0], n)

static unsigned
damaged(const void *first, size_t bytes, unsigned n)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *const r = (const uint8_t *)first + i * bytes;
		uint32_t sum;

		memcpy(&sum, r, sizeof sum);
		bad += sum != 0 && sum != checkpoint_sum(r + sizeof sum, bytes - sizeof sum);
	}
	return bad;
}

unsigned
check_kept_damaged(void)
{
	const struct records virtual = count(kept->virtual, sizeof kept->virtual[0],
					     PORT_ARRAY_SIZE(kept->virtual));

	return DAMAGED(kept->probe, early.probe.n) + DAMAGED(kept->server, early.server.n) +
	       DAMAGED(kept->service, early.service.n) + DAMAGED(kept->virtual, virtual.n);
}

void
check_kept_probe(unsigned i, const struct probe *p)
{
	struct check_kept_probe *const r = &kept->probe[i];

	EMPTY(r);
	r->up = p->health.up;
	r->known = p->last.any;
	r->key = p->conf->key;
	r->passed = p->passed;
	r->failed = p->failed;
	r->since_wall_us = p->since_wall_us;
	r->weight = p->weight;
	r->add = p->add;
	r->changes = p->changes;
	memcpy(r->why, p->why, sizeof r->why);
	SEAL(r);
}

void
check_kept_server(unsigned i, const char *name, uint8_t admin, int32_t set)
{
	struct check_kept_server *const r = &kept->server[i];

	EMPTY(r);
	strfmt_copy(r->name, sizeof r->name, name, strlen(name));
	r->admin = admin;
	r->set = set;
	SEAL(r);
}

static void
put_service(struct check_kept_service *r, const char *name, bool master, bool quorum)
{
	EMPTY(r);
	strfmt_copy(r->name, sizeof r->name, name, strlen(name));
	r->master = master;
	r->quorum = quorum;
	SEAL(r);
}

void
check_kept_service(unsigned i, const char *name, bool master, bool quorum)
{
	put_service(&kept->service[i], name, master, quorum);
}

void
check_kept_sync(const char *instance, bool master)
{
	put_service(&kept->sync, instance, master, false);
}

void
check_kept_virtual(unsigned i, const struct check_conf_virtual *v)
{
	struct check_kept_virtual *const r = &kept->virtual[i];

	EMPTY(r);
	r->fwmark = v->fwmark;
	r->addr = v->addr;
	r->protocol = v->protocol;
	r->port = v->port;
	SEAL(r);
}

void
check_kept_trim(const struct check_conf *conf)
{
	for (unsigned i = conf->nchecks; i < CONFIG_CHECK_CHECKS && kept->probe[i].sum; i++)
		EMPTY(&kept->probe[i]);
	for (unsigned i = conf->nservers; i < CONFIG_CHECK_SERVERS && kept->server[i].sum; i++)
		EMPTY(&kept->server[i]);
	for (unsigned i = conf->nservices; i < CONFIG_CHECK_SERVICES && kept->service[i].sum; i++)
		EMPTY(&kept->service[i]);
	for (unsigned i = conf->nvirtuals; i < CONFIG_CHECK_VIRTUALS && kept->virtual[i].sum; i++)
		EMPTY(&kept->virtual[i]);
}

static unsigned
next(struct records *of)
{
	const unsigned i = of->at;

	of->at = i + 1 < of->n ? i + 1 : 0;
	return i;
}

bool
check_kept_find_probe(uint64_t key, struct check_kept_probe *out)
{
	for (unsigned k = 0; k < early.probe.n; k++) {
		const struct check_kept_probe *const r = &kept->probe[next(&early.probe)];

		if (r->key == key && r->sum && WHOLE(r)) {
			*out = *r;
			return true;
		}
	}
	return false;
}

bool
check_kept_find_server(const char *name, struct check_kept_server *out)
{
	for (unsigned k = 0; k < early.server.n; k++) {
		const struct check_kept_server *const r = &kept->server[next(&early.server)];

		if (strncmp(r->name, name, sizeof r->name) == 0 && r->sum && WHOLE(r)) {
			*out = *r;
			return true;
		}
	}
	return false;
}

bool
check_kept_find_service(const char *name, struct check_kept_service *out)
{
	for (unsigned k = 0; k < early.service.n; k++) {
		const struct check_kept_service *const r = &kept->service[next(&early.service)];

		if (strncmp(r->name, name, sizeof r->name) == 0 && r->sum && WHOLE(r)) {
			*out = *r;
			return true;
		}
	}
	return false;
}

bool
check_kept_sync_master(const char *instance)
{
	const struct check_kept_service *const r = &kept->sync;

	return r->sum && WHOLE(r) && r->master &&
	       strncmp(r->name, instance, sizeof r->name) == 0;
}

bool
check_kept_any_virtual(void)
{
	return kept->virtual[0].sum != 0;
}

bool
check_kept_find_virtual(const struct net_addr *addr, uint8_t protocol, uint16_t port,
			uint32_t fwmark)
{
	for (unsigned i = 0; i < CONFIG_CHECK_VIRTUALS; i++) {
		const struct check_kept_virtual *const r = &kept->virtual[i];

		if (!r->sum || r->fwmark != fwmark)
			continue;
		if ((fwmark != 0 ? r->addr.family == addr->family :
		     r->port == port && r->protocol == protocol &&
		     net_addr_cmp(&r->addr, addr) == 0) && WHOLE(r))
			return true;
	}
	return false;
}
