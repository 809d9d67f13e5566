/* SPDX-License-Identifier: MIT */
/* passwd.h -- user and group names to numbers, by reading /etc/passwd and /etc/group.
 *
 * libc's own functions need the heap.  Only files are asked: an embedded router has no
 * directory service.  A name of digits only is taken as the number.
 */
#ifndef PASSWD_H
#define PASSWD_H

#include "port.h"

#define PASSWD_USERS	"/etc/passwd"
#define PASSWD_GROUPS	"/etc/group"

/* The user's number and that of the user's group (a user given by number that `path` does
 * not know has the group of the same number).  false: unknown, or no such file. */
port_must_check bool passwd_user(const char *path, const char *name, uint32_t *uid,
				 uint32_t *gid);

port_must_check bool passwd_group(const char *path, const char *name, uint32_t *gid);

#endif
