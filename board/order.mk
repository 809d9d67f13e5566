# SPDX-License-Identifier: MIT
# order.mk -- what lies beside what in the binary, so that processes touch few pages.
#
# The kernel maps pages of a file in by groups of 16.  So what only the compiler of
# configurations and upkeepctl run (cold-y) lies behind what the daemon's processes do, and
# between the two what answers questions (warm-y).  Large tables of .bss (bss-large, names of
# variables), of which most is never touched, lie behind the small variables.
# An SDK's linker may be any, so its order is left alone.

order := $(if $(sdk),,$B/order.ld)
member = *lib$(patsubst %/,%,$(dir $1)).a:$(notdir $1)

$B/order.ld: Makefile board/order.mk core/core.mk vrrp/vrrp.mk check/check.mk
	@mkdir -p $B
	@{ echo 'SECTIONS { .cold : {'; \
	   $(foreach o,$(warm-y) $(cold-y),echo '	$(call member,$o)(.text .text.* .rodata .rodata.*)';) \
	   echo '} } INSERT AFTER .rodata;'; \
	   echo 'SECTIONS { .bss.large (NOLOAD) : { *($(bss-large:%=.bss.%)) } } INSERT AFTER .bss;'; \
	 } >$@
