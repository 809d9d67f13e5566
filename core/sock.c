/* SPDX-License-Identifier: MIT */
/* sock.c -- opening a client's socket. */
#define _GNU_SOURCE
#include "sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Returns the length of the socket address. */
static socklen_t
sockaddr_of(struct sockaddr_storage *out, const struct net_addr *a, uint16_t port)
{
	memset(out, 0, sizeof *out);
	if (net_is_ip6(a->family)) {
		struct sockaddr_in6 *const six = (struct sockaddr_in6 *)out;

		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port);
		memcpy(&six->sin6_addr, a->a, sizeof six->sin6_addr);
		return sizeof *six;
	}
	struct sockaddr_in *const four = (struct sockaddr_in *)out;

	four->sin_family = AF_INET;
	four->sin_port = htons(port);
	memcpy(&four->sin_addr, a->a, sizeof four->sin_addr);
	return sizeof *four;
}

static int
set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value) ? -errno : 0;
}

/* The local end, as far as it was asked for. */
static int
bind_local(int fd, const struct sock_to *to, int type)
{
	struct sockaddr_storage ss;
	struct net_addr a = to->bind_addr;
	int rc = 0;

	if (!a.family && !to->bind_port)
		return 0;
	if (!a.family)
		a.family = to->addr.family;
	/* A fixed port is free again at once; without one the kernel chooses only when it
	 * connects, and may take a port that is in use towards another server: when it can. */
	if (to->bind_port)
		rc = set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	else if (type == SOCK_STREAM)
		(void)set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	if (rc)
		return rc;
	const socklen_t len = sockaddr_of(&ss, &a, to->bind_port);

	return bind(fd, (const struct sockaddr *)&ss, len) ? -errno : 0;
}

static int
prepare(int fd, const struct sock_to *to, int type)
{
	int rc = 0;

	if (to->fwmark)
		rc = set(fd, SOL_SOCKET, SO_MARK, (int)to->fwmark);
	if (!rc && to->bind_if && to->bind_if[0] != '\0' &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, to->bind_if,
		       (socklen_t)strlen(to->bind_if) + 1))
		rc = -errno;
	return rc ? rc : bind_local(fd, to, type);
}

int
sock_open(const struct sock_to *to, int type, int protocol)
{
	const int fd = socket(to->addr.family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;

	const int rc = prepare(fd, to, type);

	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

int
sock_connect(int fd, const struct sock_to *to)
{
	struct sockaddr_storage ss;
	const socklen_t len = sockaddr_of(&ss, &to->addr, to->port);
	const int rc = connect(fd, (const struct sockaddr *)&ss, len) ? -errno : 0;

	return rc == -EINPROGRESS ? 0 : rc;
}
