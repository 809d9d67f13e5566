/* SPDX-License-Identifier: MIT */
/* router_look.h -- the half of router.h that looks: interface, source address, tracked
 * objects and socket, made into the conditions of the instance.
 */
#ifndef ROUTER_LOOK_H
#define ROUTER_LOOK_H

#include "router.h"

/* Looks now and tells the instance. */
void router_look(struct router *r, struct mono now);

/* Takes away what an earlier life left, when this one does not go on as MASTER; once. */
void router_clean(struct router *r, struct mono now);

/* Gives the socket back, when there is one. */
void router_look_end(struct router *r);

#endif
