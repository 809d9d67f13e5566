# SPDX-License-Identifier: MIT
# check: the health-check child, one object a line.
check-y += check.o
check-y += check_schema.o
check-y += checker.o
check-y += checker_table.o
pure-y += check/checker.o
