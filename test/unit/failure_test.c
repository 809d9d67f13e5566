/* SPDX-License-Identifier: MIT */
/* failure_test.c -- every send, every netlink request and answer, every socket and every pool
 * request of the VRRP child fails once: the n-th call, n from 1 until a run passes untouched.
 *
 * The real child inside (start, apply, reload, stop) on a real interface, with the clock
 * turned by hand; each run is a process of its own in the same network namespace.  What must
 * hold: nothing crashes, one failure is made good in time (a full pool by the next
 * reload), and a stop leaves no address.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "child.h"
#include "core_pools.h"
#include "kept.h"
#include "log.h"
#include "netns.h"
#include "pool_inside.h"
#include "router.h"
#include "vrrp.h"
#include "vrrp_pools.h"

#define UNTOUCHED	77		/* exit code: there was no n-th call */
#define SETTLE_MS	12000		/* simulated */
#define STEP_MS		50
#define ENOUGH		40		/* failures of the test, to see what is wrong */
#define MOST		2000		/* calls of one kind; more means that it never ends */

const struct child *const child_table[] = { &vrrp_child, NULL };
const unsigned child_count = 1;

static bool possible;

/* ---- what fails ---- */

enum kind {
	KIND_SEND,
	KIND_REQUEST,
	KIND_ANSWER,
	KIND_SOCKET,
	KIND_POOL,
	KIND__N
};

static const char *const kind_name[KIND__N] = {
	"send", "netlink request", "netlink answer", "socket", "pool request",
};

static struct {
	enum kind kind;
	unsigned at;			/* counts down to the call that fails */
	bool done;
	const char *during;		/* what was under way then */
	const char *now;
} fault;

static bool
fails(enum kind kind)
{
	if (kind != fault.kind || fault.done || --fault.at > 0)
		return false;
	fault.done = true;
	fault.during = fault.now;
	return true;
}

#define WRAP(type, name, params, args, kind_, err)			\
type __real_##name params;						\
type __wrap_##name params;						\
type									\
__wrap_##name params							\
{									\
	if (fails(kind_)) {						\
		errno = err;						\
		return (type)-1;					\
	}								\
	return __real_##name args;					\
}

WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), (fd, m, flags),
     KIND_SEND, ENOBUFS)
WRAP(int, sendmmsg, (int fd, struct mmsghdr *m, unsigned n, unsigned flags),
     (fd, m, n, flags), KIND_SEND, ENOBUFS)
WRAP(ssize_t, sendto, (int fd, const void *p, size_t n, int flags,
		       const struct sockaddr *to, socklen_t len),
     (fd, p, n, flags, to, len), KIND_REQUEST, ENOBUFS)
WRAP(int, socket, (int family, int type, int protocol), (family, type, protocol),
     KIND_SOCKET, ENFILE)

/* The kernel had no room for it: what it was is lost. */
ssize_t __real_recvmsg(int fd, struct msghdr *m, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *m, int flags);
ssize_t
__wrap_recvmsg(int fd, struct msghdr *m, int flags)
{
	const ssize_t n = __real_recvmsg(fd, m, flags);

	if (n < 0 || !fails(KIND_ANSWER))
		return n;
	errno = ENOBUFS;
	return -1;
}

void *__real_pool_slot_get(const struct pool *p, const char *file, unsigned line);
void *__wrap_pool_slot_get(const struct pool *p, const char *file, unsigned line);
void *
__wrap_pool_slot_get(const struct pool *p, const char *file, unsigned line)
{
	return fails(KIND_POOL) ? NULL : __real_pool_slot_get(p, file, line);
}

/* ---- the configurations ---- */

static struct vrrp_conf_instance *
add(struct vrrp_conf *c, uint8_t vrid, uint8_t family)
{
	struct vrrp_conf_instance *const in = &c->instance[c->ninstances++];

	*in = (struct vrrp_conf_instance){
		.interface = "v0", .vrid = vrid, .version = 3, .family = family,
		.priority = 100, .advert_us = MONO_US_PER_S, .preempt = true,
		.accept = true, .check_unicast_src = true, .down_timer_adverts = 3,
		.unicast_ttl = 255, .garp_master_repeat = 2,
		.garp_master_refresh_repeat = 1, .garp_lower_prio_repeat = 2,
		.garp_master_delay_us = 2 * MONO_US_PER_S, .vips = { .first = c->nvips },
	};
	snprintf(in->name, sizeof in->name, "vr%u", vrid);
	return in;
}

static void
vip(struct vrrp_conf *c, struct vrrp_conf_instance *in, const char *text)
{
	struct vrrp_conf_vip *const v = &c->vip[c->nvips++];

	*v = (struct vrrp_conf_vip){ .nodad = true, .advertised = true, .forever = true };
	assert_true(net_prefix_parse(&v->addr, &v->prefixlen, text, strlen(text)));
	strcpy(v->dev, "v0");
	in->vips.n++;
	in->nadvertised++;
}

static struct conf_image *
image(uint32_t generation, bool other)
{
	struct conf_image *const img = calloc(1, conf_bytes());

	assert_non_null(img);
	conf_init(img);
	img->generation = generation;
	struct vrrp_conf *const c = (struct vrrp_conf *)((char *)img + img->part[0]);

	assert_true(net_addr_parse(&c->mcast_group4, "224.0.0.18", 10));
	assert_true(net_addr_parse(&c->mcast_group6, "ff02::12", 8));
	struct vrrp_conf_instance *in = add(c, 1, AF_INET);

	vip(c, in, "192.0.2.101/24");
	vip(c, in, other ? "192.0.2.103/24" : "192.0.2.102/32");
	in = other ? add(c, 3, AF_INET) : add(c, 2, AF_INET6);
	vip(c, in, other ? "198.51.100.101/24" : "fe80::101/64");
	if (!other)
		vip(c, in, "2001:db8::101/64");
	return img;
}

/* ---- one run ---- */

static struct child_env self;
static struct child_env *const env = &self;
static struct mono now;

/* The frame of a child (child.c) is not here, only its inside. */
struct child_env *
child_self(void)
{
	return env;
}

const void *
child_conf(const struct child_env *e)
{
	return conf_part(e->image, 0);
}

#define MUST(x)								\
	do {								\
		if (!(x)) {						\
			fprintf(stderr, "%s: not %s (failed during %s)\n",	\
				fault.now, #x, fault.during);		\
			_exit(1);					\
		}							\
	} while (0)

static void
serve(int ms)
{
	struct loop *const l = &env->loop;

	for (; ms > 0; ms -= STEP_MS) {
		now = l->now = mono_add(now, STEP_MS * MONO_US_PER_MS);
		timer_run(&l->timers, now);
		l->nbatch = epoll_wait(l->epfd, l->batch, LOOP_BATCH, 0);
		for (l->served = 0; l->served < l->nbatch; l->served++) {
			const struct epoll_event *const ev = &l->batch[l->served];
			struct loop_fd *const f = ev->data.ptr;

			if (ev->events && f)
				f->ready(f, ev->events, now);
		}
		l->served = -1;
		l->nbatch = 0;
	}
}

static bool
all_is_well(void)
{
	const struct vrrp_conf *const c = child_conf(env);
	unsigned n = 0;

	for (const struct router *r; (r = router_at(n)) != NULL; n++) {
		if (r->in.state != FSM_MASTER || r->vips.nthere != r->in.conf->vips.n)
			return false;
		/* A table that was full for a moment need not know them. */
		for (const struct address *a = r->vips.first; a && fault.kind != KIND_POOL;
		     a = a->next)
			if (!link_find_addr(a->link, &a->vip.addr, a->vip.prefixlen))
				return false;
	}
	return n == c->ninstances;
}

static void
put_into_force(struct conf_image *img, const char *what)
{
	const struct conf_image *const prev = env->image;

	fault.now = what;
	env->image = img;
	vrrp_child.apply(env, prev, img, now);
	serve(SETTLE_MS);
	/* What the kernel does later does not know our clock. */
	for (int i = 0; i < 300 && !all_is_well(); i++) {
		serve(STEP_MS);
		usleep(1000);
	}
	MUST(all_is_well() || (fault.kind == KIND_POOL && fault.done));
}

static bool
any_address(void)
{
	const char *const shown = netns_out("ip -o address show dev v0");

	return strstr(shown, ".101/") || strstr(shown, ".102/") ||
	       strstr(shown, ".103/") || strstr(shown, "::101/");
}

static void
check_pools(const struct pool *const *pools, unsigned n)
{
	struct pool_stat st;

	for (unsigned i = 0; i < n; i++) {
		pool_stat(pools[i], &st);
		MUST(st.used == 0);
	}
}

static void
run(void)
{
	static _Alignas(8) uint8_t memory[sizeof(struct checkpoint) + sizeof(struct kept)];

	log_open("failure", LOG_ERR, 0);
	env->child = &vrrp_child;
	static const struct ipc_ops down = { .parent = false };

	env->ipc.ops = &down;
	env->ipc.io.fd = -1;		/* what is said to the parent is dropped */
	env->checkpoint = (struct checkpoint *)(void *)memory;
	MUST(checkpoint_take(env->checkpoint, sizeof(struct kept), KEPT_LAYOUT) ==
	     CHECKPOINT_FRESH);
	MUST(loop_open(&env->loop) == 0);
	now = env->loop.now = env->started = loop_clock();
	fault.now = "start";
	if (vrrp_child.start(env, now)) {
		MUST(fault.done);	/* the parent tries again */
		_exit(0);
	}
	put_into_force(image(1, false), "takeover");
	put_into_force(image(2, true), "reload");
	put_into_force(image(3, false), "reload back");
	const bool before = fault.done;

	fault.now = "reload of the same";
	put_into_force(image(4, false), "reload of the same");
	MUST(!before || all_is_well());
	fault.now = "stop";
	vrrp_child.stop(env, now);
	const bool untouched = !fault.done;

	MUST(!any_address());
	check_pools(vrrp_pools, vrrp_pools_count);
	check_pools(core_pools, core_pools_count);
	_exit(untouched ? UNTOUCHED : 0);
}

/* A run leaves nothing when all is well; when not, the next shall not suffer. */
static void
fresh(void)
{
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	netns_sh("ip link add v0 type veth peer name v1; ip link set v0 addrgenmode none;"
		 "ip link set v1 up; ip link set v0 up;"
		 "ip address add 192.0.2.250/24 dev v0;"
		 "ip address add fe80::1/64 dev v0 nodad");
	while (strstr(netns_out("ip address show dev v0"), "tentative"))
		usleep(1000);
	usleep(20000);			/* carrier, and what the kernel does later */
}

static void
each_fails_once(enum kind kind)
{
	unsigned bad = 0, n;
	int status = 0;

	if (!possible)
		skip();
	fresh();
	for (n = 1; n < MOST && bad < ENOUGH; n++) {
		const pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			signal(SIGSEGV, SIG_DFL);	/* cmocka's are for its own */
			signal(SIGABRT, SIG_DFL);
			fault.kind = kind;
			fault.at = n;
			run();
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == UNTOUCHED)
			break;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			continue;
		print_message("%s %u: status %x\n", kind_name[kind], n, (unsigned)status);
		bad++;
		fresh();
	}
	print_message("%u calls\n", n - 1);
	assert_int_equal(bad, 0);
	assert_true(n > 1 && n < MOST);
}

static void
every_advert_and_announcement_fails_once(void **state)
{
	(void)state;
	each_fails_once(KIND_SEND);
}

static void
every_netlink_request_fails_once(void **state)
{
	(void)state;
	each_fails_once(KIND_REQUEST);
}

static void
every_netlink_answer_is_lost_once(void **state)
{
	(void)state;
	each_fails_once(KIND_ANSWER);
}

static void
every_socket_fails_once(void **state)
{
	(void)state;
	each_fails_once(KIND_SOCKET);
}

static void
every_pool_is_full_once(void **state)
{
	(void)state;
	each_fails_once(KIND_POOL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_advert_and_announcement_fails_once),
		cmocka_unit_test(every_netlink_request_fails_once),
		cmocka_unit_test(every_netlink_answer_is_lost_once),
		cmocka_unit_test(every_socket_fails_once),
		cmocka_unit_test(every_pool_is_full_once),
	};

	possible = netns_possible();
	return cmocka_run_group_tests_name("failure", tests, NULL, NULL);
}
