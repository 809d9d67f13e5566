/* SPDX-License-Identifier: MIT */
/* address_msg.h -- a virtual address as rtnetlink wants it.  Pure.
 *
 * `h` is a begun request without a body; type and flags are the caller's
 * (address.c): RTM_NEWADDR with CREATE|EXCL, RTM_DELADDR, RTM_SETLINK.
 */
#ifndef ADDRESS_MSG_H
#define ADDRESS_MSG_H

#include "nlmsg.h"
#include "vrrp_conf.h"

#define ADDRESS_MSG_PROTO 0x75		/* IFA_PROTO of ours (kernel >= 5.18) */

void address_msg_add(struct nlmsghdr *h, const struct vrrp_conf_vip *v, uint32_t ifindex);
void address_msg_delete(struct nlmsghdr *h, const struct vrrp_conf_vip *v, uint32_t ifindex);

/* Whether a primary address that is deleted leaves its secondaries in place. */
void address_msg_promote(struct nlmsghdr *h, uint32_t ifindex, bool on);

#endif
