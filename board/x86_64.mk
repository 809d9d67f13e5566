# SPDX-License-Identifier: MIT
# PC and virtual machine, 64 bits.
triplet := x86_64-linux-gnu
cpu :=
# As on the other boards: the canary as a variable, in shorter instructions than by %fs.
guard := -mstack-protector-guard=global
kernel := /usr/include /usr/include/x86_64-linux-gnu
libmnl := amd64
qemu := $(if $(filter x86_64,$(shell uname -m)),,qemu-x86_64-static)
