# SPDX-License-Identifier: MIT
# order.mk -- what lies beside what in the binary, so that processes touch few pages.
#
# The kernel maps pages of a file in by groups of 16, but not beyond a segment.  So there are
# four: what each process of the daemon runs; what only some do, health checks and TLS
# (late-y); what answers questions (warm-y); what only the compiler of configurations and
# upkeepctl run (cold-y).  They follow each other in the file without a gap.
# Large tables of .bss (bss-large, names of variables), of which most is never touched, lie
# behind the small variables.  An SDK's linker may be any, so its order is left alone.

order := $(if $(sdk),,$B/order.ld)
member = *lib$(patsubst %/,%,$(dir $1)).a:$(notdir $1)(.text .text.* .rodata .rodata.*)
segment = .$1 ALIGN(0x20000) + (. & (CONSTANT(MAXPAGESIZE) - 1)) : {

$B/order.ld: Makefile board/order.mk core/core.mk vrrp/vrrp.mk check/check.mk
	@mkdir -p $B
	@{ echo 'SECTIONS {'; \
	   echo '$(call segment,late)'; \
	   $(foreach o,$(late-y),echo '	$(call member,$o)';) \
	   echo '	*libbearssl.a:*(.text .text.* .rodata .rodata.*)'; \
	   echo '}'; \
	   echo '$(call segment,warm)'; \
	   $(foreach o,$(warm-y),echo '	$(call member,$o)';) \
	   echo '}'; \
	   echo '$(call segment,cold)'; \
	   $(foreach o,$(cold-y),echo '	$(call member,$o)';) \
	   echo '} } INSERT AFTER .rodata;'; \
	   echo 'SECTIONS { .bss.large (NOLOAD) : { *($(bss-large:%=.bss.%)) } } INSERT AFTER .bss;'; \
	 } >$@
