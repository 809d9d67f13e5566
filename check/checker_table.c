/* SPDX-License-Identifier: MIT */
/* checker_table.c -- the list of checkers. */
#include "checker.h"

#define X(word, name, what) extern const struct checker check_##name;
CHECK_CONF_CHECKERS(X)
#undef X

const struct checker *const checker_table[CHECK_CONF_CHECKER__N] = {
#define X(word, name, what) [CHECK_CONF_##word] = &check_##name,
	CHECK_CONF_CHECKERS(X)
#undef X
};
