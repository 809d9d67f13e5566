# check: the health-check child, one object a line.
