/* SPDX-License-Identifier: MIT */
/* kept_vips_test.c -- the addresses of a configuration, for the life after. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "checkpoint.h"
#include "instance.h"
#include "kept_vips.h"

static struct vrrp_conf conf;
static struct kept_vips kept;

static void
add(struct vrrp_conf_instance *in, uint8_t family, uint8_t last, const char *dev)
{
	struct vrrp_conf_vip *v = &conf.vip[conf.nvips++];

	*v = (struct vrrp_conf_vip){ .addr = { .family = family, .a = { 10, 0, 0, last } },
				     .prefixlen = 24 };
	strcpy(v->dev, dev);
	in->vips.n++;
}

static int
setup(void **state)
{
	(void)state;
	memset(&conf, 0, sizeof conf);
	memset(&kept, 0, sizeof kept);
	conf.ninstances = 2;
	conf.instance[0].priority = ADV_PRIO_OWNER;
	add(&conf.instance[0], AF_INET, 1, "eth0");
	conf.instance[1].priority = 100;
	conf.instance[1].vips.first = 1;
	add(&conf.instance[1], AF_INET, 2, "eth0");
	add(&conf.instance[1], AF_INET6, 3, "a23456789012345");
	return 0;
}

static void
all_addresses_come_back_with_what_is_needed_to_find_them(void **state)
{
	(void)state;
	assert_null(kept_vips_at(&kept, 0));	/* a first life */
	kept_vips_write(&kept, &conf);
	for (unsigned i = 0; i < 3; i++) {
		const struct kept_vip *v = kept_vips_at(&kept, i);

		assert_non_null(v);
		assert_int_equal(net_addr_cmp(&v->addr, &conf.vip[i].addr), 0);
		assert_int_equal(v->prefixlen, 24);
		assert_int_equal(v->owner, i == 0);
		assert_string_equal(v->dev, conf.vip[i].dev);
	}
	assert_null(kept_vips_at(&kept, 3));
}

static void
any_damaged_byte_leaves_none(void **state)
{
	const size_t used = offsetof(struct kept_vips, vip) + 3 * sizeof kept.vip[0];

	(void)state;
	kept_vips_write(&kept, &conf);
	for (size_t i = 0; i < used; i++) {
		((uint8_t *)&kept)[i] ^= 0x10;
		assert_null(kept_vips_at(&kept, 0));
		((uint8_t *)&kept)[i] ^= 0x10;
	}
	assert_non_null(kept_vips_at(&kept, 0));
}

static void
a_number_out_of_range_ends_the_list_whatever_its_sum(void **state)
{
	(void)state;
	kept_vips_write(&kept, &conf);
	const struct kept_vips good = kept;

#define REFUSED(what)							\
	do {								\
		kept = good;						\
		what;							\
		kept.sum = checkpoint_sum(&kept.n, sizeof kept.n +	\
					  3 * sizeof kept.vip[0]);	\
		assert_null(kept_vips_at(&kept, 0));			\
	} while (0)
	REFUSED(kept.vip[0].addr.family = 99);
	REFUSED(kept.vip[0].prefixlen = 33);
	REFUSED(kept.vip[0].dev[0] = 0);
	REFUSED(memset(kept.vip[0].dev, 'x', sizeof kept.vip[0].dev));
	REFUSED(kept.n = CONFIG_VRRP_VIPS + 1);
	REFUSED(kept.n = UINT32_MAX);
#undef REFUSED
}

#define T(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_addresses_come_back_with_what_is_needed_to_find_them),
		T(any_damaged_byte_leaves_none),
		T(a_number_out_of_range_ends_the_list_whatever_its_sum),
	};

	return cmocka_run_group_tests_name("kept_vips", tests, NULL, NULL);
}
