/* SPDX-License-Identifier: MIT */
/* wall.h -- the time of day, for people: never for a deadline.
 *
 * Microseconds since 1970, UTC; the clock may jump.
 */
#ifndef WALL_H
#define WALL_H

#include <stdint.h>

#define WALL_TEXT	32

int64_t wall_us(void);

/* "2026-11-22T10:00:00Z", or with milliseconds; returns `out`. */
const char *wall_text(int64_t us, char out[WALL_TEXT]);
const char *wall_text_ms(int64_t us, char out[WALL_TEXT]);

/* A duration in at most 6 characters: "12s", "3m05s", "2h10m", "5d03h", "999d". */
const char *wall_duration(int64_t us, char out[WALL_TEXT]);

#endif
