/* SPDX-License-Identifier: MIT */
/* interval.c -- the arithmetic of VRRP's timers.
 *
 * Every product is 32 by 32 bits and every division 32-bit or a shift, so that a
 * 32-bit target needs no helper routine.
 */
#include "interval.h"

#define US_PER_S	1000000u
#define US_PER_CS	10000u

static uint32_t
unit_us(unsigned version)
{
	return version == 2 ? US_PER_S : US_PER_CS;
}

int64_t
interval_wire_us(unsigned version, unsigned wire)
{
	return (int64_t)((uint64_t)wire * unit_us(version));
}

uint16_t
interval_to_wire(unsigned version, int64_t us)
{
	const uint32_t max = version == 2 ? INTERVAL_MAX_S : INTERVAL_MAX_CS;
	const uint32_t unit = unit_us(version);

	if (us <= 0)
		return 0;
	if (us >= (int64_t)((uint64_t)max * unit))
		return (uint16_t)max;
	return (uint16_t)((uint32_t)us / unit);
}

/* RFC 3768 6.1 fixes the skew's scale at one second; RFC 9568 6.1 has it grow
 * with the interval, so that fast adverts do not wait a second's fraction. */
int64_t
interval_skew_us(unsigned version, unsigned prio, int64_t active_us)
{
	const uint32_t scale = version == 2 ? US_PER_S : (uint32_t)active_us;

	return (int64_t)((uint64_t)(256 - prio) * scale >> 8);
}

int64_t
interval_down_us(unsigned version, unsigned prio, int64_t active_us,
		 unsigned adverts)
{
	const uint64_t silence = (uint64_t)adverts * (uint32_t)active_us;

	return (int64_t)silence + interval_skew_us(version, prio, active_us);
}
