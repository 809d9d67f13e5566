# SPDX-License-Identifier: MIT
# check.mk -- `make sim-check`: health and service with an array as the kernel's table, under
# simulated time.  SEED and CHECK_HOURS (simulated) choose the rounds.
# `make sim-check-mutants`: does it fail when something is broken?

CHECK_HOURS ?= 200
check-sim-obj := $(patsubst %.c,$B/%.o,$(wildcard test/sim/check/*.c))
$(check-sim-obj): inc-test = -Icore -Icheck -Itest/sim -O2

$B/test/sim/sim-check: $(check-sim-obj) $(archives) $B/ldflags
	$(call say,LD)
	$Q$(sim-link) -o $@ $(start) $(check-sim-obj) $(sim-libs)

sim-check: $B/test/sim/sim-check | $(if $(qemu),need-qemu)
	@$(qemu) $< $(SEED) $(CHECK_HOURS)

sim-check-mutants: $B/test/sim/sim-check | $(if $(qemu),need-qemu)
	@test/sim/check/mutants $B '$(call compile,$(inc-check))' \
		'$(sim-link) $(start) $(check-sim-obj)' '$(sim-libs)' '$(qemu)'

-include $(wildcard $B/test/sim/check/*.d)
.PHONY: sim-check sim-check-mutants
