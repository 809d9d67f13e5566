/* SPDX-License-Identifier: MIT */
/* mail_conf.h -- who gets mail, and through which server: part of the configuration image. */
#ifndef MAIL_CONF_H
#define MAIL_CONF_H

#include "net.h"
#include "tls_conf.h"

enum mail_conf_tls {
	MAIL_CONF_CLEAR,		/* never */
	MAIL_CONF_STARTTLS,		/* required */
	MAIL_CONF_TLS,			/* from the first byte */
};

struct mail_conf {
	bool wanted;			/* there are a server and a recipient */
	uint8_t tls_mode;		/* enum mail_conf_tls */
	struct net_addr server;
	uint16_t port;			/* host order */
	int64_t timeout_us;		/* until the server has taken one mail */
	struct tls_conf tls;		/* its bytes are those of text[] */
	/* Texts: offsets into text[], 0: "". */
	uint32_t helo, from, user, password;
	struct tls_conf_bytes to;	/* each with its NUL */
	uint32_t ntext;			/* text[0] is 0 */
	uint8_t text[CONFIG_MAIL_TEXT];
};

#endif
