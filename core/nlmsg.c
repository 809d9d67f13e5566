/* SPDX-License-Identifier: MIT */
/* nlmsg.c -- libmnl with every length checked. */
#include "nlmsg.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

/* A message that overflowed says this; every later put then fails by itself. */
#define OVERFLOWED	(NLMSG_MAX + 1)

/* No error number is larger (MAX_ERRNO, linux/err.h); all can be negated. */
#define ERRNO_MAX	4095

void
nlmsg_walk(struct nlmsg_walk *w, const void *p, size_t len)
{
	*w = (struct nlmsg_walk){ .p = p, .left = len };
}

const struct nlmsghdr *
nlmsg_next(struct nlmsg_walk *w)
{
	if (w->bad || w->left == 0)
		return NULL;
	const struct nlmsghdr *h = (const void *)w->p;
	if (w->left < sizeof *h || w->left > INT_MAX ||
	    h->nlmsg_len > INT_MAX || !mnl_nlmsg_ok(h, (int)w->left)) {
		w->bad = true;
		return NULL;
	}
	/* The padding behind the last message of a datagram may be missing. */
	size_t step = NLMSG_ALIGN((size_t)h->nlmsg_len);
	if (step > w->left)
		step = w->left;
	w->p += step;
	w->left -= step;
	return h;
}

const void *
nlmsg_body(const struct nlmsghdr *h, size_t len)
{
	if (h->nlmsg_len < NLMSG_HDRLEN + len)
		return NULL;
	return mnl_nlmsg_get_payload(h);
}

/* The attributes in `left` bytes at `p`, which is aligned. */
static bool
sort(const uint8_t *p, size_t left, const struct nlattr **tb, uint16_t max)
{
	for (unsigned i = 0; i <= max; i++)
		tb[i] = NULL;
	/* Fewer bytes than a header are padding that the sender left behind. */
	while (left >= sizeof(struct nlattr)) {
		const struct nlattr *a = (const void *)p;
		if (left > INT_MAX || !mnl_attr_ok(a, (int)left))
			return false;
		uint16_t type = mnl_attr_get_type(a);
		if (type <= max)
			tb[type] = a;
		size_t step = (size_t)((const uint8_t *)mnl_attr_next(a) - p);
		if (step >= left)
			break;
		p += step;
		left -= step;
	}
	return true;
}

bool
nlmsg_attrs(const struct nlmsghdr *h, size_t skip, const struct nlattr **tb,
	    uint16_t max)
{
	size_t from = NLMSG_HDRLEN + NLMSG_ALIGN(skip);
	if (h->nlmsg_len < from)
		return sort(NULL, 0, tb, max) && h->nlmsg_len >= NLMSG_HDRLEN + skip;
	return sort((const uint8_t *)h + from, h->nlmsg_len - from, tb, max);
}

bool
nlmsg_nested(const struct nlattr *nest, const struct nlattr **tb, uint16_t max)
{
	if (!nest)
		return sort(NULL, 0, tb, max);
	return sort(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest),
		    tb, max);
}

bool
nlmsg_get_bytes(const struct nlattr *a, void *out, size_t len)
{
	if (!a || mnl_attr_get_payload_len(a) < len)
		return false;
	memcpy(out, mnl_attr_get_payload(a), len);
	return true;
}

bool
nlmsg_get_u8(const struct nlattr *a, uint8_t *out)
{
	return nlmsg_get_bytes(a, out, sizeof *out);
}

bool
nlmsg_get_u32(const struct nlattr *a, uint32_t *out)
{
	return nlmsg_get_bytes(a, out, sizeof *out);
}

bool
nlmsg_get_addr(const struct nlattr *a, uint8_t family, struct net_addr *out)
{
	size_t len = family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
	struct net_addr got = { .family = family };
	if (len == 0 || !nlmsg_get_bytes(a, got.a, len))
		return false;
	*out = got;
	return true;
}

bool
nlmsg_get_text(const struct nlattr *a, char *out, size_t cap)
{
	if (!a)
		return false;
	const char *p = mnl_attr_get_payload(a);
	size_t len = mnl_attr_get_payload_len(a);
	size_t n = 0;
	while (n < len && n < cap - 1 && p[n] != '\0') {
		out[n] = p[n];
		n++;
	}
	out[n] = '\0';
	return true;
}

int
nlmsg_error(const struct nlmsghdr *h, char text[NLMSG_TEXT])
{
	const struct nlattr *tb[NLMSGERR_ATTR_MSG + 1];
	int32_t error;
	const void *body = nlmsg_body(h, sizeof error);

	text[0] = '\0';
	if (!body)
		return -EBADMSG;
	memcpy(&error, body, sizeof error);
	size_t skip = sizeof error;
	if (h->nlmsg_type == NLMSG_ERROR) {
		struct nlmsgerr e;
		if (!(body = nlmsg_body(h, sizeof e)))
			return -EBADMSG;
		memcpy(&e, body, sizeof e);
		skip = sizeof e;
		/* Without NLM_F_CAPPED the whole request follows its header. */
		if (!(h->nlmsg_flags & NLM_F_CAPPED) && e.msg.nlmsg_len > NLMSG_HDRLEN) {
			if (e.msg.nlmsg_len > h->nlmsg_len)
				return -EBADMSG;
			skip += NLMSG_ALIGN(e.msg.nlmsg_len) - NLMSG_HDRLEN;
		}
	}
	if ((h->nlmsg_flags & NLM_F_ACK_TLVS) &&
	    nlmsg_attrs(h, skip, tb, NLMSGERR_ATTR_MSG))
		nlmsg_get_text(tb[NLMSGERR_ATTR_MSG], text, NLMSG_TEXT);
	return error > 0 || error < -ERRNO_MAX ? -EBADMSG : error;
}

void
nlmsg_init(void *buf, uint16_t type, uint16_t flags, uint32_t seq)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	h->nlmsg_type = type;
	h->nlmsg_flags = flags;
	h->nlmsg_seq = seq;
}

void *
nlmsg_put_header(struct nlmsghdr *h, size_t len)
{
	return mnl_nlmsg_put_extra_header(h, len);
}

void
nlmsg_put(struct nlmsghdr *h, uint16_t type, const void *p, size_t len)
{
	if (len > NLMSG_MAX || !mnl_attr_put_check(h, NLMSG_MAX, type, len, p))
		h->nlmsg_len = OVERFLOWED;
}

void
nlmsg_put_u8(struct nlmsghdr *h, uint16_t type, uint8_t v)
{
	nlmsg_put(h, type, &v, sizeof v);
}

void
nlmsg_put_u32(struct nlmsghdr *h, uint16_t type, uint32_t v)
{
	nlmsg_put(h, type, &v, sizeof v);
}

void
nlmsg_put_text(struct nlmsghdr *h, uint16_t type, const char *s)
{
	nlmsg_put(h, type, s, strlen(s) + 1);
}

void
nlmsg_put_addr(struct nlmsghdr *h, uint16_t type, const struct net_addr *a)
{
	nlmsg_put(h, type, a->a, a->family == AF_INET ? 4 : 16);
}

struct nlattr *
nlmsg_nest(struct nlmsghdr *h, uint16_t type)
{
	struct nlattr *nest = mnl_attr_nest_start_check(h, NLMSG_MAX, type);
	if (!nest)
		h->nlmsg_len = OVERFLOWED;
	return nest;
}

void
nlmsg_nest_end(struct nlmsghdr *h, struct nlattr *nest)
{
	if (nest && nlmsg_fits(h))
		mnl_attr_nest_end(h, nest);
}

bool
nlmsg_fits(const struct nlmsghdr *h)
{
	return h->nlmsg_len <= NLMSG_MAX;
}
