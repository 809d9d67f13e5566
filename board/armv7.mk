# SPDX-License-Identifier: MIT
# ARMv7-A with VFPv3, Thumb-2: OpenWrt's mvebu, ipq40xx, and most 32-bit boards.
triplet := arm-linux-gnueabihf
cpu := -march=armv7-a -mfpu=vfpv3-d16 -mfloat-abi=hard -mthumb
kernel := /usr/arm-linux-gnueabihf/include
libmnl := armhf
qemu := qemu-arm-static
