/* SPDX-License-Identifier: MIT */
/* probe_tls.c -- the TLS session that a check takes up again, so that most of its tries cost no
 * whole handshake.
 *
 * It is the check's own: no other server, name or authority can come to use it.  A try that
 * fails, a reload and an operator's word drop it, and tls_session_reuse bounds how long the
 * server is not verified anew.
 */
#include "check_pools.h"
#include "wall.h"

/* How long a server that broke when it was taken at its word is not asked again. */
#define PROBE_TLS_SHY_US	(3600 * (int64_t)MONO_US_PER_S)

const struct tls_kept *
probe_tls_kept(struct probe *p, struct mono now)
{
	const int64_t wall_s = wall_us() / MONO_US_PER_S;

	if (p->kept && tls_kept_good(p->kept, p->conf->tls_reuse_us, wall_s, now))
		return p->kept;
	probe_tls_forget(p);
	return NULL;
}

void
probe_tls_ready(struct probe_try *t, struct mono now)
{
	struct probe *const p = t->probe;
	struct tls_kept kept;
	struct tls_peer peer;

	tls_peer(t->tls, &peer);
	/* The try may end with another connection, which takes this session up. */
	if (peer.not_after_s)
		p->cert_end_s = peer.not_after_s;
	if (peer.again) {
		p->resumed++;
		return;
	}
	probe_tls_forget(p);
	if (t->whole)
		p->shy = mono_add(now, PROBE_TLS_SHY_US);
	/* After STARTTLS a server that broke could not be tried once more. */
	if (p->conf->tls_later || p->conf->tls_reuse_us == 0 || mono_before(now, p->shy) ||
	    !tls_keep(t->tls, &kept, now))
		return;
	p->kept = pool_get(kept);
	if (p->kept)
		*p->kept = kept;
	tls_kept_wipe(&kept);
}

void
probe_tls_forget(struct probe *p)
{
	if (!p->kept)
		return;
	tls_kept_wipe(p->kept);
	pool_put(kept, p->kept);
	p->kept = NULL;
}
