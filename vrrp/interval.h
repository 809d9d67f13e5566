/* SPDX-License-Identifier: MIT */
/* interval.h -- the arithmetic of VRRP's timers (RFC 9568 6.1, RFC 3768 6.1).
 *
 * Pure integers in microseconds, fractions of which are cut.  Nothing here
 * knows a timer or a clock.  Intervals handed in are at most INTERVAL_MAX_S
 * seconds, so they fit 32 bits.
 */
#ifndef INTERVAL_H
#define INTERVAL_H

#include <stdint.h>

#define INTERVAL_MAX_CS		4095	/* v3, 12 bits			5.2.7 */
#define INTERVAL_MAX_S		255	/* v2, 8 bits		3768 5.3.7 */
#define INTERVAL_ADVERTS	3	/* missed ones before a takeover */

/* What stands on the wire (v3 centiseconds, v2 seconds), in microseconds. */
int64_t interval_wire_us(unsigned version, unsigned wire);

/* The reverse, for the message and the comparison: what the wire cannot say is
 * cut, what is longer than it can say becomes its maximum. */
uint16_t interval_to_wire(unsigned version, int64_t us);

/* Skew_Time.  `prio` is the effective priority, 1..255; `active_us` is
 * Active_Adver_Interval, which version 2 does not look at. */
int64_t interval_skew_us(unsigned version, unsigned prio, int64_t active_us);

/* Active_Down_Interval: `adverts` (INTERVAL_ADVERTS in the RFCs) times the
 * interval, plus Skew_Time. */
int64_t interval_down_us(unsigned version, unsigned prio, int64_t active_us,
			 unsigned adverts);

#endif
