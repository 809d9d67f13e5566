# SPDX-License-Identifier: MIT
# MIPS 24Kc, little endian, no FPU: OpenWrt's ramips (MediaTek MT7620, MT7621,
# MT7628).  As board/mips.mk otherwise.
triplet := mipsel-linux-gnu
cpu := -mips32r2 -mtune=24kc -msoft-float
kernel := /usr/mipsel-linux-gnu/include
integer := y
qemu := qemu-mipsel-static -cpu 24Kc
