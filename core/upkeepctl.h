/* SPDX-License-Identifier: MIT */
/* upkeepctl.h -- the client: the same binary under its second name. */
#ifndef UPKEEPCTL_H
#define UPKEEPCTL_H

/* Its main(): needs no root, no configuration and no network of its own.
 * Returns the exit status. */
int upkeepctl_main(int argc, char **argv);

#endif
