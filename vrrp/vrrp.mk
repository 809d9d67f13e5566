# vrrp: the VRRP child, one object a line.
