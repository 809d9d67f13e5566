#!/bin/sh
# SPDX-License-Identifier: MIT
# lib.sh -- for tests inside an emulated board.  A test is a function test_NAME of a
# *_test.sh, its name the rule.  Each runs in a shell of its own that ends with the first
# command that fails; its namespaces, processes and files go with it.  There are no fixed
# sleeps where something can be waited for: `until`'s name here is `await`.

# shellcheck disable=SC2034 # failed is guest.sh's exit code
t=/tmp/t failed=0		# a test's files; whether one failed

fail() {
	echo "$*" >"$t/why"
	exit 1
}

# await SECONDS WHAT COMMAND...: until the command is true.
await() {
	now
	end=$((now + $1 * 1000)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		now
		[ "$now" -lt $end ] || fail "not in time: $what"
		usleep 20000
	done
}

# steady SECONDS WHAT COMMAND...: it stays true for so long.
steady() {
	now
	end=$((now + $1 * 1000)) what=$2
	shift 2
	while now && [ "$now" -lt $end ]; do
		"$@" >/dev/null 2>&1 || fail "$what"
		usleep 50000
	done
}

# now: milliseconds since the board began.  No process is started where it is not needed:
# each takes long on an emulated processor.
now() {
	read -r now _ </proc/uptime
	now=${now%.*}${now#*.}0
	now=${now#0}
}

# equal WHAT SEEN WANTED
equal() {
	[ "$2" = "$3" ] || fail "$1: '$2', not '$3'"
}

# ---- namespaces ----

# node NAME...
node() {
	for n; do
		ip netns add "$n"
		ip -n "$n" link set lo up
		in_ "$n" sysctl -qw net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.all.accept_dad=0 net.ipv4.ip_forward=1 \
			net.ipv6.conf.all.forwarding=1
	done
}

# in_ NODE COMMAND...
in_() {
	at=$1
	shift
	flow in "/run/netns/$at" "$@"
}

# cable NODE DEV ADDRESS NODE DEV ADDRESS; an address may be a list with commas.
cable() {
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
	give "$1" "$2" "$3"
	give "$4" "$5" "$6"
}

# give NODE DEV ADDRESS,...
give() {
	{
		echo "link set $2 up"
		IFS=,
		for a in $3; do
			case $a in
			*:*) echo "address add $a dev $2 nodad" ;;
			*) echo "address add $a dev $2" ;;
			esac
		done
	} | ip -n "$1" -batch -
}

# ---- upkeepd ----

# upkeep NODE: starts it with $t/NODE.conf.
upkeep() {
	in_ "$1" upkeepd -f "$t/$1.conf" -R "$t/$1.run" 2>>"$t/$1.log" &
	await 10 "upkeepd of $1 answers" ctl "$1" status
}

ctl() {
	node=$1
	shift
	upkeepctl -R "$t/$node.run" "$@"
}

# metric NODE NAME WORD: the value of the sample whose labels contain the word.
metric() {
	ctl "$1" metrics | sed -n "/^upkeep_$2{.*\"$3\"/{s/.* //p;q;}"
}

# child NODE vrrp|check: its process number.
child() {
	up=$(cat "$t/$1.run/pid")
	# shellcheck disable=SC2013 # words
	for p in $(grep -ls "^upkeepd: $2" /proc/[0-9]*/cmdline); do
		p=${p%/cmdline}
		if grep -qs "^PPid:[[:space:]]*$up\$" "$p/status"; then
			echo "${p#/proc/}"
		fi
	done
}

# reborn NODE CHILD OLD: there is a new one.
reborn() {
	new=$(child "$1" "$2")
	[ -n "$new" ] && [ "$new" != "$3" ]
}

log_has() {
	grep -q -- "$2" "$t/$1.log"
}

# ---- running them ----

clean() {
	for p in /proc/[0-9]*; do
		n=$(readlink "$p/ns/net") || continue
		[ "$n" = "$home" ] || kill -9 "${p#/proc/}"
	done 2>/dev/null
	wait
	ip netns | while read -r n _; do
		ip netns delete "$n"
	done
	rm -rf "$t"
}

# tests FILE [WORD...]: all tests of the file, or those whose name contains a word.
tests() {
	file=$1
	shift
	base=$(basename "$file" _test.sh)
	home=$(readlink /proc/self/ns/net)
	# shellcheck disable=SC2013 # words
	for name in $(sed -n 's/^test_\([a-z0-9_]*\)() *{.*/\1/p' "$file"); do
		if [ $# != 0 ]; then
			echo "$name $base" | grep -qF "$(printf '%s\n' "$@")" || continue
		fi
		mkdir -p $t
		now
		began=$now
		# shellcheck disable=SC1090 # any file of tests
		(set -ex; . "$file"; "test_$name") >$t/out 2>&1
		code=$?
		now
		took=$((now - began))
		if [ $code = 0 ] && [ -f $t/skip ]; then
			echo "ok $base: # skip $name: $(cat $t/skip)"
		elif [ $code = 0 ]; then
			echo "ok $base: $name ($took ms)"
		else
			failed=1
			echo "not ok $base: $name - $(cat $t/why 2>/dev/null || echo "exit code $code")"
			for f in "$t"/*.log "$t/out"; do
				[ ! -s "$f" ] || tail -n 15 "$f" | sed "s|^|# ${f##*/}: |"
			done
		fi
		clean
	done
}

# unit PROGRAM: the tests of a unit test.  One that skips even here has failed, unless it
# says of this kernel why.  It is copied: the host's error numbers are not those of MIPS, and
# a program on its file system cannot be executed where the kernel asks for attributes.
unit() {
	name=$(basename "$1")
	cp "$1" /tmp/program
	CMOCKA_MESSAGE_OUTPUT=TAP timeout 300 /tmp/program >/tmp/unit 2>&1
	code=$?
	kernel=$(grep -c 'skipped: this kernel' /tmp/unit)
	[ "$kernel" = "$(grep -c '^not ok [0-9]* # SKIP' /tmp/unit)" ] || kernel=
	sed -n "s/^ok [0-9]* - /ok unit $name: /p
		s/^not ok [0-9]* # SKIP */${kernel:-not }ok unit $name: # skip /p
		s/^not ok [0-9]* - /not ok unit $name: /p" /tmp/unit | sed 's/^[1-9]ok/ok/'
	if [ $code != 0 ] && ! grep -q '^not ok [0-9]* -' /tmp/unit; then
		echo "not ok unit $name - exit code $code"
	fi
	if [ $code != 0 ] || [ -z "$kernel" ]; then
		failed=1
		grep -v '^ok' /tmp/unit | head -n 60 | sed 's/^/# /'
	fi
	rm -f /tmp/unit /tmp/program
}
