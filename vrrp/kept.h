/* SPDX-License-Identifier: MIT */
/* kept.h -- what of a virtual router outlives the process: the VRRP child's content of the
 * checkpoint (core/checkpoint.h).
 *
 * A slot holds two copies of the state, written in turn, each with a sequence number and a
 * checksum: a process killed while it writes one leaves the other.  A life takes up
 * what names the same (vrid, family, version, interface) in its configuration; whether a MASTER
 * may still be one is decided by how old the copy is.
 */
#ifndef KEPT_H
#define KEPT_H

#include "address.h"
#include "instance.h"
#include "kept_vips.h"
#include "socket.h"

/* The state at one moment. */
struct kept_state {
	uint32_t sum;			/* of all that follows in this copy */
	uint32_t seq;			/* the higher of two valid copies counts */
	uint8_t state;			/* enum fsm_state */
	uint8_t held;			/* GIVE_WAY is in force */
	uint8_t any_heard;
	uint8_t last_heard;
	uint32_t pad;
	int64_t saved_us;		/* CLOCK_MONOTONIC */
	int64_t sent_us;		/* the last advert sent */
	int64_t active_us;
	int64_t since_us;
	int64_t since_wall_us;
	struct instance_heard heard[INSTANCE_HEARD];
	struct instance_stats stats;
};

struct kept_key {
	uint8_t vrid;			/* 0: a free slot */
	uint8_t family;
	uint8_t version;
	uint8_t pad;
	char interface[NET_IFNAME];
};

/* What a BACKUP learns with each advert that says nothing new, beyond the copy of the state
 * that it names: written in its stead, as that would be most of the work of an advert. */
struct kept_pulse {
	uint32_t sum;			/* of all that follows */
	uint32_t of;			/* kept_state.seq */
	int64_t heard_us;		/* heard[last_heard].at */
	uint64_t advert_rcvd;		/* the higher of two valid ones counts */
};

struct kept_slot {
	struct kept_key key;
	uint32_t key_sum;
	struct kept_state copy[2];
	struct kept_pulse pulse[2];
	uint32_t history_sum;
	struct history history;
};

struct kept {
	struct kept_slot slot[CONFIG_VRRP_INSTANCES];
	int64_t hold_us;		/* vrrp_startup_delay: until then, CLOCK_MONOTONIC */
	struct kept_vips vips;
	struct address_tuned tuned[CONFIG_LINKS];
	struct socket_strays strays;
};

/* Changes with the layout of struct kept. */
#define KEPT_LAYOUT	(2u << 24 | (uint32_t)sizeof(struct kept_slot))

/* Takes the checkpoint over; `slots` is its content.  Before any other call. */
void kept_open(struct kept *slots);

/* The slot of this virtual router from an earlier life, or a free one with nothing in it;
 * it is then the caller's until kept_free().  NULL: none is free (cannot be while there are as
 * many slots as virtual routers, each opened once). `fresh`: only one that was its own already. */
struct kept_slot *kept_claim(const struct vrrp_conf_instance *conf, bool own_only);
void kept_free(struct kept_slot *s);

/* Empties what nobody has claimed: virtual routers that this life's configuration does not have.
 * Returns how many there were. */
unsigned kept_sweep(void);

/* The virtual router of this slot has another version since a reload. */
void kept_rename(struct kept_slot *s, const struct vrrp_conf_instance *conf);

/* Writes the instance down; `history` too when it has grown. */
void kept_save(struct kept_slot *s, const struct instance *in, struct mono now);

/* Writes down of the instance, saved before, that the one it hears was heard once more. */
void kept_heard(struct kept_slot *s, const struct instance *in);

/* Gives a fresh instance what the slot has: statistics, history, who was heard.  Returns the
 * state it was in, FSM_INIT when the slot has no valid copy. *sent_us: its last advert. */
enum fsm_state kept_load(const struct kept_slot *s, struct instance *in,
			 int64_t *sent_us);

/* What of a slot was written and is of no use any more: a sentence's part, NULL: nothing. */
const char *kept_damaged(const struct kept_slot *s);

/* Whether an earlier life was MASTER of it, and when it last said so. */
bool kept_was_master(const struct vrrp_conf_instance *conf, struct mono *sent);

#endif
