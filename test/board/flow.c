/* SPDX-License-Identifier: MIT */
/* flow.c -- real flows for tests in an emulated board: a server that tells its name, and
 * clients that tell which server answered.
 *
 *	flow serve ADDR PORT NAME		TCP, UDP, and SCTP where there is
 *						any; ends by a signal
 *	flow ask tcp|udp|sctp ADDR PORT COUNT	so many flows, one after the other
 *	flow load tcp|udp ADDR PORT MS		flows, one every 10 ms, for so long
 *	flow hold tcp|udp ADDR PORT MS		one flow, a request every 50 ms
 *	flow in NAMESPACE COMMAND...		a command there; busybox's own nsenter would
 *						run its own ip
 *
 * ask and load print `NAME COUNT` for each that answered, in order of appearance, and
 * `- COUNT` for flows that failed.  hold prints the names in the order in which they
 * answered, `-` for a request without an answer, `!` for a connection that broke. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NAME		16
#define NAMES		8
#define CLIENTS		128
#define PATIENCE_MS	1000

static struct sockaddr_storage to;
static socklen_t to_len;

static long long
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void
sleep_until(long long ms)
{
	const long long left = ms - now_ms();

	if (left > 0)
		usleep((useconds_t)left * 1000);
}

static void
die(const char *what)
{
	fprintf(stderr, "flow: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void
target(const char *addr, const char *port)
{
	struct sockaddr_in *in4 = (struct sockaddr_in *)&to;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&to;
	const in_port_t p = htons((uint16_t)atoi(port));

	if (inet_pton(AF_INET, addr, &in4->sin_addr) == 1) {
		in4->sin_family = AF_INET;
		in4->sin_port = p;
		to_len = sizeof *in4;
	} else if (inet_pton(AF_INET6, addr, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = p;
		to_len = sizeof *in6;
	} else {
		die(addr);
	}
}

/* ---- the server ---- */

#define LISTENERS	3

static struct pollfd io[LISTENERS + CLIENTS];
static nfds_t nio = LISTENERS;

/* SCTP: -1, which poll() leaves alone, where the kernel has none. */
static int
listener(int type, int protocol)
{
	const int fd = socket(to.ss_family, type, protocol);

	if (fd < 0 && protocol == IPPROTO_SCTP)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (fd < 0 || bind(fd, (struct sockaddr *)&to, to_len) ||
	    (type == SOCK_STREAM && listen(fd, 128)))
		die("listen");
	return fd;
}

/* An HTTP request is answered as such, and the connection closed. */
static bool
answer(int fd, const char *name)
{
	char in[2048], out[128];
	const ssize_t n = recv(fd, in, sizeof in - 1, MSG_DONTWAIT);

	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	in[n] = '\0';
	const bool http = strncmp(in, "GET ", 4) == 0;

	snprintf(out, sizeof out, "%s%s\n", http ? "HTTP/1.0 200 OK\r\n"
		 "Content-Type: text/plain\r\n\r\n" : "", name);
	return send(fd, out, strlen(out), MSG_NOSIGNAL) > 0 && !http;
}

static void
serve(const char *name)
{
	io[0] = (struct pollfd){ .fd = listener(SOCK_DGRAM, 0), .events = POLLIN };
	io[1] = (struct pollfd){ .fd = listener(SOCK_STREAM, 0), .events = POLLIN };
	io[2] = (struct pollfd){ .fd = listener(SOCK_STREAM, IPPROTO_SCTP), .events = POLLIN };
	for (;;) {
		if (poll(io, nio, -1) < 0)
			die("poll");
		for (nfds_t i = nio; i-- > LISTENERS; )
			if (io[i].revents && !answer(io[i].fd, name)) {
				close(io[i].fd);
				io[i] = io[--nio];
			}
		for (nfds_t i = 1; i < LISTENERS; i++) {
			const int fd = io[i].revents && nio < LISTENERS + CLIENTS ?
				accept(io[i].fd, NULL, NULL) : -1;

			if (fd >= 0)
				io[nio++] = (struct pollfd){ .fd = fd, .events = POLLIN };
		}
		if (io[0].revents) {
			struct sockaddr_storage from;
			socklen_t len = sizeof from;
			char in[64];

			if (recvfrom(io[0].fd, in, sizeof in, 0, (struct sockaddr *)&from,
				     &len) >= 0)
				sendto(io[0].fd, name, strlen(name), 0,
				       (struct sockaddr *)&from, len);
		}
	}
}

/* ---- the client ---- */

static int type, protocol;

/* A flow of its own: -1 when it is refused or nobody answers in time. */
static int
begin(void)
{
	const int fd = socket(to.ss_family, type | SOCK_NONBLOCK, protocol);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int rc = 0;
	socklen_t len = sizeof rc;

	if (fd < 0)
		die("socket");
	if (connect(fd, (struct sockaddr *)&to, to_len) == 0)
		return fd;
	if (errno == EINPROGRESS && poll(&p, 1, PATIENCE_MS) == 1 &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &rc, &len) == 0 && rc == 0)
		return fd;
	close(fd);
	return -1;
}

/* One request: 1 and the server's name, 0 without an answer, -1 when the flow broke. */
static int
request(int fd, char name[NAME])
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (send(fd, "?\n", 2, MSG_NOSIGNAL) < 0 && errno != ECONNREFUSED)
		return -1;
	if (poll(&p, 1, PATIENCE_MS) != 1)
		return 0;
	const ssize_t n = recv(fd, name, NAME - 1, 0);

	if (n <= 0)
		return errno == ECONNREFUSED ? 0 : -1;
	name[n] = '\0';
	name[strcspn(name, "\n")] = '\0';
	return 1;
}

static void
count(const char *name)
{
	static struct { char name[NAME]; unsigned n; } seen[NAMES];
	unsigned i;

	if (name) {
		for (i = 0; i < NAMES - 1 && seen[i].n && strcmp(seen[i].name, name) != 0; i++)
			continue;
		snprintf(seen[i].name, NAME, "%s", name);
		seen[i].n++;
		return;
	}
	for (i = 0; i < NAMES && seen[i].n; i++)
		printf("%s %u\n", seen[i].name, seen[i].n);
}

static void
once(void)
{
	char name[NAME];
	const int fd = begin();

	count(fd >= 0 && request(fd, name) == 1 ? name : "-");
	if (fd >= 0)
		close(fd);
}

static int
hold(long long end)
{
	char name[NAME], last[NAME] = "";
	long long next = now_ms();
	const int fd = begin();
	int rc = fd < 0 ? -1 : 1;

	while (rc >= 0 && next < end) {
		rc = request(fd, name);
		if (rc == 0)
			snprintf(name, sizeof name, "-");
		if (rc >= 0 && strcmp(name, last) != 0) {
			printf("%s\n", name);
			fflush(stdout);
			memcpy(last, name, sizeof last);
		}
		sleep_until(next += 50);
	}
	if (rc < 0)
		puts("!");
	return rc < 0;
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc > 3 && strcmp(argv[1], "in") == 0) {
		if (setns(open(argv[2], O_RDONLY | O_CLOEXEC), CLONE_NEWNET) == 0)
			execvp(argv[3], argv + 3);
		die(argv[3]);
	}
	if (argc == 5 && strcmp(argv[1], "serve") == 0) {
		target(argv[2], argv[3]);
		serve(argv[4]);
	}
	if (argc != 6) {
		fprintf(stderr, "flow: see flow.c\n");
		return 2;
	}
	type = strcmp(argv[2], "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM;
	protocol = strcmp(argv[2], "sctp") == 0 ? IPPROTO_SCTP : 0;
	const long long start = now_ms();

	target(argv[3], argv[4]);
	if (strcmp(argv[1], "hold") == 0)
		return hold(start + atoi(argv[5]));
	if (strcmp(argv[1], "load") == 0)
		for (long long next = start; next < start + atoi(argv[5]); ) {
			once();
			sleep_until(next += 10);
		}
	else
		for (int i = atoi(argv[5]); i > 0; i--)
			once();
	count(NULL);
	return 0;
}
