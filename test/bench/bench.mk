# SPDX-License-Identifier: MIT
# bench.mk -- `make bench [ONLY="ITEM ..."] [ROUNDS=N]`: beside Debian's keepalived, with
# the default limits, and with room for 1020 and for 10000 instances
# and servers; checks in an emulated board, whose kernel has IPVS.

bench: all build/bench/serve | need-bench
	@$(MAKE) -s BOARD=x86_64 vm-image build/x86_64/test/flow
	$(call bench-build,build/bench,test/bench/config)
	$(call bench-build,build/bench/huge,test/bench/config.huge)
	@UPKEEPD=$B/upkeepd ROUNDS=$(ROUNDS) test/bench/run $(ONLY)
bench-build = @mkdir -p $1 && rm -f $1/config && \
	$(MAKE) -s defconfig DEFCONFIG=$2 KCONFIG_CONFIG=$1/config && \
	$(MAKE) -s O=$1 KCONFIG_CONFIG=$1/config $1/upkeepd

build/bench/serve: test/bench/serve.c $B/flags $B/config.h $(toolchain)
	@mkdir -p $(@D)
	$(call say,TEST)
	$Q$(cc) $(cflags) $(unit-ldflags) -o $@ $(start) $< $(libs)

.PHONY: bench
