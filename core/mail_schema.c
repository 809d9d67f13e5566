/* SPDX-License-Identifier: MIT */
/* mail_schema.c -- recipients, server and its certificate, checked once for all. */
#include "mail_schema.h"

#include <string.h>
#include <sys/socket.h>

#include "cursor.h"
#include "file.h"
#include "strfmt.h"
#include "tls_pem.h"

#define PORT_SMTP	25
#define PORT_TLS	465

/* Read in the compiler process alone. */
static uint8_t pem[1 << 16];

const struct schema_word mail_schema_tls[] = {
	{ .text = "none", .value = MAIL_CONF_CLEAR },
	{ .text = "starttls", .value = MAIL_CONF_STARTTLS },
	{ .text = "tls", .value = MAIL_CONF_TLS },
	{ .text = NULL },
};

/* Its offset in text[]; 0 after a complaint. */
static uint32_t
keep(struct compile *c, struct uci_pos at, struct mail_conf *m, const char *s)
{
	const size_t n = strlen(s) + 1;
	const uint32_t where = m->ntext;

	if (n == 1)
		return 0;
	if (n > sizeof m->text - m->ntext) {
		compile_full(c, at, CONFIG_MAIL_TEXT, "bytes for mail", "CONFIG_MAIL_TEXT");
		return 0;
	}
	memcpy(m->text + where, s, n);
	m->ntext += (uint32_t)n;
	return where;
}

/* Nothing that would end a command or begin another. */
static bool
is_clean(const char *s, bool blank_too)
{
	for (; *s != '\0'; s++)
		if (*s < ' ' || *s > '~' || (blank_too && strchr(" <>", *s)))
			return false;
	return true;
}

static bool
is_mailbox(const char *s)
{
	const char *const at = strchr(s, '@');

	return at && at != s && at[1] != '\0' && is_clean(s, true);
}

/* "192.0.2.25", "192.0.2.25:25", "192.0.2.25 25", "[2001:db8::25]:25". */
static bool
read_server(const char *s, struct mail_conf *m)
{
	const bool bracket = *s == '[';
	const char *const begin = s + bracket;
	const char *end = bracket ? strchr(begin, ']') : strpbrk(begin, " :");
	int64_t port = m->port;

	/* Colons without a bracket are those of an IPv6 address. */
	if (!bracket && end && *end == ':' && strchr(end + 1, ':'))
		end = strchr(begin, ' ');
	const char *rest = end ? end + bracket : "";

	if (bracket && !end)
		return false;
	if (!net_addr_parse(&m->server, begin, end ? (size_t)(end - begin) : strlen(begin)))
		return false;
	if (*rest == '\0')
		return true;
	if (*rest != ':' && *rest != ' ')
		return false;
	rest++;
	if (!strfmt_parse_i64(&port, rest, strlen(rest)) || port < 1 || port > 65535)
		return false;
	m->port = (uint16_t)port;
	return true;
}

static void
read_recipients(struct compile *c, const struct compile_section *s, struct mail_conf *m)
{
	const struct compile_value *v = compile_doc_first(c, s, "notification_email");

	for (; v; v = compile_doc_next(c, v)) {
		const char *const text = compile_doc_str(c, v);
		char shown[COMPILE_SHOWN];

		if (!is_mailbox(text)) {
			compile_error(c, v->at, "'%s' is no mail address",
				      compile_value_shown(text, v->len, shown));
			continue;
		}
		const uint32_t where = keep(c, v->at, m, text);

		if (where && m->to.n == 0)
			m->to.at = where;
		m->to.n = m->ntext - m->to.at;
	}
}

static void
read_anchors(struct compile *c, struct uci_pos at, const char *path, struct mail_conf *m)
{
	struct tls_pem_out out = { m->text, m->ntext, sizeof m->text };
	struct tls_pem_count count;
	size_t n = 0;
	const int rc = file_read(path, pem, sizeof pem, &n);

	if (rc) {
		compile_error(c, at, "%s can't be read: %s", path, strerror(-rc));
		return;
	}
	const enum tls_pem_verdict v = tls_pem_anchors(pem, n, &out, &m->tls.anchors, &count);

	if (v == TLS_PEM_FULL)
		compile_full(c, at, CONFIG_MAIL_TEXT, "bytes for mail", "CONFIG_MAIL_TEXT");
	else if (v != TLS_PEM_OK)
		compile_error(c, at, "%s: %s", path, tls_pem_text(v));
	m->ntext = out.used;
}

static void
read_tls(struct compile *c, const struct compile_section *s, const struct mail_schema *in,
	 struct mail_conf *m)
{
	const struct uci_pos at = compile_doc_where(c, s, "smtp_tls");
	char text[NET_ADDR_TEXT];
	const char *const name = in->name[0] != '\0' ? in->name :
				 net_addr_text(&m->server, text);

	if (!IS_ENABLED(CONFIG_TLS)) {
		compile_error(c, at, "this build has no TLS (CONFIG_TLS)");
		return;
	}
	m->tls.name_is_address = in->name[0] == '\0';
	m->tls.name.at = keep(c, at, m, name);
	m->tls.name.n = (uint32_t)strlen(name) + 1;
	if (!in->verify && in->pin[0] != '\0')
		compile_error(c, compile_doc_where(c, s, "smtp_tls_verify"),
			      "smtp_tls_pin and smtp_tls_verify '0' contradict each other: give "
			      "one");
	if (!in->verify) {
		m->tls.verify = TLS_CONF_NONE;
	} else if (in->pin[0] != '\0') {
		m->tls.verify = TLS_CONF_PIN;
		if (!tls_pem_pin(in->pin, strlen(in->pin), m->tls.pin))
			compile_error(c, compile_doc_where(c, s, "smtp_tls_pin"),
				      "a pin is sha256// and 44 characters of base64");
	} else if (in->ca[0] != '\0') {
		read_anchors(c, compile_doc_where(c, s, "smtp_ca"), in->ca, m);
	} else {
		compile_error(c, at, "nothing to verify the mail server by: give smtp_ca or "
			      "smtp_tls_pin, or smtp_tls_verify '0'");
	}
}

/* Who we are; each has a default. */
static void
read_names(struct compile *c, const struct compile_section *s, const struct mail_schema *in,
	   struct conf_core *core)
{
	struct mail_conf *const m = &core->mail;
	char from[sizeof in->from];
	const char *const helo = in->helo[0] != '\0' ? in->helo : core->router_id;
	const struct uci_pos at = compile_doc_where(c, s, "notification_email_from");

	if (in->from[0] != '\0' && !is_mailbox(in->from))
		compile_error(c, at, "that is no mail address");
	strfmt_to(from, sizeof from, "upkeep@%s", helo);
	m->from = keep(c, at, m, in->from[0] != '\0' ? in->from : is_mailbox(from) ? from : "");
	if (!is_clean(helo, true))
		compile_error(c, compile_doc_where(c, s, "smtp_helo_name"),
			      "'%s' is no host name: give smtp_helo_name", helo);
	m->helo = keep(c, at, m, helo);
}

static void
read_user(struct compile *c, const struct compile_section *s, const struct mail_schema *in,
	  struct mail_conf *m)
{
	const struct uci_pos at = compile_doc_where(c, s, "smtp_user");

	if (in->user[0] == '\0')
		return;
	if (m->tls_mode == MAIL_CONF_CLEAR)
		compile_error(c, at, "a password is only sent under TLS: give smtp_tls");
	m->user = keep(c, at, m, in->user);
	m->password = keep(c, at, m, in->password);
}

/* What keepalived would look up; not a mistyped address. */
static bool
is_host_name(const char *s)
{
	bool letter = false;

	for (; *s != '\0' && *s != ' '; s++) {
		if (*s == ':')
			return false;
		letter |= (*s | 32) >= 'a' && (*s | 32) <= 'z';
	}
	return letter;
}

void
mail_schema(struct compile *c, const struct compile_section *s, const struct mail_schema *in,
	    struct conf_core *core)
{
	struct mail_conf *const m = &core->mail;
	const struct uci_pos at = compile_doc_where(c, s, "smtp_server");

	memset(m, 0, offsetof(struct mail_conf, text));
	m->ntext = 1;
	m->tls_mode = (uint8_t)in->tls;
	m->timeout_us = in->timeout_us;
	m->port = in->tls == MAIL_CONF_TLS ? PORT_TLS : PORT_SMTP;
	read_recipients(c, s, m);
	if (in->server[0] == '\0') {
		if (m->to.n > 0)
			compile_warn(c, compile_doc_where(c, s, "notification_email"),
				     "no mail is sent without smtp_server");
		return;
	}
	if (is_host_name(in->server)) {
		compile_warn(c, at, "'%s' is a name, and names are not looked up: no mail is sent "
			     "until its address stands here", in->server);
		return;
	}
	if (!read_server(in->server, m)) {
		compile_error(c, at, "'%s' is no address, with or without a port (names are not "
			      "looked up)", in->server);
		return;
	}
	read_names(c, s, in, core);
	if (m->tls_mode != MAIL_CONF_CLEAR)
		read_tls(c, s, in, m);
	read_user(c, s, in, m);
	m->wanted = m->to.n > 0;
	if (!m->wanted)
		compile_warn(c, at, "no mail is sent without notification_email");
}
