/* SPDX-License-Identifier: MIT */
/* mnl.c -- libmnl's message helpers where no static libmnl can be had (MIPS).
 *
 * Stands behind libmnl's own header, so that callers don't know which they
 * got; test/mnl_diff.c compares the two.  One intended difference: a message
 * whose length field is 2^31 or more is not ok here (libmnl 1.0.5 takes the
 * field for a negative number and accepts it).  Sockets, batches, printing
 * and mnl_cb_run() are left out: upkeep has its own.
 */
#include <errno.h>
#include <string.h>
#include <linux/netlink.h>
#include <libmnl/libmnl.h>

/* The functions that libmnl gives a const message and that return a pointer
 * into it which is not: the caller knows which it has. */
static char *
at(const void *base, size_t offset)
{
	return (char *)(uintptr_t)base + offset;
}

size_t mnl_nlmsg_size(size_t len) { return len + MNL_NLMSG_HDRLEN; }

size_t
mnl_nlmsg_get_payload_len(const struct nlmsghdr *h)
{
	return h->nlmsg_len - MNL_NLMSG_HDRLEN;
}

/* Room for `size` bytes more at the end of the message, zeroed. */
static char *
grow(struct nlmsghdr *h, size_t size)
{
	char *p = at(h, h->nlmsg_len);

	h->nlmsg_len += (uint32_t)MNL_ALIGN(size);
	return memset(p, 0, MNL_ALIGN(size));
}

struct nlmsghdr *
mnl_nlmsg_put_header(void *buf)
{
	struct nlmsghdr *h = memset(buf, 0, MNL_NLMSG_HDRLEN);

	h->nlmsg_len = MNL_NLMSG_HDRLEN;
	return h;
}

void *
mnl_nlmsg_put_extra_header(struct nlmsghdr *h, size_t size)
{
	return grow(h, size);
}

bool
mnl_nlmsg_ok(const struct nlmsghdr *h, int len)
{
	return len >= (int)sizeof *h && h->nlmsg_len >= sizeof *h &&
	       h->nlmsg_len <= (uint32_t)len;
}

struct nlmsghdr *
mnl_nlmsg_next(const struct nlmsghdr *h, int *len)
{
	*len -= (int)MNL_ALIGN(h->nlmsg_len);
	return (void *)at(h, MNL_ALIGN(h->nlmsg_len));
}

/* Zero on either side means: not compared. */
bool
mnl_nlmsg_seq_ok(const struct nlmsghdr *h, unsigned int seq)
{
	return !h->nlmsg_seq || !seq || h->nlmsg_seq == seq;
}

bool
mnl_nlmsg_portid_ok(const struct nlmsghdr *h, unsigned int portid)
{
	return !h->nlmsg_pid || !portid || h->nlmsg_pid == portid;
}

void *
mnl_nlmsg_get_payload(const struct nlmsghdr *h)
{
	return at(h, MNL_NLMSG_HDRLEN);
}

void *
mnl_nlmsg_get_payload_offset(const struct nlmsghdr *h, size_t offset)
{
	return at(h, MNL_NLMSG_HDRLEN + MNL_ALIGN(offset));
}

void *
mnl_nlmsg_get_payload_tail(const struct nlmsghdr *h)
{
	return at(h, MNL_ALIGN(h->nlmsg_len));
}

uint16_t
mnl_attr_get_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

uint16_t mnl_attr_get_len(const struct nlattr *a) { return a->nla_len; }

uint16_t
mnl_attr_get_payload_len(const struct nlattr *a)
{
	return (uint16_t)(a->nla_len - MNL_ATTR_HDRLEN);
}

void *
mnl_attr_get_payload(const struct nlattr *a)
{
	return at(a, MNL_ATTR_HDRLEN);
}

const char *
mnl_attr_get_str(const struct nlattr *a)
{
	return at(a, MNL_ATTR_HDRLEN);
}

bool
mnl_attr_ok(const struct nlattr *a, int len)
{
	return len >= (int)sizeof *a && a->nla_len >= sizeof *a &&
	       (int)a->nla_len <= len;
}

struct nlattr *
mnl_attr_next(const struct nlattr *a)
{
	return (void *)at(a, MNL_ALIGN(a->nla_len));
}

int
mnl_attr_type_valid(const struct nlattr *a, uint16_t max)
{
	if (mnl_attr_get_type(a) <= max)
		return 1;
	errno = EOPNOTSUPP;
	return -1;
}

/* `exact` is 0 for a type whose length is free. */
static int
validate(const struct nlattr *a, enum mnl_attr_data_type type, size_t exact)
{
	size_t len = mnl_attr_get_payload_len(a), least = exact, most = UINT16_MAX;

	if (exact)
		most = exact;
	if (type == MNL_TYPE_FLAG)
		most = 0;
	else if (type == MNL_TYPE_STRING || type == MNL_TYPE_NUL_STRING)
		least = least ? least : 1;
	else if (type == MNL_TYPE_NESTED && len)
		least = least ? least : MNL_ATTR_HDRLEN;
	if (len < exact)
		errno = ERANGE;
	else if (type == MNL_TYPE_NUL_STRING && len && *at(a, a->nla_len - 1u))
		errno = EINVAL;
	else if (len < least || len > most)
		errno = ERANGE;
	else
		return 0;
	return -1;
}

int
mnl_attr_validate(const struct nlattr *a, enum mnl_attr_data_type type)
{
	static const uint8_t exact[MNL_TYPE_MAX] = {
		[MNL_TYPE_U8] = 1, [MNL_TYPE_U16] = 2, [MNL_TYPE_U32] = 4,
		[MNL_TYPE_U64] = 8, [MNL_TYPE_MSECS] = 8,
	};

	if ((unsigned)type < MNL_TYPE_MAX)
		return validate(a, type, exact[type]);
	errno = EINVAL;
	return -1;
}

int
mnl_attr_validate2(const struct nlattr *a, enum mnl_attr_data_type type,
		   size_t len)
{
	if ((unsigned)type < MNL_TYPE_MAX)
		return validate(a, type, len);
	errno = EINVAL;
	return -1;
}

int
mnl_attr_parse_payload(const void *payload, size_t len, mnl_attr_cb_t cb,
		       void *data)
{
	const struct nlattr *a = payload;
	int left = (int)len, verdict = MNL_CB_OK;

	while (verdict > MNL_CB_STOP && mnl_attr_ok(a, left)) {
		verdict = cb(a, data);
		left -= (int)MNL_ALIGN(a->nla_len);
		a = mnl_attr_next(a);
	}
	return verdict;
}

int
mnl_attr_parse(const struct nlmsghdr *h, unsigned int offset, mnl_attr_cb_t cb,
	       void *data)
{
	const char *p = mnl_nlmsg_get_payload_offset(h, offset);
	const char *tail = mnl_nlmsg_get_payload_tail(h);

	return mnl_attr_parse_payload(p, tail > p ? (size_t)(tail - p) : 0,
				      cb, data);
}

int
mnl_attr_parse_nested(const struct nlattr *a, mnl_attr_cb_t cb, void *data)
{
	return mnl_attr_parse_payload(mnl_attr_get_payload(a),
				      mnl_attr_get_payload_len(a), cb, data);
}

void
mnl_attr_put(struct nlmsghdr *h, uint16_t type, size_t len, const void *data)
{
	struct nlattr *a = (void *)grow(h, MNL_ATTR_HDRLEN + len);

	a->nla_type = type;
	a->nla_len = (uint16_t)(MNL_ATTR_HDRLEN + len);
	memcpy(at(a, MNL_ATTR_HDRLEN), data, len);
}

bool
mnl_attr_put_check(struct nlmsghdr *h, size_t cap, uint16_t type, size_t len,
		   const void *data)
{
	if (h->nlmsg_len + MNL_ATTR_HDRLEN + MNL_ALIGN(len) > cap)
		return false;
	mnl_attr_put(h, type, len, data);
	return true;
}

/* One getter, one putter and one that checks for each width. */
#define WIDTH(name, ctype)						\
ctype									\
mnl_attr_get_##name(const struct nlattr *a)				\
{									\
	ctype v;							\
									\
	memcpy(&v, at(a, MNL_ATTR_HDRLEN), sizeof v);			\
	return v;							\
}									\
									\
void									\
mnl_attr_put_##name(struct nlmsghdr *h, uint16_t type, ctype v)	\
{									\
	mnl_attr_put(h, type, sizeof v, &v);				\
}									\
									\
bool									\
mnl_attr_put_##name##_check(struct nlmsghdr *h, size_t cap,		\
			    uint16_t type, ctype v)			\
{									\
	return mnl_attr_put_check(h, cap, type, sizeof v, &v);		\
}
WIDTH(u8, uint8_t)
WIDTH(u16, uint16_t)
WIDTH(u32, uint32_t)
WIDTH(u64, uint64_t)

void
mnl_attr_put_str(struct nlmsghdr *h, uint16_t type, const char *s)
{
	mnl_attr_put(h, type, strlen(s), s);
}

void
mnl_attr_put_strz(struct nlmsghdr *h, uint16_t type, const char *s)
{
	mnl_attr_put(h, type, strlen(s) + 1, s);
}

bool
mnl_attr_put_str_check(struct nlmsghdr *h, size_t cap, uint16_t type,
		       const char *s)
{
	return mnl_attr_put_check(h, cap, type, strlen(s), s);
}

bool
mnl_attr_put_strz_check(struct nlmsghdr *h, size_t cap, uint16_t type,
			const char *s)
{
	return mnl_attr_put_check(h, cap, type, strlen(s) + 1, s);
}

struct nlattr *
mnl_attr_nest_start(struct nlmsghdr *h, uint16_t type)
{
	struct nlattr *a = (void *)grow(h, MNL_ATTR_HDRLEN);

	a->nla_type = NLA_F_NESTED | type;
	return a;
}

struct nlattr *
mnl_attr_nest_start_check(struct nlmsghdr *h, size_t cap, uint16_t type)
{
	if (h->nlmsg_len + MNL_ATTR_HDRLEN > cap)
		return NULL;
	return mnl_attr_nest_start(h, type);
}

void
mnl_attr_nest_end(struct nlmsghdr *h, struct nlattr *start)
{
	start->nla_len = (uint16_t)(at(h, MNL_ALIGN(h->nlmsg_len)) - (char *)start);
}

void
mnl_attr_nest_cancel(struct nlmsghdr *h, struct nlattr *start)
{
	h->nlmsg_len = (uint32_t)((char *)start - (char *)h);
}
