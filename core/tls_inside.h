/* SPDX-License-Identifier: MIT */
/* tls_inside.h -- a session's memory, for its pool; nobody else looks inside. */
#ifndef TLS_INSIDE_H
#define TLS_INSIDE_H

#include "tls.h"

#ifdef CONFIG_TLS

#include "tls_form.h"
#include "tls_verify.h"

struct tls {
	br_ssl_client_context client;
	struct tls_verify verify;
	/* A client certificate: BearSSL's handler, behind ours that notes that it was asked. */
	const br_ssl_client_certificate_class *answer;
	br_x509_certificate chain[TLS_FORM_CHAIN];
	br_rsa_private_key rsa;
	br_ec_private_key ec;
	const char *alpn[TLS_CONF_ALPNS];
	unsigned alpn_n;
	uint32_t received;		/* bytes from the wire; counts to 2 */
	enum tls_verdict failed;	/* what we have found ourselves, else OK */
	bool ended;			/* by that, or by the wire */
	bool ready;
	bool closing;			/* we have begun the close */
	bool asked;			/* for a client certificate */
	unsigned char buffer[BR_SSL_BUFSIZE_MONO];
};

#endif

#endif
