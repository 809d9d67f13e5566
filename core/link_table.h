/* SPDX-License-Identifier: MIT */
/* link_table.h -- how messages change the table of link.h; link.c's other half.
 *
 * Changes are marked fresh and what leaves waits in links.gone; nobody is told here.
 */
#ifndef LINK_TABLE_H
#define LINK_TABLE_H

#include "link.h"

/* Puts one message of a dump or of the monitor into the table. */
void link_table_apply(struct links *ls, const struct nlmsghdr *h);

/* The interface of `l` is no more, or has another name now. */
void link_table_detach(struct links *ls, struct link *l);

/* Takes *at out of its link's list; it waits in `gone` to be told. */
void link_table_drop(struct links *ls, struct link_addr **at);

#endif
