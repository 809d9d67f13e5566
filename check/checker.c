/* SPDX-License-Identifier: MIT */
/* checker.c -- how checkers say why. */
#include "checker.h"

#include <stdarg.h>

#include "strfmt.h"

const struct checker_reason_text checker_reason[CHECKER_REASON__N] = {
#define X(name, layer, counter, text) [CHECKER_##name] = { #name, layer, counter, text },
	CHECKER_REASONS(X)
#undef X
};

const char *
checker_word(const struct check_conf_check *check)
{
	static const char *const words[CHECK_CONF_CHECKER__N] = {
#define X(word, name, what) [CHECK_CONF_##word] = #word,
		CHECK_CONF_CHECKERS(X)
#undef X
	};

	return words[check->checker];
}

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
