/* SPDX-License-Identifier: MIT */
/* pattern_code.h -- how a compiled pattern lies in memory: pattern_compile.c writes it,
 * pattern.c reads it, on the same machine.
 */
#ifndef PATTERN_CODE_H
#define PATTERN_CODE_H

#include "pattern.h"

/* head; then bit sets of `words` words in the machine's order: what may begin at the stream's
 * start, what may begin anywhere, and for each position what may follow it; then two bytes for
 * each position, its kind and its letter or class; then the classes, 32 bytes each.
 * The bit behind the last position stands for the match. */
enum pattern_code_head {
	PATTERN_CODE_POSITIONS,
	PATTERN_CODE_WORDS,
	PATTERN_CODE_FIRST,		/* 32 bytes: those that can begin a match anywhere */
	PATTERN_CODE_SETS = PATTERN_CODE_FIRST + 32,
};

enum pattern_code_kind {
	PATTERN_CODE_LETTER,
	PATTERN_CODE_FOLDED,		/* a letter a-z of either case */
	PATTERN_CODE_CLASS,
	PATTERN_CODE_START,		/* ^ */
	PATTERN_CODE_END,		/* $ */
};

#endif
