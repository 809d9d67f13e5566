/* SPDX-License-Identifier: MIT */
/* privilege_test.c -- each forbidden thing is tried from inside a process that has given up its
 * rights as a child does.  Needs root and, for the filter, a kernel that has it. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "privilege.h"
#include "seccomp.h"

#define NOBODY	65534

/* As where the vDSO has no clock. */
#ifdef SYS_clock_gettime64
#define CLOCK_CALL	SYS_clock_gettime64
#else
#define CLOCK_CALL	SYS_clock_gettime
#endif

static struct conf_core core;
static struct privilege need;
static int pair[2], sealed;
static pid_t tester;
static bool filters;		/* this kernel has them; qemu-user has not */

/* Exit status, 1000 + the signal that ended it. */
static int
inside(void (*fn)(void))
{
	int status;
	const pid_t pid = fork();

	if (pid == 0) {
		alarm(20);
		if (privilege_enter(&need, &core))
			_exit(99);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void
must(bool good)
{
	if (!good)
		_exit(1);
}

/* ---- what is forbidden ---- */

/* A program that runs would be ended by the filter, too: one that is not there is refused by
 * nobody else. */
static void try_execve(void) { char *v[] = { NULL }; execve("/no/such/program", v, v); }
static void try_execveat(void) { syscall(SYS_execveat, sealed, "", NULL, NULL, 0x1000); }
static void try_fork(void) { if (fork() == 0) _exit(0); }
static void try_vfork(void) { syscall(SYS_clone, 0x4100 | SIGCHLD, 0, 0, 0, 0); }
static void try_read_file(void) { (void)!open("/etc/passwd", O_RDONLY); }
static void try_write_file(void) { (void)!open("/tmp/upkeep-forbidden", O_WRONLY | O_CREAT, 0600); }
static void try_rdwr_file(void) { (void)!open("/dev/null", O_RDWR); }
static void try_unlink(void) { unlink("/tmp/upkeep-forbidden"); }
static void try_ptrace(void) { ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
static void try_peek(void) { syscall(SYS_process_vm_readv, tester, NULL, 0L, NULL, 0L, 0L); }
static void try_poke(void) { syscall(SYS_process_vm_writev, tester, NULL, 0L, NULL, 0L, 0L); }
static void try_kill(void) { kill(tester, 0); }
static void try_tgkill(void) { syscall(SYS_tgkill, tester, tester, 0); }
static void try_tkill(void) { syscall(SYS_tkill, tester, 0); }
static void try_unix(void) { (void)!socket(AF_UNIX, SOCK_STREAM, 0); }
static void try_tcp(void) { (void)!socket(AF_INET, SOCK_STREAM, 0); }
static void try_udp6(void) { (void)!socket(AF_INET6, SOCK_DGRAM, 0); }
static void try_alg(void) { (void)!socket(AF_ALG, SOCK_SEQPACKET, 0); }
static void try_netfilter(void) { (void)!socket(AF_NETLINK, SOCK_RAW, 12); }
static void try_socketpair(void) { int sv[2]; (void)!socketpair(AF_UNIX, SOCK_STREAM, 0, sv); }
static void try_map_code(void) { mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, sealed, 0); }
static void try_map_any(void) { mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
static void try_mprotect(void) { static char page[8192]; mprotect((char *)(((uintptr_t)page + 4095) & ~(uintptr_t)4095), 4096, PROT_READ | PROT_EXEC); }
static void try_setuid(void) { syscall(SYS_setuid, 0); }
static void try_prctl(void) { prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }
static void try_unshare(void) { unshare(CLONE_NEWNET); }
static void try_ioctl(void) { syscall(SYS_ioctl, pair[0], 0x8912, NULL); }
static void try_memfd(void) { syscall(SYS_memfd_create, "x", 0); }
static void try_bpf(void) { syscall(SYS_bpf, 0, NULL, 0); }
static void try_io_uring(void) { syscall(425, 1, NULL); }

static void
try_capset(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = ~0u, .permitted = ~0u }, { .effective = ~0u, .permitted = ~0u },
	};

	syscall(SYS_capset, &head, data);
}

#define TRY(x)	{ #x, try_##x }
static const struct { const char *name; void (*fn)(void); } tries[] = {
	TRY(execve), TRY(execveat), TRY(fork), TRY(vfork), TRY(read_file), TRY(write_file),
	TRY(rdwr_file), TRY(unlink), TRY(ptrace), TRY(peek), TRY(poke), TRY(kill), TRY(tgkill),
	TRY(tkill), TRY(unix), TRY(tcp), TRY(udp6), TRY(alg), TRY(netfilter), TRY(socketpair),
	TRY(map_code), TRY(map_any), TRY(mprotect), TRY(setuid), TRY(prctl), TRY(unshare),
	TRY(ioctl), TRY(memfd), TRY(bpf), TRY(io_uring), TRY(capset),
};

static void
each_forbidden_thing_is_the_end_by_sigsys(void **state)
{
	(void)state;
	if (!filters)
		skip();
	for (unsigned i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		const int how = inside(tries[i].fn);

		if (how != 1000 + SIGSYS)
			fail_msg("%s: %d", tries[i].name, how);
	}
	assert_int_not_equal(access("/tmp/upkeep-forbidden", F_OK), 0);
}

static void
a_child_without_network_opens_no_socket(void **state)
{
	(void)state;
	if (!filters)
		skip();
	const struct privilege all = need;

	memset(&need, 0, sizeof need);
	const int how = inside(try_netfilter);

	need = all;
	assert_int_equal(how, 1000 + SIGSYS);
}

/* ---- what a child does ---- */

static void
work(void)
{
	struct pollfd p = { .fd = pair[0], .events = POLLIN };
	struct timespec ts;
	char c = 'x';

	must(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 112) >= 0);
	must(socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, 112) >= 0 || errno == EAFNOSUPPORT);
	must(socket(AF_PACKET, SOCK_RAW, 0) >= 0);
	must(socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
	must(send(pair[1], &c, 1, MSG_NOSIGNAL) == 1);
	must(poll(&p, 1, 0) == 1);
	must(recv(pair[0], &c, 1, MSG_DONTWAIT) == 1);
	must(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	must(syscall(CLOCK_CALL, CLOCK_REALTIME, &ts) == 0);
	must(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, sealed, 0) != MAP_FAILED);
	must(getpid() > 0 && getppid() == tester);
	close(sealed);
}

static void
what_a_child_does_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(inside(work), 0);
	core.uid = core.gid = NOBODY;
	const int as_nobody = inside(work);

	core.uid = core.gid = 0;
	assert_int_equal(as_nobody, 0);
}

static void fail_assertion(void) { port_assert_failed("here", 1, "a test, not a fault"); }

static void
a_failed_assertion_is_an_abort(void **state)
{
	(void)state;
	assert_int_equal(inside(fail_assertion), 1000 + SIGABRT);
}

/* ---- what /proc says ---- */

static char report[8192];

/* /proc/PID/status of a process that has given up its rights. */
static void
look(void)
{
	char path[64], c = 'r';
	int up[2], down[2];

	assert_int_equal(pipe(up) | pipe(down), 0);
	const pid_t pid = fork();

	if (pid == 0) {
		close(up[0]);
		close(down[1]);
		alarm(20);
		must(!privilege_enter(&need, &core));
		must(write(up[1], &c, 1) == 1);
		(void)!read(down[0], &c, 1);
		_exit(0);
	}
	close(up[1]);
	close(down[0]);
	const ssize_t n = read(up[0], &c, 1);

	assert_int_equal(n, 1);
	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	report[fread(report, 1, sizeof report - 1, f)] = '\0';
	fclose(f);
	close(down[1]);
	waitpid(pid, NULL, 0);
	close(up[0]);
}

static void
has(const char *line)
{
	if (!strstr(report, line))
		fail_msg("no \"%s\" in\n%s", line, report);
}

static void
the_sets_hold_what_is_needed_and_no_more(void **state)
{
	(void)state;
	look();
	has("CapInh:\t0000000000000000\n");
	has("CapPrm:\t0000000000003000\n");	/* NET_ADMIN 12, NET_RAW 13 */
	has("CapEff:\t0000000000003000\n");
	has("CapBnd:\t0000000000003000\n");
	has("CapAmb:\t0000000000000000\n");
	has("NoNewPrivs:\t1\n");
	if (filters)
		has("Seccomp:\t2\n");
	has("Uid:\t0\t0\t0\t0\n");
	has("Groups:\t \n");
}

static void
another_user_keeps_the_same_rights(void **state)
{
	(void)state;
	core.uid = core.gid = NOBODY;
	look();
	core.uid = core.gid = 0;
	has("Uid:\t65534\t65534\t65534\t65534\n");
	has("Gid:\t65534\t65534\t65534\t65534\n");
	has("Groups:\t \n");
	has("CapEff:\t0000000000003000\n");
	has("CapPrm:\t0000000000003000\n");
	has("CapBnd:\t0000000000003000\n");
}

static void
a_need_of_nothing_leaves_nothing(void **state)
{
	(void)state;
	const struct privilege all = need;

	memset(&need, 0, sizeof need);
	look();
	need = all;
	has("CapPrm:\t0000000000000000\n");
	has("CapEff:\t0000000000000000\n");
	has("CapBnd:\t0000000000000000\n");
}

static void
memory_is_locked_when_asked_for(void **state)
{
	(void)state;
	if (!filters)
		skip();			/* qemu-user's memory is not the guest's */
	look();
	has("VmLck:\t       0 kB\n");
	need.lock_memory = true;
	look();
	need.lock_memory = false;
	assert_null(strstr(report, "VmLck:\t       0 kB\n"));
}

/* ---- real time ---- */

static void spin(void) { for (volatile unsigned i = 0; ; i++) { } }

static void
a_busy_child_of_real_time_is_ended(void **state)
{
	const struct sched_param param = { .sched_priority = 1 };
	struct timespec a, b;

	(void)state;
	/* May be refused in a container; the daemon then goes on without. */
	const pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param) != 0);
	waitpid(pid, &status, 0);
	if (!filters || status)
		skip();
	need.rt_priority = 10;
	need.rttime_us = 100000;
	clock_gettime(CLOCK_MONOTONIC, &a);
	const int how = inside(spin);

	clock_gettime(CLOCK_MONOTONIC, &b);
	need.rt_priority = 0;
	assert_int_equal(how, 1000 + SIGXCPU);
	assert_true(b.tv_sec - a.tv_sec < 5);
}

static int
setup(void **state)
{
	(void)state;
	char page[4096] = { 0 };
	FILE *f = tmpfile();

	tester = getpid();
	filters = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0 &&
		  prctl(PR_SET_SECCOMP, 2, NULL, 0, 0) < 0 && errno == EFAULT &&
		  IS_ENABLED(CONFIG_SECCOMP);
	need.caps = PRIVILEGE_CAP(CAP_NET_ADMIN) | PRIVILEGE_CAP(CAP_NET_RAW);
	need.families = SECCOMP_NETWORK;
	log_open("privilege_test", LOG_ERR, LOG_TO_STDERR);
	if (!f || fwrite(page, 1, sizeof page, f) != sizeof page || fflush(f))
		return -1;
	sealed = fileno(f);
	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_forbidden_thing_is_the_end_by_sigsys),
		cmocka_unit_test(a_child_without_network_opens_no_socket),
		cmocka_unit_test(what_a_child_does_is_allowed),
		cmocka_unit_test(a_failed_assertion_is_an_abort),
		cmocka_unit_test(the_sets_hold_what_is_needed_and_no_more),
		cmocka_unit_test(another_user_keeps_the_same_rights),
		cmocka_unit_test(a_need_of_nothing_leaves_nothing),
		cmocka_unit_test(memory_is_locked_when_asked_for),
		cmocka_unit_test(a_busy_child_of_real_time_is_ended),
	};

	if (geteuid()) {
		print_message("privilege: only root can give up rights, nothing tested\n");
		return 0;
	}
	return cmocka_run_group_tests_name("privilege", tests, setup, NULL);
}
