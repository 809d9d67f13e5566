/* SPDX-License-Identifier: MIT */
/* tls.c -- the words for how a session has failed. */
#include "tls.h"

static const char *const verdict_text[TLS_VERDICT__N] = {
#define X(name, text) [TLS_##name] = text,
	TLS_VERDICTS(X)
#undef X
};

const char *
tls_verdict_text(enum tls_verdict v)
{
	return verdict_text[v];
}
