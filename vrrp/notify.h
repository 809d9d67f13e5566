/* SPDX-License-Identifier: MIT */
/* notify.h -- telling the operator's scripts what a virtual router does.
 *
 * The child asks the parent to run a script by its reference into the image; the words
 * it gets are made in the parent from the image alone (notify_script).  Arguments
 * are keepalived's: `notify` gets INSTANCE, name, state, priority; the others none but
 * their own.  All get OpenWrt's hotplug variables ACTION, TYPE and NAME.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "child.h"
#include "router.h"
#include "spawn.h"

/* What is told; the number travels as ipc_run.event. */
#define NOTIFY_EVENTS(X)	\
	X(MASTER)		\
	X(BACKUP)		\
	X(FAULT)		\
	X(STOP)

enum notify_event {
#define X(name) NOTIFY_##name,
	NOTIFY_EVENTS(X)
#undef X
	NOTIFY__N
};

/* In the child: `r` has entered the state of `rec`. */
void notify_changed(struct child_env *env, const struct router *r,
		    const struct history_record *rec);

/* In the parent: struct child.script. */
bool notify_script(const struct conf_image *img, unsigned part,
		   const struct ipc_run *run, struct spawn_job *out);

#endif
