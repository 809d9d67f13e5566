# SPDX-License-Identifier: MIT
# toolchain.mk -- musl, BearSSL and libmnl for one board, below
# build/toolchain/BOARD; cmocka too when a test wants it.  The main Makefile
# calls it under a lock:
#	make -f board/toolchain.mk BOARD=mips libs|cmocka
#
# Nothing here depends on .config, so that every configuration shares it.

include board/$(BOARD).mk
src := $(CURDIR)/build/toolchain/src
T := $(CURDIR)/build/toolchain/$(BOARD)

CC := $(triplet)-gcc
AR := $(triplet)-ar
OBJCOPY := $(triplet)-objcopy
bearssl := $(src)/bearssl

opt := -Os $(cpu) -pipe -ffunction-sections -fdata-sections -fno-pie \
	-fno-asynchronous-unwind-tables -fno-unwind-tables \
	-ffile-prefix-map=$(CURDIR)/build/toolchain/=
inc = -nostdinc -isystem $T/include \
	-isystem $(shell $(CC) -print-file-name=include)

# The compiler's support library; without its floating point where the CPU has
# none, so that the link fails when something needs it.
int := ashldi3 ashrdi3 lshrdi3 divdi3 moddi3 udivdi3 umoddi3 muldi3 negdi2 \
	cmpdi2 ucmpdi2 clz clzsi2 clzdi2 ctzsi2 ctzdi2 ffssi2 ffsdi2 bswapsi2 \
	bswapdi2 popcount_tab popcountsi2 popcountdi2 paritysi2 paritydi2

quiet = >$1 2>&1 || { tail -n 20 $1; exit 1; }

.PHONY: libs cmocka
libs: $T/musl.done $T/libgcc.done $T/bearssl.done $T/libmnl.done
cmocka: $T/cmocka.done

$(src)/%/.done: board/sources
	@echo "  FETCH $*"
	@board/fetch source $(src) $*
	@touch $@

$T/musl.done: $(src)/musl/.done board/$(BOARD).mk board/toolchain.mk
	@echo "  MUSL  $(BOARD)"
	@rm -rf $T/musl && mkdir -p $T/musl
	@cd $T/musl && $(src)/musl/configure -q --prefix=$T --syslibdir=$T/lib \
		--target=$(triplet) --disable-shared --enable-wrapper=no \
		CC=$(CC) CROSS_COMPILE=$(triplet)- CFLAGS="$(opt)" \
		$(call quiet,$T/musl.log)
	+@$(MAKE) -s -C $T/musl install $(call quiet,$T/musl.log)
	@for d in linux asm asm-generic; do \
		for i in $(kernel); do \
			if [ -d $$i/$$d ]; then \
				ln -sfn $$i/$$d $T/include/$$d; \
			fi; \
		done; [ -d $T/include/$$d ] || { echo no $$d; exit 1; }; \
	done
	@ln -sfn /usr/include/libmnl $T/include/libmnl
	@rm -rf $T/musl && touch $@

$T/libgcc.done: $T/musl.done
	@rm -rf $T/libgcc $T/lib/libgcc.a && mkdir -p $T/libgcc
ifeq ($(integer),y)
	@cd $T/libgcc && $(AR) x `$(CC) -print-libgcc-file-name` $(int:%=_%.o)
	@cd $T/libgcc && for o in *.o; do \
		$(OBJCOPY) -R .gnu.attributes -R .MIPS.abiflags -R .comment $$o; \
	done
	@$(AR) rcs $T/lib/libgcc.a $T/libgcc/*.o
else
	@cp `$(CC) $(cpu) -print-libgcc-file-name` $T/lib/libgcc.a
endif
	@rm -rf $T/libgcc && touch $@

# The list of BearSSL's files is known once it is unpacked: hence the second make.
$T/bearssl.done: $(src)/bearssl/.done $T/musl.done
	@echo "  TLS   $(BOARD): BearSSL"
	+@$(MAKE) -s -f board/toolchain.mk BOARD=$(BOARD) $T/lib/libbearssl.a
	@cp $(bearssl)/inc/*.h $T/include/
	@rm -rf $T/bearssl && touch $@
bearssl-o := $(patsubst $(bearssl)/src/%.c,$T/bearssl/%.o, \
	$(shell test -d $(bearssl)/src && find $(bearssl)/src -name '*.c'))
$T/lib/libbearssl.a: $(bearssl-o)
	@rm -f $@ && $(AR) rcs $@ $^
$T/bearssl/%.o: $(bearssl)/src/%.c
	@mkdir -p $(@D)
	@$(CC) $(opt) $(if $(filter $(hot),$*),-O3) -w $(inc) -I$(bearssl)/src -I$(bearssl)/inc -c -o $@ $<

# Debian's archive is one section a file: the functions in it that use the heap
# or stdio are never called, but their references would reach the link.
mnl-weak := malloc calloc free fwrite __fprintf_chk __ctype_b_loc
$T/libmnl.done: board/mnl/mnl.c $T/musl.done
	@mkdir -p $T/mnl
	@if [ -n "$(libmnl)" ] && board/fetch libmnl $T/mnl $(libmnl) \
			>$T/libmnl.log 2>&1; then \
		$(OBJCOPY) -R .eh_frame $(mnl-weak:%=-W %) $T/mnl/libmnl.a $T/lib/libmnl.a; \
		echo "1.0.5 (Debian, static)"; \
	else \
		$(CC) $(opt) -std=gnu11 -Wall -Wextra $(inc) \
			-c -o $T/mnl/mnl.o board/mnl/mnl.c && \
		rm -f $T/lib/libmnl.a && \
		$(AR) rcs $T/lib/libmnl.a $T/mnl/mnl.o && \
		echo "own message helpers ($(if $(libmnl),Debian's static build \
			cannot be fetched,no static build for $(BOARD)))"; \
	fi >$T/libmnl.txt
	@cp $T/libmnl.txt $@

# As one file; its running times are floating point, which not every board has.  Its header
# would guess at uintptr_t, and miss on aarch64.
$T/cmocka.done: $(src)/cmocka/.done $T/musl.done
	@echo "  TEST  $(BOARD): cmocka"
	@mkdir -p $T/test
	@cp $(src)/cmocka/include/cmocka.h $T/test/
	@$(CC) $(opt) -w $(inc) -fno-builtin -Ddouble=long \
		-DHAVE_SIGNAL_H -DHAVE_INTTYPES_H -DHAVE_STRINGS_H -DHAVE_STDINT_H \
		-DHAVE_SETJMP_H -DHAVE_UNISTD_H -D_UINTPTR_T -I$T/test -I$(src)/cmocka/include \
		-c -o $T/test/cmocka.o $(src)/cmocka/src/cmocka.c
	@rm -f $T/test/libcmocka.a && $(AR) rcs $T/test/libcmocka.a $T/test/cmocka.o
	@touch $@
