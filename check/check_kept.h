/* SPDX-License-Identifier: MIT */
/* check_kept.h -- what of checks and operators' words outlives the process: the check child's
 * content of the checkpoint (core/checkpoint.h).
 *
 * Each record stands by itself with a checksum, since the process can be killed while it writes
 * one; a record that does not fit is as if it were not there.  Checks are known by a digest of
 * what they ask (check_conf_check.key), servers and services by their names.
 */
#ifndef CHECK_KEPT_H
#define CHECK_KEPT_H

#include "probe.h"

/* A check: its verdict and what it has counted. */
struct check_kept_probe {
	uint32_t sum;			/* of all that follows */
	uint8_t up, known;
	uint16_t pad;
	uint64_t key;			/* 0: a free slot */
	uint64_t passed, failed;
	int64_t since_wall_us;
	int32_t weight, add;		/* that it has asked for */
	uint32_t changes;
	uint32_t why[CHECKER_REASON__N];
};

/* What the operator has said of a server. */
struct check_kept_server {
	uint32_t sum;
	int32_t set;
	uint8_t admin;
	uint8_t pad[3];
	char name[CHECK_CONF_NAME];
};

/* A service, or the sync daemon: whether it stands for an instance that is MASTER. */
struct check_kept_service {
	uint32_t sum;
	uint8_t master;			/* the instance that it follows was MASTER */
	uint8_t quorum;			/* it was held */
	uint8_t pad[2];
	char name[CHECK_CONF_NAME];
};

/* A kernel service that we have put into the table. */
struct check_kept_virtual {
	uint32_t sum;
	uint32_t fwmark;
	struct net_addr addr;
	uint8_t protocol;
	uint16_t port;
};

struct check_kept {
	struct check_kept_probe probe[CONFIG_CHECK_CHECKS];
	struct check_kept_server server[CONFIG_CHECK_SERVERS];
	struct check_kept_service service[CONFIG_CHECK_SERVICES];
	struct check_kept_virtual virtual[CONFIG_CHECK_VIRTUALS];
	struct check_kept_service sync;	/* the name is the instance's */
};

#define CHECK_KEPT_LAYOUT (2u << 24 | (uint32_t)sizeof(struct check_kept_probe))

/* Takes the content of the checkpoint over; before any other call. */
void check_kept_open(struct check_kept *content);

/* How many records an earlier life has written whole and are not so any more. */
unsigned check_kept_damaged(void);

/* After a change: writes down, index by index of the image in force.  What a smaller image leaves
 * is emptied. */
void check_kept_probe(unsigned i, const struct probe *p);
void check_kept_server(unsigned i, const char *name, uint8_t admin, int32_t set);
void check_kept_service(unsigned i, const char *name, bool master, bool quorum);
void check_kept_virtual(unsigned i, const struct check_conf_virtual *v);
void check_kept_sync(const char *instance, bool master);
void check_kept_trim(const struct check_conf *conf);

/* What an earlier life knew; false: nothing. */
port_must_check bool check_kept_find_probe(uint64_t key, struct check_kept_probe *out);
port_must_check bool check_kept_find_server(const char *name, struct check_kept_server *out);
port_must_check bool check_kept_find_service(const char *name, struct check_kept_service *out);
port_must_check bool check_kept_sync_master(const char *instance);
/* Whether an earlier life, or the last image, had put this one into the kernel's table. */
port_must_check bool check_kept_find_virtual(const struct net_addr *addr, uint8_t protocol,
					     uint16_t port, uint32_t fwmark);
/* Whether there was any. */
port_must_check bool check_kept_any_virtual(void);

#endif
