# SPDX-License-Identifier: MIT
# fuzz.mk -- `make fuzz`: TARGET (adv, control, ...; all without it) for TIME seconds each.

TIME ?= 60

fuzz: | need-test
	@env -u MAKEFLAGS -u MFLAGS JOBS=-j$(jobs) FUZZ_SECONDS=$(TIME) FUZZ_KEEP=1 \
		test/fuzz/run $(TARGET)

.PHONY: fuzz
