/* SPDX-License-Identifier: MIT */
/* strfmt.c -- text into a caller's buffer, without the printf family. */
#include "strfmt.h"

#include <string.h>

#define STRFMT_DIGITS	20		/* of UINT64_MAX in decimal */

/* One conversion specification, as read from the format. */
struct spec {
	bool left;			/* '-' */
	bool zero;			/* '0' */
	size_t width;
	size_t prec;			/* valid when has_prec */
	bool has_prec;
	char size;			/* h, H (hh), l, L (ll), j, z, t; 0: int */
	char conv;
};

void
strfmt_init(struct strfmt *s, char *p, size_t cap)
{
	s->p = p;
	s->n = 0;
	s->cap = cap;
	s->cut = false;
	if (cap > 0)
		p[0] = '\0';
}

/* Room for text beside the NUL. */
static size_t
room(const struct strfmt *s)
{
	return s->n < s->cap ? s->cap - s->n - 1 : 0;
}

void
strfmt_bytes(struct strfmt *s, const char *p, size_t n)
{
	if (n > room(s)) {
		n = room(s);
		s->cut = true;
	}
	if (n == 0)
		return;
	memcpy(s->p + s->n, p, n);
	s->n += n;
	s->p[s->n] = '\0';
}

void
strfmt_char(struct strfmt *s, char c)
{
	strfmt_bytes(s, &c, 1);
}

static void
fill(struct strfmt *s, char c, size_t n)
{
	if (n > room(s)) {
		n = room(s);
		s->cut = true;
	}
	if (n == 0)
		return;
	memset(s->p + s->n, c, n);
	s->n += n;
	s->p[s->n] = '\0';
}

static void
put_padded(struct strfmt *s, const struct spec *f, const char *p, size_t n)
{
	const size_t pad = f->width > n ? f->width - n : 0;

	if (!f->left)
		fill(s, ' ', pad);
	strfmt_bytes(s, p, n);
	if (f->left)
		fill(s, ' ', pad);
}

/* Digits of `v` end before `end`; returns where they begin.  The value 0 has
 * one digit.  Two loops because a 64-bit division is a call on 32 bits. */
static char *
digits(char *end, uint64_t v, unsigned base, const char *set)
{
	while (v > UINT32_MAX) {
		*--end = set[v % base];
		v /= base;
	}
	uint32_t low = (uint32_t)v;
	do {
		*--end = set[low % base];
		low /= base;
	} while (low != 0);
	return end;
}

static void
put_number(struct strfmt *s, const struct spec *f, uint64_t v, bool minus,
	   const char *prefix)
{
	char buf[STRFMT_DIGITS];
	char *const end = buf + sizeof buf;
	const char *set = f->conv == 'X' ? "0123456789ABCDEF"
					 : "0123456789abcdef";
	const bool hex = f->conv == 'x' || f->conv == 'X' || f->conv == 'p';
	const char *d = digits(end, v, hex ? 16 : 10, set);

	/* C says that zero with precision zero has no digits at all. */
	if (v == 0 && f->has_prec && f->prec == 0)
		d = end;
	const size_t n = (size_t)(end - d);
	const size_t sign = strlen(prefix) + (minus ? 1 : 0);
	size_t zeros = f->has_prec && f->prec > n ? f->prec - n : 0;
	if (f->zero && !f->left && !f->has_prec && f->width > n + sign)
		zeros = f->width - n - sign;
	const size_t all = sign + zeros + n;
	const size_t pad = f->width > all ? f->width - all : 0;

	if (!f->left)
		fill(s, ' ', pad);
	if (minus)
		strfmt_char(s, '-');
	strfmt_bytes(s, prefix, strlen(prefix));
	fill(s, '0', zeros);
	strfmt_bytes(s, d, n);
	if (f->left)
		fill(s, ' ', pad);
}

static void
put_text(struct strfmt *s, const struct spec *f, const char *text)
{
	size_t n = 0;

	if (text == NULL)
		text = "(null)";
	/* With a precision the text need not have a NUL. */
	if (f->has_prec)
		while (n < f->prec && text[n] != '\0')
			n++;
	else
		n = strlen(text);
	put_padded(s, f, text, n);
}

/* Decimal digits at *fmt; a number too long for any buffer stays too long. */
static size_t
take_number(const char **fmt)
{
	size_t v = 0;

	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
		if (v < 100000)
			v = v * 10 + (size_t)(**fmt - '0');
	return v;
}

static char
take_size(const char **fmt)
{
	const char c = **fmt;

	if (c != 'h' && c != 'l' && c != 'j' && c != 'z' && c != 't')
		return '\0';
	(*fmt)++;
	if (**fmt != c || (c != 'h' && c != 'l'))
		return c;
	(*fmt)++;
	return c == 'h' ? 'H' : 'L';
}

/* A va_list that a function may advance for its caller: an array type on some
 * machines, so it has to sit in a struct. */
struct args {
	va_list ap;
};

static const char *
take_spec(struct spec *f, const char *fmt, struct args *args)
{
	memset(f, 0, sizeof *f);
	for (; *fmt == '-' || *fmt == '0'; fmt++) {
		if (*fmt == '-')
			f->left = true;
		else
			f->zero = true;
	}
	if (*fmt == '*') {
		const int w = va_arg(args->ap, int);

		f->left = f->left || w < 0;
		f->width = w < 0 ? 0u - (unsigned)w : (unsigned)w;
		fmt++;
	} else {
		f->width = take_number(&fmt);
	}
	if (*fmt == '.') {
		fmt++;
		f->has_prec = true;
		if (*fmt == '*') {
			const int n = va_arg(args->ap, int);

			f->has_prec = n >= 0;
			f->prec = n >= 0 ? (unsigned)n : 0;
			fmt++;
		} else {
			f->prec = take_number(&fmt);
		}
	}
	f->size = take_size(&fmt);
	f->conv = *fmt;
	return fmt;
}

static int64_t
take_signed(char size, struct args *args)
{
	switch (size) {
	case 'H': return (signed char)va_arg(args->ap, int);
	case 'h': return (short)va_arg(args->ap, int);
	case 'l': return va_arg(args->ap, long);
	case 'L': return va_arg(args->ap, long long);
	case 'j': return va_arg(args->ap, intmax_t);
	case 'z': return (ptrdiff_t)va_arg(args->ap, size_t);
	case 't': return va_arg(args->ap, ptrdiff_t);
	default:  return va_arg(args->ap, int);
	}
}

static uint64_t
take_unsigned(char size, struct args *args)
{
	switch (size) {
	case 'H': return (unsigned char)va_arg(args->ap, unsigned);
	case 'h': return (unsigned short)va_arg(args->ap, unsigned);
	case 'l': return va_arg(args->ap, unsigned long);
	case 'L': return va_arg(args->ap, unsigned long long);
	case 'j': return va_arg(args->ap, uintmax_t);
	case 'z': return va_arg(args->ap, size_t);
	case 't': return (size_t)va_arg(args->ap, ptrdiff_t);
	default:  return va_arg(args->ap, unsigned);
	}
}

/* false: a conversion that is not served, and whose argument can't be skipped. */
static bool
put_spec(struct strfmt *s, const struct spec *f, struct args *args)
{
	int64_t v;
	char c;

	switch (f->conv) {
	case 'd':
	case 'i':
		v = take_signed(f->size, args);
		put_number(s, f, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0,
			   "");
		return true;
	case 'u':
	case 'x':
	case 'X':
		put_number(s, f, take_unsigned(f->size, args), false, "");
		return true;
	case 'p':
		put_number(s, f, (uintptr_t)va_arg(args->ap, void *), false,
			   "0x");
		return true;
	case 's':
		put_text(s, f, va_arg(args->ap, const char *));
		return true;
	case 'c':
		c = (char)va_arg(args->ap, int);
		put_padded(s, f, &c, 1);
		return true;
	case '%':
		strfmt_char(s, '%');
		return true;
	default:
		return false;
	}
}

void
strfmt_putv(struct strfmt *s, const char *fmt, va_list ap)
{
	struct args args;

	va_copy(args.ap, ap);
	while (*fmt != '\0') {
		size_t plain = 0;
		struct spec f;

		while (fmt[plain] != '\0' && fmt[plain] != '%')
			plain++;
		strfmt_bytes(s, fmt, plain);
		fmt += plain;
		if (*fmt == '\0')
			break;
		const char *const end = take_spec(&f, fmt + 1, &args);
		if (!put_spec(s, &f, &args)) {
			/* Shown as it stands: visible, and harmless. */
			strfmt_bytes(s, fmt, strlen(fmt));
			break;
		}
		fmt = end + 1;
	}
	va_end(args.ap);
}

void
strfmt_put(struct strfmt *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strfmt_putv(s, fmt, ap);
	va_end(ap);
}

size_t
strfmt_to(char *p, size_t cap, const char *fmt, ...)
{
	struct strfmt s;
	va_list ap;

	strfmt_init(&s, p, cap);
	va_start(ap, fmt);
	strfmt_putv(&s, fmt, ap);
	va_end(ap);
	return s.n;
}

/* Adds one digit to the magnitude of a number; false: does not fit.  The
 * magnitude may reach 2^63 only for a negative number. */
static bool
add_digit(uint64_t *v, char c, bool minus)
{
	const uint64_t most = (uint64_t)INT64_MAX + (minus ? 1 : 0);
	const unsigned digit = (unsigned)(c - '0');

	if (*v > (most - digit) / 10)
		return false;
	*v = *v * 10 + digit;
	return true;
}

static int64_t
signed_of(uint64_t magnitude, bool minus)
{
	return (int64_t)(minus ? 0 - magnitude : magnitude);
}

bool
strfmt_parse_i64(int64_t *out, const char *s, size_t len)
{
	const bool minus = len > 0 && s[0] == '-';
	uint64_t v = 0;
	size_t i = minus;

	if (i == len)
		return false;
	for (; i < len; i++) {
		if (s[i] < '0' || s[i] > '9' || !add_digit(&v, s[i], minus))
			return false;
	}
	*out = signed_of(v, minus);
	return true;
}

bool
strfmt_parse_fixed(int64_t *out, const char *s, size_t len, int64_t scale)
{
	const bool minus = len > 0 && s[0] == '-';
	const size_t first = minus;
	uint64_t v = 0;
	bool point = false;

	if (first == len || s[first] == '.' || s[len - 1] == '.')
		return false;
	for (size_t i = first; i < len; i++) {
		if (s[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (s[i] < '0' || s[i] > '9' || !add_digit(&v, s[i], minus))
			return false;
		if (point) {
			if (scale < 10)
				return false;
			scale /= 10;
		}
	}
	for (; scale >= 10; scale /= 10) {
		if (!add_digit(&v, '0', minus))
			return false;
	}
	*out = signed_of(v, minus);
	return true;
}

bool
strfmt_copy(char *dst, size_t cap, const char *src, size_t len)
{
	struct strfmt s;

	strfmt_init(&s, dst, cap);
	strfmt_bytes(&s, src, len);
	return !s.cut;
}
