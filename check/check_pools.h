/* SPDX-License-Identifier: MIT */
/* check_pools.h -- typed accessors of the pools listed in check.pools. */
#ifndef CHECK_POOLS_H
#define CHECK_POOLS_H

#include "probe.h"
#include "service.h"

#define POOL_TABLE	"check.pools"
#define POOL_FOLDER	check
#include "pool_declare.h"

#endif
