/* SPDX-License-Identifier: MIT */
/* huge.c -- a length field of 2^31 and more is refused (board/mnl/mnl.c only). */
#include <linux/netlink.h>
#include <libmnl/libmnl.h>

int
main(void)
{
	struct nlmsghdr h = { .nlmsg_len = 0x80000000u };

	for (uint32_t i = 0; i < 3; i++, h.nlmsg_len += 0x3fffffffu)
		if (mnl_nlmsg_ok(&h, sizeof h))
			return 1;
	h.nlmsg_len = sizeof h;
	return !mnl_nlmsg_ok(&h, sizeof h);
}
