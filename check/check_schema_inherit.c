/* SPDX-License-Identifier: MIT */
/* check_schema_inherit.c -- what a check does not say itself: its server does, else its service. */
#include <stddef.h>
#include <string.h>

#include "check_schema.h"

#define UNSET	CHECK_SCHEMA_UNSET

static const struct inherited {
	const char *option;
	uint16_t to, from;		/* offsets in the probe and in the service */
	uint16_t bytes;
} inherited[] = {
#define INHERIT(option, to, from) { option,				\
	offsetof(struct check_schema_probe, to),			\
	offsetof(struct check_schema_service, from),			\
	sizeof ((struct check_schema_service *)0)->from }
	INHERIT("delay_loop", conf.interval_us, delay_loop_us),
	INHERIT("connect_timeout", conf.timeout_us, connect_timeout_us),
	INHERIT("retry", retry, retry),
	INHERIT("fall", fall, fall),
	INHERIT("delay_before_retry", delay_before_retry_us, delay_before_retry_us),
	INHERIT("warmup", warmup_us, warmup_us),
	INHERIT("alpha", conf.alpha, alpha),
};

/* Whether the section says it; `retry` and `fall` are two words for one thing. */
static bool
says(const struct compile *c, const struct compile_section *s, const char *option)
{
	static const char *const same[] = { "fall", "retry", "nb_get_retry" };
	const bool fall = strcmp(option, "fall") == 0;

	if (!fall && strcmp(option, "retry") != 0)
		return compile_doc_first(c, s, option) != NULL;
	for (size_t i = fall ? 0 : 1; i < PORT_ARRAY_SIZE(same); i++)
		if (compile_doc_first(c, s, same[i]) != NULL)
			return true;
	return false;
}

void
check_schema_inherit(struct compile *c, const struct compile_section *s,
		     struct check_schema_probe *p, const struct check_schema_service *svc,
		     const struct compile_section *svc_section)
{
	const bool own = s != svc_section;	/* it has a section that may say it */
	const struct compile_section *const server = p->server;

	for (size_t i = 0; i < PORT_ARRAY_SIZE(inherited); i++) {
		const struct inherited *const h = &inherited[i];

		if (own && says(c, s, h->option))
			continue;
		if (server != NULL && says(c, server, h->option))
			memcpy((char *)p + h->to, (const char *)p->of_server + h->to, h->bytes);
		else
			memcpy((char *)p + h->to, (const char *)svc + h->from, h->bytes);
	}
	if (own && says(c, s, "rise"))
		return;
	if (server != NULL && says(c, server, "rise"))
		p->conf.rise = p->of_server->conf.rise;
	else if (svc->rise != UNSET)
		p->conf.rise = (uint16_t)svc->rise;
}
