# SPDX-License-Identifier: MIT
# ARMv8-A, 64 bits: OpenWrt's filogic, qualcommax, bcm27xx, armsr.
triplet := aarch64-linux-gnu
cpu :=
kernel := $(if $(filter aarch64,$(shell uname -m)),/usr/include) /usr/aarch64-linux-gnu/include
libmnl := arm64
qemu := $(if $(filter aarch64,$(shell uname -m)),,qemu-aarch64-static)
