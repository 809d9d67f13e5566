/* SPDX-License-Identifier: MIT */
/* check_schema.h -- the sections of health checking, as OpenWrt's package has them.
 *
 * All are known and none is served yet: each is a warning, what is misspelt in it an error.
 */
#ifndef CHECK_SCHEMA_H
#define CHECK_SCHEMA_H

#include "schema.h"

extern const struct schema check_schema;

#endif
