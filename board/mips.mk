# SPDX-License-Identifier: MIT
# MIPS 24Kc, big endian, no FPU: most routers of OpenWrt's ath79 (Atheros AR71xx,
# AR9xxx, QCA95xx).  Debian's compiler is for hard float, so libgcc is reduced
# to its integer functions: any use of floating point is a link error.
triplet := mips-linux-gnu
cpu := -mips32r2 -mtune=24kc -msoft-float
kernel := /usr/mips-linux-gnu/include
integer := y
qemu := qemu-mips-static -cpu 24Kc
