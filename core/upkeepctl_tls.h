/* SPDX-License-Identifier: MIT */
/* upkeepctl_tls.h -- TLS over a blocking socket, for what the client fetches itself. */
#ifndef UPKEEPCTL_TLS_H
#define UPKEEPCTL_TLS_H

#include <stddef.h>

#include "port.h"

#define UPKEEPCTL_TLS_CA	"/etc/ssl/certs/ca-certificates.crt"

/* What to verify: the name, and the file of anchors; NULL: nothing at all. */
struct upkeepctl_tls_want {
	const char *name;
	bool name_is_address;
	const char *ca;
};

struct tls;

/* Connects TLS over `fd`; NULL after a complaint.  One at a time. */
struct tls *upkeepctl_tls_open(int fd, const struct upkeepctl_tls_want *want);

/* false after a complaint. */
port_must_check bool upkeepctl_tls_send(struct tls *t, int fd, const void *p, size_t n);

/* How many bytes came, 0: the end, -1 after a complaint. */
port_must_check long upkeepctl_tls_recv(struct tls *t, int fd, void *p, size_t n);

#endif
