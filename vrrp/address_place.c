/* SPDX-License-Identifier: MIT */
/* address_place.c -- one address asked for, and the kernel's answer. */
#include "address_place.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "address_msg.h"
#include "core_pools.h"
#include "vrrp_log.h"
#include "vrrp_pools.h"

#define LOG_BURST	10		/* lines per LOG_US about addresses */
#define LOG_US		(10 * (int64_t)MONO_US_PER_S)

/* IFA_PROTO came with Linux 5.18; older kernels pass over it in silence. */
static bool
kernel_keeps_proto(void)
{
	struct utsname u;
	char *end;

	if (uname(&u) < 0)
		return false;
	long major = strtol(u.release, &end, 10);
	long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
	return major > 5 || (major == 5 && minor >= 18);
}

uint32_t
address_place_bucket(const struct net_addr *addr)
{
	uint32_t h = addr->family;
	for (unsigned i = 0; i < sizeof addr->a; i++)
		h = h * 31 + addr->a[i];
	return h % ADDRESS_HASH;
}

bool
address_place_same(const struct address *a, const struct address *b)
{
	return a->link == b->link && a->vip.prefixlen == b->vip.prefixlen &&
	       net_addr_cmp(&a->vip.addr, &b->vip.addr) == 0;
}

struct address *
address_place_twin(const struct addresses *all, const struct address *a)
{
	struct address *t = all->hash[address_place_bucket(&a->vip.addr)];

	while (t && (t == a || !t->there || !address_place_same(t, a)))
		t = t->next_hash;
	return t;
}

void
address_place_there(struct address *a, bool there)
{
	if (a->set && a->there != there)
		a->set->nthere = (uint16_t)(a->set->nthere + (there ? 1 : -1));
	a->there = there;
	if (!there)
		a->foreign = false;
}

void
address_place_due(struct addresses *all, struct address *a, struct mono at)
{
	a->due = true;
	a->retry = at;
	if (!all->restore.armed || mono_before(at, all->restore.at))
		timer_arm(all->timers, &all->restore, at);
}

static const char *
name_of(const struct address *a)
{
	return a->set ? a->set->name : "-";
}

static void
placed(struct addresses *all, struct address *a)
{
	address_place_there(a, true);
	a->err = 0;
	a->due = false;
	a->ifindex = a->link->ifindex;
	a->placed = all->now;
}

/* The kernel has it already: from an earlier life, from another set that it leaves,
 * or from somebody else, whose it stays. */
static void
found(struct addresses *all, struct address *a)
{
	const struct link_addr *la =
		link_find_addr(a->link, &a->vip.addr, a->vip.prefixlen);
	const struct address *t = address_place_twin(all, a);
	char text[NET_ADDR_TEXT];

	all->found++;
	placed(all, a);
	if (all->mode == ADDRESS_AGAIN || !la)
		return;
	if (t)
		a->foreign = t->foreign;
	else if (all->knows_proto)
		a->foreign = la->proto != ADDRESS_MSG_PROTO;
	else
		a->foreign = all->mode == ADDRESS_FIRST;
	if (!a->foreign)
		return;
	a->ifindex = 0;
	log_put(VRRP_LOG_VIP_FOREIGN, name_of(a), net_addr_text(&a->vip.addr, text),
		(unsigned)a->vip.prefixlen, a->link->name);
}

static void
on_added(struct netlink_call *c, uint32_t cookie, int error, const char *text)
{
	struct addresses *all = container_of(c, struct addresses, added);
	struct address *a = address_pool_at(cookie);
	char addr[NET_ADDR_TEXT];
	uint32_t held;

	if (error == -EEXIST) {
		found(all, a);
		return;
	}
	if (error == 0) {
		placed(all, a);
		a->again = all->mode == ADDRESS_AGAIN;
		return;
	}
	address_place_there(a, false);
	a->err = (int16_t)-error;
	all->errors++;
	address_place_due(all, a, mono_add(all->now, ADDRESS_PAUSE_MAX_US));
	if (log_allowed(&all->fail_log, all->now, LOG_BURST, LOG_US, &held))
		log_put(VRRP_LOG_VIP_ADD, name_of(a), net_addr_text(&a->vip.addr, addr),
			(unsigned)a->vip.prefixlen, a->link->name, strerror(-error), text, held);
}

static void
on_deleted(struct netlink_call *c, uint32_t cookie, int error, const char *text)
{
	struct addresses *all = container_of(c, struct addresses, deleted);
	struct address *a = address_pool_at(cookie);
	char addr[NET_ADDR_TEXT];
	uint32_t held;

	a->err = 0;
	if (error == 0 || error == -EADDRNOTAVAIL || error == -ENODEV) {
		address_place_there(a, false);
		return;
	}
	a->err = (int16_t)-error;
	all->errors++;
	if (!a->wanted)
		address_place_due(all, a, mono_add(all->now, ADDRESS_PAUSE_MAX_US));
	if (log_allowed(&all->fail_log, all->now, LOG_BURST, LOG_US, &held))
		log_put(VRRP_LOG_VIP_DEL, name_of(a), net_addr_text(&a->vip.addr, addr),
			(unsigned)a->vip.prefixlen, a->link->name, strerror(-error), text, held);
}

/* Of the link in this slot; a next life knows interfaces by their numbers. */
static void
set_tuned(struct addresses *all, uint32_t slot, struct address_tuned to)
{
	struct address_tuned *mine = &all->interface[slot], *at = NULL;

	for (unsigned i = 0; all->kept && i < CONFIG_LINKS; i++) {
		if (all->kept[i].ifindex == (to.ifindex ? to.ifindex : mine->ifindex)) {
			at = &all->kept[i];
			break;
		}
		if (!at && !all->kept[i].ifindex)
			at = &all->kept[i];
	}
	if (at)
		*at = to;
	*mine = to;
}

void
address_place_retune(struct addresses *all, const struct link *l)
{
	struct address_tuned *mine = &all->interface[link_pool_index(l)];

	for (unsigned i = 0; all->kept && l->ifindex && i < CONFIG_LINKS; i++) {
		if (all->kept[i].ifindex != l->ifindex)
			continue;
		*mine = all->kept[i];
		mine->inet &= LINK_MSG_PROMOTE | LINK_MSG_LOCAL;
	}
}

/* The cookie is the slot of the link and, above it, the value asked for. */
static void
on_tuned(struct netlink_call *c, uint32_t cookie, int error, const char *text)
{
	struct addresses *all = container_of(c, struct addresses, tuned);
	const struct link *l = link_pool_at(cookie >> 1);

	if (error == 0 || error == -ENODEV || !l)
		return;
	set_tuned(all, cookie >> 1, (struct address_tuned){ .ifindex = 0 });
	log_put(VRRP_LOG_TUNE, l->name, cookie & 1, strerror(-error), text);
}

static void
tune(struct addresses *all, const struct link *l, unsigned inet, bool on)
{
	uint32_t slot = link_pool_index(l);

	address_msg_tune(netlink_begin(all->nl, RTM_SETLINK, 0), l->ifindex, inet, on);
	netlink_commit(all->nl, &all->tuned, slot << 1 | on);
	set_tuned(all, slot, (struct address_tuned){
		.ifindex = on ? l->ifindex : 0, .inet = (uint8_t)inet,
	});
}

/* Whatever of struct address_tuned the administrator has not set himself. */
static void
prepare(struct addresses *all, const struct address *a)
{
	const struct link *l = a->link;
	unsigned lacks = (LINK_MSG_PROMOTE | LINK_MSG_LOCAL) & ~(unsigned)l->inet;

	if (a->vip.addr.family == AF_INET && lacks &&
	    all->interface[link_pool_index(l)].ifindex != l->ifindex)
		tune(all, l, lacks, true);
}

void
address_place_untune(struct addresses *all, const struct link *l)
{
	struct address_tuned *mine = &all->interface[link_pool_index(l)];

	if (mine->ifindex != 0 && mine->ifindex == l->ifindex) {
		tune(all, l, mine->inet, false);
		netlink_flush(all->nl);
	}
	set_tuned(all, link_pool_index(l), (struct address_tuned){ .ifindex = 0 });
}

bool
address_place_same_vip(const struct vrrp_conf_vip *a, const struct vrrp_conf_vip *b)
{
	return net_addr_cmp(&a->addr, &b->addr) == 0 && a->prefixlen == b->prefixlen &&
	       strcmp(a->dev, b->dev) == 0 &&
	       net_addr_cmp(&a->peer, &b->peer) == 0 &&
	       net_addr_cmp(&a->broadcast, &b->broadcast) == 0 &&
	       a->scope == b->scope && a->noprefixroute == b->noprefixroute &&
	       a->nodad == b->nodad && a->forever == b->forever &&
	       (a->forever || a->preferred_s == b->preferred_s) &&
	       strcmp(a->label, b->label) == 0;
}

/* Takes the address over from a slot that leaves; false: it has to be added. */
static bool
hand_over(struct addresses *all, struct address *a)
{
	struct address *t = address_place_twin(all, a);

	if (!t || t->wanted)
		return false;
	if (!address_place_same_vip(&t->vip, &a->vip) && !t->foreign) {
		address_place_delete(all, t);
		return false;
	}
	placed(all, a);
	a->foreign = t->foreign;
	a->ifindex = t->ifindex;
	t->ifindex = 0;
	address_place_there(t, false);
	return true;
}

void
address_place_add(struct addresses *all, struct address *a)
{
	a->due = false;
	a->again = false;
	if (a->link->ifindex == 0) {
		a->err = ENODEV;	/* until it appears */
		return;
	}
	if (hand_over(all, a))
		return;
	prepare(all, a);
	all->adds++;
	struct nlmsghdr *h = netlink_begin(all->nl, RTM_NEWADDR,
					   NLM_F_CREATE | NLM_F_EXCL);
	address_msg_add(h, &a->vip, a->link->ifindex);
	netlink_commit(all->nl, &all->added, address_pool_index(a));
}

void
address_place_delete(struct addresses *all, struct address *a)
{
	a->due = false;
	if (a->link->ifindex == 0) {
		address_place_there(a, false);
		return;
	}
	a->ifindex = 0;
	all->deletes++;
	struct nlmsghdr *h = netlink_begin(all->nl, RTM_DELADDR, 0);
	address_msg_delete(h, &a->vip, a->link->ifindex);
	netlink_commit(all->nl, &all->deleted, address_pool_index(a));
}

/* An address that we put on an interface goes with it when it is deleted, but stays
 * on it when it only gets another name: then nobody would ever take it away. */
void
address_place_delete_stray(struct addresses *all, struct address *a)
{
	struct nlmsghdr *h = netlink_begin(all->nl, RTM_DELADDR, 0);

	address_msg_delete(h, &a->vip, a->stray);
	netlink_commit(all->nl, &all->strays, address_pool_index(a));
	a->stray = 0;
}

/* ENODEV is the normal case: the interface was deleted. */
static void
on_stray_deleted(struct netlink_call *c, uint32_t cookie, int error, const char *text)
{
	struct addresses *all = container_of(c, struct addresses, strays);

	(void)cookie;
	(void)text;
	all->errors += error && error != -ENODEV && error != -EADDRNOTAVAIL;
}

void
address_place_begin(struct addresses *all, enum address_mode mode, struct mono now)
{
	all->mode = mode;
	all->now = now;
}

/* Those that are there again: their owner announces them. */
static void
tell_restored(struct addresses *all)
{
	char text[NET_ADDR_TEXT];
	uint32_t held;

	for (uint32_t i = 0; i < address_pool_end(); i++) {
		struct address *a = address_pool_at(i);
		if (!a || !a->again || !a->set)
			continue;
		a->again = false;
		a->fights += a->removed && a->fights < UINT8_MAX;
		all->restored++;
		if (a->removed &&
		    log_allowed(&all->again_log, all->now, LOG_BURST, LOG_US, &held))
			log_put(VRRP_LOG_VIP_AGAIN, name_of(a),
				net_addr_text(&a->vip.addr, text),
				(unsigned)a->vip.prefixlen, a->link->name,
				(unsigned)a->fights, held);
		a->removed = false;
		if (a->set->restored)
			a->set->restored(a->set, a, all->now);
	}
}

void
address_place_end(struct addresses *all)
{
	netlink_flush(all->nl);
	if (all->mode == ADDRESS_AGAIN)
		tell_restored(all);
}

void
address_place_init(struct addresses *all)
{
	all->added.done = on_added;
	all->deleted.done = on_deleted;
	all->strays.done = on_stray_deleted;
	all->tuned.done = on_tuned;
	all->knows_proto = kernel_keeps_proto();
}
