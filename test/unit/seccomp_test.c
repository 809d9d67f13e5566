/* SPDX-License-Identifier: MIT */
/* seccomp_test.c -- the filter, run by a machine of our own, against numbers written
 * down from each processor's table of system calls and not taken from its headers. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "seccomp.h"

#define SELF	4711

/* By processor: what every child may call with arguments of 0, what a child of each family
 * may in addition, what nobody may; each ended by -1.  Then the calls whose arguments
 * count. */
#if defined(__x86_64__)
#define BOARD_ARCH	0xc000003eu
#define NR_SOCKET	41
#define NR_MMAP		9
#define NR_TKILL	200
#define NR_TGKILL	234
#define NR_SETITIMER	38
static const int frame[] = { 228, 281, 232, 286, 46, 44, 47, 45, 1, 0, 7, 271, 233, 288,
	3, 55, 42, 39, 110, 107, 98, 11, 231, 60, 38, 14, 13, 186, 219, -1 };
static const int network[] = { 299, 307, 54, 49, 51, 63, -1 };
static const int client[] = { 54, 49, 51, 48, 318, -1 };
static const int ipvs[] = { 54, 49, 51, -1 };
static const int files[] = { 2, 257, 5, 262, 332, 21, 269, -1 };
#define NR_OPEN		2
#define NR_OPENAT	257
#define NR_FCNTL	72
static const int never[] = { 437, 59, 322, 56, 57, 58, 435, 101, 310, 311, 62, 424,
	105, 126, 157, 10, 25, 16, 53, 50, 87, 82, 90, 165, 175, 313, 272, 308, 319, 321, 425, 317,
	29, 440, 441, -1 };
#elif defined(__aarch64__)
#define BOARD_ARCH	0xc00000b7u
#define NR_SOCKET	198
#define NR_MMAP		222
#define NR_TKILL	130
#define NR_TGKILL	131
#define NR_SETITIMER	103
static const int frame[] = { 113, 22, 86, 211, 206, 212, 207, 64, 63, 73, 21, 242, 57,
	209, 203, 172, 173, 175, 165, 215, 94, 93, 103, 135, 134, 178, 128, -1 };
static const int network[] = { 243, 269, 208, 200, 204, 160, -1 };
static const int client[] = { 208, 200, 204, 210, 278, -1 };
static const int ipvs[] = { 208, 200, 204, -1 };
static const int files[] = { 56, 80, 79, 291, 48, -1 };
#define NR_OPENAT	56
#define NR_FCNTL	25
static const int never[] = { 437, 221, 281, 220, 435, 117, 270, 271, 129, 424, 146, 91, 167,
	226, 216, 29, 199, 201, 35, 38, 53, 40, 105, 273, 97, 268, 279, 280, 425, 277, 440, 441, -1 };
#elif defined(__arm__)
#define BOARD_ARCH	0x40000028u
#define NR_SOCKET	281
#define NR_MMAP		192
#define NR_TKILL	238
#define NR_TGKILL	268
#define NR_SETITIMER	104
static const int frame[] = { 403, 263, 346, 252, 353, 411, 296, 290, 297, 292, 4, 3, 168,
	336, 414, 251, 366, 6, 295, 283, 20, 64, 49, 201, 77, 91, 248, 1, 104, 175, 174, 224, 0, -1 };
static const int network[] = { 365, 417, 374, 294, 282, 286, 122, -1 };
static const int client[] = { 294, 282, 286, 293, 384, -1 };
static const int ipvs[] = { 294, 282, 286, -1 };
static const int files[] = { 5, 322, 108, 197, 397, 33, 334, -1 };
#define NR_OPEN		5
#define NR_OPENAT	322
#define NR_FCNTL	221
static const int never[] = { 437, 11, 387, 2, 120, 190, 435, 26, 376, 377, 37, 424, 23,
	213, 185, 172, 125, 163, 54, 288, 284, 10, 38, 15, 21, 128, 379, 337, 375, 385, 386, 425,
	383, 440, 441, -1 };
#elif defined(__mips__)
#ifdef __MIPSEB__
#define BOARD_ARCH	0x8u
#else
#define BOARD_ARCH	0x40000008u
#endif
#define NR_SOCKET	4183
#define NR_MMAP		4210
#define NR_TKILL	4236
#define NR_TGKILL	4266
#define NR_SETITIMER	4104
static const int frame[] = { 4403, 4263, 4313, 4250, 4323, 4411, 4179, 4180, 4177, 4176,
	4004, 4003, 4188, 4302, 4414, 4249, 4334, 4006, 4173, 4170, 4020, 4064, 4049, 4077, 4091,
	4246, 4001, 4104, 4195, 4194, 4222, 4253, -1 };
static const int network[] = { 4335, 4417, 4343, 4181, 4169, 4172, 4122, -1 };
static const int client[] = { 4181, 4169, 4172, 4182, 4353, -1 };
static const int ipvs[] = { 4181, 4169, 4172, -1 };
static const int files[] = { 4005, 4288, 4108, 4215, 4366, 4033, 4300, -1 };
#define NR_OPEN		4005
#define NR_OPENAT	4288
#define NR_FCNTL	4220
static const int never[] = { 4437, 4011, 4356, 4002, 4120, 4435, 4026, 4345, 4346,
	4037, 4424, 4023, 4205, 4192, 4125, 4167, 4054, 4184, 4174, 4010, 4038, 4015, 4021, 4128,
	4348, 4303, 4344, 4354, 4355, 4425, 4352, 4440, 4441, 4090, 4102, -1 };
#endif

#define EVERY	(SECCOMP_NETWORK | SECCOMP_CLIENT | SECCOMP_IPVS | SECCOMP_FILES)

static struct sock_filter code[SECCOMP_CODE];
static unsigned length;

/* The four kinds of instruction that the filter has, as the kernel reads them. */
static uint32_t
run(const struct seccomp_data *d)
{
	uint32_t a = 0;

	for (unsigned pc = 0, steps = 0; ; pc++, steps++) {
		assert_true(pc < length && steps < length);
		const struct sock_filter *f = &code[pc];

		switch (f->code) {
		case 0x20:			/* load the word at k */
			assert_true(f->k % 4 == 0 && f->k < sizeof *d);
			memcpy(&a, (const char *)d + f->k, 4);
			break;
		case 0x54:			/* and with k */
			a &= f->k;
			break;
		case 0x15:			/* jump if equal to k */
			pc += a == f->k ? f->jt : f->jf;
			break;
		case 0x06:			/* return k */
			return f->k;
		default:
			fail_msg("instruction %u is %#x", pc, f->code);
		}
	}
}

static bool
allowed(int nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	const struct seccomp_data data = {
		.nr = nr, .arch = BOARD_ARCH, .args = { a, b, c, d },
	};
	const uint32_t rc = run(&data);

	assert_true(rc == 0x7fff0000u || rc == 0x80000000u);	/* ALLOW, KILL_PROCESS */
	return rc == 0x7fff0000u;
}

static void
build(unsigned families)
{
	memset(code, 0xff, sizeof code);
	length = seccomp_build(code, families, SELF);
	assert_true(length > 0 && length <= SECCOMP_CODE);
}

static bool
is_in(const int *list, int nr)
{
	for (; *list >= 0; list++)
		if (*list == nr)
			return true;
	return false;
}

static void
exactly_the_written_calls_are_allowed(void **state)
{
	(void)state;
	for (unsigned who = 0; who <= EVERY; who++) {
		build(who);
		for (int nr = 0; nr < 7000; nr++) {
			const bool want = is_in(frame, nr) ||
				(who & SECCOMP_NETWORK && is_in(network, nr)) ||
				(who & SECCOMP_CLIENT && is_in(client, nr)) ||
				(who & SECCOMP_IPVS && is_in(ipvs, nr)) ||
				(who & SECCOMP_FILES && is_in(files, nr));

			if (allowed(nr, 0, 0, 0, 0) != want)
				fail_msg("call %d: want %d, families %u", nr, want, who);
		}
	}
}

static void
no_argument_opens_what_is_never_allowed(void **state)
{
	static const uint64_t v[] = { 0, 1, 2, 3, SELF, UINT32_MAX, UINT64_MAX };

	(void)state;
	build(EVERY);
	for (const int *nr = never; *nr >= 0; nr++)
		for (unsigned i = 0; i < 7 * 7 * 7 * 7; i++)
			assert_false(allowed(*nr, v[i % 7], v[i / 7 % 7], v[i / 49 % 7],
					     v[i / 343]));
}

static void
another_processors_interface_is_refused(void **state)
{
	(void)state;
	build(SECCOMP_NETWORK);
	for (unsigned bit = 0; bit < 32; bit++) {
		struct seccomp_data d = {
			.nr = frame[0], .arch = BOARD_ARCH ^ 1u << bit,
		};

		assert_int_equal(run(&d), 0x80000000u);
		d.arch = BOARD_ARCH;
		d.nr = (int)((uint32_t)frame[0] ^ 1u << bit);
		/* x32 has the numbers of x86-64 with bit 30 set. */
		if (bit > 12)
			assert_int_equal(run(&d), 0x80000000u);
	}
}

/* What socket(2) may make, by family, type and protocol. */
static bool
may_have(unsigned who, int fam, int type, int proto)
{
	const bool ip = fam == 2 || fam == 10;	/* AF_INET, AF_INET6 */

	/* AF_PACKET is 17, AF_NETLINK 16; SOCK_STREAM 1, SOCK_DGRAM 2, SOCK_RAW 3. */
	return (who & SECCOMP_NETWORK && (ip || fam == 17) && type == 3) ||
	       (who & (SECCOMP_NETWORK | SECCOMP_IPVS) && fam == 16 && proto == 0) ||
	       (who & SECCOMP_IPVS && fam == 16 && proto == 16) ||
	       (who & SECCOMP_CLIENT && ip && (type == 1 || type == 2)) ||
	       (who & SECCOMP_CLIENT && fam == 2 && proto == 1) ||
	       (who & SECCOMP_CLIENT && fam == 10 && proto == 58);
}

static void
each_family_has_its_sockets(void **state)
{
	const int flags[] = { 0, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_CLOEXEC | SOCK_NONBLOCK };

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		const unsigned who = i == 4 ? 0 : 1u << i;

		build(who);
		for (int n = 0; n < 64 * 16 * 64 * 4; n++) {
			const int fam = n % 64, type = n / 64 % 16, proto = n / 1024 % 64;

			if (allowed(NR_SOCKET, (uint64_t)fam,
				    (uint64_t)(type | flags[n / 65536]), (uint64_t)proto, 0) !=
			    may_have(who, fam, type, proto))
				fail_msg("socket(%d, %d, %d), families %u", fam, type, proto,
					 who);
		}
	}
}

static void
files_are_opened_for_reading_only(void **state)
{
	const uint64_t reader = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

	(void)state;
	build(SECCOMP_FILES);
	assert_true(allowed(NR_OPENAT, (uint64_t)AT_FDCWD, 1, reader, 0));
	for (unsigned bit = 0; bit < 32; bit++) {
		const uint64_t flag = (uint64_t)1 << bit;
		const bool want = (flag & ~(reader | O_LARGEFILE)) == 0;

		assert_int_equal(allowed(NR_OPENAT, 0, 1, flag, 0), want);
#ifdef NR_OPEN
		assert_int_equal(allowed(NR_OPEN, 1, flag, 0, 0), want);
#endif
	}
	for (uint64_t cmd = 0; cmd < 64; cmd++)
		assert_int_equal(allowed(NR_FCNTL, 3, cmd, 1, 0), cmd == 2);	/* F_SETFD */
}

static void
memory_is_mapped_for_reading_only(void **state)
{
	(void)state;
	build(SECCOMP_NETWORK);
	for (uint64_t prot = 0; prot < 16; prot++)
		for (uint64_t flags = 0; flags < 4096; flags++)
			assert_int_equal(allowed(NR_MMAP, 0, 4096, prot, flags),
					 prot == 1 && flags == 2);
	/* A grows-down or an architecture's own bit is no way round. */
	assert_false(allowed(NR_MMAP, 0, 4096, 1u | 0x01000000u, 2));
	assert_false(allowed(NR_MMAP, 0, 4096, 1, 0x22));
}

static void
a_signal_goes_to_this_process_only(void **state)
{
	(void)state;
	build(0);
	assert_true(allowed(NR_TKILL, SELF, 6, 0, 0));
	assert_true(allowed(NR_TGKILL, SELF, SELF, 6, 0));
	assert_false(allowed(NR_TKILL, SELF + 1, 6, 0, 0));
	assert_false(allowed(NR_TKILL, UINT32_MAX, 6, 0, 0));
	assert_false(allowed(NR_TGKILL, SELF, SELF - 1, 6, 0));
	assert_false(allowed(NR_TGKILL, 1, SELF, 6, 0));
}

static void
only_the_real_time_timer_can_be_set(void **state)
{
	(void)state;
	build(0);
	for (uint64_t which = 0; which < 4; which++)
		assert_int_equal(allowed(NR_SETITIMER, which, 0, 0, 0), which == 0);
}

static void
every_jump_and_every_end_is_inside(void **state)
{
	(void)state;
	build(EVERY);
	assert_int_equal(code[length - 1].code, 0x06);
	assert_int_equal(code[length - 1].k, 0x80000000u);
	for (unsigned i = 0; i < length; i++)
		if (code[i].code == 0x15)
			assert_true(i + 1u + code[i].jt < length && i + 1u + code[i].jf < length);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_the_written_calls_are_allowed),
		cmocka_unit_test(no_argument_opens_what_is_never_allowed),
		cmocka_unit_test(another_processors_interface_is_refused),
		cmocka_unit_test(each_family_has_its_sockets),
		cmocka_unit_test(files_are_opened_for_reading_only),
		cmocka_unit_test(memory_is_mapped_for_reading_only),
		cmocka_unit_test(a_signal_goes_to_this_process_only),
		cmocka_unit_test(only_the_real_time_timer_can_be_set),
		cmocka_unit_test(every_jump_and_every_end_is_inside),
	};

	return cmocka_run_group_tests_name("seccomp", tests, 0, 0);
}
