/* SPDX-License-Identifier: MIT */
/* director.h -- the virtual servers of this router in the world: what probes find goes to each
 * service's topology, and what that decides to the kernel's table, scripts, events and mail.
 *
 * (A director is LVS's word for the router that balances.)  service.h decides, probe.h asks,
 * ipvs.h carries out; here they are put together, and a reload is told to all of them.
 */
#ifndef DIRECTOR_H
#define DIRECTOR_H

#include "check_kept.h"
#include "child.h"
#include "ipvs.h"
#include "local.h"
#include "log.h"
#include "probe.h"
#include "service.h"

/* What the operator has said of a real server, by its name. */
struct director_server {
	const struct check_conf_server *conf;
	uint8_t admin;			/* enum service_admin */
	bool maintenance;		/* its file is there */
	int32_t set;			/* weight, -1: none */
};

struct director {
	struct child_env *env;
	const struct check_conf *conf;
	struct probes probes;
	struct ipvs ipvs;
	struct ipvs_want want;
	struct local local;		/* which addresses are this router's */
	struct timer flush;		/* what was asked of the kernel goes out */
	struct timer files;		/* maintenance files are looked for */
	struct log_limit refused;
	struct {			/* what the kernel has refused of late, and is said */
		uint32_t sum;
		struct mono at;
	} said[8];
	unsigned nsaid;
	bool ipvs_said;			/* that the module is missing */
	bool settled;			/* the first configuration is in force */
	bool quiet;			/* a reload is under way: no piecemeal changes */
	uint8_t bank;			/* of dest[], that is in use */
	struct probe *probe[CONFIG_CHECK_CHECKS];	/* by index in the image */
	struct {			/* the dests that have a check, in the image's order: */
		uint16_t first[CONFIG_CHECK_CHECKS];	/* references into conf->ref[] */
		uint16_t next[2 * CONFIG_CHECK_DESTS];	/* index + 1, 0: the last */
		uint16_t dest[2 * CONFIG_CHECK_DESTS];	/* whose reference that is */
	} user;
	struct service *service[CONFIG_CHECK_SERVICES];
	struct director_server server[CONFIG_CHECK_SERVERS];
	struct service_dest dest[2][CONFIG_CHECK_DESTS];
	bool master[CONFIG_CHECK_SERVICES];	/* the VRRP instance that each follows */
	bool lacks[CONFIG_CHECK_SERVICES];	/* the kernel has not got its scheduler: said */
	struct {			/* whose checks an operator is told of, one by one */
		uint32_t ticket;
		unsigned server;
		unsigned next;		/* index of the first that may still come */
	} explain;
	bool sync_master;		/* and that of the sync daemon */
};

/* 0 or -errno.  `d` is zeroed. */
port_must_check int director_open(struct director *d, struct child_env *env, struct mono now);

/* Puts the image in force, and forgets the last one. */
void director_conf(struct director *d, const struct check_conf *conf, struct mono now);

/* An orderly end: what is ours leaves the kernel's table. */
void director_stop(struct director *d, struct mono now);

/* A VRRP instance is MASTER, or is not. */
void director_told(struct director *d, const char *instance, bool master, struct mono now);

/* The operator's words about a real server, by its index. */
void director_admin(struct director *d, unsigned server, enum service_admin a, struct mono now);
void director_weight(struct director *d, unsigned server, int32_t weight, struct mono now);

/* Runs the checks of a server one after the other, and tells the holder of the ticket. */
void director_explain(struct director *d, unsigned server, uint32_t ticket, struct mono now);

/* A script of probe.h or director_notify.c has ended. */
void director_exited(struct director *d, const struct ipc_exited *m, struct mono now);

/* Of the image in force: the array of dests, whether a server has this check anywhere. */
struct service_dest *director_dest(struct director *d, unsigned i);
bool director_has(const struct director *d, unsigned server, unsigned check);

/* ---- between director.c and director_conf.c --------------------------------------- */

#define DIRECTOR_FILES_US	MONO_US_PER_S	/* between two looks for maintenance files */

extern const struct service_ops director_service_ops;

/* Whether all checks of a server pass; the weight that they ask for, -1: none does. */
bool director_passes(const struct director *d, const struct check_conf_dest *conf);
int32_t director_asked(const struct director *d, const struct check_conf_dest *conf);
void director_keep_server(const struct director *d, unsigned i);
void director_keep_service(const struct director *d, unsigned i);
bool director_file_there(const struct check_conf *conf, const struct director_server *srv);
void director_watch_addresses(struct director *d, struct mono now);

/* ---- director_table.c: what the kernel's table should hold ----------------------- */

void director_table_open(struct director *d);
void director_table_place(struct director *d, struct service_dest *dest, struct mono now);
/* All of one service: it came, or goes. */
void director_table_service(struct director *d, const struct service *s, bool there,
			    struct mono now);
/* Whether the kernel refuses it for a scheduler that it has not got. */
bool director_table_lacks(const struct director *d, const struct service *s);
/* The sync daemon, time-outs, switches of the kernel. */
void director_table_daemon(struct director *d, struct mono now);
void director_table_switches(struct director *d);
void director_table_virtual(const struct check_conf *conf, unsigned virtual,
			    struct ipvs_msg_service *out);
void director_table_dest(const struct service_dest *dest, const struct check_conf_virtual *v,
			 struct ipvs_msg_dest *out);

/* ---- director_count.c: what the kernel has counted --------------------------------- */

/* Of that server, over all addresses of its service; at most a moment old, until the next call. */
const struct ipvs_msg_stats *director_count(struct director *d, const struct service_dest *dest);

/* ---- director_notify.c: scripts and mail ----------------------------------------- */

void director_notify_dest(struct director *d, const struct service_dest *dest, const char *why);
void director_notify_quorum(struct director *d, const struct service *s);
/* struct child.script; `run->object` says which. */
bool director_notify_script(const struct conf_image *img, unsigned part,
			    const struct ipc_run *run, struct spawn_job *out);
/* probe_ops.run */
bool director_notify_probe(struct probe *p, struct mono now);
/* Whether the script of that object was a check's. */
bool director_notify_is_probe(uint16_t object);

#endif
