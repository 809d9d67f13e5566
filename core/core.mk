# core: what the parent and both children stand on, one object a line.
core-y += port.o
core-y += timer.o
core-y += loop.o
core-y += net.o
pure-y += core/net.o
core-y += strfmt.o
pure-y += core/strfmt.o
core-y += ipc.o
core-y += title.o
core-y += backoff.o
pure-y += core/backoff.o
core-y += log.o
core-y += uci.o
pure-y += core/uci.o
