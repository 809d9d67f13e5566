/* SPDX-License-Identifier: MIT */
/* instance_wire.h -- what a virtual router's configuration means on the wire: the adverts it
 * sends and what it accepts.  The half of instance.c that knows no state.
 */
#ifndef INSTANCE_WIRE_H
#define INSTANCE_WIRE_H

#include "instance.h"

/* Sends an advert of this priority, to the group or to every peer; counts. */
void instance_wire_send(struct instance *in, uint8_t prio, struct mono now);

/* What is to be accepted from this source.  `packed` is filled with our addresses and
 * belongs to *e. */
void instance_wire_expect(const struct instance *in, const struct adv_meta *meta,
			  uint8_t packed[ADV_SIZE_MAX], struct adv_expect *e);

#endif
