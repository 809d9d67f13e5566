/* SPDX-License-Identifier: MIT */
/* socket.c -- raw sockets of protocol 112, one for each interface and family. */
#define _GNU_SOURCE
#include "socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOS_CS6		0xc0		/* network control, as keepalived sends */
#define PRIORITY_CTRL	6		/* TC_PRIO_INTERACTIVE: ahead of bulk */
#define CONTROL_BYTES	128		/* pktinfo and hop limit, with room */

static struct socket_strays of_this_life, *strays = &of_this_life;

/* Receive buffers of the process; only one socket is read at a time. */
static struct {
	uint8_t data[SOCKET_BATCH][ADV_RECV_MAX];
	uint8_t control[SOCKET_BATCH][CONTROL_BYTES]
		__attribute__((aligned(__alignof__(struct cmsghdr))));
	struct sockaddr_in6 from[SOCKET_BATCH];
	struct iovec iov[SOCKET_BATCH];
	struct mmsghdr msg[SOCKET_BATCH];
} rx;

const struct socket_strays *
socket_strays(void)
{
	return strays;
}

void
socket_keep(struct socket_strays *s)
{
	strays = s;
	/* Whatever an earlier life has left there: a row knows itself. */
	for (unsigned v = 0; v < ADV__N; v++)
		s->drop[v].verdict = (uint8_t)v;
}

static int
set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) ? -errno : 0;
}

static int
set4(int fd, uint32_t ifindex)
{
	struct ip_mreqn out = { .imr_ifindex = (int)ifindex };
	int err = set(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0);

	if (!err)
		err = set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
	if (!err)
		err = set(fd, IPPROTO_IP, IP_MULTICAST_TTL, ADV_TTL_SENT);
	if (!err)
		err = set(fd, IPPROTO_IP, IP_TOS, TOS_CS6);
	if (!err && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out))
		err = -errno;
	return err;
}

static int
set6(int fd, uint32_t ifindex)
{
	int err = set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);

	/* Kernels before 4.20 lack it; the group decides there, too. */
	set(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
	if (!err)
		err = set(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, ADV_TTL_SENT);
	if (!err)
		err = set(fd, IPPROTO_IPV6, IPV6_TCLASS, TOS_CS6);
	if (!err)
		err = set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)ifindex);
	if (!err)
		err = set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	if (!err)
		err = set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	return err;
}

/* Joins (or leaves) the group on the interface by its index. */
static int
membership(const struct socket *s, bool join)
{
	if (!s->group.family)
		return 0;
	if (!net_is_ip6(s->family)) {
		struct ip_mreqn m = { .imr_ifindex = (int)s->ifindex };

		memcpy(&m.imr_multiaddr, s->group.a, 4);
		return setsockopt(s->io.fd, IPPROTO_IP,
				  join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP,
				  &m, sizeof m) ? -errno : 0;
	}
	struct ipv6_mreq m6 = { .ipv6mr_interface = s->ifindex };

	memcpy(&m6.ipv6mr_multiaddr, s->group.a, 16);
	return setsockopt(s->io.fd, IPPROTO_IPV6,
			  join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP,
			  &m6, sizeof m6) ? -errno : 0;
}

void
socket_rejoin(struct socket *s)
{
	membership(s, false);
	if (membership(s, true))
		s->read_err++;
}

int
socket_regroup(struct socket *s, const struct net_addr *group)
{
	if (net_addr_cmp(&s->group, group) == 0)
		return 0;
	membership(s, false);
	s->group = *group;
	const int err = membership(s, true);

	if (err)
		s->group.family = 0;
	return err;
}

/* Destination and hop limit of an IPv6 packet come as control messages. */
static void
meta6(struct adv_meta *meta, struct msghdr *mh, const struct sockaddr_in6 *from)
{
	*meta = (struct adv_meta){
		.src = { .family = AF_INET6 }, .dst = { .family = AF_INET6 },
	};
	memcpy(meta->src.a, &from->sin6_addr, 16);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level != IPPROTO_IPV6)
			continue;
		if (c->cmsg_type == IPV6_PKTINFO) {
			memcpy(meta->dst.a, CMSG_DATA(c), 16);
		} else if (c->cmsg_type == IPV6_HOPLIMIT) {
			int hops;

			memcpy(&hops, CMSG_DATA(c), sizeof hops);
			meta->ttl = (uint8_t)hops;
		}
	}
}

static void
deliver(struct socket *s, unsigned i, size_t n, struct mono now)
{
	struct adv_meta meta = { .ttl = 0 };
	struct adv adv = { .vrid = 0 };
	const uint8_t *payload = rx.data[i];
	size_t len = n;
	enum adv_verdict v = ADV_OK;

	if (!net_is_ip6(s->family))
		v = adv_ip4(&meta, &payload, &len, rx.data[i], n);
	else
		meta6(&meta, &rx.msg[i].msg_hdr, &rx.from[i]);
	if (v == ADV_OK)
		v = adv_decode(&adv, &meta, payload, len);

	uint16_t slot = s->by_vrid[adv.vrid];
	struct instance *in = slot ? s->at((uint16_t)(slot - 1)) : NULL;

	if (!in) {
		if (v == ADV_OK)
			v = ADV_VRID;
		strays->drop[v].verdict = (uint8_t)v;
		strays->drop[v].n++;
		return;
	}
	if (v == ADV_OK)
		instance_packet(in, &adv, &meta, now);
	else
		instance_refused(in, v, &adv, &meta, now);
}

static void
on_ready(struct loop_fd *f, uint32_t events, struct mono now)
{
	struct socket *s = container_of(f, struct socket, io);

	(void)events;
	for (unsigned i = 0; i < SOCKET_BATCH; i++) {
		struct msghdr *mh = &rx.msg[i].msg_hdr;

		rx.iov[i] = (struct iovec){ rx.data[i], sizeof rx.data[i] };
		*mh = (struct msghdr){ .msg_iov = &rx.iov[i], .msg_iovlen = 1 };
		if (!net_is_ip6(s->family))
			continue;	/* its header comes along and says it all */
		mh->msg_name = &rx.from[i];
		mh->msg_namelen = sizeof rx.from[i];
		mh->msg_control = rx.control[i];
		mh->msg_controllen = sizeof rx.control[i];
	}
	int n = recvmmsg(f->fd, rx.msg, SOCKET_BATCH, MSG_DONTWAIT, NULL);

	if (n < 0) {
		s->read_err += errno != EAGAIN && errno != EINTR;
		return;
	}
	s->received += (unsigned)n;
	for (unsigned i = 0; i < (unsigned)n; i++)
		deliver(s, i, rx.msg[i].msg_len, now);
}

bool
socket_waiting(const struct socket *s)
{
	uint8_t octet;
	struct iovec iov = { &octet, sizeof octet };
	struct mmsghdr m = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };

	return recvmmsg(s->io.fd, &m, 1, MSG_DONTWAIT | MSG_PEEK, NULL) > 0;
}

int
socket_open(struct socket *s, struct loop *loop, uint8_t family,
	    uint32_t ifindex, const char *ifname, const struct net_addr *group,
	    struct instance *(*at)(uint16_t slot))
{
	*s = (struct socket){
		.loop = loop, .group = *group, .ifindex = ifindex,
		.family = family, .at = at,
		.io = { .ready = on_ready },
	};
	s->io.fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			  ADV_PROTO);
	if (s->io.fd < 0)
		return -errno;
	int err = 0;

	if (setsockopt(s->io.fd, SOL_SOCKET, SO_BINDTODEVICE, ifname,
		       (socklen_t)strlen(ifname) + 1))
		err = -errno;
	set(s->io.fd, SOL_SOCKET, SO_PRIORITY, PRIORITY_CTRL);
	if (!err)
		err = net_is_ip6(family) ? set6(s->io.fd, ifindex) :
					   set4(s->io.fd, ifindex);
	if (!err)
		err = membership(s, true);
	if (!err)
		err = loop_add(loop, &s->io, EPOLLIN);
	if (err)
		close(s->io.fd);
	return err;
}

void
socket_bind(struct socket *s, uint8_t vrid, uint16_t slot)
{
	s->by_vrid[vrid] = (uint16_t)(slot + 1);
}

void
socket_unbind(struct socket *s, uint8_t vrid)
{
	s->by_vrid[vrid] = 0;
}

void
socket_close(struct socket *s)
{
	loop_del(s->loop, &s->io);
	close(s->io.fd);
	s->io.fd = -1;
}

/* One control message in front of `*used`; returns where its data goes. */
static void *
put_cmsg(struct msghdr *mh, uint8_t *space, int level, int type, size_t len)
{
	struct cmsghdr *c = (struct cmsghdr *)(void *)
			    (space + mh->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	mh->msg_controllen += CMSG_SPACE(len);
	return CMSG_DATA(c);
}

static void
control4(struct msghdr *mh, uint8_t *space, const struct socket *s,
	 const struct net_addr *src, int ttl)
{
	struct in_pktinfo info = { .ipi_ifindex = (int)s->ifindex };

	memcpy(&info.ipi_spec_dst, src->a, 4);
	memcpy(put_cmsg(mh, space, IPPROTO_IP, IP_PKTINFO, sizeof info), &info,
	       sizeof info);
	memcpy(put_cmsg(mh, space, IPPROTO_IP, IP_TTL, sizeof ttl), &ttl,
	       sizeof ttl);
}

static void
control6(struct msghdr *mh, uint8_t *space, const struct socket *s,
	 const struct net_addr *src, int ttl)
{
	struct in6_pktinfo info = { .ipi6_ifindex = s->ifindex };

	memcpy(&info.ipi6_addr, src->a, 16);
	memcpy(put_cmsg(mh, space, IPPROTO_IPV6, IPV6_PKTINFO, sizeof info),
	       &info, sizeof info);
	memcpy(put_cmsg(mh, space, IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof ttl),
	       &ttl, sizeof ttl);
}

int
socket_send(const struct socket *s, const struct net_addr *src,
	    const struct net_addr *dst, uint8_t ttl, const void *msg, size_t len)
{
	uint8_t space[CONTROL_BYTES]
		__attribute__((aligned(__alignof__(struct cmsghdr)))) = { 0 };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	struct iovec iov = { (void *)(uintptr_t)msg, len };	/* only read */
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = space,
	};

	if (!net_is_ip6(s->family)) {
		memcpy(&to4.sin_addr, dst->a, 4);
		mh.msg_name = &to4;
		mh.msg_namelen = sizeof to4;
		control4(&mh, space, s, src, ttl);
	} else {
		memcpy(&to6.sin6_addr, dst->a, 16);
		if (net_addr_is_link_local(dst) || net_addr_is_multicast(dst))
			to6.sin6_scope_id = s->ifindex;
		mh.msg_name = &to6;
		mh.msg_namelen = sizeof to6;
		control6(&mh, space, s, src, ttl);
	}
	return sendmsg(s->io.fd, &mh, MSG_DONTWAIT) < 0 ? -errno : 0;
}
