/* SPDX-License-Identifier: MIT */
/* globals.c -- the options of section `globals` that every process shares. */
#include "globals.h"

#include <string.h>
#include <sys/utsname.h>

#include "compile.h"
#include "mail_schema.h"
#include "mono.h"
#include "passwd.h"
#include "strfmt.h"

#define S(n)	((int64_t)(n) * MONO_US_PER_S)

/* What the rows fill. */
struct globals {
	bool enabled;
	char router_id[sizeof ((struct conf_core *)0)->router_id];
	int64_t hello_us;
	char user[CONF_NAME];
	char control_group[CONF_NAME];
	char script_user[CONF_NAME];
	int64_t script_timeout_us;
	struct mail_schema mail;
};

#define NOT_SERVED(t)	.type = SCHEMA_##t, .service = SCHEMA_IGNORED
#define MAIL		.service = IS_ENABLED(CONFIG_MAIL) ? SCHEMA_SERVED : SCHEMA_IGNORED

static const struct schema_row rows[] = {
	{ "enabled", "whether anything runs; 0: the rest is checked, then nothing is done",
	  SCHEMA_BOOL_AT(struct globals, enabled, true) },
	{ "router_id", "the name of this router in messages",
	  SCHEMA_TEXT_AT(struct globals, router_id), .deftext = "the host name" },
	{ "watchdog_interval", "time between two questions to a child whether it is alive",
	  SCHEMA_SECONDS_AT(struct globals, hello_us, S(1) / 10, S(60), S(5)) },
	{ "user", "the user, by name or number, that the children run as once they have "
	  "their sockets", SCHEMA_NAME_AT(struct globals, user),
	  .deftext = "root, without its rights" },
	{ "control_group", "the group, by name or number, that may ask for status, but change "
	  "nothing", SCHEMA_NAME_AT(struct globals, control_group), .deftext = "none" },
	{ "script_user", "the user, by name or number, that scripts run as",
	  SCHEMA_NAME_AT(struct globals, script_user), .deftext = "root" },
	{ "script_timeout", "a script that runs longer is ended, with all that it started",
	  SCHEMA_SECONDS_AT(struct globals, script_timeout_us, S(1), S(3600), S(60)) },
	{ "alt_config_file", "a file in keepalived's own language", NOT_SERVED(TEXT) },
	{ "notification_email", "who gets mail about changes", .type = SCHEMA_TEXT, .max = 254,
	  .list = true, MAIL },
	{ "notification_email_from", "the sender of that mail",
	  SCHEMA_TEXT_AT(struct globals, mail.from), .deftext = "upkeep@ and smtp_helo_name",
	  MAIL },
	{ "smtp_server", "the address, with or without a port, of the server that takes that mail",
	  SCHEMA_TEXT_AT(struct globals, mail.server), MAIL },
	{ "smtp_connect_timeout", "time until that server has taken a mail",
	  SCHEMA_SECONDS_AT(struct globals, mail.timeout_us, S(1), S(600), S(30)), MAIL },
	{ "smtp_helo_name", "what we call ourselves there",
	  SCHEMA_NAME_AT(struct globals, mail.helo), .deftext = "router_id", MAIL },
	{ "smtp_tls", "whether TLS is spoken with it: never, by STARTTLS, or from the first byte",
	  SCHEMA_WORD_AT(struct globals, mail.tls, mail_schema_tls, MAIL_CONF_CLEAR), MAIL },
	{ "smtp_tls_name", "the name that its certificate must have",
	  SCHEMA_NAME_AT(struct globals, mail.name), .deftext = "its address", MAIL },
	{ "smtp_ca", "a file of the certificates that are trusted to name it",
	  SCHEMA_TEXT_AT(struct globals, mail.ca), MAIL },
	{ "smtp_tls_pin", "its key instead, as sha256//BASE64",
	  SCHEMA_NAME_AT(struct globals, mail.pin), MAIL },
	{ "smtp_tls_verify", "0: anybody may be that server",
	  SCHEMA_BOOL_AT(struct globals, mail.verify, true), MAIL },
	{ "smtp_user", "who we are to it; only sent under TLS",
	  SCHEMA_TEXT_AT(struct globals, mail.user), MAIL },
	{ "smtp_password", "and our password", SCHEMA_TEXT_AT(struct globals, mail.password),
	  .secret = true, MAIL },
	{ "linkbeat_use_polling", "asks for the link's state again and again",
	  NOT_SERVED(BOOL) },
	{ .name = NULL },
};

/* Scripts are read while the image is made: their user must be known before. */
static void
script_user(struct compile *c, const struct compile_section *s, const struct globals *g)
{
	if (g->script_user[0] == '\0')
		return;
	if (!passwd_user(PASSWD_USERS, g->script_user, &c->script_uid, &c->script_gid))
		compile_error(c, compile_doc_where(c, s, "script_user"),
			      "there is no user '%s' in %s", g->script_user, PASSWD_USERS);
}

static void
child_user(struct compile *c, const struct compile_section *s, const struct globals *g,
	   struct conf_core *core)
{
	if (g->user[0] != '\0' &&
	    !passwd_user(PASSWD_USERS, g->user, &core->uid, &core->gid))
		compile_error(c, compile_doc_where(c, s, "user"),
			      "there is no user '%s' in %s", g->user, PASSWD_USERS);
	if (g->control_group[0] != '\0' &&
	    !passwd_group(PASSWD_GROUPS, g->control_group, &core->control_gid))
		compile_error(c, compile_doc_where(c, s, "control_group"),
			      "there is no group '%s' in %s", g->control_group,
			      PASSWD_GROUPS);
}

static void
store(struct compile *c, const struct globals *g, struct conf_core *core)
{
	core->enabled = g->enabled;
	core->hello_us = g->hello_us;
	if (g->router_id[0] != '\0')
		memcpy(core->router_id, g->router_id, sizeof core->router_id);
	c->script_timeout_us = g->script_timeout_us;
}

static void
make(struct compile *c, const struct compile_section *s, void *part, void *obj)
{
	const struct globals *g = obj;

	store(c, g, part);
	script_user(c, s, g);
	child_user(c, s, g, part);
	mail_schema(c, s, &g->mail, part);
}

static const struct schema_section sections[] = {
	{ .type = "globals", .what = "what holds for the whole router", .rows = rows,
	  .bytes = sizeof(struct globals), .single = true, .make = make },
	{ .type = NULL },
};

static void
begin(struct compile *c, void *part)
{
	struct conf_core *core = part;
	struct globals g;
	struct utsname u;

	compile_doc_build(c, NULL, &sections[0], &g);
	store(c, &g, core);
	if (uname(&u) == 0)
		strfmt_copy(core->router_id, sizeof core->router_id, u.nodename,
			    strlen(u.nodename));
	c->script_uid = 0;
	c->script_gid = 0;
}

const struct schema globals_schema = {
	.name = "core", .sections = sections, .begin = begin,
};
