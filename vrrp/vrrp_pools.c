/* SPDX-License-Identifier: MIT */
/* vrrp_pools.c -- the storage of the pools listed in vrrp.pools. */
#include "vrrp_pools.h"

#define POOL_TABLE	"vrrp.pools"
#define POOL_FOLDER	vrrp
#define POOL_RAM	CONFIG_VRRP_RAM
#include "pool_define.h"
