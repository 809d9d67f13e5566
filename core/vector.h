/* SPDX-License-Identifier: MIT */
/* vector.h -- a vector of fixed capacity over a caller's array.
 *
 *	struct vip table[CONFIG_X];
 *	VECTOR(struct vip) vips = VECTOR_OVER(table);
 *
 *	struct vip *const v = vector_push(&vips);
 *	if (v == NULL)
 *		...			full; vips.refused has counted it
 *
 * Elements lie in order from `v` on and move when one before them is removed.
 * The macros evaluate the vector's address more than once.
 */
#ifndef VECTOR_H
#define VECTOR_H

#include <string.h>

#include "port.h"

#define VECTOR(type)							\
	struct {							\
		type *v;		/* the caller's array */	\
		uint32_t n;		/* elements in use */		\
		uint32_t cap;						\
		uint32_t refused;	/* pushes while full */		\
	}

#define VECTOR_OVER(array)	{ .v = (array), .cap = PORT_ARRAY_SIZE(array) }

/* A zeroed element at the end; NULL when full. */
#define vector_push(vec)						\
	((__typeof__((vec)->v))vector_grow((vec)->v, &(vec)->n, (vec)->cap, \
					   sizeof *(vec)->v, &(vec)->refused))

/* A zeroed element before element `i` (i <= n); NULL when full. */
#define vector_insert(vec, i)						\
	((__typeof__((vec)->v))vector_open((vec)->v, &(vec)->n, (vec)->cap, \
					   sizeof *(vec)->v,		\
					   &(vec)->refused, i))

/* Removes element `i` and keeps the order, or lets the last take its place. */
#define vector_remove(vec, i) \
	vector_close((vec)->v, &(vec)->n, sizeof *(vec)->v, i)
#define vector_drop(vec, i) \
	vector_fill((vec)->v, &(vec)->n, sizeof *(vec)->v, i)

#define vector_clear(vec)	((void)((vec)->n = 0))

#define vector_each(type, var, vec)					\
	for (type *var = (vec)->v; var != (vec)->v + (vec)->n; var++)

/* What the macros call: `size` is that of an element. */
static inline void *
vector_open(void *v, uint32_t *n, uint32_t cap, size_t size,
	    uint32_t *refused, uint32_t i)
{
	assert(i <= *n);
	if (*n >= cap) {
		(*refused)++;
		return NULL;
	}
	uint8_t *const at = (uint8_t *)v + i * size;
	memmove(at + size, at, (*n - i) * size);
	(*n)++;
	return memset(at, 0, size);
}

static inline void *
vector_grow(void *v, uint32_t *n, uint32_t cap, size_t size,
	    uint32_t *refused)
{
	return vector_open(v, n, cap, size, refused, *n);
}

static inline void
vector_close(void *v, uint32_t *n, size_t size, uint32_t i)
{
	assert(i < *n);
	uint8_t *const at = (uint8_t *)v + i * size;
	(*n)--;
	memmove(at, at + size, (*n - i) * size);
}

static inline void
vector_fill(void *v, uint32_t *n, size_t size, uint32_t i)
{
	assert(i < *n);
	(*n)--;
	if (i != *n)
		memcpy((uint8_t *)v + i * size, (uint8_t *)v + *n * size, size);
}

#endif
