/* SPDX-License-Identifier: MIT */
/* compile_fuzz.c -- any bytes as a configuration: what comes without an error is sane.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -Icore -Ivrrp \
 *		-include build/x86_64/config.h test/fuzz/compile_fuzz.c vrrp/vrrp_schema*.c \
 *		core/{uci,schema,suggest,compile,compile_complaint,compile_doc,compile_value}.c \
 *		core/{compile_script,globals,passwd,net,strfmt,port}.c
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "compile.h"
#include "globals.h"
#include "vrrp_schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) do { if (!(x)) abort(); } while (0)

static struct uci_pos last;
static uint32_t said;

static void
on_complaint(void *ctx, const struct compile_complaint *m)
{
	(void)ctx;
	CHECK(memchr(m->text, '\0', sizeof m->text) != NULL);
	CHECK(m->at.line == 0 || m->at.line > last.line ||
	      (m->at.line == last.line && m->at.column >= last.column));
	last = m->at;
	said++;
}

static void
check_conf(const struct vrrp_conf *conf)
{
	uint32_t vips = 0, peers = 0, tracks = 0;

	for (unsigned i = 0; i < conf->ninstances; i++) {
		const struct vrrp_conf_instance *in = &conf->instance[i];

		CHECK(in->vrid >= 1 && in->priority >= 1 && in->interface[0] != '\0');
		CHECK(in->version == 2 || in->version == 3);
		CHECK(in->version == 3 || in->family == AF_INET);
		CHECK(in->advert_us >= 10000 && in->advert_us <= 255000000);
		CHECK(in->nadvertised >= 1 && in->nadvertised <= in->vips.n);
		CHECK(in->vips.first == vips && in->peers.first == peers &&
		      in->tracks.first == tracks);
		for (unsigned k = 0; k < in->vips.n; k++) {
			const struct vrrp_conf_vip *v = &conf->vip[vips + k];

			CHECK(v->advertised == (k < in->nadvertised));
			CHECK(!v->advertised || v->addr.family == in->family);
			CHECK(v->dev[0] != '\0' && v->prefixlen <= 128);
		}
		vips += in->vips.n;
		peers += in->peers.n;
		tracks += in->tracks.n;
		CHECK(in->family != AF_INET6 ||
		      net_addr_is_link_local(&conf->vip[in->vips.first].addr));
	}
	CHECK(vips == conf->nvips && peers == conf->npeers && tracks == conf->ntracks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct compile work;
	static struct conf_core core;
	static struct vrrp_conf conf;
	const struct compile_part parts[] = {
		{ .schema = &globals_schema, .mem = &core },
		{ .schema = &vrrp_schema, .mem = &conf },
	};

	memset(&core, 0, sizeof core);
	memset(&conf, 0, sizeof conf);
	compile_begin(&work, &core, parts, 2);
	(void)compile_feed(&work, (const char *)data, size);

	const struct compile_result *r = compile_end(&work);

	last = (struct uci_pos){ 0, 0 };
	said = 0;
	compile_complaint_say(&work, on_complaint, NULL);
	CHECK(said > 0 || r->errors + r->warnings == 0);
	if (r->errors == 0)
		check_conf(&conf);
	return 0;
}
