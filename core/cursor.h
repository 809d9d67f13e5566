/* SPDX-License-Identifier: MIT */
/* cursor.h -- reading and writing cursors over a caller's bytes.
 *
 * The first step past the end makes a cursor bad, for good: then every number read is 0, every
 * piece NULL, and nothing more is written.  So a codec is a straight line that asks once, at
 * its end.  Numbers are big endian at any address.  Pure.
 */
#ifndef CURSOR_H
#define CURSOR_H

#include <string.h>

#include "net.h"

struct rd {
	const uint8_t *p, *end;
	bool bad;
};

struct wr {
	uint8_t *begin, *p, *end;
	bool bad;			/* something did not fit and was left out whole */
};

static inline struct rd
rd_over(const void *p, size_t n)
{
	return (struct rd){ p, (const uint8_t *)p + n, false };
}

static inline size_t
rd_left(const struct rd *r)
{
	return r->bad ? 0 : (size_t)(r->end - r->p);
}

/* The next `n` bytes, NULL when there are fewer. */
static inline const uint8_t *
rd_take(struct rd *r, size_t n)
{
	if (r->bad || (size_t)(r->end - r->p) < n) {
		r->bad = true;
		return NULL;
	}
	const uint8_t *const piece = r->p;

	r->p += n;
	return piece;
}

static inline uint8_t
rd_u8(struct rd *r)
{
	const uint8_t *const p = rd_take(r, 1);

	return p ? *p : 0;
}

static inline uint16_t
rd_u16(struct rd *r)
{
	const uint8_t *const p = rd_take(r, 2);

	return p ? net_get16(p) : 0;
}

static inline uint32_t
rd_u32(struct rd *r)
{
	const uint8_t *const p = rd_take(r, 4);

	return p ? net_get32(p) : 0;
}

static inline struct wr
wr_over(void *p, size_t cap)
{
	return (struct wr){ p, p, (uint8_t *)p + cap, false };
}

static inline size_t
wr_len(const struct wr *w)
{
	return (size_t)(w->p - w->begin);
}

static inline void
wr_put(struct wr *w, const void *p, size_t n)
{
	if (w->bad || (size_t)(w->end - w->p) < n) {
		w->bad = true;
		return;
	}
	memcpy(w->p, p, n);
	w->p += n;
}

static inline void
wr_text(struct wr *w, const char *s)
{
	wr_put(w, s, strlen(s));
}

static inline void
wr_u8(struct wr *w, uint8_t v)
{
	wr_put(w, &v, 1);
}

static inline void
wr_u16(struct wr *w, uint16_t v)
{
	uint8_t b[2];

	net_put16(b, v);
	wr_put(w, b, sizeof b);
}

static inline void
wr_u32(struct wr *w, uint32_t v)
{
	uint8_t b[4];

	net_put32(b, v);
	wr_put(w, b, sizeof b);
}

#endif
