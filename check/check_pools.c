/* SPDX-License-Identifier: MIT */
/* check_pools.c -- the storage of the pools listed in check.pools. */
#include "check_pools.h"

#define POOL_TABLE	"check.pools"
#define POOL_FOLDER	check
#define POOL_RAM	CONFIG_CHECK_RAM
#include "pool_define.h"
