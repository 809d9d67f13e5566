/* SPDX-License-Identifier: MIT */
/* link_table.c -- the slots of watched links and their addresses. */
#include "link_table.h"

#include <linux/if.h>
#include <string.h>

#include "core_log.h"
#include "core_pools.h"

#define FULL_LOG_US	(60 * (int64_t)MONO_US_PER_S)

static void
mark_fresh(struct links *ls, struct link *l, unsigned what)
{
	l->fresh |= what;
	ls->dirty = true;
}

static void
mark_addr(struct links *ls, struct link_addr *a)
{
	a->link->nfresh += !a->fresh;
	a->fresh = true;
	ls->dirty = true;
}

/* Takes *at out of its list; it waits in `gone` to be told. */
void
link_table_drop(struct links *ls, struct link_addr **at)
{
	struct link_addr *a = *at;

	*at = a->next;
	a->link->naddrs--;
	a->link->nfresh -= a->fresh;
	a->next = ls->gone;
	ls->gone = a;
	ls->dirty = true;
}

static void
set_usable(struct links *ls, struct link *l)
{
	const uint32_t want = IFF_UP | IFF_RUNNING;
	bool usable = l->ifindex != 0 && (l->flags & want) == want;

	if (usable == l->usable)
		return;
	l->usable = usable;
	l->flaps += !usable;
	mark_fresh(ls, l, LINK_USABLE);
}

static void
attach(struct links *ls, struct link *l, uint32_t ifindex)
{
	struct link **bucket = &ls->by_index[ifindex % LINK_HASH];

	l->ifindex = ifindex;
	l->next_index = *bucket;
	*bucket = l;
	mark_fresh(ls, l, LINK_APPEARED);
}

/* The interface of `l` is no more, or has another name. */
void
link_table_detach(struct links *ls, struct link *l)
{
	struct link **at = &ls->by_index[l->ifindex % LINK_HASH];

	if (l->ifindex == 0)
		return;
	while (*at != l)
		at = &(*at)->next_index;
	*at = l->next_index;
	l->ifindex = 0;
	l->flags = 0;
	l->operstate = 0;
	l->has_mac = false;
	l->inet = 0;
	l->base = 0;
	l->kind[0] = '\0';
	while (l->addrs)
		link_table_drop(ls, &l->addrs);
	set_usable(ls, l);
	mark_fresh(ls, l, LINK_GONE);
}

/* An event may be older than what a fresh watch has read: it would tell of a past
 * as if it were a change.  The link is read again when the queue is empty. */
static bool
old_news(const struct links *ls, const struct link *l)
{
	return ls->hearing && l->settling;
}

/* The watched link that the message is about, attached; NULL: nobody's. */
static struct link *
find_link(struct links *ls, const struct link_msg *m)
{
	struct link *l = link_by_index(ls, m->ifindex);

	if (l && old_news(ls, l))
		return NULL;
	if (l && (m->gone || (m->has & LINK_MSG_NAME && strcmp(l->name, m->name) != 0))) {
		link_table_detach(ls, l);
		l = NULL;
	}
	if (l || m->gone || !(m->has & LINK_MSG_NAME))
		return l;
	l = link_by_name(ls, m->name);
	if (!l || old_news(ls, l))
		return NULL;
	/* Deleted and made anew, and we have not heard of the first yet. */
	link_table_detach(ls, l);
	attach(ls, l, m->ifindex);
	return l;
}

static void
apply_link(struct links *ls, const struct link_msg *m)
{
	struct link *l = find_link(ls, m);

	if (!l)
		return;
	l->mark = ls->mark;
	if (l->flags != m->flags || l->type != m->type ||
	    (m->has & LINK_MSG_OPER && l->operstate != m->operstate))
		mark_fresh(ls, l, LINK_FLAGS);
	l->flags = m->flags;
	l->type = m->type;
	if (m->has & LINK_MSG_OPER)
		l->operstate = m->operstate;
	if (m->has & LINK_MSG_MTU && l->mtu != m->mtu) {
		l->mtu = m->mtu;
		mark_fresh(ls, l, LINK_MTU);
	}
	if (m->has & LINK_MSG_MAC &&
	    (!l->has_mac || memcmp(l->mac, m->mac, NET_MAC) != 0)) {
		memcpy(l->mac, m->mac, NET_MAC);
		l->has_mac = true;
		mark_fresh(ls, l, LINK_MAC);
	}
	if (m->has & LINK_MSG_BASE)
		l->base = m->base;
	if (m->has & LINK_MSG_INET)
		l->inet = m->inet;
	if (m->kind[0])
		memcpy(l->kind, m->kind, sizeof l->kind);
	set_usable(ls, l);
}

static void
full(struct links *ls, const struct link *l, const struct net_addr *addr)
{
	char text[NET_ADDR_TEXT];
	uint32_t held;

	ls->full++;
	ls->missing = true;
	if (log_allowed(&ls->full_log, ls->loop->now, 1, FULL_LOG_US, &held))
		log_put(CORE_LOG_LINK_FULL, l->name, net_addr_text(addr, text),
			(unsigned)CONFIG_LINK_ADDRS, held);
}

/* Where the address of the message stands in its link, or the list's end. */
static struct link_addr **
find_slot(struct link *l, const struct link_msg_addr *m)
{
	struct link_addr **at = &l->addrs;

	while (*at && ((*at)->prefixlen != m->prefixlen ||
		       net_addr_cmp(&(*at)->addr, &m->addr) != 0 ||
		       net_addr_cmp(&(*at)->peer, &m->peer) != 0))
		at = &(*at)->next;
	return at;
}

/* Somebody may care for it all the same: a virtual address, say. */
static void
unheld_gone(struct links *ls, struct link *l, const struct link_msg_addr *m)
{
	ls->unheld = (struct link_addr){
		.link = l, .addr = m->addr, .peer = m->peer, .prefixlen = m->prefixlen,
	};
	ls->has_unheld = true;
	ls->dirty = true;
}

static void
apply_addr(struct links *ls, const struct link_msg_addr *m)
{
	struct link *l = link_by_index(ls, m->ifindex);

	if (!l || old_news(ls, l))
		return;
	struct link_addr **at = find_slot(l, m), *a = *at;
	if (m->gone) {
		if (a)
			link_table_drop(ls, at);
		else if (ls->full > 0)
			unheld_gone(ls, l, m);
		return;
	}
	if (!a) {
		a = pool_get(link_addr);
		if (!a) {
			full(ls, l, &m->addr);
			return;
		}
		*a = (struct link_addr){
			.link = l, .addr = m->addr, .peer = m->peer,
			.prefixlen = m->prefixlen,
		};
		*at = a;
		l->naddrs++;
		mark_addr(ls, a);
	} else if (a->flags != m->flags || a->scope != m->scope ||
		   a->proto != m->proto || strcmp(a->label, m->label) != 0) {
		mark_addr(ls, a);
	}
	a->mark = ls->mark;
	a->flags = m->flags;
	a->scope = m->scope;
	a->proto = m->proto;
	memcpy(a->label, m->label, sizeof a->label);
}

void
link_table_apply(struct links *ls, const struct nlmsghdr *h)
{
	struct link_msg link;
	struct link_msg_addr addr;

	switch (link_msg_decode(h, &link, &addr)) {
	case LINK_MSG_LINK:
		apply_link(ls, &link);
		return;
	case LINK_MSG_ADDR:
		apply_addr(ls, &addr);
		return;
	case LINK_MSG_BAD:
		ls->bad++;
		return;
	case LINK_MSG_OTHER:
		return;
	}
}
