/* SPDX-License-Identifier: MIT */
/* talk.h -- ready-made dialogues of check_tcp.c: what is sent once the connection is there, and
 * what must come back.
 *
 * A server whose protocol is not worth a checker of its own is a row of talk_rows.c.  Pure.
 */
#ifndef TALK_H
#define TALK_H

#include <stddef.h>
#include <stdint.h>

#include "port.h"

#define TALK_EXPECT	256		/* most bytes that can be expected */

/* A byte b of the reply agrees with expect e and mask m when ((b ^ e) & m) == 0. */
struct talk_row {
	const char *name;		/* of `option dialogue`: "redis" */
	const char *what;		/* sentence for keys and manual */
	const uint8_t *send;		/* NULL: nothing, the server speaks first */
	const uint8_t *expect;
	const uint8_t *mask;		/* as long as expect; NULL: all must agree */
	uint16_t send_n;
	uint16_t expect_n;		/* 1..TALK_EXPECT */
	bool anywhere;			/* expect may stand after other bytes */
};

/* Ended by a row without a name; check_conf_talk.row is an index + 1. */
extern const struct talk_row talk_rows[];

#endif
