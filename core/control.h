/* SPDX-License-Identifier: MIT */
/* control.h -- the control socket of a child: one SOCK_STREAM unix socket, requests of
 * one line, answers from the walker of report.h.
 *
 * An answer begins with the line "0" (good) or "1 REASON" (refused), then the body until the
 * end of file.  `monitor` keeps the connection and sends one line an event.  Clients come from a
 * fixed pool; one that never reads loses events (counted, and told so), never delays anything.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "report.h"

enum control_format {
	CONTROL_TEXT,
	CONTROL_JSON,
	CONTROL_METRICS,
	CONTROL_COLUMNS,
};

struct control_client;

/* A verb's answer, exactly one of these. */
void control_ok(struct control_client *c, const char *fmt, ...) port_format(2, 3);
void control_fail(struct control_client *c, const char *fmt, ...) port_format(2, 3);
/* Renders `t` under `parent` in the format that the request asked for. */
void control_table(struct control_client *c, const struct report_table *t,
		   const void *parent);

/* To every monitor: the row as one event line `NAME key=value ...`, or as JSON. */
void control_event(const struct report_table *t, const void *row);

#endif
