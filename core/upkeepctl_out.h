/* SPDX-License-Identifier: MIT */
/* upkeepctl_out.h -- what the client prints, gathered into few writes. */
#ifndef UPKEEPCTL_OUT_H
#define UPKEEPCTL_OUT_H

#include "strfmt.h"

struct upkeepctl_out {
	int fd;
	bool broken;			/* a write failed: the rest is dropped */
	size_t n;
	char buf[4096];
};

void upkeepctl_out_init(struct upkeepctl_out *o, int fd);
void upkeepctl_out_bytes(struct upkeepctl_out *o, const char *p, size_t n);
/* At most 511 bytes at a time. */
void upkeepctl_out_put(struct upkeepctl_out *o, const char *fmt, ...) port_format(2, 3);
void upkeepctl_out_flush(struct upkeepctl_out *o);

/* One line to standard error: "upkeepctl: ..." */
void upkeepctl_out_complain(const char *fmt, ...) port_format(1, 2);

#endif
