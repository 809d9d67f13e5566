/* SPDX-License-Identifier: MIT */
/* globals.h -- the options of section `globals` that every process shares. */
#ifndef GLOBALS_H
#define GLOBALS_H

#include "schema.h"

/* Its part is a struct conf_core. */
extern const struct schema globals_schema;

#endif
