# SPDX-License-Identifier: MIT
# check: the health-check child, one object a line.
check-y += check.o
check-y += check_schema.o
check-y += ipvs_msg.o
check-y += ipvs_msg_get.o
check-y += ipvs_msg_equal.o
check-y += ipvs_msg_scheduler.o
pure-y += check/ipvs_msg.o
pure-y += check/ipvs_msg_get.o
pure-y += check/ipvs_msg_equal.o
pure-y += check/ipvs_msg_scheduler.o
check-y += ipvs.o
check-y += ipvs_diff.o
check-y += ipvs_audit.o
check-y += ipvs_sync.o
check-y += ipvs_count.o
pure-y += check/ipvs_diff.o
