/* SPDX-License-Identifier: MIT */
/* port.h -- what the language leaves out: assertions that stay in a release,
 * container_of, array sizes, attributes, and the one test of a Kconfig symbol
 * that may stand inside a function.
 *
 * No types of the project live here, and nothing here does I/O but the last
 * words of a failed assertion.
 */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT_ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* The struct that `ptr`, a pointer to its member, is embedded in. */
#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))

#define port_must_check		__attribute__((warn_unused_result))
#define port_format(f, a)	__attribute__((format(printf, f, a)))
#define port_noreturn		__attribute__((noreturn))
/* What every start runs or reads of a file that else only answers questions: it must not
 * drag the rest of that into memory (board/order.mk). */
#define port_at_start		__attribute__((section(".text_at_start")))
#define port_at_start_const	__attribute__((section(".rodata_at_start")))
#define port_unused		__attribute__((unused))

/* IS_ENABLED(CONFIG_X) is 1 when the symbol is y, else 0; the compiler reads
 * both branches (after the kernel's idiom of the same name). */
#define PORT_ARG_1		0,
#define PORT_SECOND(a, b, ...)	b
#define PORT_IS_SET(x)		PORT_SECOND(x 1, 0, 0)
#define PORT_PASTE(x)		PORT_IS_SET(PORT_ARG_##x)
#define IS_ENABLED(sym)		PORT_PASTE(sym)

/* A broken invariant of ours.  Writes file, line and expression to standard
 * error with one write(2) and aborts; the parent restarts the child. */
port_noreturn void port_assert_failed(const char *file, unsigned line,
				      const char *expr);

#undef assert
#define assert(x) \
	((x) ? (void)0 : port_assert_failed(__FILE__, __LINE__, #x))

#endif
