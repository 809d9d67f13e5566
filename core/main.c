/* SPDX-License-Identifier: MIT */
/* main.c -- one binary, two names: upkeepctl when it is called so, else the daemon. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child.h"
#include "core_log.h"
#include "core_pools.h"
#include "proc.h"
#include "restart.h"
#include "strfmt.h"
#include "title.h"
#include "upkeepctl.h"

#define MAIN_RUN_DIR	80		/* longest; a socket's path has 108 bytes */
#define MAIN_USAGE	2		/* exit status */

enum option {
	OPTION_FILE,
	OPTION_RUN,
	OPTION_STDERR,
	OPTION_SYSLOG,
	OPTION_DEBUG,
	OPTION_HANDOVER,
	OPTION_TRIAL,
	OPTION_POOLS,
	OPTION_VERSION,
	OPTION_HELP,
	OPTION__N
};

static const struct {
	const char *brief;
	const char *name;
	const char *arg;		/* NULL: takes none */
	const char *what;
} option_row[OPTION__N] = {
[OPTION_FILE] = { "-f", "--file", "FILE", "configuration (" PROC_FILE ")" },
[OPTION_RUN] = { "-R", "--run", "DIR", "run folder (" PROC_RUN_DIR ")" },
[OPTION_STDERR] = { "-l", "--log-stderr", NULL, "log to standard error (the default)" },
[OPTION_SYSLOG] = { "-s", "--log-syslog", NULL, "log to syslog; with -l to both" },
[OPTION_DEBUG] = { "-d", "--debug", NULL, "log debug messages too" },
[OPTION_HANDOVER] = { "", "--handover", "FD", "take over what this note says (for a restart)" },
[OPTION_TRIAL] = { "", "--trial", NULL, "only tell whether that can be, and end" },
[OPTION_POOLS] = { "", "--pools", NULL, "print what each pool takes, and end" },
[OPTION_VERSION] = { "-v", "--version", NULL, "print the version, and end" },
[OPTION_HELP] = { "-h", "--help", NULL, "print this, and end" },
};

static void
say(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		const ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		text += n;
		left -= (size_t)n;
	}
}

static void
print_help(int fd)
{
	char line[128];

	say(fd, "Usage: upkeepd [OPTION]...\n"
	    "Keeps a router's addresses and a service's servers up; runs in the foreground.\n\n");
	for (unsigned i = 0; i < OPTION__N; i++) {
		char left[32];

		strfmt_to(left, sizeof left, "%s %s", option_row[i].name,
			  option_row[i].arg ? option_row[i].arg : "");
		strfmt_to(line, sizeof line, "  %2s  %-20s %s\n",
			  option_row[i].brief, left, option_row[i].what);
		say(fd, line);
	}
	say(fd, "\nSIGHUP reloads the configuration, SIGTERM ends in order.\n");
}

static uint64_t
print_pools(const char *owner, const struct pool *const *pools, unsigned n)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		struct pool_stat st;
		char line[192];

		pool_stat(pools[i], &st);
		const uint64_t bytes = (uint64_t)st.slot_bytes * st.limit;

		sum += bytes;
		strfmt_to(line, sizeof line, "%-6s %-12s %6u x %-6u %8llu  %s\n",
			  owner, st.name, st.slot_bytes, st.limit,
			  (unsigned long long)bytes, st.what);
		say(STDOUT_FILENO, line);
	}
	return sum;
}

static void
print_all_pools(void)
{
	char line[64];
	uint64_t sum = print_pools("core", core_pools, core_pools_count);

	for (unsigned i = 0; i < child_count; i++) {
		const struct child *c = child_table[i];

		if (c->pools && c->npools)
			sum += print_pools(c->name, c->pools, *c->npools);
	}
	strfmt_to(line, sizeof line, "%-35s %8llu\n", "all pools, bytes",
		  (unsigned long long)sum);
	say(STDOUT_FILENO, line);
}

static int
complain(const char *what, const char *word)
{
	char line[256];

	strfmt_to(line, sizeof line, "upkeepd: %s: %.128s (upkeepd --help lists the options)\n",
		  what, word);
	say(STDERR_FILENO, line);
	return MAIN_USAGE;
}

static enum option
find_option(const char *word)
{
	for (unsigned i = 0; i < OPTION__N; i++)
		if ((word[0] != '\0' && strcmp(word, option_row[i].brief) == 0) ||
		    strcmp(word, option_row[i].name) == 0)
			return (enum option)i;
	return OPTION__N;
}

/* What the command line asks for; `answered`: it was a question, and the process ends. */
struct command {
	struct proc_options opt;
	bool answered;
	bool trial;
};

/* 0, or an exit status when the word can't be. */
static int
take_option(struct command *cmd, enum option o, const char *arg)
{
	int64_t number;

	switch (o) {
	case OPTION_FILE:
		cmd->opt.file = arg;
		return 0;
	case OPTION_RUN:
		cmd->opt.run_dir = arg;
		return strlen(arg) > MAIN_RUN_DIR || arg[0] == '\0'
			? complain("not a usable run folder", arg) : 0;
	case OPTION_STDERR:
		cmd->opt.log_to |= LOG_TO_STDERR;
		return 0;
	case OPTION_SYSLOG:
		cmd->opt.log_to |= LOG_TO_SYSLOG;
		return 0;
	case OPTION_DEBUG:
		cmd->opt.log_level = LOG_DEBUG;
		return 0;
	case OPTION_HANDOVER:
		if (!strfmt_parse_i64(&number, arg, strlen(arg)) || number <= STDERR_FILENO ||
		    number > INT16_MAX)
			return complain("not a descriptor", arg);
		cmd->opt.note_fd = (int)number;
		return 0;
	case OPTION_TRIAL:
		cmd->trial = true;
		return 0;
	case OPTION_POOLS:
		print_all_pools();
		break;
	case OPTION_VERSION:
		say(STDOUT_FILENO, "upkeepd " UPKEEP_VERSION "\n");
		break;
	case OPTION_HELP:
		print_help(STDOUT_FILENO);
		break;
	case OPTION__N:
		break;
	}
	cmd->answered = true;
	return 0;
}

static int
parse(struct command *cmd, int argc, char **argv)
{
	for (int i = 1; i < argc && !cmd->answered; i++) {
		const enum option o = find_option(argv[i]);
		const char *arg = "";

		if (o == OPTION__N)
			return complain("unknown option", argv[i]);
		if (option_row[o].arg && i + 1 == argc)
			return complain("an argument is missing", argv[i]);
		if (option_row[o].arg)
			arg = argv[++i];
		const int rc = take_option(cmd, o, arg);

		if (rc)
			return rc;
	}
	if (cmd->opt.log_to == 0)
		cmd->opt.log_to = LOG_TO_STDERR;
	return 0;
}

/* What the children need; NULL when this process has it, else the name of what is
 * missing first. */
static const char *
missing_right(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &head, data))
		return NULL;		/* unknown: the children will see */
	if (!(data[0].effective & (1u << CAP_NET_ADMIN)))
		return "CAP_NET_ADMIN";
	if (!(data[0].effective & (1u << CAP_NET_RAW)))
		return "CAP_NET_RAW";
	return NULL;
}

/* A descriptor that is opened later must never become standard error. */
static void
fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static bool
is_called(const char *argv0, const char *name)
{
	const char *slash = strrchr(argv0, '/');

	return strcmp(slash ? slash + 1 : argv0, name) == 0;
}

int
main(int argc, char **argv)
{
	/* Static, because the words of the command line, which title_init()
	 * gives away, would be overwritten. */
	static char file[CONF_PATH], run_dir[MAIN_RUN_DIR + 1], binary[CONF_PATH];
	struct command cmd = { .opt = {
		.file = PROC_FILE, .run_dir = PROC_RUN_DIR,
		.log_level = LOG_INFO, .binary = binary, .note_fd = -1,
	} };

	fill_standard_descriptors();
	if (argc > 0 && is_called(argv[0], "upkeepctl"))
		return upkeepctl_main(argc, argv);
	const int rc = parse(&cmd, argc, argv);

	if (rc || cmd.answered)
		return rc;
	if (cmd.trial)
		return restart_try(&cmd.opt, cmd.opt.note_fd);
	restart_path(binary, sizeof binary);
	if (!strfmt_copy(file, sizeof file, cmd.opt.file, strlen(cmd.opt.file)))
		return complain("the path is too long", cmd.opt.file);
	strfmt_copy(run_dir, sizeof run_dir, cmd.opt.run_dir,
		    strlen(cmd.opt.run_dir));
	cmd.opt.file = file;
	cmd.opt.run_dir = run_dir;
	log_open("upkeepd", cmd.opt.log_level, cmd.opt.log_to);
	const char *missing = missing_right();

	if (missing) {
		log_put(CORE_LOG_NO_RIGHT, missing);
		return 1;
	}
	title_init(argc, argv);
	title_set("upkeepd");
	return proc_run(&cmd.opt);
}
