/* SPDX-License-Identifier: MIT */
/* ipvs_msg_scheduler.c -- a part of ipvs_msg.c: the kernel's schedulers by name. */
#include "ipvs_msg.h"

#include <linux/ip_vs.h>
#include <string.h>

const struct ipvs_msg_scheduler ipvs_msg_scheduler[] = {
#define ROW(word, text)	{ .name = #word, .what = text },
	IPVS_MSG_SCHEDULERS(ROW)
#undef ROW
	{ .name = NULL },
};

/* sh and mh share their bits (linux/ip_vs.h). */
const struct ipvs_msg_flag ipvs_msg_flag[] = {
	{ "sh-fallback", "sh", IP_VS_SVC_F_SCHED_SH_FALLBACK },
	{ "sh-port", "sh", IP_VS_SVC_F_SCHED_SH_PORT },
	{ "mh-fallback", "mh", IP_VS_SVC_F_SCHED1 },
	{ "mh-port", "mh", IP_VS_SVC_F_SCHED2 },
	{ "flag-1", "", IP_VS_SVC_F_SCHED1 },
	{ "flag-2", "", IP_VS_SVC_F_SCHED2 },
	{ "flag-3", "", IP_VS_SVC_F_SCHED3 },
	{ .word = NULL },
};

bool
ipvs_msg_is_scheduler(const char *name)
{
	for (const struct ipvs_msg_scheduler *s = ipvs_msg_scheduler; s->name; s++)
		if (strcmp(s->name, name) == 0)
			return true;
	return false;
}

uint32_t
ipvs_msg_flag_bit(const char *scheduler, const char *word)
{
	for (const struct ipvs_msg_flag *f = ipvs_msg_flag; f->word; f++)
		if (strcmp(f->word, word) == 0 &&
		    (!f->scheduler[0] || strcmp(f->scheduler, scheduler) == 0))
			return f->bit;
	return 0;
}
