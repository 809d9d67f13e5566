/* SPDX-License-Identifier: MIT */
/* json.h -- a writer of JSON (RFC 8259) into a struct strfmt.
 *
 * Pure.  It puts the commas and colons, escapes strings, and knows whether what it
 * wrote is whole; what does not fit is cut as strfmt cuts.  There is no reader, for
 * nothing of ours reads JSON.
 *
 *	json_init(&j, &out);
 *	json_object(&j);
 *	json_key(&j, "state");
 *	json_text(&j, "MASTER");
 *	json_object_end(&j);
 *	if (!json_done(&j))
 *		...
 */
#ifndef JSON_H
#define JSON_H

#include "strfmt.h"

#define JSON_DEPTH	32		/* arrays and objects inside each other */

/* A text that is being written.  `out` belongs to the caller. */
struct json {
	struct strfmt *out;
	uint32_t object;		/* bit per level: an object, not an array */
	uint32_t some;			/* bit per level: has an element already */
	uint8_t depth;
	bool keyed;			/* a key waits for its value */
	bool whole;			/* the one outermost value has begun */
	bool broken;			/* used against the grammar, or too deep */
};

void json_init(struct json *j, struct strfmt *out);

/* Whether exactly one value was written, all is closed and nothing was cut. */
bool json_done(const struct json *j);

void json_object(struct json *j);
void json_object_end(struct json *j);
void json_array(struct json *j);
void json_array_end(struct json *j);
void json_key(struct json *j, const char *name);

void json_text(struct json *j, const char *s);		/* NULL is null */
void json_string(struct json *j, const char *p, size_t n);
void json_int(struct json *j, int64_t v);
void json_uint(struct json *j, uint64_t v);
void json_bool(struct json *j, bool v);
void json_null(struct json *j);

/* v/scale as a decimal fraction without trailing zeros: (1500000, 1000000) is 1.5.
 * `scale` is a power of ten up to 10^9. */
void json_fixed(struct json *j, int64_t v, int64_t scale);

/* A string in its quotes, for those who write JSON without a struct json.  Quote,
 * backslash and control characters, U+0080 to U+009F too, are escaped; each byte that is
 * not part of well-formed UTF-8 (RFC 3629) becomes U+FFFD. */
void json_quote(struct strfmt *out, const char *p, size_t n);

#endif
