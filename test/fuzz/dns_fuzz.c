/* SPDX-License-Identifier: MIT */
/* dns_fuzz.c -- any bytes as a DNS message, and as the text of a name.
 *
 * Each name that is read goes to text and back; no piece of data is outside of the message; a
 * name whose text is accepted comes back from the wire.
 */
#include <stdlib.h>
#include <string.h>

#include "dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x)	do { if (!(x)) abort(); } while (0)

static void
there_and_back(const struct dns_name *name)
{
	char text[4 * DNS_NAME + 1];
	struct strfmt out;
	struct dns_name back;

	CHECK(name->n > 0 && name->w[name->n - 1] == 0);
	strfmt_init(&out, text, sizeof text);
	dns_name_text(&out, name);
	CHECK(!out.cut);
	CHECK(dns_name_from_text(&back, text, out.n));
	CHECK(back.n == name->n && !memcmp(back.w, name->w, back.n));
	CHECK(dns_name_equal(&back, name));
}

static void
walk(const uint8_t *p, size_t n)
{
	struct dns_msg m;
	struct dns_question q;
	struct dns_record r;
	char text[512];
	struct strfmt out;

	if (dns_open(&m, p, n) != DNS_MSG_OK)
		return;
	for (unsigned i = 0; i < m.questions; i++) {
		if (dns_next_question(&m, &q) != DNS_MSG_OK)
			return;
		there_and_back(&q.name);
	}
	for (unsigned i = 0; i < m.answers; i++) {
		if (dns_next_record(&m, &r) != DNS_MSG_OK)
			return;
		CHECK(r.at + r.n <= n && m.at <= n);
		there_and_back(&r.owner);
		strfmt_init(&out, text, sizeof text);
		if (dns_data_text(&m, &r, &out) != DNS_MSG_OK)
			continue;
		for (const char *c = text; *c; c++)
			CHECK(*c >= ' ' && *c <= '~');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *const exact = malloc(size ? size : 1);
	struct dns_name name;
	uint16_t type;

	memcpy(exact, data, size);
	walk(exact, size);
	if (dns_name_from_text(&name, (const char *)exact, size))
		there_and_back(&name);
	(void)dns_type_from_text(&type, (const char *)exact, size);
	free(exact);
	return 0;
}
