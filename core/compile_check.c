/* SPDX-License-Identifier: MIT */
/* compile_check.c -- `upkeepctl check FILE`: every complaint, and one line that sums up. */
#include <sys/mman.h>

#include "child.h"
#include "compile.h"
#include "upkeepctl_out.h"

struct report {
	struct upkeepctl_out out;
	const char *file;
};

static void
on_complaint(void *ctx, const struct compile_complaint *m)
{
	struct report *r = ctx;
	char line[COMPILE_TEXT + CONF_PATH + 32];
	const size_t n = compile_complaint_line(m, r->file, line, sizeof line);

	upkeepctl_out_bytes(&r->out, line, n);
	upkeepctl_out_bytes(&r->out, "\n", 1);
}

static const char *
plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}

/* "2 instances, 3 addresses", of all children. */
static void
sum_up(struct report *r, const struct conf_image *img)
{
	char text[128];
	struct strfmt f;

	strfmt_init(&f, text, sizeof text);
	for (unsigned i = 0; i < child_count; i++) {
		const struct schema *s = child_table[i]->schema;

		if (s->summary == NULL)
			continue;
		if (f.n > 0)
			strfmt_put(&f, ", ");
		s->summary(conf_part(img, i), &f);
	}
	upkeepctl_out_put(&r->out, "%s%s", text,
			  img->core.enabled ? "" : "; disabled by option enabled");
}

static void
say_result(struct report *r, const struct compile_result *res,
	   const struct conf_image *img)
{
	upkeepctl_out_put(&r->out, "%s: ", r->file);
	if (res->errors > 0)
		upkeepctl_out_put(&r->out, "%u error%s", (unsigned)res->errors,
				  plural(res->errors));
	else
		upkeepctl_out_put(&r->out, "ok");
	if (res->warnings > 0)
		upkeepctl_out_put(&r->out, ", %u warning%s", (unsigned)res->warnings,
				  plural(res->warnings));
	if (res->errors == 0) {
		upkeepctl_out_put(&r->out, ": ");
		sum_up(r, img);
	}
	upkeepctl_out_put(&r->out, "\n");
}

int
compile_check_main(int fd_out, const char *file)
{
	struct report r = { .file = file };
	struct conf_image *img = mmap(NULL, conf_bytes(), PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	upkeepctl_out_init(&r.out, fd_out);
	if (img == MAP_FAILED) {
		upkeepctl_out_put(&r.out, "%s: no memory for the image\n", file);
		upkeepctl_out_flush(&r.out);
		return 1;
	}

	const struct compile_result res = compile_file(file, img, false, on_complaint, &r);

	say_result(&r, &res, img);
	upkeepctl_out_flush(&r.out);
	(void)munmap(img, conf_bytes());
	return res.errors > 0 || r.out.broken;
}
