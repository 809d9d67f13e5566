/* SPDX-License-Identifier: MIT */
/* port.c -- the last words of a failed assertion. */
#include "port.h"

#include <stdlib.h>
#include <unistd.h>

#include "strfmt.h"

void
port_assert_failed(const char *file, unsigned line, const char *expr)
{
	char text[256];

	/* The line goes out whole or cut, in one write, so that two children
	 * that die together can't mix theirs. */
	const size_t n = strfmt_to(text, sizeof text, "%s:%u: broken: %s\n",
				   file, line, expr);
	const ssize_t gone = write(STDERR_FILENO, text, n);
	(void)gone;
	abort();
}
