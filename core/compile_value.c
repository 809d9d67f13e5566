/* SPDX-License-Identifier: MIT */
/* compile_value.c -- one value into its member, or a complaint that says what is allowed. */
#include <string.h>
#include <sys/socket.h>

#include "compile.h"
#include "mono.h"
#include "strfmt.h"
#include "suggest.h"
#include "utf8.h"

#define ALLOWED_TEXT	128

const char *
compile_value_shown(const char *s, size_t len, char out[COMPILE_SHOWN])
{
	const size_t room = COMPILE_SHOWN - 1;
	const size_t most = len <= room ? len : room - 3;
	size_t n = 0;

	while (n < most) {
		const size_t k = utf8_take(s + n);

		if (k > most - n && len > room)
			break;		/* no half of a character */
		if (k > 0 && k <= most - n) {
			memcpy(out + n, s + n, k);
			n += k;
		} else {
			out[n++] = '?';
		}
	}
	out[n] = '\0';
	if (len > room)
		memcpy(out + n, "...", sizeof "...");
	return out;
}

/* "'300' is out of range; priority takes 1..255" */
static bool
refuse(struct compile *c, const struct schema_row *r, const char *s, size_t len,
       struct uci_pos at, const char *problem)
{
	char shown[COMPILE_SHOWN], allowed[ALLOWED_TEXT];
	const bool runs = memchr(s, '\n', len) != NULL;

	if (r->secret)
		strfmt_to(shown, sizeof shown, "(not shown)");
	else
		compile_value_shown(s, len, shown);
	compile_error(c, at, "'%s' %s; %s takes %s%s", shown, problem, r->name,
		      schema_allowed(r, allowed, sizeof allowed), runs ?
		      " (the quote runs over the line's end: is one missing?)" : "");
	return false;
}

static void
store_int(const struct schema_row *r, void *obj, int64_t v)
{
	char *p = (char *)obj + r->offset;
	const uint8_t v8 = (uint8_t)v;
	const uint16_t v16 = (uint16_t)v;
	const uint32_t v32 = (uint32_t)v;

	switch (r->bytes) {
	case 1:
		memcpy(p, &v8, sizeof v8);
		break;
	case 2:
		memcpy(p, &v16, sizeof v16);
		break;
	case 4:
		memcpy(p, &v32, sizeof v32);
		break;
	default:
		assert(r->bytes == sizeof v);
		memcpy(p, &v, sizeof v);
		break;
	}
}

/* Bytes that lie in the struct as they are: text, addresses. */
static void
store_bytes(const struct schema_row *r, void *obj, const void *v, size_t n)
{
	char *p = (char *)obj + r->offset;

	assert(n <= r->bytes);
	memset(p, 0, r->bytes);
	memcpy(p, v, n);
}

static bool
set_bool(struct compile *c, const struct schema_row *r, const char *s, size_t len,
	 struct uci_pos at, void *obj)
{
	bool b;

	if (!schema_bool(&b, s, len))
		return refuse(c, r, s, len, at, "is neither yes nor no");
	b ^= r->invert;
	store_int(r, obj, b);
	return true;
}

static bool
set_number(struct compile *c, const struct schema_row *r, const char *s, size_t len,
	   struct uci_pos at, void *obj)
{
	int64_t v;

	if (r->type == SCHEMA_SECONDS) {
		if (!strfmt_parse_fixed(&v, s, len, MONO_US_PER_S))
			return refuse(c, r, s, len, at, "is not a number of seconds");
	} else if (!strfmt_parse_i64(&v, s, len)) {
		const bool digits = len > 0 && strspn(s, "0123456789") >= len;

		return refuse(c, r, s, len, at, digits ? "is out of range" :
			      "is not a whole number");
	}
	if (v < schema_min(r) || v > schema_max(r))
		return refuse(c, r, s, len, at, "is out of range");
	store_int(r, obj, v);
	return true;
}

static bool
set_word(struct compile *c, const struct schema_row *r, const char *s, size_t len,
	 struct uci_pos at, void *obj)
{
	char typed[SUGGEST_WORD + 1], problem[64];
	struct suggest near;

	for (const struct schema_word *w = r->words; w->text != NULL; w++) {
		if (strlen(w->text) != len || memcmp(w->text, s, len) != 0)
			continue;
		if (w->refused != NULL) {
			compile_error(c, at, "%s '%s': %s", r->name, w->text, w->refused);
			return false;
		}
		store_int(r, obj, w->value);
		return true;
	}
	strfmt_copy(typed, sizeof typed, s, len);
	suggest_begin(&near, typed);
	for (const struct schema_word *w = r->words; w->text != NULL; w++)
		suggest_offer(&near, w->text);
	if (near.best == NULL)
		return refuse(c, r, s, len, at, "is not one of its words");
	strfmt_to(problem, sizeof problem, "is unknown, did you mean '%s'?", near.best);
	return refuse(c, r, s, len, at, problem);
}

static bool
is_text(const char *s, size_t len, bool spaces)
{
	for (size_t i = 0; i < len; i++) {
		const unsigned char b = (unsigned char)s[i];

		if (b < 0x20 || b == 0x7f || (b == ' ' && !spaces))
			return false;
	}
	return true;
}

static bool
set_text(struct compile *c, const struct schema_row *r, const char *s, size_t len,
	 struct uci_pos at, void *obj)
{
	if (len == 0 || len > r->max)
		return refuse(c, r, s, len, at, len == 0 ? "is empty" : "is too long");
	if (!is_text(s, len, r->type == SCHEMA_TEXT))
		return refuse(c, r, s, len, at, r->type == SCHEMA_TEXT ?
			      "has control characters" : "has white space in it");
	store_bytes(r, obj, s, len);
	return true;
}

/* The kernel's rule for the name of an interface; ':' would be an alias. */
static bool
is_ifname(const char *s, size_t len)
{
	if (len == 0 || len >= NET_IFNAME || !is_text(s, len, false))
		return false;
	if (memchr(s, '/', len) != NULL || memchr(s, ':', len) != NULL)
		return false;
	return !(s[0] == '.' && (len == 1 || (len == 2 && s[1] == '.')));
}

static bool
set_ifname(struct compile *c, const struct schema_row *r, const char *s, size_t len,
	   struct uci_pos at, void *obj)
{
	if (!is_ifname(s, len))
		return refuse(c, r, s, len, at, "is not the name of an interface");
	store_bytes(r, obj, s, len);
	return true;
}

static bool
set_addr(struct compile *c, const struct schema_row *r, const char *s, size_t len,
	 struct uci_pos at, void *obj)
{
	struct schema_prefix p = { .len = 0 };
	const bool is = r->type == SCHEMA_ADDR ? net_addr_parse(&p.addr, s, len)
					       : net_prefix_parse(&p.addr, &p.len, s, len);

	if (!is)
		return refuse(c, r, s, len, at, r->type == SCHEMA_ADDR ?
			      "is not an IP address" : "is not an IP address with a "
			      "prefix length, such as 192.0.2.1/24");
	if (p.addr.family == AF_INET6 && !IS_ENABLED(CONFIG_IPV6)) {
		compile_error(c, at, "this build has no IPv6: set CONFIG_IPV6");
		return false;
	}
	if (r->family != 0 && p.addr.family != r->family)
		return refuse(c, r, s, len, at, r->family == AF_INET ?
			      "is an IPv6 address" : "is an IPv4 address");
	if (r->type == SCHEMA_ADDR)
		store_bytes(r, obj, &p.addr, sizeof p.addr);
	else
		store_bytes(r, obj, &p, sizeof p);
	return true;
}

bool
compile_value_set(struct compile *c, const struct schema_row *r, const char *s,
		  size_t len, struct uci_pos at, void *obj)
{
	uint16_t script;

	switch (r->type) {
	case SCHEMA_BOOL:
		return set_bool(c, r, s, len, at, obj);
	case SCHEMA_INT:
	case SCHEMA_SECONDS:
		return set_number(c, r, s, len, at, obj);
	case SCHEMA_WORD:
		return set_word(c, r, s, len, at, obj);
	case SCHEMA_TEXT:
	case SCHEMA_NAME:
		return set_text(c, r, s, len, at, obj);
	case SCHEMA_IFNAME:
		return set_ifname(c, r, s, len, at, obj);
	case SCHEMA_ADDR:
	case SCHEMA_PREFIX:
		return set_addr(c, r, s, len, at, obj);
	case SCHEMA_SCRIPT:
		script = compile_script(c, s, len, at);
		store_int(r, obj, script);
		return script != CONF_NO_SCRIPT;
	case SCHEMA_REF:
	case SCHEMA__N:
		break;
	}
	assert(!"a row that its folder reads");
	return false;
}

void
compile_value_default(const struct schema_row *r, void *obj)
{
	switch (r->type) {
	case SCHEMA_BOOL:
	case SCHEMA_INT:
	case SCHEMA_SECONDS:
	case SCHEMA_WORD:
		store_int(r, obj, schema_def(r));
		break;
	case SCHEMA_TEXT:
	case SCHEMA_NAME:
	case SCHEMA_ADDR:
	case SCHEMA_PREFIX:
	case SCHEMA_IFNAME:
	case SCHEMA_SCRIPT:
	case SCHEMA_REF:
	case SCHEMA__N:
		break;			/* none: zero */
	}
}

void
compile_value_words(struct compile_words *w, const char *s, size_t len)
{
	*w = (struct compile_words){ .begin = s, .p = s, .end = s + len };
}

bool
compile_value_word(struct compile_words *w)
{
	while (w->p < w->end && (*w->p == ' ' || (*w->p >= '\t' && *w->p <= '\r')))
		w->p++;
	w->word = w->p;
	w->off = (size_t)(w->p - w->begin);
	while (w->p < w->end && *w->p != ' ' && (*w->p < '\t' || *w->p > '\r'))
		w->p++;
	w->len = (size_t)(w->p - w->word);
	return w->len > 0;
}

bool
compile_value_is(const struct compile_words *w, const char *text)
{
	return strlen(text) == w->len && memcmp(text, w->word, w->len) == 0;
}
