/* SPDX-License-Identifier: MIT */
/* seccomp.c -- a program of the kernel's packet filter out of seccomp.calls. */
#define _GNU_SOURCE
#include "seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "abi.h"

/* An argument is 64 bits wide; what is checked are C ints, and of these the kernel itself
 * takes the low half only. */
#define LOW_HALF	(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4u : 0u)

#define CHECKS		2
#define NR_AT		((uint32_t)offsetof(struct seccomp_data, nr))
#define ARCH_AT		((uint32_t)offsetof(struct seccomp_data, arch))
#define ARGS_AT		((uint32_t)offsetof(struct seccomp_data, args))

struct check {
	uint8_t arg;
	bool self;			/* `value` is this process */
	uint32_t mask;
	uint32_t value;
};

struct call {
	uint16_t nr;
	uint8_t families;		/* of one of these; 0: of every child */
	uint8_t nchecks;
	struct check check[CHECKS];
};

#define ALL		0
#define ALL_BITS	0xffffffffu
#define TYPE		0xfu		/* a socket's type without its flags (linux/net.h) */
/* All of open(2)'s flags but those that a reader may have. */
#define NOT_READING	(~(uint32_t)(O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_LARGEFILE))
#define ANY_SOCKET	(SECCOMP_NETWORK | SECCOMP_CLIENT | SECCOMP_IPVS)
#define ARG(a, m, v)	{ (a), false, (m), (v) }
#define SELF(a)		{ (a), true, ALL_BITS, 0 }
#define ANY		0, { { 0 } }
#define ONE(...)	1, { __VA_ARGS__ }
#define TWO(...)	2, { __VA_ARGS__ }
#define CALL(nr, who, args, why)	{ (nr), (who), args },

static const struct call calls[] = {
#include "seccomp.calls"
};

struct program {
	struct sock_filter *code;
	unsigned n;
};

static void
put(struct program *p, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	assert(p->n < SECCOMP_CODE);
	p->code[p->n++] = (struct sock_filter){ code, jt, jf, k };
}

static void
load(struct program *p, uint32_t at)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, at, 0, 0);
}

/* Unless equal, the next `skip` instructions are passed over. */
static void
unless(struct program *p, uint32_t k, unsigned skip)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, k, 0, (uint8_t)skip);
}

static void
ret(struct program *p, uint32_t k)
{
	put(p, BPF_RET | BPF_K, k, 0, 0);
}

/* The accumulator holds the number before and, when the call is another, after. */
static void
put_call(struct program *p, const struct call *c, uint32_t self)
{
	enum { EACH = 3 };		/* instructions of a check */
	const unsigned checks = c->nchecks * (unsigned)EACH;

	unless(p, c->nr, checks ? checks + 2 : 1);
	for (unsigned i = 0; i < c->nchecks; i++) {
		const struct check *k = &c->check[i];
		const unsigned behind = (c->nchecks - i - 1) * (unsigned)EACH;

		load(p, ARGS_AT + k->arg * 8u + LOW_HALF);
		put(p, BPF_ALU | BPF_AND | BPF_K, k->mask, 0, 0);
		unless(p, k->self ? self : k->value, behind + 1);
	}
	ret(p, SECCOMP_RET_ALLOW);
	if (checks)
		load(p, NR_AT);
}

unsigned
seccomp_build(struct sock_filter code[SECCOMP_CODE], unsigned families,
	      uint32_t self)
{
	struct program p = { code, 0 };

	if (!ABI_AUDIT)
		return 0;
	load(&p, ARCH_AT);
	put(&p, BPF_JMP | BPF_JEQ | BPF_K, ABI_AUDIT, 1, 0);
	ret(&p, SECCOMP_RET_KILL_PROCESS);
	load(&p, NR_AT);
	for (unsigned i = 0; i < PORT_ARRAY_SIZE(calls); i++)
		if (!calls[i].families || calls[i].families & families)
			put_call(&p, &calls[i], self);
	ret(&p, SECCOMP_RET_KILL_PROCESS);
	return p.n;
}

int
seccomp_install(unsigned families)
{
	struct sock_filter code[SECCOMP_CODE];
	const struct sock_fprog prog = {
		.len = (unsigned short)seccomp_build(code, families,
						     (uint32_t)getpid()),
		.filter = code,
	};

	if (prog.len == 0)
		return -ENOSYS;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) ? -errno : 0;
}
