/* SPDX-License-Identifier: MIT */
/* ipvs_msg_fuzz.c -- any bytes at all, as a datagram of replies of IPVS.
 *
 * Every text that comes out must end, every family must be one, and what was read must come
 * through a request as it is.
 */
#include <linux/ip_vs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ipvs_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Alignas(8) uint8_t buf[NLMSG_MAX];
static struct nlmsghdr *const again = (void *)buf;

static bool
is_ip(uint8_t family)
{
	return family == AF_INET || family == AF_INET6;
}

static void
judge_service(const struct ipvs_msg_service *s)
{
	struct ipvs_msg_service t;

	if (!memchr(s->scheduler, 0, sizeof s->scheduler) ||
	    !memchr(s->engine, 0, sizeof s->engine) || !is_ip(s->addr.family))
		abort();
	nlmsg_init(buf, 32, 0, 1);
	ipvs_msg_put_service(again, IPVS_CMD_NEW_SERVICE, s);
	if (ipvs_msg_get_service(again, &t, NULL) != IPVS_MSG_OK ||
	    !ipvs_msg_equal_service(s, &t) ||
	    ipvs_msg_hash_service(s) != ipvs_msg_hash_service(&t))
		abort();
}

static void
judge_dest(const struct ipvs_msg_dest *d)
{
	const struct ipvs_msg_service s = { .addr.family = AF_INET, .fwmark = 1 };
	struct ipvs_msg_dest e;

	if (!is_ip(d->addr.family))
		abort();
	nlmsg_init(buf, 32, 0, 1);
	ipvs_msg_put_dest(again, IPVS_CMD_NEW_DEST, &s, d);
	if (ipvs_msg_get_dest(again, AF_INET, &e, NULL) != IPVS_MSG_OK ||
	    !ipvs_msg_equal_dest(d, &e) || ipvs_msg_hash_dest(d) != ipvs_msg_hash_dest(&e))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipvs_msg_service s;
	struct ipvs_msg_dest d;
	struct ipvs_msg_daemon e;
	struct ipvs_msg_timeouts t;
	struct ipvs_msg_info info;
	struct ipvs_msg_stats st;
	uint16_t id;
	struct nlmsg_walk w;
	const struct nlmsghdr *h;
	/* The kernel's datagrams lie aligned, and end where they end. */
	uint8_t *p = malloc(size + 1);

	memcpy(p, data, size);
	nlmsg_walk(&w, p, size);
	while ((h = nlmsg_next(&w))) {
		if (ipvs_msg_get_service(h, &s, &st) == IPVS_MSG_OK)
			judge_service(&s);
		if (ipvs_msg_get_dest(h, AF_INET6, &d, &st) == IPVS_MSG_OK)
			judge_dest(&d);
		if (ipvs_msg_get_daemon(h, &e) == IPVS_MSG_OK &&
		    (!memchr(e.interface, 0, sizeof e.interface) || e.state < 1 || e.state > 2))
			abort();
		if (ipvs_msg_get_family(h, &id) == IPVS_MSG_OK && id < NLMSG_MIN_TYPE)
			abort();
		(void)!ipvs_msg_get_timeouts(h, &t);
		(void)!ipvs_msg_get_info(h, &info);
	}
	free(p);
	return 0;
}
