/* SPDX-License-Identifier: MIT */
/* file.h -- a small regular file, read whole into a caller's buffer. */
#ifndef FILE_H
#define FILE_H

#include "port.h"

/* 0 and `*n` bytes in `buf` (no NUL is added), -EFBIG when there are more than
 * `cap`, -EISDIR or -EINVAL when it is no regular file, or what open(2) and read(2)
 * say.  Never blocks on a FIFO. */
port_must_check int file_read(const char *path, void *buf, size_t cap,
			      size_t *n);

/* Writes 1 or 0 into a file below /proc/sys, unless it holds that already; 0 or -errno. */
port_must_check int file_write_switch(const char *path, bool on);

#endif
