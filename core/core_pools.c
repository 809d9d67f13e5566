/* SPDX-License-Identifier: MIT */
/* core_pools.c -- storage of the pools listed in core.pools. */
#include "core_pools.h"

#define POOL_TABLE	"core.pools"
#define POOL_FOLDER	core
#define POOL_RAM	CONFIG_CORE_RAM
#include "pool_define.h"
