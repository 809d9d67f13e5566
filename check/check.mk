# SPDX-License-Identifier: MIT
# check: the health-check child, one object a line.
check-y += check.o
check-y += check_schema.o
check-y += check_schema_globals.o
check-y += check_schema_group.o
check-y += check_schema_other.o
check-y += check_schema_probe.o
check-y += check_schema_server.o
check-y += check_schema_service.o
check-y += check_schema_text.o
check-y += check_schema_tls.o
check-y += check_schema_url.o
check-y += checker.o
check-y += checker_table.o
pure-y += check/checker.o
