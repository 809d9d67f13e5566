/* SPDX-License-Identifier: MIT */
/* vrrp.h -- the VRRP child.  Its principal parts, in the order to read them: fsm.c (the
 * table), adv.h (the wire), instance.h (one virtual router), router.h (the same in the
 * world), vrrp.c (the process).
 */
#ifndef VRRP_H
#define VRRP_H

#include "child.h"

extern const struct child vrrp_child;

#endif
