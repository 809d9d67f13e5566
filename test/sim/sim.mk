# SPDX-License-Identifier: MIT
# sim.mk -- `make sim`: the daemon's objects in a simulated network.  SEED and HOURS (simulated)
# choose the rounds, SCENARIO one kind of them, REPLAY=FILE plays a failure again.

SEED ?= 1
HOURS ?= 300
sim-obj := $(patsubst %.c,$B/%.o,$(wildcard test/sim/*.c))
inc-test := -Icore -Ivrrp -Itest/sim -O2

$B/test/sim/sim: $(sim-obj) $(archives) $B/ldflags
	$(call say,LD)
	$Q$(cc) $(unit-ldflags) $(CFLAGS) -o $@ $(start) $(sim-obj) \
		-Wl,--start-group $(archives) -Wl,--end-group $(libs)

sim: $B/test/sim/sim | $(if $(qemu),need-qemu)
	@SIM_DIR=$(<D) $(qemu) $< $(if $(REPLAY),-r $(REPLAY),$(SEED) $(HOURS) $(SCENARIO))

-include $(wildcard $B/test/sim/*.d)
.PHONY: sim
