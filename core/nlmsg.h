/* SPDX-License-Identifier: MIT */
/* nlmsg.h -- netlink messages: walking a datagram, reading and writing attributes.
 *
 * A thin, checked layer over libmnl's message helpers.  Pure: bytes in, values out.
 * Reading trusts no length; libmnl's own mnl_nlmsg_ok() must not see
 * an nlmsg_len of 2^31 or more, and its loops round lengths up beyond the end of a
 * message, so the bounds are kept here.  Buffers are aligned to 4 bytes; numbers are in
 * host byte order.
 *
 * nlmsg.c is the only file that calls libmnl, and these helpers only: mnl_nlmsg_ok,
 * _put_header, _put_extra_header, _get_payload; mnl_attr_ok, _next, _get_type,
 * _get_payload, _get_payload_len, _put_check, _nest_start_check, _nest_end.
 */
#ifndef NLMSG_H
#define NLMSG_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

#include "net.h"
#include "port.h"

#define NLMSG_MAX	1024		/* bytes of one request at most */
#define NLMSG_TEXT	128		/* of an extended acknowledgement, with NUL */

/* A datagram that is being walked. */
struct nlmsg_walk {
	const uint8_t *p;
	size_t left;
	bool bad;			/* a length was impossible: the rest is dropped */
};

void nlmsg_walk(struct nlmsg_walk *w, const void *p, size_t len);

/* The next message, wholly inside the datagram; NULL at the end. */
const struct nlmsghdr *nlmsg_next(struct nlmsg_walk *w);

/* The fixed header of `len` bytes behind the nlmsghdr, NULL when the message
 * is too short for it. */
const void *nlmsg_body(const struct nlmsghdr *h, size_t len);

/* Sorts the attributes behind a fixed header of `skip` bytes into tb[type],
 * types up to `max`; the last of a type wins, what is absent is NULL.  Returns
 * false when a length is impossible (tb then holds what came before). */
bool nlmsg_attrs(const struct nlmsghdr *h, size_t skip,
		 const struct nlattr **tb, uint16_t max);
bool nlmsg_nested(const struct nlattr *nest, const struct nlattr **tb, uint16_t max);

/* Values; false (and `out` untouched) when `a` is NULL or too short. */
bool nlmsg_get_u8(const struct nlattr *a, uint8_t *out);
bool nlmsg_get_u32(const struct nlattr *a, uint32_t *out);
bool nlmsg_get_bytes(const struct nlattr *a, void *out, size_t len);
bool nlmsg_get_addr(const struct nlattr *a, uint8_t family, struct net_addr *out);
/* Text, cut to cap - 1 bytes and NUL-terminated whatever the message says. */
bool nlmsg_get_text(const struct nlattr *a, char *out, size_t cap);

/* An NLMSG_ERROR or NLMSG_DONE: the errno it carries (<= 0) and the extended
 * acknowledgement's text ("" without one).  A message too short is -EBADMSG. */
int nlmsg_error(const struct nlmsghdr *h, char text[NLMSG_TEXT]);

/* Writing.  What would make the message longer than NLMSG_MAX is left out and
 * remembered in its length: nlmsg_fits() then says no. */
void nlmsg_init(void *buf, uint16_t type, uint16_t flags, uint32_t seq);
void *nlmsg_put_header(struct nlmsghdr *h, size_t len);	/* zeroed, never NULL */
void nlmsg_put(struct nlmsghdr *h, uint16_t type, const void *p, size_t len);
void nlmsg_put_u8(struct nlmsghdr *h, uint16_t type, uint8_t v);
void nlmsg_put_u32(struct nlmsghdr *h, uint16_t type, uint32_t v);
void nlmsg_put_text(struct nlmsghdr *h, uint16_t type, const char *s);
void nlmsg_put_addr(struct nlmsghdr *h, uint16_t type, const struct net_addr *a);
struct nlattr *nlmsg_nest(struct nlmsghdr *h, uint16_t type);
void nlmsg_nest_end(struct nlmsghdr *h, struct nlattr *nest);	/* NULL allowed */
bool nlmsg_fits(const struct nlmsghdr *h);

#endif
