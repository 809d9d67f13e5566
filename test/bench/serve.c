/* SPDX-License-Identifier: MIT */
/* serve.c -- the servers of the bench of checks: all addresses of a network in one process.
 *
 *	serve PORT INTERVAL_US	answers HTTP, and accepts what says nothing; on SIGUSR1 prints
 *				what came since the last one: connections, and how far the time
 *				between two of one address was from INTERVAL_US: median, 99 %,
 *				worst, in us
 *	serve floor ADDR PORT	what 100 connections cost the process that makes them, one every
 *				10 ms, by the fewest calls: nanoseconds each
 *	serve gone TEXT		how many us it takes until no line of /proc/net/ip_vs has TEXT
 *
 * The address that a client has connected to is its last two bytes. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define ADDRS		65536
#define SAMPLES		65536
#define EVENTS		64

static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nup\n";
static int64_t last_us[ADDRS];
static int64_t off_us[SAMPLES];
static unsigned n, count;

static int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
compare(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
report(void)
{
	qsort(off_us, n, sizeof off_us[0], compare);
	if (n > 0)
		printf("%u %lld %lld %lld\n", count, (long long)off_us[n / 2],
		       (long long)off_us[n * 99UL / 100], (long long)off_us[n - 1]);
	else
		printf("%u 0 0 0\n", count);
	fflush(stdout);
	n = count = 0;
}

static void
note(int fd, int64_t interval_us)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof sin;

	if (getsockname(fd, (struct sockaddr *)&sin, &len))
		return;

	int64_t *const last = &last_us[ntohl(sin.sin_addr.s_addr) & (ADDRS - 1)];
	const int64_t now = now_us();
	int64_t off = now - *last - interval_us;

	count++;
	if (*last > 0 && n < SAMPLES)
		off_us[n++] = off < 0 ? -off : off;
	*last = now;
}

static void
answer(int fd)
{
	char rx[2048];
	const ssize_t got = recv(fd, rx, sizeof rx, 0);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got > 0)
		(void)send(fd, reply, sizeof reply - 1, MSG_NOSIGNAL);
	close(fd);			/* some clients wait for that */
}

static void
add(int ep, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev))
		die("epoll_ctl");
}

static int
listener(uint16_t port)
{
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (const struct sockaddr *)&sin, sizeof sin) || listen(fd, 4096))
		die("listen");
	return fd;
}

static void
serve(uint16_t port, int64_t interval_us)
{
	const int ep = epoll_create1(0), at = listener(port);
	struct epoll_event ev[EVENTS];
	struct signalfd_siginfo info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	const int sig = signalfd(-1, &set, 0);

	add(ep, at, EPOLLIN);
	add(ep, sig, EPOLLIN);
	for (;;) {
		const int got = epoll_wait(ep, ev, EVENTS, -1);

		for (int i = 0; i < got; i++) {
			const int fd = ev[i].data.fd;
			int c;

			if (fd == sig && read(sig, &info, sizeof info) > 0)
				report();
			else if (fd != at)
				answer(fd);
			else while ((c = accept4(at, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
				note(c, interval_us);
				add(ep, c, EPOLLIN);
			}
		}
	}
}

static int64_t
cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void
least(const char *addr, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };
	const int ep = epoll_create1(0);
	struct epoll_event ev = { .events = EPOLLOUT };
	const int64_t begun = cpu_ns();

	inet_pton(AF_INET, addr, &sin.sin_addr);
	for (int i = 0; i < 100; i++) {
		const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

		(void)connect(fd, (const struct sockaddr *)&sin, sizeof sin);
		add(ep, fd, EPOLLOUT);
		(void)epoll_wait(ep, &ev, 1, 1000);
		close(fd);
		usleep(10000);
	}
	printf("%lld\n", (long long)(cpu_ns() - begun) / 100);
}

/* The list is looked at every millisecond. */
static void
gone(const char *text)
{
	static char list[1 << 20];
	const int64_t begun = now_us();
	ssize_t got;

	do {
		const int fd = open("/proc/net/ip_vs", O_RDONLY);
		size_t used = 0;

		usleep(1000);
		while ((got = read(fd, list + used, sizeof list - 1 - used)) > 0)
			used += (size_t)got;
		list[used] = '\0';
		close(fd);
	} while (strcasestr(list, text));
	printf("%lld\n", (long long)(now_us() - begun));
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "gone") == 0)
		gone(argv[2]);
	else if (argc == 4 && strcmp(argv[1], "floor") == 0)
		least(argv[2], (uint16_t)atoi(argv[3]));
	else if (argc == 3)
		serve((uint16_t)atoi(argv[1]), atoll(argv[2]));
	else
		return 2;
	return 0;
}
