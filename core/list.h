/* SPDX-License-Identifier: MIT */
/* list.h -- an intrusive doubly linked list.
 *
 * The link is embedded in the object, so linking can't fail; the head is a link
 * of its own.  A zeroed link is in no list, a head needs list_init().  The loop
 * variable of list_each() lives in the loop alone and is never the head, so
 * nothing that is not an object can escape from it:
 *
 *	struct peer { struct list all; ... };
 *
 *	list_each(struct peer, p, &peers, all)
 *		if (p->gone)
 *			list_del(&p->all);
 *
 * The body may unlink the object it is at, but not the one after it.
 */
#ifndef LIST_H
#define LIST_H

#include "port.h"

struct list {
	struct list *next;
	struct list *prev;
};

static inline void
list_init(struct list *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool
list_is_empty(const struct list *head)
{
	return head->next == head;
}

/* Whether `link`, zeroed once or unlinked by list_del(), is in a list. */
static inline bool
list_is_linked(const struct list *link)
{
	return link->next != NULL;
}

/* Links `link`, which must be in no list, before or after `at`. */
static inline void
list_add_before(struct list *at, struct list *link)
{
	assert(!list_is_linked(link));
	link->next = at;
	link->prev = at->prev;
	at->prev->next = link;
	at->prev = link;
}

static inline void
list_add_after(struct list *at, struct list *link)
{
	list_add_before(at->next, link);
}

static inline void
list_add_first(struct list *head, struct list *link)
{
	list_add_before(head->next, link);
}

static inline void
list_add_last(struct list *head, struct list *link)
{
	list_add_before(head, link);
}

/* Unlinks; nothing happens when it is in no list. */
static inline void
list_del(struct list *link)
{
	if (!list_is_linked(link))
		return;
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = NULL;
	link->prev = NULL;
}

/* The object whose link is `at`; NULL when `at` is the head. */
#define list_entry(type, at, head, member) \
	((at) == (head) ? NULL : container_of(at, type, member))

/* The first, the last, the one after `obj`; NULL when there is none. */
#define list_first(type, head, member) \
	list_entry(type, (head)->next, head, member)
#define list_last(type, head, member) \
	list_entry(type, (head)->prev, head, member)
#define list_after(type, obj, head, member) \
	list_entry(type, (obj)->member.next, head, member)

#define list_each(type, var, head, member)				\
	for (type *var = list_first(type, head, member),		\
	     *var##_after = var == NULL ? NULL :			\
			    list_after(type, var, head, member);	\
	     var != NULL;						\
	     var = var##_after,						\
	     var##_after = var == NULL ? NULL :				\
			   list_after(type, var, head, member))

#endif
