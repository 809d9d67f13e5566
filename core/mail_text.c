/* SPDX-License-Identifier: MIT */
/* mail_text.c -- RFC 5322: date, addresses, subject, identifier, then the lines. */
#include "mail_text.h"

#include <string.h>

#include "strfmt.h"

#define DAY_S	86400

/* "Sun, 22 Nov 2026 10:00:00 +0000" (3.3); years begin in March here. */
static void
put_date(struct strfmt *s, int64_t wall_s)
{
	static const char day_name[] = "ThuFriSatSunMonTueWed";		/* from 1970-01-01 */
	static const char month_name[] = "MarAprMayJunJulAugSepOctNovDecJanFeb";
	const uint64_t t = wall_s < 0 ? 0 : (uint64_t)wall_s;
	const uint64_t days = t / DAY_S, z = days + 719468;
	const unsigned era = (unsigned)(z / 146097), in_era = (unsigned)(z % 146097);
	const unsigned y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	const unsigned in_year = in_era - (y * 365 + y / 4 - y / 100);
	const unsigned m = (5 * in_year + 2) / 153;
	const unsigned sec = (unsigned)(t % DAY_S);

	strfmt_put(s, "%.3s, %u %.3s %u %02u:%02u:%02u +0000", day_name + days % 7 * 3,
		   in_year - (153 * m + 2) / 5 + 1, month_name + (size_t)m * 3,
		   y + era * 400 + (m > 9), sec / 3600, sec / 60 % 60, sec % 60);
}

/* One a line: a header's line stays short however many there are (2.2.3); of very many it says
 * nothing (3.4), lest there be no room for what the mail is about. */
static void
put_recipients(struct strfmt *s, const struct mail_text *m)
{
	size_t n = m->to_n;

	for (size_t at = 0; at < m->to_n; at += strlen(m->to + at) + 1)
		n += sizeof "<>,\n " - 1;
	if (n > MAIL_TEXT_TO) {
		strfmt_put(s, "undisclosed-recipients:;");
		return;
	}
	for (size_t at = 0; at < m->to_n; at += strlen(m->to + at) + 1)
		strfmt_put(s, "%s<%s>", at > 0 ? ",\n " : "", m->to + at);
}

/* What somebody else chose must not begin another header. */
static void
put_clean(struct strfmt *s, const char *text, size_t most)
{
	for (size_t i = 0; i < most && text[i] != '\0'; i++)
		strfmt_char(s, text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
}

size_t
mail_text(const struct mail_text *m, char *out, size_t cap)
{
	struct strfmt s;

	strfmt_init(&s, out, cap);
	strfmt_put(&s, "Date: ");
	put_date(&s, m->wall_us / 1000000);
	strfmt_put(&s, "\nFrom: %s <%s>\nTo: ", "upkeep", m->from);
	put_recipients(&s, m);
	strfmt_put(&s, "\nSubject: [");
	put_clean(&s, m->router, MAIL_TEXT_SUBJECT);
	strfmt_put(&s, "] ");
	put_clean(&s, m->subject, MAIL_TEXT_SUBJECT);
	if (m->count > 1)
		strfmt_put(&s, " (and %u more)", m->count - 1);
	strfmt_put(&s, "\nMessage-ID: <%lld.upkeep@", (long long)m->wall_us);
	put_clean(&s, m->host, MAIL_TEXT_SUBJECT);
	strfmt_put(&s, ">\nAuto-Submitted: auto-generated\n\n");
	strfmt_bytes(&s, m->lines, m->lines_n);
	if (m->cut)
		strfmt_put(&s, "%u more, which found no room\n", m->cut);
	return s.n;
}
