# SPDX-License-Identifier: MIT
# sdk.mk -- an SDK's own compiler and libraries (OpenWrt, Buildroot), used when
# CC, LIBMNL or BEARSSL is given on the command line or in the environment.
#
#	CC	 the compiler, with its flags; cc when only the others are given
#	LIBMNL	 nothing: the compiler finds <libmnl/libmnl.h> and -lmnl itself
#		 /DIR: the prefix that has include/ and lib/
#		 -FLAGS: exactly these (-I, -L, -l, or the archive by its path)
#	BEARSSL	 likewise, for <bearssl.h> and -lbearssl; only with CONFIG_TLS
#	CFLAGS CPPFLAGS LDFLAGS LDLIBS	after the project's own, so they win
#	AR NM	 when the compiler does not name its own
#
# Nothing is installed, fetched or stripped, and warnings stay warnings.

cc := $(CC)
what-of = $(if $(filter default undefined,$(origin $1)),$(shell $(cc) -print-prog-name=$2),$($1))
ar := $(call what-of,AR,ar)
nm := $(call what-of,NM,nm)
objdump := $(shell $(cc) -print-prog-name=objdump)
strip := $(shell $(cc) -print-prog-name=strip)

of = $(if $(filter -%,$1),$(filter-out -I% -isystem%,$1),$(1:%=-L%/lib) $2)
inc-of = $(if $(filter -%,$1),$(filter -I% -isystem%,$1),$(1:%=-isystem %/include))
cflags := $(filter-out -Werror,$(cflags)) $(call inc-of,$(LIBMNL)) $(call inc-of,$(BEARSSL))

# A static link needs a libc.a that starts without the heap: musl's does, and
# neither glibc's nor a missing one; then the link is dynamic, and says so.
probe := echo 'int main(void) { return 0; }' | $(cc) $(CFLAGS) $(ldflags) $(LDFLAGS) -static \
	-x c -o $B/probe - 2>/dev/null && echo y
static := $(if $(CONFIG_STATIC),$(shell mkdir -p $B; $(probe)))
ldflags += $(if $(static),-static)
libs = $(if $(CONFIG_TLS),$(call of,$(BEARSSL),-lbearssl)) $(call of,$(LIBMNL),-lmnl) $(LDLIBS)
linked := $(if $(static),static,dynamic$(if $(CONFIG_STATIC), (no static libc that is free of the heap)))
