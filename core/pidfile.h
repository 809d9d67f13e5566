/* SPDX-License-Identifier: MIT */
/* pidfile.h -- one daemon a run folder.
 *
 * The lock (flock(2)) says that the daemon runs, the number says who it is.  The
 * kernel drops the lock with the last descriptor, so a crash leaves no stale pid
 * file behind.  A child closes the descriptor after fork(2), or it holds the lock
 * for its parent; execve(2) closes it.
 */
#ifndef PIDFILE_H
#define PIDFILE_H

#include <sys/types.h>

#include "port.h"

/* Locks `path`, creating it with mode 0644, and writes this process's pid.  0 and
 * the descriptor that holds the lock, -EEXIST when another process holds it
 * (pidfile_read() says which), or another -errno.  ENOSPC or another errno above 0: the lock is
 * held, but the number could not be written, because the disk is full for instance. */
port_must_check int pidfile_take(const char *path, int *fd_out);

/* The pid in the file, whether it still runs or not.  0, -EINVAL when the file
 * holds no pid (its owner may be about to write it), or another -errno. */
port_must_check int pidfile_read(const char *path, pid_t *pid);

/* Removes the file and drops the lock. */
void pidfile_drop(const char *path, int fd);

#endif
