/* SPDX-License-Identifier: MIT */
/* kept_fuzz.c -- any bytes at all as the checkpoint of the VRRP child, taken up by a next life.
 *
 * A good checkpoint of two virtual routers is written, then changed: patches of a place
 * (two bytes), a length and so many bytes.  Byte 0: bit 0 the frame is changed too, bit 1 the
 * sums of the state copies are made right afterwards, bit 2 those of the history.  Whatever
 * came out, the next life starts, is told of its interface, hears, waits and is reported.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "checkpoint.h"
#include "kept.h"
#include "report_lint.h"
#include "vrrp_pools.h"
#include "vrrp_report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) do { if (!(x)) abort(); } while (0)
#define ROUTERS		2
#define START_US	(1000 * (int64_t)MONO_US_PER_S)

static struct vrrp_conf conf;
static struct timers ts;
static struct loop loop;
static struct routers world = { .loop = &loop };

/* ---- a world in which nothing fails ---- */

static int
port_send(struct instance *in, const struct net_addr *dst, const void *msg, size_t len)
{
	(void)in;
	(void)dst;
	CHECK(((const uint8_t *)msg)[1] >= 1 && len >= ADV_HEADER);
	return 0;
}

static bool
port_waiting(struct instance *in)
{
	(void)in;
	return false;
}

static void
port_addresses(struct instance *in, bool on, struct mono now)
{
	(void)in;
	(void)on;
	(void)now;
}

static void
port_announce(struct instance *in, enum instance_announce what, struct mono now)
{
	(void)in;
	(void)what;
	(void)now;
}

static void
port_changed(struct instance *in, const struct history_record *rec, struct mono now)
{
	char text[HISTORY_TEXT];

	(void)now;
	CHECK(rec->to == in->state);
	history_why(rec, text);
	CHECK(text[0] != '\0');
}

static void
port_noted(struct instance *in, enum adv_verdict verdict, unsigned notes,
	   const struct adv *adv, const struct adv_meta *meta, struct mono now)
{
	(void)in;
	(void)verdict;
	(void)notes;
	(void)adv;
	(void)meta;
	(void)now;
}

static const struct instance_port port = {
	.send = port_send, .waiting = port_waiting, .addresses = port_addresses,
	.announce = port_announce, .changed = port_changed, .noted = port_noted,
};

static void
configure(void)
{
	conf.ninstances = ROUTERS;
	conf.nvips = ROUTERS;
	for (unsigned i = 0; i < ROUTERS; i++) {
		conf.instance[i] = (struct vrrp_conf_instance){
			.interface = "eth0", .vrid = (uint8_t)(i + 1),
			.version = (uint8_t)(3 - i), .family = AF_INET,
			.priority = 100, .advert_us = MONO_US_PER_S,
			.down_timer_adverts = 3, .preempt = true, .nadvertised = 1,
			.vips = { .first = (uint16_t)i, .n = 1 },
		};
		conf.vip[i] = (struct vrrp_conf_vip){
			.addr = { .family = AF_INET, .a = { 192, 0, 2, 1 } },
			.prefixlen = 24, .advertised = true, .dev = "eth0",
		};
	}
}

/* ---- one life and the next ---- */

static void
hear(struct instance *in, uint8_t prio, struct mono now)
{
	static const uint8_t vip[4] = { 192, 0, 2, 1 };
	const struct adv adv = {
		.version = in->conf->version, .vrid = in->conf->vrid, .prio = prio,
		.interval = in->conf->version == 3 ? 100 : 1, .alen = 4, .naddr = 1,
		.addr = vip,
	};
	const struct adv_meta meta = {
		.src = { .family = AF_INET, .a = { 10, 0, 0, 9 } },
		.dst = { .family = AF_INET, .a = { 224, 0, 0, 18 } }, .ttl = 255,
	};

	instance_packet(in, &adv, &meta, now);
}

static void
live(struct instance *in, struct mono now)
{
	struct instance_conditions c = {
		.source = { .family = AF_INET, .a = { 10, 0, 0, 1 } }, .ifindex = 2,
		.link = true, .tracked = true, .prio = 100, .fault = "eth0",
	};

	instance_conditions(in, &c, now);
	hear(in, 50, mono_add(now, 10));
	for (unsigned i = 0; i < 8; i++) {
		now = mono_add(now, MONO_US_PER_S);
		timer_run(&ts, now);
	}
	hear(in, 200, now);
	hear(in, 0, mono_add(now, 20));
	c.link = false;
	instance_conditions(in, &c, mono_add(now, 30));
}

/* What an honest life leaves. */
static void
write_down(struct kept *k)
{
	struct instance in;
	const struct mono now = { .us = START_US };

	kept_open(k);
	for (unsigned i = 0; i < ROUTERS; i++) {
		instance_init(&in, &conf, &conf.instance[i], &port, &ts, now);
		struct kept_slot *const s = kept_claim(in.conf, false);

		live(&in, now);
		kept_save(s, &in, now);
		kept_save(s, &in, mono_add(now, 1));
		timer_stop(&ts, &in.adv_timer);
		timer_stop(&ts, &in.down_timer);
		timer_stop(&ts, &in.delay_timer);
	}
	kept_vips_write(&k->vips, &conf);
}

static void
patch(uint8_t *p, size_t bytes, const uint8_t *data, const uint8_t *end)
{
	while (end - data >= 3) {
		size_t at = (size_t)data[0] << 8 | data[1];
		size_t n = data[2];

		data += 3;
		if (n > (size_t)(end - data))
			n = (size_t)(end - data);
		at %= bytes;
		if (n > bytes - at)
			n = bytes - at;
		memcpy(p + at, data, n);
		data += n;
	}
}

static void
put_right(struct kept *k, unsigned how)
{
	if (how & 2 && k->vips.n <= CONFIG_VRRP_VIPS)
		k->vips.sum = checkpoint_sum(&k->vips.n, sizeof k->vips.n +
					     k->vips.n * sizeof k->vips.vip[0]);
	for (unsigned i = 0; i < ROUTERS; i++) {
		struct kept_slot *const s = &k->slot[i];

		for (unsigned c = 0; c < 2 && how & 2; c++) {
			struct kept_state *const x = &s->copy[c];

			x->sum = checkpoint_sum(&x->seq, sizeof *x -
						offsetof(struct kept_state, seq));
		}
		if (how & 4)
			s->history_sum = checkpoint_sum(&s->history, sizeof s->history);
	}
}

/* ---- what the next life says of itself ---- */

static void
report(enum report_format format, const struct report_table *t, const void *parent)
{
	static char text[1 << 17];
	static const struct report_table *const *const all = vrrp_report_tables;
	static struct report_cursor c;
	size_t n, len = 0;

	if (t)
		report_start_one(&c, format, t, parent);
	else
		report_start(&c, format, all);
	while ((n = report_render(&c, text + len, sizeof text - 1 - len)) > 0) {
		len += n;
		CHECK(len < sizeof text - 1);
	}
	text[len] = '\0';
	CHECK(strlen(text) == len);
	if (format == REPORT_JSON)
		CHECK(lint_json(text));
	if (format == REPORT_METRICS)
		CHECK(lint_metrics(text) == NULL);
}

/* The virtual routers of a next life; the pool's, so that the report finds them. */
static void
next_life(struct kept *k, unsigned shown)
{
	const struct mono now = { .us = START_US + 9 * MONO_US_PER_S };
	struct router *r[ROUTERS];

	kept_open(k);
	loop.now = now;
	vrrp_report_world(&world);
	for (unsigned i = 0; i < ROUTERS; i++) {
		int64_t sent_us;

		r[i] = pool_get(router);
		struct instance *const in = &r[i]->in;

		r[i]->all = &world;
		instance_init(in, &conf, &conf.instance[i], &port, &ts, now);
		r[i]->kept = kept_claim(in->conf, false);
		CHECK(r[i]->kept != NULL);
		const enum fsm_state was = kept_load(r[i]->kept, in, &sent_us);

		CHECK(was < FSM_STATE__N && in->last_heard < INSTANCE_HEARD);
		instance_resume(in, was, (struct mono){ .us = sent_us });
	}
	kept_sweep();
	for (unsigned i = 0; kept_vips_at(&k->vips, i); i++)
		CHECK(k->vips.vip[i].prefixlen <= 128 && strlen(k->vips.vip[i].dev) < NET_IFNAME);
	report((enum report_format)(shown & 3), NULL, NULL);
	for (unsigned i = 0; i < ROUTERS; i++) {
		live(&r[i]->in, now);
		kept_save(r[i]->kept, &r[i]->in, now);
		report(REPORT_JSON, &vrrp_report_why, r[i]);
		timer_stop(&ts, &r[i]->in.adv_timer);
		timer_stop(&ts, &r[i]->in.down_timer);
		timer_stop(&ts, &r[i]->in.delay_timer);
		pool_put(router, r[i]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kept good;
	static bool made;
	static _Alignas(8) struct {
		struct checkpoint frame;
		struct kept kept;
	} image;
	const uint32_t bytes = sizeof image.kept;

	if (size < 1)
		return 0;
	if (!made) {
		configure();
		memset(&ts, 0, sizeof ts);
		write_down(&good);
	}
	made = true;
	memset(&image.frame, 0, sizeof image.frame);
	CHECK(checkpoint_take(&image.frame, bytes, KEPT_LAYOUT) == CHECKPOINT_FRESH);
	image.kept = good;
	if (data[0] & 1)
		patch((uint8_t *)&image, sizeof image, data + 1, data + size);
	else
		patch((uint8_t *)&image.kept, ROUTERS * sizeof image.kept.slot[0], data + 1,
		      data + size);
	put_right(&image.kept, data[0]);
	if (checkpoint_take(&image.frame, bytes, KEPT_LAYOUT) == CHECKPOINT_STRANGE)
		CHECK(image.kept.slot[0].key.vrid == 0 && image.kept.slot[0].key_sum == 0);
	next_life(&image.kept, data[0] >> 3);
	return 0;
}
