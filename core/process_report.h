/* SPDX-License-Identifier: MIT */
/* process_report.h -- what every child can tell of itself: process, loop, messages,
 * control socket, pools, log.
 *
 * One table `processes` with one row a child, so that the answers of several children join
 * into one array and every metric has the label child="NAME".
 */
#ifndef PROCESS_REPORT_H
#define PROCESS_REPORT_H

#include "report.h"

/* Rows come from control_self()->env: nothing while the server is closed. */
extern const struct report_table process_report_table;

/* The same with only the pools of each: `memory json`. */
extern const struct report_table process_report_memory;

/* The pools alone, for the columns of `memory`. */
extern const struct report_table process_report_pools;

#endif
