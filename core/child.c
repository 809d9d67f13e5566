/* SPDX-License-Identifier: MIT */
/* child.c -- the frame of a child process, see child.h. */
#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "control.h"
#include "core_log.h"
#include "core_pools.h"
#include "watchdog.h"

#define CHILD_ORPHAN_S	5		/* for the end of a child without a parent */

/* What the frame itself needs, beside the environment that the child sees. */
static struct {
	struct child_env *env;
	struct watchdog_ear ear;
	struct loop_fd signals;
} self;

struct child_env *
child_self(void)
{
	return self.env;
}

static const void *
part_of(const struct child *child, const struct conf_image *img)
{
	for (unsigned i = 0; i < child_count; i++)
		if (child_table[i] == child)
			return conf_part(img, i);
	return NULL;
}

const void *
child_conf(const struct child_env *env)
{
	return part_of(env->child, env->image);
}

/* Once: whoever asks first, the parent, a signal, or the parent's death. */
static void
end(struct child_env *env, struct mono now)
{
	if (env->stopping)
		return;
	env->stopping = true;
	env->child->stop(env, now);
	loop_stop(&env->loop);
}

static void
on_stop(struct ipc *ipc, const struct ipc_stop *m, int fd, struct mono now)
{
	(void)m;
	(void)fd;
	end(ipc->owner, now);
}

static void
on_gone(struct ipc *ipc, struct mono now)
{
	struct child_env *env = ipc->owner;

	if (!env->stopping)
		log_put(CORE_LOG_ORPHAN);
	alarm(CHILD_ORPHAN_S);		/* nobody is left to kill one that hangs */
	end(env, now);
}

static void
on_refused(struct ipc *ipc, const char *why, struct mono now)
{
	(void)now;
	log_put(CORE_LOG_REFUSED, "parent", why,
		(unsigned long long)ipc->refused);
}

/* The parent's image, mapped; NULL with a reason in the log. */
static const struct conf_image *
map_image(const struct ipc_commit *m, int fd)
{
	/* Shared, a sealed file can't be mapped before Linux 6.7.  It does not
	 * change, so a private mapping shows the same pages. */
	const struct conf_image *img =
		mmap(NULL, m->bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	int rc = 0;

	if (img == MAP_FAILED) {
		rc = errno;
		img = NULL;
	} else if (!conf_valid(img, m->bytes) ||
		   img->generation != m->generation) {
		rc = EINVAL;
	}
	if (rc) {
		log_put(CORE_LOG_IMAGE, m->generation, strerror(rc));
		return NULL;
	}
	return img;
}

static void
ask_rights(struct privilege *out, const struct child *child,
	   const struct conf_image *img)
{
	memset(out, 0, sizeof *out);
	if (child->privilege)
		child->privilege(part_of(child, img), out);
}

/* Rights can't be had back: what an image says of them is for the next life. */
static bool
same_rights(const struct child *child, const struct conf_image *a,
	    const struct conf_image *b)
{
	struct privilege pa, pb;

	ask_rights(&pa, child, a);
	ask_rights(&pb, child, b);
	return pa.caps == pb.caps && pa.families == pb.families &&
	       pa.lock_memory == pb.lock_memory && pa.rt_priority == pb.rt_priority &&
	       pa.rttime_us == pb.rttime_us && a->core.uid == b->core.uid &&
	       a->core.gid == b->core.gid;
}

/* Whether it would call what its filter kills it for. */
static bool
lacks_rights(const struct child_env *env, const struct conf_image *next)
{
	struct privilege need;

	ask_rights(&need, env->child, next);
	return IS_ENABLED(CONFIG_SECCOMP) && (need.families & ~env->families) != 0;
}

static void
unmap_image(const struct conf_image *img)
{
	const uint32_t bytes = img->bytes;

	/* munmap() takes what mmap() gave, which nobody may write through. */
	munmap((void *)(uintptr_t)img, bytes);
}

static void
say_ready(struct child_env *env)
{
	const struct ipc_ready m = { .generation = env->image->generation };

	/* When it is lost, the parent is hung or gone, and that is seen. */
	(void)ipc_send_READY(&env->ipc, &m, IPC_NO_FD);
}

static void
on_commit(struct ipc *ipc, const struct ipc_commit *m, int fd, struct mono now)
{
	struct child_env *env = ipc->owner;
	const struct conf_image *prev = env->image;
	const struct conf_image *next = map_image(m, fd);

	close(fd);
	if (env->stopping)
		return;
	if (!next)
		_exit(1);	/* started anew, it has the image by inheritance */
	if (lacks_rights(env, next)) {
		log_put(CORE_LOG_MORE_RIGHTS);
		_exit(1);
	}
	env->image = next;
	if (!same_rights(env->child, prev, next))
		log_put(CORE_LOG_NEXT_LIFE);
	env->child->apply(env, prev, next, now);
	unmap_image(prev);
	say_ready(env);
}

static void
on_reloaded(struct ipc *ipc, const struct ipc_reloaded *m, int fd,
	    struct mono now)
{
	(void)ipc;
	(void)fd;
	(void)now;
	control_reloaded(m);
}

static void
on_taken(struct ipc *ipc, const struct ipc_taken *m, int fd, struct mono now)
{
	(void)ipc;
	(void)m;
	(void)fd;
	control_taken(now);
}

static void
on_restarted(struct ipc *ipc, const struct ipc_restarted *m, int fd, struct mono now)
{
	(void)ipc;
	(void)fd;
	(void)now;
	control_restarted(m);
}

static void
on_exited(struct ipc *ipc, const struct ipc_exited *m, int fd, struct mono now)
{
	struct child_env *env = ipc->owner;

	(void)fd;
	if (env->child->exited && !env->stopping)
		env->child->exited(env, m, now);
}

static void
on_parent(struct ipc *ipc, const struct ipc_parent *m, int fd, struct mono now)
{
	struct child_env *env = ipc->owner;

	(void)fd;
	(void)now;
	env->parent = *m;
}

static void
on_told(struct ipc *ipc, const struct ipc_state *m, int fd, struct mono now)
{
	struct child_env *env = ipc->owner;
	struct ipc_state state = *m;

	(void)fd;
	state.name[sizeof state.name - 1] = '\0';
	if (env->child->told && !env->stopping)
		env->child->told(env, &state, now);
}

static void
on_tell(struct ipc *ipc, const struct ipc_tell *m, int fd, struct mono now)
{
	struct child_env *env = ipc->owner;

	(void)m;
	(void)fd;
	if (env->child->tell && !env->stopping)
		env->child->tell(env, now);
}

static const struct ipc_ops down_ops = {
	.parent = false,
	.COMMIT = on_commit,
	.STOP = on_stop,
	.TAKEN = on_taken,
	.RELOADED = on_reloaded,
	.RESTARTED = on_restarted,
	.EXITED = on_exited,
	.PARENT = on_parent,
	.TOLD = on_told,
	.TELL = on_tell,
	.refused = on_refused,
	.gone = on_gone,
};

static void
on_signal(struct loop_fd *f, uint32_t events, struct mono now)
{
	struct signalfd_siginfo si;

	(void)events;
	while (read(f->fd, &si, sizeof si) == (ssize_t)sizeof si)
		end(self.env, now);
}

/* SIGTERM to a child alone is an orderly end.  ^C goes to the whole process
 * group and is the parent's to handle, and so is a reload. */
static int
open_signals(struct loop *l)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	sigaction(SIGINT, &ignore, NULL);
	sigaction(SIGHUP, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_SETMASK, &set, NULL);
	self.signals.ready = on_signal;
	self.signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (self.signals.fd < 0)
		return -errno;
	return loop_add(l, &self.signals, EPOLLIN);
}

/* 0 or -errno, with a reason in the log. */
static int
open_frame(struct child_env *env, int ipc_fd)
{
	const char *name = env->child->name;
	int rc = loop_open(&env->loop);

	if (!rc)
		rc = open_signals(&env->loop);
	if (!rc)
		rc = ipc_open(&env->ipc, &env->loop, ipc_fd, &down_ops, env);
	if (rc) {
		log_put(CORE_LOG_CHILD_FAIL, strerror(-rc));
		return rc;
	}
	rc = watchdog_listen(&self.ear, &env->loop, env->run_dir, name);
	if (rc) {
		log_put(CORE_LOG_SOCKET, env->run_dir, name, "dog",
			strerror(-rc));
		return rc;
	}
	rc = control_open(env);
	if (rc)
		log_put(CORE_LOG_SOCKET, env->run_dir, name, "sock",
			strerror(-rc));
	return rc;
}

static void
on_leak(void *arg, const char *name, uint32_t slot, const char *file,
	unsigned line)
{
	(void)arg;
	log_put(CORE_LOG_POOL_HELD, name, slot, file ? file : "?", line);
}

/* What a child that has ended in order still holds, in a build that looks for it. */
static void
look_for_leaks(const struct pool *const *pools, unsigned n)
{
	if (!IS_ENABLED(CONFIG_POOL_DEBUG) || !pools)
		return;
	for (unsigned i = 0; i < n; i++) {
		pool_debug_check(pools[i]);
		pool_leaks(pools[i], on_leak, NULL);
	}
}

/* 0 or -errno, with a reason in the log. */
static int
give_up_rights(struct child_env *env)
{
	struct privilege need;

	ask_rights(&need, env->child, env->image);
	env->families = need.families;
	return privilege_enter(&need, &env->image->core);
}

static void
take_checkpoint(struct child_env *env)
{
	if (!env->checkpoint)
		return;
	env->earlier = checkpoint_take(env->checkpoint,
				       env->child->checkpoint_bytes,
				       env->child->checkpoint_layout);
	env->loop.beats = &env->checkpoint->beats;
	if (env->earlier == CHECKPOINT_STRANGE)
		log_put(CORE_LOG_CHECKPOINT, env->child->name);
}

void
child_main(struct child_env *env, const struct child *child, int ipc_fd,
	   const struct conf_image *image)
{
	self.env = env;
	env->child = child;
	env->image = image;
	env->stopping = false;
	env->started = loop_clock();
	if (open_frame(env, ipc_fd) || give_up_rights(env))
		_exit(1);
	take_checkpoint(env);
	const int rc = child->start(env, env->started);

	if (rc) {
		log_put(CORE_LOG_CHILD_FAIL, strerror(-rc));
		_exit(1);
	}
	child->apply(env, NULL, image, loop_clock());
	say_ready(env);
	loop_run(&env->loop);
	control_close();
	watchdog_deafen(&self.ear);
	ipc_close(&env->ipc);
	look_for_leaks(core_pools, core_pools_count);
	look_for_leaks(child->pools, child->npools ? *child->npools : 0);
	_exit(0);
}
