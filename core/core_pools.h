/* SPDX-License-Identifier: MIT */
/* core_pools.h -- typed accessors of the pools listed in core.pools. */
#ifndef CORE_POOLS_H
#define CORE_POOLS_H

#include "pool.h"
#include "control_client.h"
#include "link.h"
#include "mail_inside.h"
#include "spawn.h"
#include "tls_inside.h"

#define POOL_TABLE	"core.pools"
#define POOL_FOLDER	core
#include "pool_declare.h"

#endif
