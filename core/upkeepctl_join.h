/* SPDX-License-Identifier: MIT */
/* upkeepctl_join.h -- the answers of all children as one: text after text, one JSON
 * object, one set of metrics in which no HELP or TYPE stands twice.
 *
 * Nothing is kept but the part of each answer that is being read.
 */
#ifndef UPKEEPCTL_JOIN_H
#define UPKEEPCTL_JOIN_H

#include "upkeepctl_out.h"

#define UPKEEPCTL_JOIN_TIMEOUT	10	/* seconds, for each read */

/* Each returns an exit status; what is wrong with a child is said on standard error,
 * and the others are asked all the same. */
int upkeepctl_join_overview(struct upkeepctl_out *o, const char *dir);
int upkeepctl_join_status(struct upkeepctl_out *o, const char *dir, bool json);
int upkeepctl_join_memory(struct upkeepctl_out *o, const char *dir, bool json);
int upkeepctl_join_metrics(struct upkeepctl_out *o, const char *dir);

#endif
