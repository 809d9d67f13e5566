/* SPDX-License-Identifier: MIT */
/* upkeepctl_monitor.h -- the events of all children, line by line as they come.
 *
 * A child that is restarted is connected again; the command ends when no child has
 * been there for a few seconds.
 */
#ifndef UPKEEPCTL_MONITOR_H
#define UPKEEPCTL_MONITOR_H

#include "upkeepctl_out.h"

int upkeepctl_monitor_run(struct upkeepctl_out *o, const char *dir, bool json);

#endif
