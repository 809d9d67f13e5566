/* SPDX-License-Identifier: MIT */
/* handover_fuzz.c -- any bytes at all as the note of the binary before.
 *
 * What is read stays in its members; what could be read, written down anew and read once more,
 * is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "handover.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) do { if (!(x)) abort(); } while (0)
#define MOST	64

static struct spawn_slot slot[MOST];

static void
look_at_script(const struct spawn_slot *s)
{
	CHECK(s->pid >= 0 && s->part < CONF_PARTS);
	CHECK(s->script.bytes <= sizeof s->script.argv && s->job.bytes <= sizeof s->job.text);
	CHECK(s->deadline.at.us >= 0 && s->script.timeout_us >= 0);
}

static void
again(const struct handover *h, unsigned n)
{
	static uint8_t room[MOST * 2 * sizeof(struct spawn_slot) + 2 * sizeof(struct handover)];
	static struct spawn_slot s;
	struct wr w = wr_over(room, sizeof room);
	struct handover copy;

	handover_put(&w, h);
	for (unsigned i = 0; i < n; i++)
		handover_put_script(&w, &slot[i]);
	CHECK(!w.bad);
	struct rd r = rd_over(room, wr_len(&w));

	CHECK(handover_get(&r, &copy) == HANDOVER_OK);
	CHECK(memcmp(&copy, h, sizeof copy) == 0);
	for (unsigned i = 0; i < n; i++) {
		CHECK(handover_get_script(&r, &s) == HANDOVER_OK);
		CHECK(memcmp(&s.run, &slot[i].run, sizeof s.run) == 0);
		CHECK(memcmp(&s.script, &slot[i].script, sizeof s.script) == 0);
		CHECK(memcmp(&s.job, &slot[i].job, sizeof s.job) == 0);
	}
	CHECK(r.p == r.end);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_over(data, size);
	struct handover h;
	unsigned n = 0;

	if (handover_get(&r, &h) != HANDOVER_OK)
		return 0;
	CHECK(h.nchildren <= CONF_PARTS && strlen(h.path) < sizeof h.path);
	for (uint32_t i = 0; i < h.nscripts && n < MOST && !r.bad; i++) {
		if (handover_get_script(&r, &slot[n]) != HANDOVER_OK)
			continue;
		look_at_script(&slot[n]);
		n++;
	}
	again(&h, n);
	return 0;
}
