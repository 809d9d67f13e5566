/* SPDX-License-Identifier: MIT */
/* check_schema_tls.c -- what a check's TLS verifies and shows: files of certificates and keys
 * are read now, so that the process that checks opens none.
 */
#include <errno.h>
#include <string.h>

#include "check_schema.h"
#include "file.h"
#include "strfmt.h"
#include "tls_pem.h"

#define FILES		32		/* different ones in one configuration */
#define FILE_MAX	(1u << 20)	/* the largest bundle of anchors has 250 kB */

/* Where Debian, OpenWrt (ca-bundle) and Buildroot have it. */
#define SYSTEM_CA	"/etc/ssl/certs/ca-certificates.crt"

enum kind {
	KIND_ANCHORS,
	KIND_CHAIN,
	KIND_KEY,
};

/* Files that were read already; one compilation at a time. */
static struct {
	unsigned n;
	struct {
		struct check_conf_bytes path;
		enum kind kind;
		struct tls_conf_bytes bytes;
	} file[FILES];
} read_files;

static uint8_t pem[FILE_MAX];		/* untouched, so without cost, without a TLS check */

void
check_schema_tls_begin(void)
{
	read_files.n = 0;
}

static enum tls_pem_verdict
convert(enum kind kind, size_t n, struct tls_pem_out *out, const struct tls_conf_bytes *chain,
	struct tls_conf_bytes *where)
{
	struct tls_pem_count count;

	switch (kind) {
	case KIND_ANCHORS:
		return tls_pem_anchors(pem, n, out, where, &count);
	case KIND_CHAIN:
		return tls_pem_chain(pem, n, out, where);
	case KIND_KEY:
		return tls_pem_key(pem, n, out, chain, where);
	}
	return TLS_PEM_NO_PEM;
}

/* Reads a file, unless it was read already, and puts what it holds into the image. */
static bool
read_file(struct compile *c, struct check_conf *part, struct uci_pos at, const char *path,
	  enum kind kind, const struct tls_conf_bytes *chain, struct tls_conf_bytes *out)
{
	const struct check_conf_bytes name = check_schema_text(c, part, path, strlen(path), at);
	size_t n;

	for (unsigned i = 0; i < read_files.n; i++)
		if (read_files.file[i].path.at == name.at && read_files.file[i].kind == kind) {
			*out = read_files.file[i].bytes;
			return true;
		}
	if (name.at == 0)
		return false;

	const int rc = file_read(path, pem, sizeof pem, &n);

	if (rc) {
		compile_error(c, at, "%s can't be read: %s", path, strerror(-rc));
		return false;
	}

	struct tls_pem_out mem = {
		.mem = part->text, .used = part->ntext, .cap = sizeof part->text,
	};
	const enum tls_pem_verdict v = convert(kind, n, &mem, chain, out);

	memset(pem, 0, n);		/* it may have been a key */
	if (v == TLS_PEM_FULL) {
		compile_full(c, at, CONFIG_CHECK_TEXT, "bytes of texts and certificates",
			     "CONFIG_CHECK_TEXT");
		return false;
	}
	if (v != TLS_PEM_OK) {
		compile_error(c, at, "%s: %s", path, tls_pem_text(v));
		return false;
	}
	part->ntext = mem.used;
	if (read_files.n < FILES) {
		read_files.file[read_files.n].path = name;
		read_files.file[read_files.n].kind = kind;
		read_files.file[read_files.n++].bytes = *out;
	}
	return true;
}

static bool
read_option(struct compile *c, const struct compile_section *s, struct check_conf *part,
	    const char *option, enum kind kind, const struct tls_conf_bytes *chain,
	    struct tls_conf_bytes *out)
{
	const struct compile_value *const v = compile_doc_first(c, s, option);

	return v == NULL || read_file(c, part, v->at, compile_doc_str(c, v), kind, chain, out);
}

static bool
read_anchors(struct compile *c, const struct compile_section *s, struct uci_pos at,
	     struct check_conf *part, struct tls_conf *tls)
{
	const struct compile_value *const v = compile_doc_first(c, s, "ca");
	char byte;
	size_t n;

	if (v != NULL)
		return read_option(c, s, part, "ca", KIND_ANCHORS, NULL, &tls->anchors);
	if (file_read(SYSTEM_CA, &byte, 1, &n) != -EFBIG) {
		compile_error(c, at, "nothing to verify the server's certificate by: give option "
			      "ca (a file), tls_pin, or verify 'none'; the system has no "
			      SYSTEM_CA);
		return false;
	}
	return read_file(c, part, at, SYSTEM_CA, KIND_ANCHORS, NULL, &tls->anchors);
}

/* Protocols, each with its NUL. */
static bool
read_alpn(struct compile *c, const struct compile_section *s, struct check_conf *part,
	  struct tls_conf *tls)
{
	char buf[256];
	struct strfmt f;
	unsigned n = 0;
	const struct compile_value *const first = compile_doc_first(c, s, "alpn");

	if (first == NULL)
		return true;
	strfmt_init(&f, buf, sizeof buf);
	for (const struct compile_value *v = first; v != NULL; v = compile_doc_next(c, v)) {
		strfmt_bytes(&f, compile_doc_str(c, v), v->len);
		strfmt_char(&f, '\0');
		n += v->len > 0 ? 1 : TLS_CONF_ALPNS + 1;
	}
	if (f.cut || n > TLS_CONF_ALPNS) {
		compile_error(c, first->at, "alpn takes 1 to %d names of protocols",
			      TLS_CONF_ALPNS);
		return false;
	}

	const struct check_conf_bytes b = check_schema_text(c, part, buf, f.n, first->at);

	tls->alpn = (struct tls_conf_bytes){ b.at, b.n };
	return b.at != 0;
}

/* A host without the port and the brackets that it may have in a request. */
static struct check_conf_bytes
bare(struct compile *c, struct uci_pos at, struct check_conf *part, struct check_conf_bytes host)
{
	const char *text = check_conf_text(part, host);
	size_t n = strcspn(text, ":");

	if (text[0] == '[')
		n = strcspn(++text, "]");
	else if (text[n] == '\0' || strchr(text + n + 1, ':') != NULL)
		return host;
	return check_schema_text(c, part, text, n, at);
}

/* The name to send and to verify: sni_name, else the host of HTTP, else the address. */
static bool
read_name(struct compile *c, const struct compile_section *s, struct uci_pos at,
	  struct check_conf *part, const struct check_schema_probe *p,
	  struct check_conf_bytes host, const struct net_addr *addr, struct tls_conf *tls)
{
	struct check_conf_bytes name = check_schema_text_option(c, part, s, "sni_name");
	char text[NET_ADDR_TEXT];
	struct net_addr literal;

	if (name.at != 0 && !p->sni) {
		compile_error(c, compile_doc_where(c, s, "enable_sni"),
			      "enable_sni '0' and sni_name contradict each other: give one");
		return false;
	}
	if (name.at == 0 && p->sni)
		name = host.at != 0 ? bare(c, at, part, host) : host;
	if (name.at != 0 && net_addr_parse(&literal, check_conf_text(part, name), name.n))
		tls->name_is_address = true;
	if (name.at == 0) {
		tls->name_is_address = true;
		net_addr_text(addr, text);
		name = check_schema_text(c, part, text, strlen(text), at);
	}
	tls->name = (struct tls_conf_bytes){ name.at, name.n };
	return name.at != 0;
}

static bool
read_pin(struct compile *c, const struct compile_section *s, const struct check_schema_probe *p,
	 struct tls_conf *tls)
{
	const struct compile_value *const pin = compile_doc_first(c, s, "tls_pin");
	const struct compile_value *const verify = compile_doc_first(c, s, "verify");

	tls->verify = verify ? p->verify : pin ? TLS_CONF_PIN : TLS_CONF_CHAIN;
	if (pin != NULL && !tls_pem_pin(compile_doc_str(c, pin), pin->len, tls->pin)) {
		compile_error(c, pin->at, "tls_pin takes sha256// and the base64 of a SHA-256, "
			      "as curl --pinnedpubkey does");
		return false;
	}
	if (verify != NULL && tls->verify != TLS_CONF_PIN && pin != NULL) {
		compile_error(c, verify->at, "tls_pin and a verify other than 'pin' contradict "
			      "each other: give one");
		return false;
	}
	if (tls->verify == TLS_CONF_PIN && pin == NULL) {
		compile_error(c, verify->at, "verify 'pin' needs option tls_pin");
		return false;
	}
	return true;
}

bool
check_schema_tls(struct compile *c, const struct compile_section *s, struct uci_pos at,
		 struct check_conf *part, const struct check_schema_probe *p,
		 struct check_conf_bytes host, const struct net_addr *addr,
		 struct check_conf_check *out)
{
	struct tls_conf *const tls = &out->tls;
	const bool chain = compile_doc_first(c, s, "certificate") != NULL;
	const bool key = compile_doc_first(c, s, "key") != NULL;

	if (!IS_ENABLED(CONFIG_TLS)) {
		compile_error(c, at, "this build has no TLS: set CONFIG_TLS");
		return false;
	}
	if (chain != key) {
		compile_error(c, compile_doc_where(c, s, chain ? "certificate" : "key"),
			      "%s needs option %s, too", chain ? "certificate" : "key",
			      chain ? "key" : "certificate");
		return false;
	}
	if (!read_pin(c, s, p, tls) || !read_name(c, s, at, part, p, host, addr, tls) ||
	    !read_alpn(c, s, part, tls))
		return false;
	if (tls->verify == TLS_CONF_CHAIN && !read_anchors(c, s, at, part, tls))
		return false;
	return read_option(c, s, part, "certificate", KIND_CHAIN, NULL, &tls->chain) &&
	       read_option(c, s, part, "key", KIND_KEY, &tls->chain, &tls->key);
}
