/* SPDX-License-Identifier: MIT */
/* probe.h -- one check in the world: when it is tried, by what descriptor, for how long, and
 * what its tries come to.
 *
 * A checker (checker.h) says what the bytes mean; here are, once for all of them, the socket,
 * TLS, the deadline of the whole try, the queue for a free slot or TLS session (which is not
 * held against the server), and hysteresis (health.h).  A try that is not wanted any longer is
 * dropped without a verdict.
 */
#ifndef PROBE_H
#define PROBE_H

#include "checker.h"
#include "health.h"
#include "log.h"
#include "loop.h"
#include "stream.h"

struct probe;
struct probe_try;

/* What its owner is told. */
struct probe_ops {
	/* A try has ended: p->last holds what came of it; `changed`: the verdict is another. */
	void (*done)(struct probe *p, bool changed, struct mono now);
	/* After done(): the try of which an operator was told each step; or another one came. */
	void (*explained)(struct probe *p, uint32_t ticket, struct mono now);
	/* A script is to be run: EXITED comes back to probe_exited().  false: it can't be. */
	bool (*run)(struct probe *p, struct mono now);
};

/* What all probes stand on; one a process. */
struct probes {
	struct loop *loop;
	const struct probe_ops *ops;
	const struct check_conf *conf;	/* texts of the image in force */
	struct probe *first, *last;	/* that wait for a slot or a session, in order */
	unsigned plain;			/* of those, who needs no more than a slot */
	struct timer serve;		/* the queue is looked at */
	struct log_limit wants;		/* failures for a want of ours */
	uint64_t waits;			/* tries that had to wait */
	uint64_t tries, failures;
	int64_t wait_max_us;
	int64_t late_max_us;		/* of the start of a try, behind its time */
	uint32_t seed;			/* of the numbers that tries draw */
	uint16_t scripts;		/* numbers of scripts given out */
	uint16_t running;		/* tries that have one */
};

/* What came of the last try. */
struct probe_result {
	bool any;			/* there was one */
	bool passed;
	bool ours;			/* for want of descriptors, memory or a place for a script:
					 * counted, and says nothing of the server */
	uint8_t reason;			/* enum checker_reason */
	uint8_t tls;			/* enum tls_verdict, when reason is CHECKER_TLS */
	char detail[CHECKER_DETAIL];
	int64_t latency_us;		/* from its start to its end */
	int64_t at_wall_us;
	struct mono at;
};

struct probe {
	const struct check_conf_check *conf;
	struct probes *all;
	uint16_t index;			/* of conf in the image */
	bool wanted;			/* the reload under way names it again */
	bool suspended;			/* ha_suspend: not tried */
	bool queued;			/* waits for a slot */
	struct health health;
	struct timer timer;		/* the next try */
	struct mono due;		/* when that try is to begin */
	struct probe *next;		/* in the queue */
	struct probe_try *try;		/* under way, NULL */
	struct probe_result last;
	uint32_t ticket;		/* an operator waits and is told each step (control.h) */
	int32_t weight;			/* that a check has asked for, -1: none */
	int32_t add;			/* to each server's own */
	bool asks;			/* the last try asked for another weight than before */
	int64_t since_wall_us;		/* of the verdict */
	int64_t cert_end_s;		/* of the server's certificate, Unix time; 0: unknown */
	int64_t cert_warned_s;		/* the end that was warned of */
	struct tls_kept *kept;		/* TLS session to take up, NULL */
	struct mono shy;		/* until then none is kept: the server breaks on it */
	uint64_t resumed;		/* sessions that were taken up */
	uint64_t passed, failed;	/* tries */
	uint32_t changes;		/* of the verdict */
	uint32_t why[CHECKER_REASON__N];	/* failures by reason */
};

/* One try; private to probe.c and probe_io.c but for its size. */
struct probe_try {
	struct probe *probe;
	struct stream stream;
	struct loop_fd io;		/* DATAGRAM, ECHO; fd < 0: none */
	struct tls *tls;
	struct timer deadline;
	struct timer wake;		/* checker's tick */
	struct mono begun;
	bool ready;			/* the checker may speak: TLS's handshake is done */
	bool heard;			/* something came since it spoke; told once */
	bool passed;			/* its end: a server that answered gets a FIN */
	bool ours;			/* it fails for a want of ours */
	bool late;			/* our process slept at its deadline, which was put off */
	uint16_t script;		/* number of the one that the parent runs, 0: none */
	bool again;			/* a kept session was offered */
	bool whole;			/* the server broke on that, and is tried once more */
	struct checker_run run;
	_Alignas(8) uint8_t state[CONFIG_CHECK_STATE];
	uint8_t tx[CONFIG_CHECK_SEND];
	uint8_t out[CONFIG_CHECK_SEND];	/* what the checker writes in one call */
};

void probe_all_open(struct probes *all, struct loop *loop, const struct probe_ops *ops);

/* A new check of the image in force; its first try is spread over its warm-up.  `up`: what
 * its servers are until it has a verdict of its own. */
struct probe *probe_open(struct probes *all, const struct check_conf_check *conf, uint16_t index,
			 bool up, struct mono now);
/* The same check in another image: a script that runs goes on by the old times. */
void probe_conf(struct probe *p, const struct check_conf_check *conf, uint16_t index,
		struct mono now);
void probe_close(struct probe *p);

/* Begins a try now, unless one is under way; `ticket`: the operator who waits (0: nobody). */
void probe_now(struct probe *p, uint32_t ticket, struct mono now);

/* No tries while the address is not here; goes on where it was. */
void probe_suspend(struct probe *p, bool on, struct mono now);

/* The script of the try under way has ended, as waitpid(2) says. */
void probe_exited(struct probe *p, int status, struct mono now);

/* Drops all tries, for their texts are about to go; a script, of which the parent has the text,
 * goes on. */
void probe_all_drop(struct probes *all, struct mono now);

/* ---- between probe.c and probe_io.c ---------------------------------------------- */

/* Opens what the run's link needs; false: ended, with a verdict. */
void probe_io_open(struct probe_try *t, struct mono now);
/* `reset`: whatever the other side still does, nothing is left of the connection. */
void probe_io_close(struct probe_try *t, bool reset);
/* TLS over the connection, in which the server was spoken to in clear. */
void probe_io_secure(struct probe_try *t, struct mono now);
/* What the checker wrote goes out; false: it does not fit, or was refused. */
bool probe_io_send(struct probe_try *t, struct mono now);

#ifdef CONFIG_TLS
/* The session that `p` may take up now, NULL: none. */
const struct tls_kept *probe_tls_kept(struct probe *p, struct mono now);
/* The handshake is done. */
void probe_tls_ready(struct probe_try *t, struct mono now);
void probe_tls_forget(struct probe *p);
#else
static inline const struct tls_kept *
probe_tls_kept(struct probe *p, struct mono now)
{
	(void)p, (void)now;
	return NULL;
}

static inline void
probe_tls_ready(struct probe_try *t, struct mono now)
{
	(void)t, (void)now;
}

static inline void
probe_tls_forget(struct probe *p)
{
	(void)p;
}
#endif

/* A step of the checker: carries it out.  May end the try: it must not be touched after. */
void probe_step(struct probe_try *t, enum checker_step step, struct mono now);
/* Before each call of a checker. */
void probe_call(struct probe_try *t, struct mono now);
void probe_fail(struct probe_try *t, enum checker_reason reason, const char *detail,
		struct mono now);
/* ---- probe_tell.c: nothing unless an operator waits ------------------------------ */

void probe_tell(const struct probe *p, struct mono now, const char *fmt, ...) port_format(3, 4);
/* What is tried; how what is sent, or has come, begins (NULL: not told); what came of it, in
 * p->last. */
void probe_tell_begin(const struct probe *p, struct mono now);
void probe_tell_bytes(const struct probe *p, const char *what, const uint8_t *bytes, size_t n,
		      struct mono now);
void probe_tell_end(const struct probe *p, bool changed, struct mono now);

#endif
