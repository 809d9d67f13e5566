/* SPDX-License-Identifier: MIT */
/* announce.c -- when neighbours are told, and in what batches. */
#define _GNU_SOURCE			/* sendmmsg */

#include "announce.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Room for the bursts of hundreds of addresses; none is taken until it is used. */
#define SNDBUF	(1 << 20)

int
announce_socket(void)
{
	/* Protocol 0: nothing is received, no queue fills up. */
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int bytes = SNDBUF;

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
	return fd;
}

int
announce_open(struct announcer *by, struct timers *timers, int fd)
{
	memset(by, 0, offsetof(struct announcer, bytes));
	by->timers = timers;
	by->fd = fd > 0 ? fd : announce_socket();
	return by->fd < 0 ? by->fd : 0;
}

void
announce_close(struct announcer *by)
{
	if (by->fd >= 0)
		close(by->fd);
	by->fd = -1;
}

static void
count_sent(struct announcer *by, unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++) {
		if (by->bytes[i] == ANNOUNCE_FRAME_ARP)
			by->arps++;
		else
			by->nas++;
	}
}

/* Hands over all frames; one that is refused is counted and passed over. */
static void
flush(struct announcer *by)
{
	struct mmsghdr m[ANNOUNCE_BATCH];
	struct iovec iov[ANNOUNCE_BATCH];
	struct sockaddr_ll to[ANNOUNCE_BATCH];

	memset(m, 0, sizeof m);
	memset(to, 0, sizeof to);
	for (unsigned i = 0; i < by->queued; i++) {
		to[i].sll_family = AF_PACKET;
		to[i].sll_ifindex = (int)by->ifindex[i];
		to[i].sll_halen = NET_MAC;
		memcpy(to[i].sll_addr, by->frame[i], NET_MAC);
		memcpy(&to[i].sll_protocol, by->frame[i] + 12, 2);
		iov[i].iov_base = by->frame[i];
		iov[i].iov_len = by->bytes[i];
		m[i].msg_hdr.msg_name = &to[i];
		m[i].msg_hdr.msg_namelen = sizeof to[i];
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	for (unsigned i = 0; i < by->queued; ) {
		int n = sendmmsg(by->fd, m + i, by->queued - i, 0);
		if (n > 0) {
			count_sent(by, i, (unsigned)n);
			i += (unsigned)n;
		} else if (errno != EINTR) {
			by->failed++;
			i++;
		}
	}
	by->queued = 0;
}

/* Queues one frame for the address, unless it has no neighbours. */
static bool
queue(struct announcer *by, const struct address *addr)
{
	const struct link *l = addr->link;

	if (!addr->there)
		return false;
	if (l->ifindex == 0 || !link_has_arp(l)) {
		by->skipped++;
		return false;
	}
	if (by->queued == ANNOUNCE_BATCH)
		flush(by);
	by->bytes[by->queued] =
		(uint16_t)announce_frame(by->frame[by->queued], &addr->vip.addr, l->mac);
	by->ifindex[by->queued] = l->ifindex;
	by->queued++;
	return true;
}

static void
count(struct announce *a, bool queued)
{
	a->sent += queued;
	if (a->total)
		*a->total += queued;
}

/* All addresses once, then all once more: a burst loses to one dropped frame less
 * easily than each address's frames back to back. */
static void
burst(struct announce *a, unsigned repeat)
{
	for (unsigned i = 0; i < repeat; i++) {
		for (const struct address *v = a->set->first; v; v = v->next)
			count(a, queue(a->by, v));
	}
	flush(a->by);
}

static void
arm(struct announce *a)
{
	struct mono at = mono_before(a->second, a->refresh) ? a->second : a->refresh;

	if (mono_is_never(at))
		timer_stop(a->by->timers, &a->timer);
	else
		timer_arm(a->by->timers, &a->timer, at);
}

static struct mono
next_refresh(const struct announce *a, struct mono now)
{
	if (!a->on || a->conf->garp_master_refresh_us <= 0)
		return MONO_NEVER;
	return mono_add(now, a->conf->garp_master_refresh_us);
}

static void
on_timer(struct timer *t, struct mono now)
{
	struct announce *a = container_of(t, struct announce, timer);

	if (!mono_before(now, a->second)) {
		a->second = MONO_NEVER;
		burst(a, a->second_repeat);
	}
	if (!mono_before(now, a->refresh)) {
		a->refresh = next_refresh(a, now);
		burst(a, a->conf->garp_master_refresh_repeat);
	}
	arm(a);
}

void
announce_init(struct announce *a, struct announcer *by, const struct address_set *set)
{
	memset(a, 0, sizeof *a);
	a->by = by;
	a->set = set;
	a->second = a->refresh = MONO_NEVER;
	a->lower.us = INT64_MIN / 2;
	timer_init(&a->timer, on_timer);
}

void
announce_conf(struct announce *a, const struct vrrp_conf_instance *conf,
	      struct mono now)
{
	a->conf = conf;
	if (!a->on)
		return;
	a->refresh = next_refresh(a, now);
	arm(a);
}

/* A delayed burst is pending at most once: the earlier one serves both. */
static void
later(struct announce *a, int64_t delay_us, uint8_t repeat, struct mono now)
{
	if (!a->on || delay_us <= 0 || !mono_is_never(a->second))
		return;
	a->second = mono_add(now, delay_us);
	a->second_repeat = repeat;
}

void
announce_start(struct announce *a, struct mono now)
{
	a->on = true;
	a->second = MONO_NEVER;
	burst(a, a->conf->garp_master_repeat);
	later(a, a->conf->garp_master_delay_us, a->conf->garp_master_repeat, now);
	a->refresh = next_refresh(a, now);
	arm(a);
}

void
announce_resume(struct announce *a, struct mono now)
{
	a->on = true;
	a->second = MONO_NEVER;
	later(a, a->conf->garp_master_delay_us, a->conf->garp_master_repeat, now);
	a->refresh = next_refresh(a, now);
	arm(a);
}

void
announce_stop(struct announce *a)
{
	a->on = false;
	a->second = a->refresh = MONO_NEVER;
	timer_stop(a->by->timers, &a->timer);
}

void
announce_now(struct announce *a, struct mono now)
{
	(void)now;
	burst(a, a->conf->garp_master_repeat);
}

void
announce_one(struct announce *a, const struct address *addr, struct mono now)
{
	for (unsigned i = 0; i < a->conf->garp_master_repeat; i++)
		count(a, queue(a->by, addr));
	flush(a->by);
	later(a, a->conf->garp_master_delay_us, a->conf->garp_master_repeat, now);
	arm(a);
}

void
announce_lower(struct announce *a, struct mono now)
{
	if (!a->on)
		return;
	if (mono_diff_us(now, a->lower) < ANNOUNCE_LOWER_US) {
		a->by->held++;
		return;
	}
	a->lower = now;
	burst(a, a->conf->garp_lower_prio_repeat);
	later(a, a->conf->garp_lower_prio_delay_us, a->conf->garp_lower_prio_repeat,
	      now);
	arm(a);
}
