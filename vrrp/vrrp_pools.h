/* SPDX-License-Identifier: MIT */
/* vrrp_pools.h -- typed accessors of the pools listed in vrrp.pools. */
#ifndef VRRP_POOLS_H
#define VRRP_POOLS_H

#include "router.h"

#define POOL_TABLE	"vrrp.pools"
#define POOL_FOLDER	vrrp
#include "pool_declare.h"

#endif
