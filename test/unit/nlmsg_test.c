/* SPDX-License-Identifier: MIT */
/* nlmsg_test.c -- netlink messages: every length a lie, every cut. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "nlmsg.h"

static _Alignas(8) uint8_t buf[4096];

/* A copy that ends where its bytes end, so that a sanitizer sees an overrun. */
static void *
exact(const void *p, size_t len)
{
	void *q = malloc(len ? len : 1);
	assert_non_null(q);
	memcpy(q, p, len);
	return q;
}

static void
a_walk_gives_each_message_once(void **state)
{
	struct nlmsg_walk w;
	(void)state;

	nlmsg_init(buf, 100, 0, 1);
	nlmsg_put_u8((void *)buf, 1, 7);
	struct nlmsghdr *first = (void *)buf;
	struct nlmsghdr *second = (void *)(buf + first->nlmsg_len);
	nlmsg_init(second, 101, 0, 2);
	nlmsg_walk(&w, buf, first->nlmsg_len + second->nlmsg_len);
	assert_ptr_equal(nlmsg_next(&w), first);
	assert_ptr_equal(nlmsg_next(&w), second);
	assert_null(nlmsg_next(&w));
	assert_false(w.bad);
}

static void
the_last_message_may_lack_its_padding(void **state)
{
	struct nlmsg_walk w;
	(void)state;

	nlmsg_init(buf, 100, 0, 1);
	((struct nlmsghdr *)buf)->nlmsg_len = 17;
	nlmsg_walk(&w, buf, 17);
	assert_non_null(nlmsg_next(&w));
	assert_null(nlmsg_next(&w));
	assert_false(w.bad);
}

static void
impossible_message_lengths_are_refused(void **state)
{
	static const uint32_t lie[] = {
		0, 1, 15, 33, 0x7ffffffc, 0x7fffffff, 0x80000000, 0x80000010,
		0xfffffffc, 0xffffffff,
	};
	(void)state;

	for (size_t i = 0; i < PORT_ARRAY_SIZE(lie); i++) {
		struct nlmsg_walk w;
		nlmsg_init(buf, 100, 0, 1);
		((struct nlmsghdr *)buf)->nlmsg_len = lie[i];
		nlmsg_walk(&w, buf, 32);
		assert_null(nlmsg_next(&w));
		assert_true(w.bad);
		assert_null(nlmsg_next(&w));
	}
}

static void
fewer_bytes_than_a_header_are_refused(void **state)
{
	(void)state;
	for (size_t n = 1; n < NLMSG_HDRLEN; n++) {
		struct nlmsg_walk w;
		nlmsg_walk(&w, buf, n);
		assert_null(nlmsg_next(&w));
		assert_true(w.bad);
	}
}

/* A header of 8 bytes, then u8, u32, text and a nest with a u32. */
static size_t
build(void)
{
	nlmsg_init(buf, 100, 5, 9);
	struct nlmsghdr *h = (void *)buf;
	memset(nlmsg_put_header(h, 8), 0xab, 8);
	nlmsg_put_u8(h, 1, 11);
	nlmsg_put_u32(h, 2, 0x01020304);
	nlmsg_put_text(h, 3, "eth0");
	struct nlattr *nest = nlmsg_nest(h, 4);
	nlmsg_put_u32(h, 1, 77);
	nlmsg_nest_end(h, nest);
	assert_true(nlmsg_fits(h));
	return h->nlmsg_len;
}

static void
what_is_written_is_read(void **state)
{
	const struct nlattr *tb[5], *in[2];
	uint8_t u8;
	uint32_t u32;
	char text[16];
	(void)state;

	build();
	const struct nlmsghdr *h = (void *)buf;
	assert_int_equal(h->nlmsg_type, 100);
	assert_int_equal(h->nlmsg_flags, 5);
	assert_int_equal(h->nlmsg_seq, 9);
	assert_true(nlmsg_attrs(h, 8, tb, 4));
	assert_true(nlmsg_get_u8(tb[1], &u8));
	assert_int_equal(u8, 11);
	assert_true(nlmsg_get_u32(tb[2], &u32));
	assert_int_equal(u32, 0x01020304);
	assert_true(nlmsg_get_text(tb[3], text, sizeof text));
	assert_string_equal(text, "eth0");
	assert_true(nlmsg_get_text(tb[3], text, 3));
	assert_string_equal(text, "et");
	assert_true(nlmsg_nested(tb[4], in, 1));
	assert_true(nlmsg_get_u32(in[1], &u32));
	assert_int_equal(u32, 77);
	assert_false(nlmsg_get_u32(tb[0], &u32));
	assert_false(nlmsg_get_u32(tb[1], &u32));	/* too short */
}

static void
types_beyond_the_table_are_passed_over(void **state)
{
	const struct nlattr *tb[3];
	(void)state;

	build();
	assert_true(nlmsg_attrs((void *)buf, 8, tb, 2));
	assert_non_null(tb[1]);
	assert_non_null(tb[2]);
}

/* Reads everything there could be; the sanitizer watches. */
static void
read_all(const struct nlmsghdr *h)
{
	const struct nlattr *tb[5], *in[2];
	struct net_addr addr;
	uint8_t u8;
	uint32_t u32;
	char text[NLMSG_TEXT];

	(void)nlmsg_body(h, 8);
	(void)nlmsg_attrs(h, 8, tb, 4);
	(void)nlmsg_get_u8(tb[1], &u8);
	(void)nlmsg_get_u32(tb[2], &u32);
	(void)nlmsg_get_addr(tb[2], AF_INET, &addr);
	(void)nlmsg_get_addr(tb[2], AF_INET6, &addr);
	(void)nlmsg_get_text(tb[3], text, sizeof text);
	(void)nlmsg_nested(tb[4], in, 1);
	(void)nlmsg_get_u32(in[1], &u32);
	(void)nlmsg_error(h, text);
}

static void
every_cut_is_survived(void **state)
{
	(void)state;
	size_t full = build();

	for (size_t n = NLMSG_HDRLEN; n <= full; n++) {
		struct nlmsg_walk w;
		((struct nlmsghdr *)buf)->nlmsg_len = (uint32_t)n;
		void *p = exact(buf, n);
		nlmsg_walk(&w, p, n);
		const struct nlmsghdr *h = nlmsg_next(&w);
		assert_non_null(h);
		assert_int_equal(nlmsg_body(h, 8) != NULL, n >= NLMSG_HDRLEN + 8);
		read_all(h);
		free(p);
	}
}

static void
every_attribute_length_is_survived(void **state)
{
	(void)state;
	size_t full = build();
	static const unsigned at[] = { 24, 32, 40, 52, 56 };

	for (size_t i = 0; i < PORT_ARRAY_SIZE(at); i++) {
		for (unsigned lie = 0; lie < 0x10000; lie += lie < 300 ? 1 : 97) {
			build();
			((struct nlattr *)(void *)(buf + at[i]))->nla_len = (uint16_t)lie;
			void *p = exact(buf, full);
			read_all(p);
			free(p);
		}
	}
}

static void
every_octet_may_be_anything(void **state)
{
	(void)state;
	size_t full = build();

	for (size_t i = NLMSG_HDRLEN; i < full; i++) {
		for (unsigned v = 0; v < 256; v++) {
			build();
			buf[i] = (uint8_t)v;
			for (unsigned type = 1; type < 4; type++) {
				((struct nlmsghdr *)buf)->nlmsg_type = (uint16_t)type;
				((struct nlmsghdr *)buf)->nlmsg_flags = NLM_F_ACK_TLVS;
				void *p = exact(buf, full);
				read_all(p);
				free(p);
			}
		}
	}
}

/* NLMSG_ERROR as the kernel makes it, with or without the request. */
static void
error_message(int error, bool capped, const char *text)
{
	struct nlmsgerr e = { .error = error, .msg = { .nlmsg_len = 40 } };

	nlmsg_init(buf, NLMSG_ERROR,
		   NLM_F_ACK_TLVS | (capped ? NLM_F_CAPPED : 0), 3);
	struct nlmsghdr *h = (void *)buf;
	memcpy(nlmsg_put_header(h, sizeof e), &e, sizeof e);
	if (!capped)
		nlmsg_put_header(h, 40 - NLMSG_HDRLEN);
	nlmsg_put_text(h, NLMSGERR_ATTR_MSG, text);
}

static void
an_error_carries_number_and_text(void **state)
{
	char text[NLMSG_TEXT];
	(void)state;

	for (int capped = 0; capped < 2; capped++) {
		error_message(-EEXIST, capped, "already there");
		assert_int_equal(nlmsg_error((void *)buf, text), -EEXIST);
		assert_string_equal(text, "already there");
	}
	error_message(0, true, "");
	assert_int_equal(nlmsg_error((void *)buf, text), 0);
	error_message(5, true, "positive");
	assert_int_equal(nlmsg_error((void *)buf, text), -EBADMSG);
	error_message(INT32_MIN, true, "has no negation");
	assert_int_equal(nlmsg_error((void *)buf, text), -EBADMSG);
	error_message(-4095, true, "the largest");
	assert_int_equal(nlmsg_error((void *)buf, text), -4095);
	error_message(-1, false, "");
	((struct nlmsgerr *)(void *)(buf + NLMSG_HDRLEN))->msg.nlmsg_len = 0xfffffff0;
	assert_int_equal(nlmsg_error((void *)buf, text), -EBADMSG);
	((struct nlmsghdr *)buf)->nlmsg_len = NLMSG_HDRLEN + 4;
	assert_int_equal(nlmsg_error((void *)buf, text), -EBADMSG);
}

static void
the_end_of_a_dump_carries_an_error(void **state)
{
	char text[NLMSG_TEXT];
	int32_t error = -ENODEV;
	(void)state;

	nlmsg_init(buf, NLMSG_DONE, NLM_F_MULTI, 3);
	memcpy(nlmsg_put_header((void *)buf, 4), &error, 4);
	assert_int_equal(nlmsg_error((void *)buf, text), -ENODEV);
	((struct nlmsghdr *)buf)->nlmsg_len = NLMSG_HDRLEN;
	assert_int_equal(nlmsg_error((void *)buf, text), -EBADMSG);
}

static void
a_message_never_grows_beyond_its_room(void **state)
{
	static const uint8_t much[NLMSG_MAX];
	(void)state;

	memset(buf, 0x5a, sizeof buf);
	nlmsg_init(buf, 100, 0, 1);
	struct nlmsghdr *h = (void *)buf;
	for (unsigned i = 0; i < 500; i++) {
		nlmsg_put_u32(h, 1, i);
		nlmsg_nest_end(h, nlmsg_nest(h, 2));
	}
	assert_false(nlmsg_fits(h));
	for (size_t i = NLMSG_MAX; i < sizeof buf; i++)
		assert_int_equal(buf[i], 0x5a);
	nlmsg_init(buf, 100, 0, 1);
	nlmsg_put(h, 1, much, sizeof much);
	assert_false(nlmsg_fits(h));
	nlmsg_put_u8(h, 1, 1);			/* too late to fit again */
	assert_false(nlmsg_fits(h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_walk_gives_each_message_once),
		cmocka_unit_test(the_last_message_may_lack_its_padding),
		cmocka_unit_test(impossible_message_lengths_are_refused),
		cmocka_unit_test(fewer_bytes_than_a_header_are_refused),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(types_beyond_the_table_are_passed_over),
		cmocka_unit_test(every_cut_is_survived),
		cmocka_unit_test(every_attribute_length_is_survived),
		cmocka_unit_test(every_octet_may_be_anything),
		cmocka_unit_test(an_error_carries_number_and_text),
		cmocka_unit_test(the_end_of_a_dump_carries_an_error),
		cmocka_unit_test(a_message_never_grows_beyond_its_room),
	};
	return cmocka_run_group_tests_name("nlmsg", tests, 0, 0);
}
