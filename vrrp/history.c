/* SPDX-License-Identifier: MIT */
/* history.c -- the ring of transitions and its sentences. */
#include "history.h"

static const char *const fault_sentence[HISTORY_FAULT__N] = {
#define X(name, sentence) [HISTORY_##name] = sentence,
	HISTORY_FAULTS(X)
#undef X
};

void
history_add(struct history *h, const struct history_record *rec)
{
	struct history_record *slot = &h->rec[h->n % CONFIG_VRRP_RECORDS];

	*slot = *rec;
	slot->seq = ++h->n;
}

const struct history_record *
history_at(const struct history *h, unsigned i)
{
	if (i >= h->n || i >= CONFIG_VRRP_RECORDS)
		return NULL;
	return &h->rec[(h->n - 1 - i) % CONFIG_VRRP_RECORDS];
}

static void
put_seconds(struct strfmt *s, int64_t us)
{
	uint32_t ms = (uint32_t)((us + 500) / MONO_US_PER_MS % 1000);
	uint32_t sec = (uint32_t)((us + 500) / MONO_US_PER_S);

	strfmt_put(s, "%u.%03u s", sec, ms);
}

static void
put_peer(struct strfmt *s, const struct history_record *rec)
{
	char text[NET_ADDR_TEXT];

	strfmt_put(s, "%s (priority %u)", net_addr_text(&rec->peer, text),
		   rec->peer_prio);
}

static void
why_silent(struct strfmt *s, const struct history_record *rec)
{
	if (!rec->peer.family) {
		strfmt_put(s, "nobody else is heard");
		return;
	}
	if (!rec->peer_prio) {
		char text[NET_ADDR_TEXT];

		strfmt_put(s, "%s left", net_addr_text(&rec->peer, text));
		return;
	}
	if (rec->preempted) {
		strfmt_put(s, "we preempt ");
		put_peer(s, rec);
		strfmt_put(s, ", ours is %u", rec->prio);
		return;
	}
	strfmt_put(s, "no advert from ");
	put_peer(s, rec);
	if (rec->silent_us >= 0) {
		strfmt_put(s, " for ");
		put_seconds(s, rec->silent_us);
	}
}

void
history_why(const struct history_record *rec, char out[HISTORY_TEXT])
{
	struct strfmt s;

	strfmt_init(&s, out, HISTORY_TEXT);
	switch ((enum fsm_event)rec->event) {
	case FSM_EV_DOWN_TIMER:
		why_silent(&s, rec);
		return;
	case FSM_EV_ADV_BETTER:
		strfmt_put(&s, "advert from ");
		put_peer(&s, rec);
		strfmt_put(&s, ", ours is %u", rec->prio);
		return;
	case FSM_EV_ADV_LOWER:
	case FSM_EV_PREEMPT_DELAY:
		strfmt_put(&s, "we preempt ");
		put_peer(&s, rec);
		return;
	case FSM_EV_FAULT_LINK:
	case FSM_EV_FAULT_TRACK:
		if (rec->detail[0]) {
			strfmt_put(&s, "interface %s %s", rec->detail,
				   fault_sentence[rec->fault]);
			return;
		}
		break;
	case FSM_EV_STARTUP:
	case FSM_EV_STARTUP_OWNER:
	case FSM_EV_SHUTDOWN:
	case FSM_EV_ADV_TIMER:
	case FSM_EV_ADV_ZERO:
	case FSM_EV_ADV_EQUAL:
	case FSM_EV_ADV_LOWER_KEEP:
	case FSM_EV_ADV_LOWER_FIRST:
	case FSM_EV_ADV_LOWER_WAIT:
	case FSM_EV_PRIORITY:
	case FSM_EV_CONTENT:
	case FSM_EV_ADOPT:
	case FSM_EV_GIVE_WAY:
	case FSM_EV_TAKE_OVER:
	case FSM_EV_SYNC_BACKUP:
	case FSM_EV_SYNC_MASTER:
	case FSM_EV__N:
		break;
	}
	strfmt_put(&s, "%s", fsm_event_sentence[rec->event]);
}
