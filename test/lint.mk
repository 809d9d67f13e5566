# SPDX-License-Identifier: MIT
# lint.mk -- `make coverage`, and what looks into one source at a time for `make lint`: clang-tidy
# and gcc's analyzer.  Done again when the object was made again, so that a second lint is quick.  What they find
# is kept beside it and printed by test/lint.

checked := $(core-y:%=core/%) $(if $(CONFIG_VRRP),$(vrrp-y:%=vrrp/%)) \
	$(if $(CONFIG_CHECK),$(check-y:%=check/%))
# clang's analyzer takes nine tenths of the time in functions with very many paths; of those it looks
# at a ninth of what it would by itself, unless DEEP=y asks for all.  Each check looks at each function.
nodes = $(if $(DEEP),,-Xclang -analyzer-config -Xclang max-nodes=25000)
# Only for this machine does clang know what the headers need, and only gcc has the analyzer.
tidy = $(if $(qemu)$(sdk),true,clang-tidy --quiet) $1 -- -std=gnu11 -include $B/config.h $2 \
	-nostdinc -isystem $T/include -isystem $(shell clang -print-resource-dir)/include $(nodes)
analyze = $(if $(findstring clang,$(cc))$(sdk),true,$(call compile,$2)) -Wno-error -fanalyzer \
	-MF $B/lint/$1.d -c -o $B/lint/$1.o $1.c

lint-objects: $(checked:%.o=$B/lint/%.tidy)
$B/lint/%.tidy: $B/%.o .clang-tidy test/lint.mk
	@mkdir -p $(@D)
	@$(call analyze,$*,$(inc-$(firstword $(subst /, ,$*)))) 2>$B/lint/$*.gcc || :
	@$(call tidy,$*.c,$(inc-$(firstword $(subst /, ,$*)))) >$@.new 2>/dev/null || :
	@mv $@.new $@

# Without optimisation, so that a line is a line; the tests of the parent run the daemon itself.
coverage: | need-test
	+@env -u MAKEFLAGS -u MFLAGS $(MAKE) -s -k -j$(jobs) O=build/coverage gcov=-lgcov \
		CFLAGS='--coverage -O0' coverage-tests || :
	@test/coverage build/coverage '$(pure-y)' $(unit:$B/%=build/coverage/%) \
		build/coverage/test/sim/sim
coverage-tests: $(unit) $B/test/sim/sim

.PHONY: lint-objects coverage coverage-tests
