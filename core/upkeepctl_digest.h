/* SPDX-License-Identifier: MIT */
/* upkeepctl_digest.h -- `upkeepctl digest URL`: what an HTTP check would see. */
#ifndef UPKEEPCTL_DIGEST_H
#define UPKEEPCTL_DIGEST_H

#include "upkeepctl_out.h"

#define UPKEEPCTL_DIGEST_ARGS	"URL [via ADDRESS] [cacert FILE|insecure]"

/* `words`: what stands behind the verb.  Fetches the page and prints status, header, the
 * length of the body and its digests.  Returns an exit status. */
int upkeepctl_digest_run(struct upkeepctl_out *o, char **words, int n);

#endif
