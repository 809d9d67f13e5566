#!/bin/sh
# SPDX-License-Identifier: MIT
# vrrp_test.sh -- two routers in one emulated board: take-over, and what a crash leaves.
# shellcheck disable=SC2154 # t is lib.sh's

two() {
	node r1 r2
	cable r1 eth0 192.0.2.1/24,fe80::1/64,2001:db8::1/64 r2 eth0 192.0.2.2/24,fe80::2/64,2001:db8::2/64
	router r1 150
	router r2 100
	upkeep r1
	await 10 'r1 is MASTER' is r1 lan 2
	await 10 'r1 is MASTER for IPv6' is r1 lan6 2
	upkeep r2
	await 10 'r2 hears r1' hears r2
}

# router NODE PRIORITY [PRIORITY-IPV6]
router() {
	cat >"$t/$1.conf" <<-END
	config globals 'globals'
		option watchdog_interval '0.5'
	config vrrp_instance 'lan'
		option interface 'eth0'
		option virtual_router_id '51'
		option version '3'
		option priority '$2'
		option advert_int '0.2'
		list virtual_ipaddress '192.0.2.100/24'
	config vrrp_instance 'lan6'
		option interface 'eth0'
		option virtual_router_id '51'
		option version '3'
		option priority '${3:-$2}'
		option advert_int '0.2'
		list virtual_ipaddress 'fe80::100/64'
		list virtual_ipaddress '2001:db8::100/64'
	END
}

is() {
	[ "$(metric "$1" vrrp_state "$2")" = "$3" ]
}

hears() {
	[ "$(metric "$1" vrrp_advert_rcvd_total lan)" -gt 2 ] &&
		[ "$(metric "$1" vrrp_advert_rcvd_total lan6)" -gt 2 ]
}

has() {
	ip -n "$1" -o address show dev eth0 | grep -qF " $2/"
}

test_a_backup_takes_over_when_everything_of_the_master_is_killed() {
	two
	equal 'state of r2' "$(metric r2 vrrp_state lan)" 1
	! lacks r1 || fail 'r1 has no addresses'
	# shellcheck disable=SC2046 # several
	kill -9 $(child r1 vrrp) $(child r1 check) $(cat "$t/r1.run/pid")
	await 5 'r2 is MASTER' is r2 lan 2
	await 5 'r2 is MASTER for IPv6' is r2 lan6 2
	await 5 'r2 has the address' has r2 192.0.2.100
	await 5 'r2 has the IPv6 address' has r2 2001:db8::100
}

test_a_graceful_end_hands_over_and_leaves_no_address() {
	two
	kill "$(cat "$t/r1.run/pid")"
	await 5 'r2 is MASTER' is r2 lan 2
	await 5 'the address is gone from r1' lacks r1
}

lacks() {
	! has "$1" 192.0.2.100 && ! has "$1" 2001:db8::100
}

test_a_killed_child_is_master_again_before_the_peer_notices() {
	two
	for _ in 1 2 3 4; do
		old=$(child r1 vrrp)
		kill -9 "$old"
		await 5 'a new child' reborn r1 vrrp "$old"
		await 5 'it is MASTER' is r1 lan 2
		has r1 192.0.2.100 || fail 'the address left'
		usleep 300000
	done
	equal 'take-overs of r2' "$(metric r2 vrrp_become_master_total lan)" 0
	equal 'times that r1 became MASTER' "$(metric r1 vrrp_become_master_total lan)" 1
}

test_a_child_that_hangs_is_replaced_and_starts_as_backup() {
	two
	old=$(child r1 vrrp)
	kill -STOP "$old"
	await 5 'r2 is MASTER' is r2 lan 2
	await 10 'a new child' reborn r1 vrrp "$old"
	await 10 'r1 is MASTER again, by its priority' is r1 lan 2
	await 5 'r2 gave way' is r2 lan 1
	lacks r2 || fail 'r2 kept an address'
}

test_children_have_a_filter_and_few_rights() {
	two
	for c in vrrp check; do
		s=/proc/$(child r1 $c)/status
		equal "filter of $c" "$(awk '/^Seccomp:/ { print $2 }' "$s")" 2
		equal "no_new_privs of $c" "$(awk '/^NoNewPrivs:/ { print $2 }' "$s")" 1
	done
	equal 'rights of vrrp' "$(awk '/^CapEff:/ { print $2 }' "/proc/$(child r1 vrrp)/status")" \
		0000000000003000
	! log_has r1 'filter' || fail 'the log complains of a filter'
}

test_a_violation_is_a_crash_that_the_log_names() {
	two
	old=$(child r1 vrrp)
	kill -SYS "$old"
	await 5 'a new child' reborn r1 vrrp "$old"
	await 5 'the log names it' log_has r1 'violation of its system-call filter'
	await 5 'MASTER again' is r1 lan 2
}

test_a_reload_changes_only_what_differs() {
	two
	before=$(metric r1 vrrp_become_master_total lan6)
	router r1 140 150
	ctl r1 reload
	await 5 'the new priority' prio r1 140
	equal 'take-overs of r2' "$(metric r2 vrrp_become_master_total lan)" 0
	equal 'the other instance' "$(metric r1 vrrp_become_master_total lan6)" "$before"
}

prio() {
	[ "$(metric "$1" vrrp_effective_priority lan)" = "$2" ]
}
