/* SPDX-License-Identifier: MIT */
/* ipvs_sync.c -- a part of ipvs.c: the daemons that copy connections to another router, and the
 * timeouts of connections. */
#include "ipvs_inside.h"

#include <errno.h>
#include <linux/ip_vs.h>

#include "strfmt.h"

static const uint32_t roles[] = { IPVS_MSG_MASTER, IPVS_MSG_BACKUP };

struct daemon_reader {
	struct ipvs_reader r;
	struct ipvs_msg_daemon have[PORT_ARRAY_SIZE(roles)];	/* state 0: not running */
};

static void
no_daemon(struct ipvs_reader *r)
{
	struct daemon_reader *dr = container_of(r, struct daemon_reader, r);

	for (unsigned i = 0; i < PORT_ARRAY_SIZE(roles); i++)
		dr->have[i].state = 0;
}

static bool
read_daemon(struct ipvs_reader *r, const struct nlmsghdr *h)
{
	struct daemon_reader *dr = container_of(r, struct daemon_reader, r);
	struct ipvs_msg_daemon d;

	if (ipvs_msg_get_daemon(h, &d) != IPVS_MSG_OK)
		return false;
	dr->have[d.state == IPVS_MSG_BACKUP] = d;
	return true;
}

/* Whether a daemon that was to be stopped has stopped.  The kernel's netlink sends no
 * acknowledgement of EINTR, and that is what stopping a thread that has not run yet comes to
 * (kthread_stop()): stopped it is all the same. */
static bool
has_stopped(uint8_t command, int error)
{
	return command == IPVS_CMD_DEL_DAEMON && (error == -ESRCH || error == -ENOBUFS);
}

/* One request for one role. */
static bool
ask_daemon(struct ipvs *v, uint8_t command, uint32_t role)
{
	char text[NLMSG_TEXT], what[64];

	if (!v->family)
		return false;
	ipvs_msg_put_daemon(ipvs_begin(v), command, role, &v->sync);
	int error = netlink_ask(&v->nl, NULL, text);
	if (error == 0 || has_stopped(command, error)) {
		v->stats.changes += error != -ESRCH;
		return true;
	}
	if (ipvs_still(v, error)) {
		(void)strfmt_to(what, sizeof what, "%s the %s sync daemon on %s",
				command == IPVS_CMD_NEW_DAEMON ? "start" : "stop",
				role == IPVS_MSG_MASTER ? "master" : "backup",
				v->sync.interface);
		ipvs_refuse(v, what, error, text);
	}
	return false;
}

/* Whether the running daemon of a role is as wanted.  The kernel trims the length that we
 * ask for, so that it is held against what we asked for, not against what it says. */
static bool
is_right(const struct ipvs *v, uint32_t role, const struct ipvs_msg_daemon *have)
{
	return ipvs_msg_equal_daemon(&v->sync, have) &&
	       (!(v->began.state & role) || v->began.maxlen == v->sync.maxlen);
}

/* Whether the role is now as wanted. */
static bool
settle_role(struct ipvs *v, uint32_t role, const struct ipvs_msg_daemon *have)
{
	bool wanted = v->sync.state & role;
	bool runs = have->state != 0;

	if (runs == wanted && (!runs || is_right(v, role, have)))
		return true;
	if (runs && !ask_daemon(v, IPVS_CMD_DEL_DAEMON, role))
		return false;
	v->began.state &= ~role;
	if (!wanted)
		return true;
	if (!ask_daemon(v, IPVS_CMD_NEW_DAEMON, role))
		return false;
	uint32_t others = v->began.state;
	v->began = v->sync;
	v->began.state = others | role;
	return true;
}

static void
settle_daemons(struct ipvs *v)
{
	struct daemon_reader dr = { .r = { .read = read_daemon, .begin = no_daemon } };
	bool right = true;

	/* Those that run are somebody else's. */
	if (!v->sync_ours)
		return;
	ipvs_msg_put(ipvs_begin(v), IPVS_CMD_GET_DAEMON);
	int error = ipvs_read_all(v, &dr.r);
	if (error) {
		if (ipvs_still(v, error))
			ipvs_refuse(v, "read the sync daemons", error, "");
		return;
	}
	/* The kernel runs both at a time; what is no longer wanted goes first all the same. */
	for (unsigned pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < PORT_ARRAY_SIZE(roles); i++)
			if (!(v->sync.state & roles[i]) == (pass == 0))
				right &= settle_role(v, roles[i], &dr.have[i]);
	if (v->sync.state == 0 && right)
		v->sync_ours = false;
}

struct timeouts_reader {
	struct ipvs_reader r;
	struct ipvs_msg_timeouts have;
};

static bool
read_timeouts(struct ipvs_reader *r, const struct nlmsghdr *h)
{
	return ipvs_msg_get_timeouts(h, &container_of(r, struct timeouts_reader, r)->have) ==
	       IPVS_MSG_OK;
}

static bool
agrees(uint32_t want, uint32_t have)
{
	return want == 0 || want == have;
}

static void
settle_timeouts(struct ipvs *v)
{
	const struct ipvs_msg_timeouts *want = &v->timeouts;
	struct timeouts_reader tr = { .r = { .read = read_timeouts } };
	char text[NLMSG_TEXT] = "";

	if (!v->family || !(want->tcp_s | want->tcpfin_s | want->udp_s))
		return;
	ipvs_msg_put(ipvs_begin(v), IPVS_CMD_GET_CONFIG);
	int error = ipvs_read_one(v, &tr.r);
	if (error == 0 && agrees(want->tcp_s, tr.have.tcp_s) &&
	    agrees(want->tcpfin_s, tr.have.tcpfin_s) && agrees(want->udp_s, tr.have.udp_s))
		return;
	if (error == 0) {
		ipvs_msg_put_timeouts(ipvs_begin(v), want);
		error = netlink_ask(&v->nl, NULL, text);
		v->stats.changes += error == 0;
	}
	if (error && ipvs_still(v, error))
		ipvs_refuse(v, "set the timeouts", error, text);
}

void
ipvs_sync_settle(struct ipvs *v)
{
	settle_daemons(v);
	settle_timeouts(v);
}

void
ipvs_sync(struct ipvs *v, const struct ipvs_msg_daemon *d, struct mono now)
{
	v->sync = *d;
	v->sync_ours = v->sync_ours || d->state != 0;
	ipvs_settle(v);
	if (v->family)
		settle_daemons(v);
	if (v->failed)
		ipvs_soon(v, now);
}

void
ipvs_timeouts(struct ipvs *v, uint32_t tcp_s, uint32_t tcpfin_s, uint32_t udp_s,
	      struct mono now)
{
	v->timeouts = (struct ipvs_msg_timeouts){
		.tcp_s = tcp_s, .tcpfin_s = tcpfin_s, .udp_s = udp_s,
	};
	ipvs_settle(v);
	settle_timeouts(v);
	if (v->failed)
		ipvs_soon(v, now);
}
