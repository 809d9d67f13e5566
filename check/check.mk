# SPDX-License-Identifier: MIT
# check: the health-check child, one object a line.
check-y += check.o
check-y += check_schema.o
