/* SPDX-License-Identifier: MIT */
/* address_msg.h -- a virtual address as rtnetlink wants it.  Pure.
 *
 * `h` is a begun request without a body; type and flags are the caller's
 * (address.c): RTM_NEWADDR with CREATE|EXCL, RTM_DELADDR, RTM_SETLINK.
 */
#ifndef ADDRESS_MSG_H
#define ADDRESS_MSG_H

#include "link_msg.h"
#include "nlmsg.h"
#include "vrrp_conf.h"

#define ADDRESS_MSG_PROTO 0x75		/* IFA_PROTO of ours (kernel >= 5.18) */

void address_msg_add(struct nlmsghdr *h, const struct vrrp_conf_vip *v, uint32_t ifindex);
void address_msg_delete(struct nlmsghdr *h, const struct vrrp_conf_vip *v, uint32_t ifindex);

/* Switches IPv4 settings of an interface, those in `inet` (enum link_msg_inet). */
void address_msg_tune(struct nlmsghdr *h, uint32_t ifindex, unsigned inet, bool on);

#endif
