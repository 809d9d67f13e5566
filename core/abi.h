/* SPDX-License-Identifier: MIT */
/* abi.h -- what the kernel's interface is called on the processor that is compiled for.
 *
 * Chosen by the compiler's own macros, not by a board, as an SDK's compiler says no board.  So no
 * .c file has to ask.
 */
#ifndef ABI_H
#define ABI_H

#include <linux/audit.h>
#include <sys/syscall.h>

/* Its name in a filter's data; 0: not known, no filter.  The numbers of the calls are those of its
 * headers. */
#if defined(__x86_64__) && !defined(__ILP32__)
#define ABI_AUDIT	AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define ABI_AUDIT	AUDIT_ARCH_AARCH64
#elif defined(__ARM_EABI__) && !defined(__ARMEB__)
#define ABI_AUDIT	AUDIT_ARCH_ARM
#elif defined(__mips__) && _MIPS_SIM == _ABIO32 && defined(__MIPSEB__)
#define ABI_AUDIT	AUDIT_ARCH_MIPS
#elif defined(__mips__) && _MIPS_SIM == _ABIO32 && defined(__MIPSEL__)
#define ABI_AUDIT	AUDIT_ARCH_MIPSEL
#else
#define ABI_AUDIT	0
#endif

/* Where user numbers have 16 bits in the old calls. */
#ifdef SYS_setresuid32
#define ABI_SETGROUPS	SYS_setgroups32
#define ABI_SETRESGID	SYS_setresgid32
#define ABI_SETRESUID	SYS_setresuid32
#else
#define ABI_SETGROUPS	SYS_setgroups
#define ABI_SETRESGID	SYS_setresgid
#define ABI_SETRESUID	SYS_setresuid
#endif

#endif
