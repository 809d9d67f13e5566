/* SPDX-License-Identifier: MIT */
/* address_place.h -- the requests of address.h: what is asked of the kernel for one
 * address, and what its answer makes of the slot.
 */
#ifndef ADDRESS_PLACE_H
#define ADDRESS_PLACE_H

#include "address.h"

void address_place_init(struct addresses *all);

/* Puts a request into the batch; nothing is sent for an interface that is absent. */
void address_place_add(struct addresses *all, struct address *a);
void address_place_delete(struct addresses *all, struct address *a);
void address_place_delete_stray(struct addresses *all, struct address *a);

/* Begins and ends a batch: after the end every slot says what came of it. */
void address_place_begin(struct addresses *all, enum address_mode mode, struct mono now);
void address_place_end(struct addresses *all);

/* A slot stands on `l`: what an earlier life changed there is ours. */
void address_place_retune(struct addresses *all, const struct link *l);

/* No slot stands on `l` any more: what was changed there for us is undone. */
void address_place_untune(struct addresses *all, const struct link *l);

/* The slot says now whether the address is in the kernel. */
void address_place_there(struct address *a, bool there);

/* `a` is looked at again at `at`. */
void address_place_due(struct addresses *all, struct address *a, struct mono at);

/* Another slot for the same address on the same interface that is there; NULL: none. */
struct address *address_place_twin(const struct addresses *all, const struct address *a);

/* Whether nothing that the kernel sees differs. */
bool address_place_same_vip(const struct vrrp_conf_vip *a, const struct vrrp_conf_vip *b);

bool address_place_same(const struct address *a, const struct address *b);
uint32_t address_place_bucket(const struct net_addr *addr);

#endif
