/* SPDX-License-Identifier: MIT */
/* privilege.c -- giving up rights, by the kernel's own calls: the C library's change the
 * user of all threads, with code for that, and musl's scheduling calls do nothing. */
#define _GNU_SOURCE
#include "privilege.h"

#include <errno.h>
#include <string.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi.h"
#include "core_log.h"
#include "seccomp.h"

/* From here on no user number, not even 0, means a right; for good. */
#define BITS	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |			\
		 SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |	\
		 SECBIT_KEEP_CAPS_LOCKED |					\
		 SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

static int
set(int what, unsigned long value)
{
	return prctl(what, value, 0UL, 0UL, 0UL) ? -errno : 0;
}

/* ---- what must be had before it is given up ---- */

static void
lock_memory(void)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int flags = MCL_CURRENT | MCL_ONFAULT;

	/* Without the limit raised, the next image could not be mapped. */
	if (setrlimit(RLIMIT_MEMLOCK, &all) == 0)
		flags |= MCL_FUTURE;
	/* ONFAULT: most of the pools is never touched and takes no memory. */
	if (mlockall(flags))
		log_put(CORE_LOG_NO_LOCK, strerror(errno));
}

static void
be_real_time(const struct privilege *p)
{
	const struct sched_param param = { .sched_priority = p->rt_priority };
	/* The soft limit's signal ends the process, and tells the parent why. */
	const struct rlimit guard = { p->rttime_us, 2 * (rlim_t)p->rttime_us };

	/* Never without the guard: one that spins would stop a router of one core. */
	if (setrlimit(RLIMIT_RTTIME, &guard) ||
	    syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param))
		log_put(CORE_LOG_NO_RT, p->rt_priority, strerror(errno));
}

/* ---- giving up ---- */

/* Who lacks CAP_SETPCAP can neither empty the bounding set nor set the bits; both only
 * matter to a program that is executed, and there is none. */
static int
bound(uint64_t caps)
{
	for (unsigned cap = 0; cap < 64; cap++) {
		if (caps & PRIVILEGE_CAP(cap) ||
		    prctl(PR_CAPBSET_READ, (unsigned long)cap, 0UL, 0UL, 0UL) <= 0)
			continue;
		const int rc = set(PR_CAPBSET_DROP, cap);

		if (rc)
			return rc == -EPERM ? 0 : rc;
	}
	const int rc = set(PR_SET_SECUREBITS, BITS);

	return rc == -EPERM ? 0 : rc;
}

static int
become(uint32_t uid, uint32_t gid)
{
	if (syscall(ABI_SETGROUPS, 0, NULL) && uid)
		return -errno;
	if (!uid)
		return 0;
	if (syscall(ABI_SETRESGID, gid, gid, gid) || syscall(ABI_SETRESUID, uid, uid, uid))
		return -errno;
	return 0;
}

static int
keep(uint64_t caps)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const uint32_t low = (uint32_t)caps, high = (uint32_t)(caps >> 32);
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = low, .permitted = low },
		{ .effective = high, .permitted = high },
	};

	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

static int
filter(unsigned families)
{
	if (!IS_ENABLED(CONFIG_SECCOMP))
		return 0;
	const int rc = seccomp_install(families);

	if (rc != -ENOSYS && rc != -EINVAL)
		return rc;
	log_put(CORE_LOG_NO_FILTER);
	return 0;
}

/* The step that failed, in `rc` why; NULL: none. */
static const char *
give_up(const struct privilege *p, const struct conf_core *core, int *rc)
{
	/* The change of the user would take what is to be kept. */
	if ((*rc = set(PR_SET_KEEPCAPS, 1)))
		return "keepcaps";
	if ((*rc = bound(p->caps)))
		return "bounding set";
	if ((*rc = become(core->uid, core->gid)))
		return "user";
	if ((*rc = keep(p->caps)))
		return "capabilities";
	*rc = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0UL, 0UL, 0UL)
		? -errno : 0;
	if (*rc)
		return "ambient set";
	if ((*rc = set(PR_SET_NO_NEW_PRIVS, 1)))
		return "no_new_privs";
	if ((*rc = set(PR_SET_DUMPABLE, 0)))
		return "dumpable";
	if ((*rc = filter(p->families)))
		return "filter";
	return NULL;
}

int
privilege_enter(const struct privilege *p, const struct conf_core *core)
{
	int rc = 0;

	if (p->lock_memory)
		lock_memory();
	if (p->rt_priority)
		be_real_time(p);
	const char *step = give_up(p, core, &rc);

	if (step)
		log_put(CORE_LOG_PRIVILEGE, step, strerror(-rc));
	return rc;
}
