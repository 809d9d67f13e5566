/* SPDX-License-Identifier: MIT */
/* checker.c -- the list of checkers, and how they say why. */
#include "checker.h"

#include <stdarg.h>

#include "strfmt.h"

const struct checker_reason_text checker_reason[CHECKER_REASON__N] = {
#define X(name, layer, counter, text) [CHECKER_##name] = { #name, layer, counter, text },
	CHECKER_REASONS(X)
#undef X
};

#define X(word, name, what) extern const struct checker check_##name;
CHECK_CONF_CHECKERS(X)
#undef X

const struct checker *const checker_table[CHECK_CONF_CHECKER__N] = {
#define X(word, name, what) [CHECK_CONF_##word] = &check_##name,
	CHECK_CONF_CHECKERS(X)
#undef X
};

enum checker_step
checker_down(struct checker_run *run, enum checker_reason reason, const char *detail, ...)
{
	struct strfmt text;
	va_list ap;

	run->reason = reason;
	strfmt_init(&text, run->detail, sizeof run->detail);
	va_start(ap, detail);
	strfmt_putv(&text, detail, ap);
	va_end(ap);
	return CHECKER_DOWN;
}
