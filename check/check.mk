# check: the health-check child, one object a line.
check-y += check.o
