/* SPDX-License-Identifier: MIT */
/* check_schema_tls.c -- what a check's TLS verifies and shows. */
#include "check_schema.h"

void
check_schema_tls_begin(void)
{
}

bool
check_schema_tls(struct compile *c, const struct compile_section *s, struct uci_pos at,
		 struct check_conf *part, const struct check_schema_probe *p,
		 struct check_conf_bytes host, const struct net_addr *addr,
		 struct check_conf_check *out)
{
	(void)s, (void)part, (void)p, (void)host, (void)addr, (void)out;
	compile_error(c, at, "tls: not in this build");
	return false;
}
