/* SPDX-License-Identifier: MIT */
/* check_kept_fuzz.c -- any bytes at all as the checkpoint of the check child, taken up by a next
 * life.
 *
 * A good one is written, then changed: patches of a place (two bytes), a length and so many
 * bytes.  Bit 0 of byte 0: the sums are made right afterwards.  Whatever came out, what is
 * found is whole, and what this life writes is found by the next.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "check_kept.h"
#include "checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) do { if (!(x)) abort(); } while (0)
#define N	3

static struct check_kept kept;

static const char *
name(unsigned i)
{
	static const char *const names[N] = { "web", "a.very.long.name.of.a.server", "x" };

	return names[i];
}

static const struct check_conf_virtual *
virtual(unsigned i)
{
	static struct check_conf_virtual v;

	v = (struct check_conf_virtual){
		.addr = { .family = AF_INET, .a = { 192, 0, 2, (uint8_t)i } },
		.protocol = 6, .port = 80, .fwmark = i == 2 ? 7 : 0,
	};
	return &v;
}

static void
write_down(void)
{
	for (unsigned i = 0; i < N; i++) {
		check_kept_server(i, name(i), (uint8_t)i, (int32_t)i - 1);
		check_kept_service(i, name(i), i & 1, i & 2);
		check_kept_virtual(i, virtual(i));
	}
}

static unsigned
find_all(void)
{
	struct check_kept_server server;
	struct check_kept_probe probe;
	struct check_kept_service service;
	unsigned n = 0;

	for (unsigned i = 0; i < N; i++) {
		const struct check_conf_virtual *const v = virtual(i);

		n += check_kept_find_server(name(i), &server);
		n += check_kept_find_service(name(i), &service);
		n += check_kept_find_virtual(&v->addr, v->protocol, v->port, v->fwmark);
		(void)!check_kept_find_probe(i, &probe);
	}
	return n;
}

static void
patch(const uint8_t *data, const uint8_t *end)
{
	while (end - data >= 3) {
		const size_t at = ((size_t)data[0] << 8 | data[1]) * 4 % sizeof kept;
		size_t n = data[2];

		data += 3;
		if (n > (size_t)(end - data))
			n = (size_t)(end - data);
		if (n > sizeof kept - at)
			n = sizeof kept - at;
		memcpy((uint8_t *)&kept + at, data, n);
		data += n;
	}
}

#define PUT_RIGHT(r)							\
	for (unsigned i = 0; i < N; i++)				\
		(r)[i].sum = checkpoint_sum((const uint8_t *)&(r)[i] + sizeof(uint32_t), \
					    sizeof (r)[i] - sizeof(uint32_t))

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct check_conf empty;

	if (size < 1)
		return 0;
	memset(&kept, 0, sizeof kept);
	check_kept_open(&kept);
	write_down();
	patch(data + 1, data + size);
	if (data[0] & 1) {
		PUT_RIGHT(kept.probe);
		PUT_RIGHT(kept.server);
		PUT_RIGHT(kept.service);
		PUT_RIGHT(kept.virtual);
	}
	check_kept_open(&kept);
	CHECK(check_kept_damaged() <= sizeof kept / sizeof(uint32_t));
	(void)find_all();
	write_down();
	check_kept_open(&kept);
	CHECK(find_all() == 3 * N);
	check_kept_trim(&empty);
	check_kept_open(&kept);
	(void)find_all();
	return 0;
}
