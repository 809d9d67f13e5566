# SPDX-License-Identifier: MIT
# test.mk -- what `make test`, `make test-unit`, `make lint` build and run.

unit-src := $(wildcard test/unit/*_test.c)
unit := $(unit-src:test/unit/%.c=$B/test/unit/%)

# Tests may use the heap and stdio: no --wrap here.  libc's printf and strtod
# refer to floating point that a board may not have and no test calls: abort.
soft := adddf3 subdf3 muldf3 divdf3 eqdf2 nedf2 ltdf2 ledf2 gtdf2 gedf2 unorddf2 \
	fixdfsi fixdfdi fixunsdfsi fixunsdfdi floatsidf floatdidf floatunsidf \
	floatundidf addsf3 subsf3 mulsf3 eqsf2 nesf2 floatsisf floatunsisf \
	extendsfdf2 truncdfsf2
unit-cflags = $(filter-out -Wmissing-prototypes -Werror,$(cflags)) -include $B/config.h \
	-Icore -Ivrrp -Icheck -Itest/unit -D_UINTPTR_T -isystem $T/test
unit-ldflags = $(foreach f,$(ldflags),$(if $(findstring --wrap,$f),,$f)) \
	$(if $(integer),$(soft:%=-Wl,--defsym=__%=abort))

$T/test.done: $T/libs.done
	$(call in-toolchain,cmocka)
	@touch $@

$B/test/unit/%: test/unit/%.c $B/flags $B/config.h $T/test.done $(archives)
	@mkdir -p $(@D)
	$(call say,TEST)
	$Q$(cc) $(unit-cflags) $(CFLAGS) -MMD -MP -MF $@.d $(unit-ldflags) -o $@ $(start) $< \
		-Wl,--start-group $(archives) -Wl,--end-group $T/test/libcmocka.a $(libs)

# This one makes calls fail.
$B/test/unit/failure_test: unit-ldflags += $(patsubst %,-Wl$(comma)--wrap=%, \
	sendmsg sendmmsg sendto recvmsg socket pool_slot_get)
# A kernel with IPVS in an array, behind the socket.
$B/test/unit/ipvs_test: unit-ldflags += $(patsubst %,-Wl$(comma)--wrap=%, \
	sendto recvmsg netlink_open netlink_close)
comma := ,

test-unit: $(unit:%=run-%)
$(unit:%=run-%): run-%: % | $(if $(qemu),need-qemu)
	@$(qemu) $<

include $(wildcard test/sim/*.mk)

variants: | need-test
	@env -u MAKEFLAGS -u MFLAGS JOBS=-j$(jobs) test/variants

test: all | need-test need-net need-mips
	@env -u MAKEFLAGS -u MFLAGS JOBS=-j$(jobs) test/all $(ONLY)
jobs = $(shell nproc)

include test/bench/bench.mk
include test/interop/interop.mk
include test/fuzz/fuzz.mk
include board/vm/vm.mk

boards: | need-qemu
	@test/boards

include test/lint.mk

lint: all | need-lint
	+@env -u MAKEFLAGS -u MFLAGS $(MAKE) -s -j$(jobs) BOARD=$(BOARD) O=$B lint-objects
	@T_LIB=$T/lib test/lint $B $(nm) '$(call compile)' '$(pure-y)'
