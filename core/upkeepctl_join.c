/* SPDX-License-Identifier: MIT */
/* upkeepctl_join.c -- answers of several children made one. */
#include "upkeepctl_join.h"

#include <string.h>

#include "child.h"
#include "upkeepctl.h"
#include "upkeepctl_link.h"

/* A joining under way. */
struct join {
	struct upkeepctl_out *out;
	const char *dir;
	bool any;			/* something stands before: separator */
	bool good;			/* a child has answered */
	bool failed;
	bool absent;			/* said already: nobody is there */
};

static int
result(struct join *j)
{
	/* Brackets around nothing are no answer. */
	if (!j->good)
		j->out->n = 0;
	return j->failed || j->out->broken ? UPKEEPCTL_FAILED : UPKEEPCTL_OK;
}

static void
failed(struct join *j, const struct upkeepctl_link *l)
{
	j->failed = true;
	/* One line says that the daemon is not there, not one a child. */
	if (l->code == UPKEEPCTL_LINK_ABSENT) {
		if (j->absent)
			return;
		j->absent = true;
	}
	upkeepctl_link_complain(l, j->dir);
}

static bool
ask(struct join *j, struct upkeepctl_link *l, unsigned child, const char *request)
{
	if (upkeepctl_link_ask(l, j->dir, child_table[child]->name, request,
			       UPKEEPCTL_JOIN_TIMEOUT) == UPKEEPCTL_LINK_GOOD) {
		j->good = true;
		return true;
	}
	failed(j, l);
	upkeepctl_link_close(l);
	return false;
}

/* The body without `head` and `tail`, which it must begin and end with; `before`
 * stands before it when something came earlier.  An empty middle prints nothing. */
static void
copy_middle(struct join *j, struct upkeepctl_link *l, const char *head,
	    const char *tail, const char *before)
{
	const size_t nhead = strlen(head), ntail = strlen(tail);
	char held[16];			/* the last bytes, perhaps the tail */
	size_t nheld = 0, at = 0;
	bool good = true, begun = false;
	assert(ntail <= sizeof held);
	while (upkeepctl_link_more(l)) {
		const char c = l->buf[l->head++];
		if (at < nhead) {
			good = good && c == head[at++];
			continue;
		}
		if (nheld == ntail) {
			if (!begun && j->any)
				upkeepctl_out_put(j->out, "%s", before);
			begun = true;
			upkeepctl_out_bytes(j->out, ntail ? held : &c, 1);
			if (ntail)
				memmove(held, held + 1, --nheld);
		}
		if (ntail)
			held[nheld++] = c;
	}
	j->any = j->any || begun;
	if (!good || at < nhead || l->broken || nheld != ntail || memcmp(held, tail, ntail))
		failed(j, l);
	upkeepctl_link_close(l);
}

static void
each(struct join *j, const char *request, const char *head, const char *tail,
     const char *before)
{
	struct upkeepctl_link l;
	for (unsigned i = 0; i < child_count; i++)
		if (ask(j, &l, i, request))
			copy_middle(j, &l, head, tail, before);
}

#define PROCESSES	"{\"processes\":["

int
upkeepctl_join_overview(struct upkeepctl_out *o, const char *dir)
{
	struct join j = { .out = o, .dir = dir };
	each(&j, "overview", "", "", "\n");
	return result(&j);
}

int
upkeepctl_join_status(struct upkeepctl_out *o, const char *dir, bool json)
{
	struct join j = { .out = o, .dir = dir };
	if (!json) {
		each(&j, "status own", "", "", "\n");
		each(&j, "status process", "", "", "\n");
		return result(&j);
	}
	upkeepctl_out_put(o, "{");
	each(&j, "status json own", "{", "}\n", ",");
	upkeepctl_out_put(o, "%s\"processes\":[", j.any ? "," : "");
	j.any = false;
	each(&j, "status json process", PROCESSES, "]}\n", ",");
	upkeepctl_out_put(o, "]}\n");
	return result(&j);
}

int
upkeepctl_join_memory(struct upkeepctl_out *o, const char *dir, bool json)
{
	struct join j = { .out = o, .dir = dir };
	if (json) {
		upkeepctl_out_put(o, PROCESSES);
		each(&j, "memory json", PROCESSES, "]}\n", ",");
		upkeepctl_out_put(o, "]}\n");
		return result(&j);
	}
	for (unsigned i = 0; i < child_count; i++) {
		struct upkeepctl_link l;
		if (!ask(&j, &l, i, "memory"))
			continue;
		upkeepctl_out_put(o, "%s%s\n", j.any ? "\n" : "", child_table[i]->name);
		j.any = true;
		copy_middle(&j, &l, "", "", "");
	}
	return result(&j);
}

/* ---- metrics ---------------------------------------------------------------------- */

#define HELP	"# HELP "
#define HASH	'#'

/* The name in `# HELP NAME ...`, as its length; 0 for any other line. */
static size_t
family_length(const char *line)
{
	if (!line || strncmp(line, HELP, strlen(HELP)))
		return 0;
	return strcspn(line + strlen(HELP), " \n");
}

static void
print_line(struct join *j, struct upkeepctl_link *l)
{
	const char *line = upkeepctl_link_line(l);
	upkeepctl_out_bytes(j->out, line, strlen(line));
	upkeepctl_link_next(l);
}

static void
print_samples(struct join *j, struct upkeepctl_link *l)
{
	for (const char *line; (line = upkeepctl_link_line(l)) && line[0] != HASH; )
		print_line(j, l);
}

static void
skip_heading(struct upkeepctl_link *l)
{
	upkeepctl_link_next(l);		/* HELP */
	const char *line = upkeepctl_link_line(l);
	if (line && !strncmp(line, "# TYPE ", 7))
		upkeepctl_link_next(l);
}

/* The family that `first` is at, of all links that are at the same. */
static void
print_family(struct join *j, struct upkeepctl_link *links, unsigned first, unsigned n)
{
	char name[UPKEEPCTL_LINK_LINE];
	const char *line = upkeepctl_link_line(&links[first]);
	const size_t len = family_length(line);
	memcpy(name, line, strlen(HELP) + len + 1);
	print_line(j, &links[first]);
	line = upkeepctl_link_line(&links[first]);
	if (line && line[0] == HASH)
		print_line(j, &links[first]);
	print_samples(j, &links[first]);
	for (unsigned i = first + 1; i < n && len; i++) {
		line = upkeepctl_link_line(&links[i]);
		if (family_length(line) == len &&
		    !strncmp(line, name, strlen(HELP) + len)) {
			skip_heading(&links[i]);
			print_samples(j, &links[i]);
		}
	}
}

/* All children tell the same families in the same order, so that one step
 * forward in each is enough. */
int
upkeepctl_join_metrics(struct upkeepctl_out *o, const char *dir)
{
	struct join j = { .out = o, .dir = dir };
	struct upkeepctl_link links[CONF_PARTS];
	unsigned n = 0;
	each(&j, "metrics own", "", "", "");
	for (unsigned i = 0; i < child_count && n < CONF_PARTS; i++)
		if (ask(&j, &links[n], i, "metrics process"))
			n++;
	for (unsigned i = 0; i < n; i++) {
		while (upkeepctl_link_line(&links[i]))
			print_family(&j, links, i, n);
		if (links[i].broken)
			failed(&j, &links[i]);
		upkeepctl_link_close(&links[i]);
	}
	return result(&j);
}
