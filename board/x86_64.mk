# SPDX-License-Identifier: MIT
# PC and virtual machine, 64 bits.
triplet := x86_64-linux-gnu
cpu :=
kernel := /usr/include /usr/include/x86_64-linux-gnu
libmnl := amd64
qemu := $(if $(filter x86_64,$(shell uname -m)),,qemu-x86_64-static)
