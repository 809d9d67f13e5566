/* SPDX-License-Identifier: MIT */
/* mail.h -- mail about what has changed, from a bounded queue.
 *
 * A child says lines; those that come close together make one mail.  It is handed to the
 * configured server (smtp.h), tried again later when that can't take it, and lost, which is counted
 * and logged, when the queue is full or the tries are used up.  A mail never delays anything else.
 * One queue a process.
 */
#ifndef MAIL_H
#define MAIL_H

#include "conf.h"
#include "loop.h"

#define MAIL_JOIN_US	(5 * (int64_t)MONO_US_PER_S)	/* lines so close are one mail */
#define MAIL_FIRST_US	(30 * (int64_t)MONO_US_PER_S)	/* until the second try */
#define MAIL_MOST_US	(960 * (int64_t)MONO_US_PER_S)	/* the delay doubles up to this */
#define MAIL_TRIES	8				/* about an hour in all */

#define MAIL_ERROR	128		/* bytes of what went wrong, with NUL */

struct mail_stat {
	bool wanted;			/* by the running image */
	uint32_t waiting;		/* in the queue */
	uint64_t sent;
	uint64_t failed;		/* tries that were not taken */
	uint64_t lost;			/* lines of mails given up, or that found no room */
	char error[MAIL_ERROR];		/* of the last try that failed, "": none has */
};

#ifdef CONFIG_MAIL

/* By this image from now on; one in transit is tried again by the new one.  `core` must stay
 * until the next call. */
void mail_apply(struct loop *l, const struct conf_core *core, struct mono now);

/* A line of one mail; `subject` is used when it stays alone.  Nothing when no mail is wanted. */
void mail_put(const char *subject, const char *line, struct mono now);

/* The process ends: what waits is lost, and nothing more is taken. */
void mail_stop(void);

void mail_stat(struct mail_stat *out);

/* Whether a child of this image needs to open connections for it. */
bool mail_wanted(const struct conf_core *core);

#else

static inline void
mail_apply(struct loop *l, const struct conf_core *core, struct mono now)
{
	(void)l, (void)core, (void)now;
}

static inline void
mail_put(const char *subject, const char *line, struct mono now)
{
	(void)subject, (void)line, (void)now;
}

static inline void
mail_stop(void)
{
}

static inline void
mail_stat(struct mail_stat *out)
{
	*out = (struct mail_stat){ 0 };
}

static inline bool
mail_wanted(const struct conf_core *core)
{
	(void)core;
	return false;
}

#endif

#endif
