# SPDX-License-Identifier: MIT
# test.mk -- what `make test` builds and runs.

unit-src := $(wildcard test/unit/*_test.c)
unit := $(unit-src:test/unit/%.c=$B/test/unit/%)

# Tests may use the heap and stdio: no --wrap here.  Where the CPU has no
# floating point, libc's printf refers to helpers that no test calls.
unit-float := $(if $(integer),$(foreach f,add sub mul div,-Wl,--defsym=__$fdf3=abort))
unit-cflags = $(filter-out -Wmissing-prototypes,$(cflags)) -include $B/config.h \
	-Icore -Ivrrp -Icheck -Itest/unit -isystem $T/test

$T/test.done: $T/libs.done
	+@flock build/toolchain/lock env -u CFLAGS -u LDFLAGS \
		$(MAKE) -s -f board/toolchain.mk BOARD=$(BOARD) cmocka
	@touch $@

$B/test/unit/%: test/unit/%.c $B/flags $B/config.h $T/test.done $(archives-all)
	@mkdir -p $(@D)
	$(call say,TEST)
	$Q$(cc) $(unit-cflags) $(CFLAGS) -MMD -MP -MF $@.d \
		$(filter-out -Wl$(comma)--wrap=%,$(ldflags)) $(unit-float) \
		-o $@ $(start) $< -Wl,--start-group $(archives-all) -Wl,--end-group \
		$T/test/libcmocka.a $(libs)
comma := ,

test-unit: $(unit)
	@for t in $(unit); do $(qemu) $$t || exit 1; done
.PHONY: test-unit
