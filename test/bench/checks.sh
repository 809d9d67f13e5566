#!/bin/sh
# SPDX-License-Identifier: MIT
# checks.sh -- what the emulated board of the bench runs: each line of `cases` in turn, KIND
# COUNT SECONDS, with the configurations beside it, SIDE.KIND.COUNT.  Prints rows of
# KIND COUNT SIDE KEY VALUE.
#
#	d --10.2.0.0/24-- s, which has each address of 10.3.0.0/16 for a server's
# shellcheck disable=SC2154 # t is lib.sh's
mkdir /other
cp -a /mnt/root/. /other/
for d in proc mnt tmp dev run; do
	mkdir -p /other/$d
	mount -o bind /$d /other/$d
done
mkdir -p /other/var/log/nginx /other/etc
echo 'root:x:0:0:root:/:/bin/sh' >/other/etc/passwd
echo 'root:x:0:' >/other/etc/group
cp /mnt/serve /mnt/flow /bin/
cp /mnt/upkeepd.large /bin/upkeepd
ln -s upkeepd /bin/upkeepctl
# shellcheck source=test/board/lib.sh
. /mnt/lib.sh

row() {
	echo "ROW $kind $count $side $*"
}

pids() {
	# shellcheck disable=SC2013 # words
	for p in $(grep -ls "^$side" /proc/[0-9]*/comm); do
		p=${p%/comm}
		echo "${p#/proc/}"
	done
}

# Nanoseconds that its processes have run.
ran() {
	sum=0
	for p in $(pids); do
		read -r ns _ <"/proc/$p/schedstat" && sum=$((sum + ns))
	done
	echo $sum
}

# Nanoseconds that anything has run.
all_ran() {
	sed -n 's/^cpu0 [0-9]* [0-9]* [0-9]* [0-9]* [0-9]* [0-9]* \([0-9]*\) .*/\1/p' /proc/schedstat
}

conns() {
	in_ s grep '^Tcp: [0-9]' /proc/net/snmp | cut -d ' ' -f 7
}

there() {
	[ "$(in_ d grep -c '  ->' /proc/net/ip_vs)" -gt "$count" ]
}

start() {
	if [ $side = upkeepd ]; then
		in_ d upkeepd -f "$conf" -R $t/run >$t/d.log 2>&1 &
	else
		in_ d chroot /other keepalived -n -C -f "$conf" -p $t/k.pid -c $t/c.pid >$t/d.log 2>&1 &
	fi
}

hup() {
	kill -HUP "$(pids | sort -n | head -n 1)"
}

memory() {
	pss=0 dirty=0
	for p in $(pids); do
		pss=$((pss + $(awk '/^Pss:/{print $2}' "/proc/$p/smaps_rollup")))
		dirty=$((dirty + $(awk '/^Private_Dirty:/{print $2}' "/proc/$p/smaps_rollup")))
	done
	row pss_kb $pss
	row dirty_kb $dirty
}

# What the case costs while nothing changes.
steady_state() {
	killall -USR1 serve 2>/dev/null || :
	a=$(ran) ca=$(conns) ea=$(all_ran)
	sleep "$window"
	cb=$(conns) b=$(ran) eb=$(all_ran)
	killall -USR1 serve 2>/dev/null || :
	row checks $((cb - ca)) "$window"
	row ns $((b - a))
	quiet=$(((eb - ea) / window))	# a second
	sleep 0.1
	[ "$kind" = https ] || row jitter "$(tail -n 1 $t/served)"
}

calls() {
	# shellcheck disable=SC2046 # words
	set -- $(pids | sed 's/^/-p /')
	ca=$(conns)
	chroot /other strace -c -f -o $t/calls "$@" 2>/dev/null &
	sleep "$s"
	kill -INT $!
	wait $!
	row calls $(($(conns) - ca)) "$(awk '/ total$/{print $(NF-1) + 0 == 0 ? $4 : $4}' $t/calls)"
	sed -n 's/^/# /p' $t/calls | head -n 16
}

reload() {
	ea=$(all_ran)
	hup
	sleep "$s"
	row reload_ns $(($(all_ran) - ea - s * quiet))
}

# The tenth of the servers that the kernel's table loses within their bound; us.
deaths() {
	for i in 1 2 3 4 5; do
		in_ s ip route add blackhole 10.3.0.$i/32 table local
		in_ s ip route flush cache
		row gone "$(in_ d serve gone "0A03000$i:")"
		usleep 330000
	done
}

one() {
	node d s
	cable d eth0 10.2.0.1/24,10.1.0.1/16 s eth0 10.2.0.2/24
	in_ d ip route add 10.3.0.0/16 via 10.2.0.2
	in_ s ip route add local 10.3.0.0/16 dev lo
	in_ s sysctl -qw net.ipv4.tcp_max_syn_backlog=8192 net.core.somaxconn=8192
	port=80
	settle=$((2 * s)) window=$s
	if [ "$kind" = https ]; then
		in_ s chroot /other nginx -c /mnt/nginx.conf >$t/served 2>&1 &
		port=443
		settle=$((4 * s))	# all begin with a whole handshake
		window=60		# tls_session_reuse: one of each in it is whole
	else
		in_ s serve $port $((s * 1000000)) >$t/served &
	fi
	sleep 1
	conf=/mnt/$side.$kind.$count
	ea=$(all_ran)
	start
	sleep "$settle"
	load=$(($(all_ran) - ea))
	there || fail "not all servers are there"
	[ "$kind" = https ] || row floor "$(in_ d serve floor 10.3.0.250 80)"
	steady_state
	row load_ns $((load - settle * quiet))
	memory
	[ $side != upkeepd ] || upkeepctl -R $t/run status | sed -n '/^checking/,/^$/s/^/# /p'
	reload
	sleep 1
	calls
	[ "$kind$count" != tcp100 ] || deaths
}

home=$(readlink /proc/self/ns/net)
while read -r kind count s; do
	for side in upkeepd keepalived; do
		mkdir -p $t
		(set -e; one) || {
			echo "not ok $kind $count $side: $(cat $t/why)"
			tail -n 5 $t/d.log | sed 's/^/# /'
		}
		clean
	done
done </mnt/cases
