/* SPDX-License-Identifier: MIT */
/* check.h -- the health-check child: a process with its loop, control socket and
 * watchdog.  It has nothing to test yet and idles; what its configuration names is
 * said to be not served (check_schema.h).
 */
#ifndef CHECK_H
#define CHECK_H

#include "child.h"

extern const struct child check_child;

#endif
