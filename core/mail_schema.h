/* SPDX-License-Identifier: MIT */
/* mail_schema.h -- the mail options of section `globals` into the image. */
#ifndef MAIL_SCHEMA_H
#define MAIL_SCHEMA_H

#include "compile.h"

/* What the rows of globals.c fill. */
struct mail_schema {
	char server[64];
	char from[96];
	char helo[64];
	char user[64];
	char password[64];
	char name[96];
	char pin[64];
	char ca[CONF_PATH];
	int32_t tls;			/* enum mail_conf_tls */
	bool verify;
	int64_t timeout_us;
};

extern const struct schema_word mail_schema_tls[];

/* Complains of what can't be, else fills core->mail.  router_id is set already. */
void mail_schema(struct compile *c, const struct compile_section *s, const struct mail_schema *in,
		 struct conf_core *core);

#endif
