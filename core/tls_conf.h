/* SPDX-License-Identifier: MIT */
/* tls_conf.h -- what one TLS client connection is to verify and to show: plain data of a
 * configuration image.
 *
 * What is long (anchors, chains, keys) lies in a byte array of the image that whoever uses this
 * struct names beside it; here are offsets, 0 for none.  tls_pem.c puts it there when the
 * configuration is compiled, tls.c reads it; nobody else looks inside.
 */
#ifndef TLS_CONF_H
#define TLS_CONF_H

#include "port.h"

#define TLS_CONF_ALPNS	4		/* protocols that are offered at most */

enum tls_conf_verify {
	TLS_CONF_CHAIN,			/* chain to an anchor, name, validity: the default */
	TLS_CONF_PIN,			/* the server's key is the pinned one, nothing else */
	TLS_CONF_NONE,			/* said explicitly; visible in status */
};

struct tls_conf_bytes {
	uint32_t at;			/* 0: none */
	uint32_t n;
};

struct tls_conf {
	uint8_t verify;			/* enum tls_conf_verify */
	bool name_is_address;		/* no SNI is sent; `name` is verified as an IP address */
	struct tls_conf_bytes anchors;	/* trust anchors, tls_pem.c's own form */
	struct tls_conf_bytes chain;	/* client certificate chain, the same */
	struct tls_conf_bytes key;	/* its private key; never logged or shown */
	struct tls_conf_bytes name;	/* SNI and the name to verify; a text with NUL */
	struct tls_conf_bytes alpn;	/* protocols as texts, each with its NUL */
	uint8_t pin[32];		/* SHA-256 of the SubjectPublicKeyInfo */
};

#endif
