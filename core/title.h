/* SPDX-License-Identifier: MIT */
/* title.h -- the name under which a process shows in ps(1): `upkeepd: vrrp`.
 *
 * It is written over the words of the command line (and, when it is longer, of the
 * environment, which this program does not read) and given to the kernel as the short name.
 */
#ifndef TITLE_H
#define TITLE_H

/* Once, first thing in main(), with its own arguments, which can't be used any
 * more after the first title_set(). */
void title_init(int argc, char **argv);

/* Before title_init() only the kernel's short name (15 bytes) changes. */
void title_set(const char *title);

#endif
