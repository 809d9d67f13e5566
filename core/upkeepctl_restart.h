/* SPDX-License-Identifier: MIT */
/* upkeepctl_restart.h -- `upkeepctl restart`: asks, and looks whether it was done. */
#ifndef UPKEEPCTL_RESTART_H
#define UPKEEPCTL_RESTART_H

#include "upkeepctl_out.h"

/* Who asks is answered only when nothing comes of it: the child that was asked ends with the
 * old binary.  So the new one is asked how often it was restarted.  An exit status. */
int upkeepctl_restart_run(struct upkeepctl_out *o, const char *dir);

#endif
