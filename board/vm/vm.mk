# SPDX-License-Identifier: MIT
# vm.mk -- the board as a whole emulated machine, in build/vm/BOARD: kernel and initramfs.
# Its parts are made again when what they are made of changed, told by checksums: a new
# clone of the tree beside an old build/ builds nothing.

# How it is emulated, its console, and Debian's kernel for it: architecture and package.
# Where Debian has none the kernel is built from source, with board/vm/BOARD.config.
vm-x86_64 := qemu-system-x86_64 -M q35 -cpu max -m 192
vm-x86_64-debian := amd64 linux-image-amd64
vm-aarch64 := qemu-system-aarch64 -M virt -cpu cortex-a53 -m 192
vm-aarch64-console := ttyAMA0
vm-aarch64-debian := arm64 linux-image-arm64
vm-armv7 := qemu-system-arm -M virt,highmem=off -cpu cortex-a15 -m 192
vm-armv7-console := ttyAMA0
vm-armv7-debian := armhf linux-image-armmp
vm-mipsel := qemu-system-mipsel -M malta -cpu 24Kc -m 128
vm-mipsel-debian := mipsel linux-image-4kc-malta
vm-mips := qemu-system-mips -M malta -cpu 24Kc -m 64
vm-mips-arch := mips
vm-boards := x86_64 mips aarch64 armv7 mipsel

vm-at := build/vm/$(BOARD)
vm-console := $(or $(vm-$(BOARD)-console),ttyS0)
vm-make = $(if $(vm-$(BOARD)-debian),board/vm/debian $(vm-at) $(vm-$(BOARD)-debian), \
	board/vm/kernel $(vm-at) $(vm-$(BOARD)-arch) $(triplet)- board/vm/$(BOARD).config && \
	board/vm/tools $(vm-at) $(triplet)-) && board/vm/image $(vm-at)

vm-image: | need-build need-vm $(if $(vm-$(BOARD)-debian),,need-vm-own need-$(BOARD))
	@mkdir -p $(vm-at)
	@flock build/vm/lock sh -c '$(vm-make)'
	@printf '%s\n' '$(vm-$(BOARD))' $(vm-console) >$(vm-at)/machine

# What only a kernel of its own byte order can show: the tests that skip under qemu-user.
vm-unit := $(patsubst test/unit/%.c,$B/test/unit/%, \
	$(shell grep -lE 'netns_possible|!filters' $(unit-src)) test/unit/seccomp_test.c)
vm-parts: all vm-image $(vm-unit) $B/test/flow
	@echo $(notdir $(vm-unit)) >$(vm-at)/unit

$B/test/flow: test/board/flow.c $B/flags $B/config.h $(toolchain)
	@mkdir -p $(@D)
	$(call say,TEST)
	$Q$(cc) $(cflags) $(unit-ldflags) -o $@ $(start) $< $(libs)

board-test:
	@for b in $(or $(BOARDS),$(vm-boards)); do \
		env -u MAKEFLAGS -u MFLAGS $(MAKE) -s -j$(jobs) BOARD=$$b vm-parts || exit; done
	@test/board/run $(or $(BOARDS),$(vm-boards))

vm: vm-parts
	@test/board/run --shell $(BOARD)

.PHONY: vm vm-image vm-parts board-test
