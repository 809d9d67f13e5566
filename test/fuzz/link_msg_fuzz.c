/* SPDX-License-Identifier: MIT */
/* link_msg_fuzz.c -- any bytes at all, as a datagram of rtnetlink.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -Icore \
 *		test/fuzz/link_msg_fuzz.c core/link_msg.c core/nlmsg.c core/net.c -lmnl
 *
 * Every text that comes out must end, every prefix must fit its family.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "link_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge_link(const struct link_msg *m)
{
	if (m->ifindex == 0 || !memchr(m->name, 0, sizeof m->name) ||
	    !memchr(m->kind, 0, sizeof m->kind))
		abort();
}

static void
judge_addr(const struct link_msg_addr *m)
{
	if (m->ifindex == 0 || !memchr(m->label, 0, sizeof m->label) ||
	    m->prefixlen > 8 * net_addr_len(&m->addr) ||
	    (m->peer.family && m->peer.family != m->addr.family))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[NLMSG_TEXT];
	struct link_msg link;
	struct link_msg_addr addr;
	struct nlmsg_walk w;
	const struct nlmsghdr *h;
	/* The kernel's datagrams lie aligned, and end where they end. */
	uint8_t *p = malloc(size + 1);

	memcpy(p, data, size);
	nlmsg_walk(&w, p, size);
	while ((h = nlmsg_next(&w))) {
		switch (link_msg_decode(h, &link, &addr)) {
		case LINK_MSG_LINK:
			judge_link(&link);
			break;
		case LINK_MSG_ADDR:
			judge_addr(&addr);
			break;
		case LINK_MSG_OTHER:
		case LINK_MSG_BAD:
			break;
		}
		if (nlmsg_error(h, text) > 0 || !memchr(text, 0, sizeof text))
			abort();
	}
	free(p);
	return 0;
}
