# SPDX-License-Identifier: MIT
# ARMv8-A, 64 bits: OpenWrt's filogic, qualcommax, bcm27xx, armsr.
triplet := aarch64-linux-gnu
cpu :=
kernel := $(if $(filter aarch64,$(shell uname -m)),/usr/include) /usr/aarch64-linux-gnu/include
libmnl := arm64
# BearSSL's P-256 unrolled: a third off a TLS handshake for 7 kB.  On 32 bits it is a fifth for 9.
hot := ec/ec_p256_m31
qemu := $(if $(filter aarch64,$(shell uname -m)),,qemu-aarch64-static)
