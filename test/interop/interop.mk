# SPDX-License-Identifier: MIT
# interop.mk -- `make interop`: upkeepd with keepalived and FRR, as a table.

interop: all | need-net
	@test/interop/run --table

.PHONY: interop
