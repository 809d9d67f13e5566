# SPDX-License-Identifier: MIT
# sim.mk -- `make sim`: the daemon's objects in a simulated network.  SEED and HOURS (simulated)
# choose the rounds, SCENARIO one kind of them, REPLAY=FILE plays a failure again.
# `make sim-mutants`: does it fail when something is broken?

SEED ?= 1
HOURS ?= 350
sim-obj := $(patsubst %.c,$B/%.o,$(wildcard test/sim/*.c))
inc-test := -Icore -Ivrrp -Itest/sim -O2
sim-link = $(cc) $(unit-ldflags) $(CFLAGS)
sim-libs = -Wl,--start-group $(archives) -Wl,--end-group $(libs)

$B/test/sim/sim: $(sim-obj) $(archives) $B/ldflags
	$(call say,LD)
	$Q$(sim-link) -o $@ $(start) $(sim-obj) $(sim-libs)

sim: $B/test/sim/sim | $(if $(qemu),need-qemu)
	@SIM_DIR=$(<D) $(qemu) $< $(if $(REPLAY),-r $(REPLAY),$(SEED) $(HOURS) $(SCENARIO))

sim-mutants: $B/test/sim/sim | $(if $(qemu),need-qemu)
	@test/sim/mutants $B '$(call compile,$(inc-vrrp))' '$(sim-link) $(start) $(sim-obj)' \
		'$(sim-libs)' '$(qemu)'

-include $(wildcard $B/test/sim/*.d)
.PHONY: sim sim-mutants
