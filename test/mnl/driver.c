/* SPDX-License-Identifier: MIT */
/* driver.c -- builds, damages and reads netlink messages through libmnl's
 * interface, and prints all it sees.  Linked once with Debian's libmnl and once
 * with board/mnl/mnl.c: the two must print the same (test/mnl/run).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netlink.h>
#include <libmnl/libmnl.h>

#define CAP 2048

static uint32_t state;

static uint32_t
below(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % n;
}

static int
show(const struct nlattr *a, void *data)
{
	unsigned *const stop = data;
	const uint16_t n = mnl_attr_get_payload_len(a);

	printf(" [%u %u %u", mnl_attr_get_type(a), mnl_attr_get_len(a), n);
	errno = 0;
	printf(" t%d", mnl_attr_type_valid(a, 9));
	for (unsigned t = 0; t < 13; t++) {
		const int r = mnl_attr_validate(a, (enum mnl_attr_data_type)t);

		printf(" %d/%d", r, errno);
		errno = 0;
	}
	printf(" 2:%d/%d", mnl_attr_validate2(a, MNL_TYPE_UNSPEC, 5), errno);
	errno = 0;
	printf(" s:%d/%d", mnl_attr_validate2(a, MNL_TYPE_STRING, 3), errno);
	if (n >= 1)
		printf(" %x", mnl_attr_get_u8(a));
	if (n >= 2)
		printf(" %x", mnl_attr_get_u16(a));
	if (n >= 4)
		printf(" %lx", (unsigned long)mnl_attr_get_u32(a));
	if (n >= 8)
		printf(" %llx", (unsigned long long)mnl_attr_get_u64(a));
	if (n > 0 && memchr(mnl_attr_get_payload(a), 0, n) != NULL)
		printf(" '%s'", mnl_attr_get_str(a));
	if (mnl_attr_get_type(a) >= 8)
		printf(" ->%d", mnl_attr_parse_nested(a, show, data));
	printf("]");
	return --*stop == 0 ? MNL_CB_STOP : *stop % 50 == 7 ? MNL_CB_ERROR : MNL_CB_OK;
}

static void
put_one(struct nlmsghdr *h, unsigned depth)
{
	static const char text[] = "a text of some length, for attributes";
	const uint16_t type = (uint16_t)below(12);
	const size_t cap = below(3) ? CAP / 2 : h->nlmsg_len + below(40);
	const char *s = text + below(sizeof text);
	struct nlattr *nest;

	switch (below(14)) {
	case 0: mnl_attr_put_u8(h, type, (uint8_t)state); break;
	case 1: mnl_attr_put_u16(h, type, (uint16_t)state); break;
	case 2: mnl_attr_put_u32(h, type, state); break;
	case 3: mnl_attr_put_u64(h, type, state * 0x100000001ull); break;
	case 4: mnl_attr_put_str(h, type, s); break;
	case 5: mnl_attr_put_strz(h, type, s); break;
	case 6: mnl_attr_put(h, type, below(sizeof text), text); break;
	case 7: printf(" %d", mnl_attr_put_u8_check(h, cap, type, (uint8_t)state)); break;
	case 8: printf(" %d", mnl_attr_put_u16_check(h, cap, type, (uint16_t)state)); break;
	case 9: printf(" %d", mnl_attr_put_u32_check(h, cap, type, state)); break;
	case 10: printf(" %d", mnl_attr_put_u64_check(h, cap, type, state)); break;
	case 11: printf(" %d", mnl_attr_put_strz_check(h, cap, type, s)); break;
	case 12: printf(" %d", mnl_attr_put_str_check(h, cap, type, s)); break;
	default:
		nest = below(2) ? mnl_attr_nest_start(h, type) :
				  mnl_attr_nest_start_check(h, cap, type);
		printf(" %d", nest != NULL);
		if (nest == NULL)
			break;
		for (uint32_t i = below(4); depth < 3 && i > 0; i--)
			put_one(h, depth + 1);
		if (below(4)) {
			mnl_attr_nest_end(h, nest);
			break;
		}
		mnl_attr_nest_cancel(h, nest);
		memset((char *)h + h->nlmsg_len, 0, CAP / 2 - h->nlmsg_len);
	}
}

/* Two messages of random content at `buf`; returns the bytes they take.  From
 * zeroes, because libmnl 1.0.4 leaves the padding as it finds it. */
static int
build(char *buf)
{
	int total = 0;

	memset(buf, 0, 2 * CAP);
	for (unsigned m = 0; m < 2; m++) {
		struct nlmsghdr *const h = mnl_nlmsg_put_header(buf + total);

		h->nlmsg_type = (uint16_t)below(100);
		h->nlmsg_seq = below(3);
		h->nlmsg_pid = below(3);
		for (uint32_t i = below(3); i > 0; i--) {
			char *const x = mnl_nlmsg_put_extra_header(h, below(20));

			printf(" x%d", (int)(x - buf));
		}
		for (uint32_t i = below(8); i > 0; i--)
			put_one(h, 0);
		total += (int)MNL_ALIGN(h->nlmsg_len);
	}
	printf("\n%d:", total);
	for (int i = 0; i < total; i++)
		printf("%02x", (unsigned char)buf[i]);
	printf("\n");
	return total;
}

static void
read_all(const char *buf, int left)
{
	const struct nlmsghdr *h = (const void *)buf;
	const int all = left;
	unsigned stop = 1 + below(60);

	/* At 2^31 and more Debian's runs off the buffer, ours does not. */
	while (left < (int)sizeof *h || h->nlmsg_len < 0x80000000u) {
		const bool ok = mnl_nlmsg_ok(h, left);

		printf(" ok%d", ok);
		if (!ok)
			break;
		printf(" %zu %d%d %d %d", mnl_nlmsg_get_payload_len(h),
		       mnl_nlmsg_seq_ok(h, 1), mnl_nlmsg_portid_ok(h, 2),
		       (int)((char *)mnl_nlmsg_get_payload(h) - buf),
		       (int)((char *)mnl_nlmsg_get_payload_tail(h) - buf));
		if ((char *)mnl_nlmsg_get_payload_tail(h) - buf <= all)
			printf(" =%d", mnl_attr_parse(h, below(24), show, &stop));
		h = mnl_nlmsg_next(h, &left);
		printf(" left%d\n", left);
	}
	printf("\n");
}

int
main(int argc, char **argv)
{
	static union {
		struct nlmsghdr aligned;
		char bytes[2 * CAP];
	} u;

	state = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) * 2 + 1 : 1;
	printf("size %zu\n", mnl_nlmsg_size(10));
	for (unsigned round = 0; round < 3000; round++) {
		const int total = build(u.bytes);

		read_all(u.bytes, total);
		for (uint32_t i = 1 + below(6); i > 0; i--)
			u.bytes[below((uint32_t)total)] ^= (char)(1u << below(8));
		read_all(u.bytes, total - (int)below(8));
	}
	return 0;
}
