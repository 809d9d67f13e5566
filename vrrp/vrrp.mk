# SPDX-License-Identifier: MIT
# vrrp: the VRRP child, one object a line.
vrrp-y += adv.o
vrrp-y += auth.o
vrrp-y += fsm.o
vrrp-y += interval.o

# No undefined symbol beyond memcpy, its kin and other pure files.
pure-y += vrrp/adv.o
pure-y += vrrp/auth.o
pure-y += vrrp/fsm.o
pure-y += vrrp/interval.o
vrrp-y += instance.o
vrrp-y += instance_wire.o
vrrp-y += history.o
vrrp-y += kept.o
vrrp-y += kept_vips.o
vrrp-y += leftover.o
vrrp-y += socket.o
vrrp-y += router.o
vrrp-y += router_look.o
vrrp-y += notify.o
vrrp-y += vrrp.o
vrrp-y += vrrp_report.o
vrrp-y += vrrp_report_why.o
vrrp-y += vrrp_pools.o
vrrp-y += address.o
vrrp-y += address_msg.o
vrrp-y += address_place.o
vrrp-y += announce.o
vrrp-y += announce_frame.o
pure-y += vrrp/announce_frame.o
vrrp-y += vrrp_schema.o
vrrp-y += vrrp_schema_address.o
vrrp-y += vrrp_schema_instance.o
vrrp-y += vrrp_schema_list.o
pure-y += vrrp/address_msg.o

# Where they lie in the binary: board/order.mk.
warm-y += vrrp/vrrp_report.o vrrp/vrrp_report_why.o
cold-y += $(addprefix vrrp/,vrrp_schema.o vrrp_schema_address.o vrrp_schema_instance.o \
	vrrp_schema_list.o)
bss-large += rx world by_addr by_vrid
