# SPDX-License-Identifier: MIT
# upkeep: `make help` lists what can be asked for.

VERSION := 0.1.0
BOARD ?= $(or $(filter aarch64,$(shell uname -m)),x86_64)
KCONFIG_CONFIG ?= .config

# An SDK's own compiler and libraries, when one of these is given (see help).
sdk := $(if $(filter-out default undefined,$(foreach v,CC LIBMNL BEARSSL,$(origin $v))),y)
O ?= build/$(if $(sdk),sdk,$(BOARD))
B := $(O:$(CURDIR)/%=%)
T := build/toolchain/$(BOARD)
MAKEOVERRIDES :=
Q := $(if $(V),,@)
say = $(if $(V),,@echo "  $1	$(patsubst $B/%,%,$@)")

all: $B/upkeepd $B/upkeepctl

# ---- configuration: .config -> config.h for the compiler, auto.mk for make ---

kconfig = awk -v mode=$1 $(if $2,-v infile=$2) -v outfile=$3 -f board/kconfig.awk Kconfig
kconfigs := Kconfig $(wildcard */Kconfig) board/kconfig.awk
idle := clean help config menuconfig defconfig oldconfig olddefconfig savedefconfig \
	allnoconfig allyesconfig
ifneq ($(or $(filter-out $(idle),$(MAKECMDGOALS)),$(if $(MAKECMDGOALS),,all)),)
include $B/auto.mk
endif

$(KCONFIG_CONFIG):
	@$(call kconfig,olddefconfig,,$@)
	@echo "$@: the defaults (make menuconfig changes them)"

$B/auto.mk: $(KCONFIG_CONFIG) $(kconfigs) Makefile
	@mkdir -p $B
	@$(call kconfig,header,$<,$B/config.new)
	@echo '#define UPKEEP_VERSION "$(VERSION)"' >>$B/config.new
	@cmp -s $B/config.new $B/config.h || cp $B/config.new $B/config.h
	@$(call kconfig,make,$<,$B/auto.new) 2>/dev/null && mv $B/auto.new $@
$B/config.h: $B/auto.mk ;

config: need-menu
	$(call menu,kconfig-conf --oldaskconfig)
menuconfig: need-menu
	$(call menu,kconfig-mconf)
menu = @mkdir -p build; KCONFIG_CONFIG=$(KCONFIG_CONFIG) KCONFIG_AUTOHEADER=build/menu.h \
	KCONFIG_AUTOCONFIG=build/menu.conf KCONFIG_TRISTATE=build/menu.tri $1 Kconfig
defconfig:
	@$(call kconfig,olddefconfig,$(DEFCONFIG),$(KCONFIG_CONFIG))
oldconfig:
	@$(call kconfig,oldconfig,$(wildcard $(KCONFIG_CONFIG)),$(KCONFIG_CONFIG))
olddefconfig:
	@$(call kconfig,olddefconfig,$(wildcard $(KCONFIG_CONFIG)),$(KCONFIG_CONFIG))
savedefconfig: $(KCONFIG_CONFIG)
	@$(call kconfig,savedefconfig,$<,defconfig)
allnoconfig:
	@$(call kconfig,allnoconfig,,$(KCONFIG_CONFIG))
allyesconfig:
	@$(call kconfig,allyesconfig,,$(KCONFIG_CONFIG))

# ---- compiler and libraries --------------------------------------------------

heap := malloc calloc realloc free reallocarray aligned_alloc memalign posix_memalign \
	__libc_malloc __libc_calloc __libc_realloc __libc_free __libc_malloc_impl
warn := -Wall -Wextra -Wshadow -Wswitch-enum -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wvla -Werror
cflags = -std=gnu11 -Os $(warn) -ffunction-sections -fdata-sections -fstack-protector-strong \
	-fno-asynchronous-unwind-tables -fno-unwind-tables -ffile-prefix-map=$(CURDIR)/=
# musl's CMSG_NXTHDR compares signed with unsigned, and clang looks into it; gcc keeps the warning.
cflags += $(if $(findstring clang,$(cc)),-Wno-sign-compare)
ldflags = -Wl,--gc-sections -Wl,--build-id=none $(heap:%=-Wl,--wrap=%)

ifeq ($(sdk),)
boards := $(filter-out toolchain sdk,$(patsubst board/%.mk,%,$(wildcard board/*.mk)))
$(if $(filter $(BOARD),$(boards)),,$(error BOARD=$(BOARD) is none of: $(boards)))
include board/$(BOARD).mk
cc := $(or $(COMPILER),$(triplet)-gcc)
ar := $(triplet)-ar
nm := $(triplet)-nm
objdump := $(triplet)-objdump
strip := $(triplet)-strip
cflags += $(cpu) $(guard) -fno-pie -nostdinc -isystem $T/include \
	-isystem $(shell $(cc) -print-file-name=include 2>/dev/null)
ldflags += $(cpu) -static -nostdlib -L$T/lib -Wl,-z,norelro -Wl,-z,noseparate-code \
	-Wl,--fatal-warnings
start := $T/lib/crt1.o $T/lib/crti.o
libs = $(if $(CONFIG_TLS),-lbearssl) -lmnl -Wl,--start-group $(gcov) -lc -lgcc -Wl,--end-group $T/lib/crtn.o
# The frames and calls of each function lie beside its object, for test/stack.
frames = $(if $(findstring clang,$(cc)),,-fcallgraph-info=su)
linked = static, libmnl: $(shell cat $T/libmnl.txt)
toolchain := $T/libs.done
else
include board/sdk.mk
endif

$T/libs.done: board/toolchain.mk board/sources board/$(BOARD).mk board/mnl/mnl.c \
		| need-build $(if $(filter $(shell uname -m),$(BOARD)),,need-$(BOARD))
	@mkdir -p $T
	$(call in-toolchain,libs)
	@touch $@
# One at a time, whoever builds in this tree; the user's flags are for upkeep alone.
in-toolchain = +@flock build/toolchain/lock env -u CFLAGS -u CPPFLAGS -u LDFLAGS -u AR -u RANLIB \
	$(MAKE) -s -f board/toolchain.mk BOARD=$(BOARD) $1

need-%:
	@board/need $*

# ---- objects: each folder sees core and itself, nothing else -----------------

core-y :=
vrrp-y :=
check-y :=
pure-y :=
late-y :=
warm-y :=
cold-y :=
bss-large :=
include core/core.mk vrrp/vrrp.mk check/check.mk board/order.mk

inc-core := -Icore
inc-vrrp := -Icore -Ivrrp
inc-check := -Icore -Icheck
children := $(if $(CONFIG_VRRP),vrrp) $(if $(CONFIG_CHECK),check)
archives := $B/libcheck.a $B/libvrrp.a $B/libcore.a
compile = $(cc) $(cflags) $(small) -include $B/config.h $1 $(CPPFLAGS) $(CFLAGS) -MMD -MP

# What was compiled and linked with what: another flag or compiler does it again.
$B/flags: now = $(compile)
$B/ldflags: now = $(cc) $(ldflags) $(CFLAGS) $(LDFLAGS) $(libs)
$B/flags $B/ldflags: always | $B/auto.mk
	@echo '$(now)' | cmp -s - $@ || echo '$(now)' >$@

$B/%.o: %.c $B/flags $B/config.h $(toolchain)
	@mkdir -p $(@D)
	$(call say,CC)
	$Q$(call compile,$(inc-$(firstword $(subst /, ,$*)))) $(frames) -c -o $@ $<
# What no advertisement waits for is as small as the compiler can; an SDK's may not know how.
$(if $(sdk),,$(addprefix $B/,$(late-y) $(warm-y) $(cold-y))): private small := -Oz

$B/libcore.a: $(core-y:%=$B/core/%)
$B/libvrrp.a: $(if $(CONFIG_VRRP),$(vrrp-y:%=$B/vrrp/%))
$B/libcheck.a: $(if $(CONFIG_CHECK),$(check-y:%=$B/check/%))
$(archives): Makefile core/core.mk vrrp/vrrp.mk check/check.mk $B/auto.mk
	$(call say,AR)
	@rm -f $@.new && $(ar) rcs $@.new $(filter %.o,$^) && mv $@.new $@

# The children that this build contains: the one place that names both.
$B/children.c: $B/auto.mk Makefile
	@{ echo '#include "child.h"'; \
	   for c in $(children); do echo "extern const struct child $${c}_child;"; done; \
	   echo 'const struct child *const child_table[] = {'; \
	   for c in $(children); do echo "	&$${c}_child,"; done; \
	   echo '	NULL'; echo '};'; \
	   echo "const unsigned child_count = $(words $(children));"; } >$@
$B/children.o: $B/children.c $B/flags $B/config.h $(toolchain)
	$Q$(call compile,-Icore) -c -o $@ $<

# The link fails when anything pulls in the heap: by --wrap, and by its names.
$B/upkeepd: $B/children.o $(archives) $B/ldflags board/heap.awk $(order)
	$(if $V,,@echo "  LD	upkeepd ($(linked))")
	$Q$(cc) $(ldflags) $(order:%=-Wl,-T,%) $(CFLAGS) $(LDFLAGS) -Wl,-Map=$@.map \
		-o $@.new $(start) $(filter %.o %.a,$^) $(libs) 2>$@.log || { awk -v objdump=$(objdump) -f board/heap.awk $@.map $@.log >&2; exit 1; }
	@cat $@.log >&2; ! $(nm) $@.new | grep -E ' ($(subst $(space),|,$(heap)))(@.*)?$$' || \
		{ echo "upkeepd: the heap is in the binary" >&2; exit 1; }
	@mv $@.new $@
$B/upkeepctl: | $B/upkeepd
	@ln -sf upkeepd $@
space := $() $()

# ---- what is done with it ----------------------------------------------------

PREFIX ?= /usr
install: all
	install -D -m 755 $B/upkeepd $(DESTDIR)$(PREFIX)/sbin/upkeepd
	install -d $(DESTDIR)$(PREFIX)/bin
	ln -sf ../sbin/upkeepd $(DESTDIR)$(PREFIX)/bin/upkeepctl
	@board/install rootfs '$(DESTDIR)' '$(PREFIX)'

size: all
	@T_STACK='$(if $(findstring clang,$(cc))$(sdk),,y)' board/size $B $(nm) $(strip) '$(call compile,-Icore $(children:%=-I%))' $(children)

# The tables of upkeep(5) are printed from the configuration's rows.
man: all
	@board/man $B/upkeepctl rootfs/usr/share/man/man5/upkeep.5

run: all need-run
	@UPKEEPD=$B/upkeepd test/demo/run

include test/test.mk
-include $(wildcard $B/*.d $B/core/*.d $B/vrrp/*.d $B/check/*.d $B/test/unit/*.d)

help:
	@cat board/help

clean:
	rm -rf build

.PHONY: all run test lint size man install clean help config menuconfig defconfig oldconfig \
	olddefconfig savedefconfig allnoconfig allyesconfig variants boards test-unit always
.DELETE_ON_ERROR:
