#!/bin/sh
# SPDX-License-Identifier: MIT
# ipvs_test.sh -- a director with the kernel's own IPVS between a client and two servers,
# and real flows through it.
#
#	c --10.1.0.0/24-- d ==10.2.0.0/24== s1, s2, and c once more
#
# Through the left network servers are reached by NAT and answer by way of d; on the right
# one they answer the client themselves (DR, TUN).
# shellcheck disable=SC2154 # t is lib.sh's

web=10.1.0.100:80 one=10.2.0.11:80 two=10.2.0.12:80

# The world; s1 serves as "one", s2 as "two".
world() {
	node c d s1 s2 lan
	ip -n lan link add br0 type bridge mcast_snooping 0 forward_delay 0
	ip -n lan link set br0 up
	cable c eth0 10.1.0.2/24,2001:db8:1::2/64 d eth0 10.1.0.1/24,2001:db8:1::1/64
	for h in c:2 d:1 s1:11 s2:12; do
		n=${h%:*} a=${h#*:}
		cable "$n" eth1 "10.2.0.$a/24,2001:db8:2::$a/64" lan "to-$n" ''
		ip -n lan link set "to-$n" master br0
	done
	give d eth0 10.1.0.100/32,2001:db8:1::100/128
	for n in s1 s2; do
		ip -n $n route add default via 10.2.0.1
		ip -n $n route add default via 2001:db8:2::1
	done
	serve s1 10.2.0.11 one
	serve s2 10.2.0.12 two
}

# serve NODE ADDRESS NAME [PORT]
serve() {
	flow in "/run/netns/$1" flow serve "$2" "${4:-80}" "$3" &
	echo $! >"$t/$1-$3.server"
	await 5 "$3 serves" in_ "$1" flow hold tcp "$2" "${4:-80}" 1
}

stop() {
	kill -9 "$(cat "$t/$1.server")"
}

# director [LINE...]: upkeepd with the service of both servers, and these lines in it.
director() {
	services "$@" >"$t/d.conf"
	upkeep d
}

# services [LINE...]; algo, kind: its scheduler, and how packets reach its servers.
services() {
	cat <<-END
	config globals 'globals'
		option watchdog_interval '0.5'
		option ipvs_audit '0.5'
	config virtual_server 'web'
		option ipaddr '10.1.0.100'
		option port '80'
		option lb_algo '${algo:-rr}'
		option lb_kind '${kind:-NAT}'
		option delay_loop '0.2'
		option connect_timeout '1'
		option retry '1'
		option delay_before_retry '0.1'
		list real_server 'one'
		list real_server 'two'
	END
	for line; do
		printf '\t%s\n' "$line"
	done
	for s in one:11 two:12; do
		cat <<-END
		config real_server '${s%:*}'
			option ipaddr '10.2.0.${s#*:}'
			option port '80'
			option check 'TCP_CHECK'
		END
	done
}

# place SERVICE SERVER: its weight in the kernel's table, nothing: it is not there.
place() {
	in_ d ipvsadm -Ln | awk -v service="$1" -v server="$2" '
		/^(TCP|UDP|SCTP|FWM)/ { at = $2 }
		$1 == "->" && at == service && $2 == server { print $4 }'
}

is_place() {
	[ "$(place "$1" "$2")" = "$3" ]
}

both() {
	await 10 'both servers are in the table' is_place $web $one 1
	await 10 'both servers are in the table' is_place $web $two 1
}

# balanced [LINE...]: a director of both servers.
balanced() {
	world
	director "$@"
	both
}

two_dies() {
	stop s2-two
	await 5 'two left the table' is_place $web $two ''
}

two_returns() {
	serve s2 10.2.0.12 two
	await 5 'two is back' is_place $web $two 1
}

ask() {
	in_ c flow ask "$@" | sort | xargs echo
}

answers() {
	[ "$(in_ c flow ask "$1" "$2" "$3" 4 | sort | xargs echo)" = "$4" ]
}

test_tcp_and_udp_reach_both_servers_in_turn() {
	world
	{
		services
		cat <<-END
		config virtual_server 'name'
			option ipaddr '10.1.0.100'
			option port '53'
			option protocol 'UDP'
			option lb_algo 'rr'
			option delay_loop '0.2'
			list real_server '10.2.0.11 80 TCP_CHECK'
			list real_server '10.2.0.12 80 TCP_CHECK'
		END
	} >"$t/d.conf"
	upkeep d
	both
	equal 'TCP' "$(ask tcp 10.1.0.100 80 8)" 'one 4 two 4'
	equal 'UDP' "$(ask udp 10.1.0.100 53 8)" 'one 4 two 4'
}

test_a_dead_server_leaves_the_table_and_comes_back() {
	balanced
	two_dies
	equal 'answers' "$(ask tcp 10.1.0.100 80 6)" 'one 6'
	two_returns
	equal 'answers' "$(ask tcp 10.1.0.100 80 6)" 'one 3 two 3'
}

test_an_inhibited_server_stays_with_weight_0() {
	balanced "option inhibit_on_failure '1'"
	stop s2-two
	await 5 'two has weight 0' is_place $web $two 0
	equal 'answers' "$(ask tcp 10.1.0.100 80 6)" 'one 6'
	two_returns
}

test_a_sorry_server_stands_in_when_all_are_dead() {
	world
	serve s1 10.2.0.11 sorry 8080
	director "option sorry_server_ip '10.2.0.11'" "option sorry_server_port '8080'"
	both
	equal 'the sorry server at first' "$(place $web 10.2.0.11:8080)" ''
	stop s1-one
	stop s2-two
	await 5 'the sorry server is used' is_place $web 10.2.0.11:8080 1
	await 5 'the dead are gone' is_place $web $one ''
	equal 'answers' "$(ask tcp 10.1.0.100 80 4)" 'sorry 4'
	serve s2 10.2.0.12 two
	await 5 'the sorry server is gone' is_place $web 10.2.0.11:8080 ''
	equal 'answers' "$(ask tcp 10.1.0.100 80 4)" 'two 4'
}

test_a_sorry_server_stands_in_while_there_is_no_quorum() {
	world
	serve s1 10.2.0.11 sorry 8080
	director "option sorry_server_ip '10.2.0.11'" "option sorry_server_port '8080'" \
		"option quorum '2'"
	both
	two_dies
	await 5 'who is up alone is not used' is_place $web $one ''
	equal 'answers' "$(ask tcp 10.1.0.100 80 4)" 'sorry 4'
	two_returns
	both
	equal 'answers' "$(ask tcp 10.1.0.100 80 4)" 'one 2 two 2'
}

test_a_server_starts_slowly_and_in_a_panic_all_are_used() {
	balanced "option weight '1'"
	services "option weight '40'" "option slow_start '2'" >"$t/d.conf"
	ctl d reload
	await 3 'the weight' is_place $web $two 40
	two_dies
	serve s2 10.2.0.12 two
	await 5 'two starts' starts
	equal 'answers' "$(ask tcp 10.1.0.100 80 2)" 'one 1 two 1'
	await 5 'two has started' is_place $web $two 40
	services "option panic_threshold '60'" >"$t/d.conf"
	ctl d reload
	both
	stop s2-two
	await 5 'two is down' up_is $two 0
	equal 'in a panic' "$(place $web $two)" 1
	equal 'answers' "$(ask tcp 10.1.0.100 80 4)" '- 2 one 2'
}

starts() {
	seen=$(place $web $two)
	[ "${seen:-0}" -gt 0 ] && [ "$seen" -lt 40 ]
}

test_checks_rest_while_the_address_is_elsewhere() {
	balanced "option ha_suspend '1'"
	ip -n d address del 10.1.0.100/32 dev eth0
	usleep 300000
	stop s2-two
	steady 1 'two was tried' is_place $web $two 1
	give d eth0 10.1.0.100/32
	await 5 'two left the table' is_place $web $two ''
	equal 'answers' "$(ask tcp 10.1.0.100 80 4)" 'one 4'
}

test_packets_of_one_udp_flow_are_scheduled_one_by_one() {
	world
	direct
	kind=DR web=10.2.0.100:53 one=10.2.0.11:53 two=10.2.0.12:53
	# They answer from there; by NAT nobody would know whose answer it is.
	serve s1 10.2.0.100 one 53
	serve s2 10.2.0.100 two 53
	in_ s1 flow serve 10.2.0.11 53 one &
	in_ s2 flow serve 10.2.0.12 53 two &
	services "option protocol 'UDP'" |
		sed "s/10\.1\.0\.100/10.2.0.100/; s/'80'/'53'/" >"$t/d.conf"
	upkeep d
	both
	in_ c flow hold udp 10.2.0.100 53 600 >"$t/hold"
	case $(xargs echo <"$t/hold") in
	one | two) ;;
	*) fail "no one flow: $(xargs echo <"$t/hold")" ;;
	esac
	sed -i "s/option protocol 'UDP'/&\n\toption ops '1'/" "$t/d.conf"
	ctl d reload
	await 3 'the flag' one_packet
	in_ c flow hold udp 10.2.0.100 53 600 >"$t/hold"
	[ "$(wc -l <"$t/hold")" -gt 5 ] || fail "one flow: $(xargs echo <"$t/hold")"
}

one_packet() {
	in_ d ipvsadm -Ln | grep -q "^UDP  *$web rr ops"
}

test_sctp_reaches_both_servers() {
	[ ! -d /lib/modules ] || modprobe sctp
	if ! grep -q '^SCTP' /proc/net/protocols; then
		echo 'this kernel has no sockets of SCTP' >"$t/skip"
		return
	fi
	balanced "option protocol 'SCTP'"
	in_ d ipvsadm -Ln | grep -q "^SCTP *$web" || fail 'it is no service of SCTP'
	equal 'SCTP' "$(ask sctp 10.1.0.100 80 8)" 'one 4 two 4'
	two_dies
	equal 'SCTP' "$(ask sctp 10.1.0.100 80 4)" 'one 4'
}

test_a_drained_server_keeps_its_connections_and_gets_no_new_ones() {
	balanced
	in_ c flow hold tcp 10.1.0.100 80 4000 >"$t/hold1" &
	h1=$!
	in_ c flow hold tcp 10.1.0.100 80 4000 >"$t/hold2" &
	h2=$!
	await 3 'the first holds' grep -q . "$t/hold1"
	await 3 'the second holds' grep -q . "$t/hold2"
	ctl d server one drain
	await 3 'weight 0' is_place $web $one 0
	equal 'new connections' "$(ask tcp 10.1.0.100 80 6)" 'two 6'
	wait $h1 || fail 'a connection broke'
	wait $h2 || fail 'a connection broke'
	equal 'the held ones' "$(sort "$t/hold1" "$t/hold2" | xargs echo)" 'one two'
	ctl d server one ready
	await 3 'weight 1' is_place $web $one 1
}

test_a_maintenance_file_drains_and_the_operator_sets_weights() {
	balanced
	sed -i "s|^config real_server 'one'|&\n\toption maintenance_file '$t/maintenance'|" "$t/d.conf"
	ctl d reload
	: >"$t/maintenance"
	await 5 'one is drained' is_place $web $one 0
	rm "$t/maintenance"
	await 5 'one is back' is_place $web $one 1
	ctl d server two weight 5
	await 3 'the weight' is_place $web $two 5
	ctl d server two down
	await 3 'down' is_place $web $two ''
	old=$(child d check)
	kill -9 "$old"
	await 5 'a new child' reborn d check "$old"
	steady 1 'the operator was forgotten' is_place $web $two ''
	ctl d server two ready
	await 3 'ready' is_place $web $two 1
}

test_a_restart_of_the_binary_leaves_the_table_alone() {
	balanced
	in_ c flow hold tcp 10.1.0.100 80 4000 >"$t/hold" &
	hold=$!
	in_ c flow load tcp 10.1.0.100 80 4000 >"$t/load" &
	load=$!
	usleep 500000
	old=$(child d check)
	ctl d restart
	await 5 'a new child' reborn d check "$old"
	both
	wait $hold || fail 'the held connection broke'
	wait $load
	! grep -q '^-' "$t/load" || fail "failed: $(xargs echo <"$t/load")"
}

test_a_reload_under_load_breaks_nothing() {
	balanced
	in_ c flow load tcp 10.1.0.100 80 4000 >"$t/load" &
	load=$!
	in_ c flow hold tcp 10.1.0.100 80 4000 >"$t/hold" &
	hold=$!
	for w in 3 5 7; do
		usleep 400000
		services "option weight '$w'" >"$t/d.conf"
		ctl d reload
		await 3 "weight $w" is_place $web $one $w
	done
	wait $hold || fail 'the held connection broke'
	wait $load
	! grep -q '^-' "$t/load" || fail "failed: $(xargs echo <"$t/load")"
	equal 'who answered' "$(cut -d ' ' -f 1 "$t/load" | sort | xargs echo)" 'one two'
}

test_a_killed_check_child_leaves_the_table_alone() {
	balanced
	in_ c flow hold tcp 10.1.0.100 80 5000 >"$t/hold" &
	hold=$!
	in_ c flow load tcp 10.1.0.100 80 5000 >"$t/load" &
	load=$!
	for _ in 1 2 3; do
		usleep 300000
		old=$(child d check)
		kill -9 "$old"
		await 5 'a new child' reborn d check "$old"
		both
	done
	wait $hold || fail 'the held connection broke'
	wait $load
	! grep -q '^-' "$t/load" || fail "failed: $(xargs echo <"$t/load")"
	equal 'who answered' "$(cut -d ' ' -f 1 "$t/load" | sort | xargs echo)" 'one two'
}

test_a_server_that_is_down_stays_out_when_the_child_is_killed() {
	balanced
	two_dies
	old=$(child d check)
	kill -9 "$old"
	await 5 'a new child' reborn d check "$old"
	steady 1 'two came back' is_place $web $two ''
}

test_a_hung_check_child_is_replaced_and_the_table_stays() {
	balanced
	in_ c flow load tcp 10.1.0.100 80 5000 >"$t/load" &
	load=$!
	old=$(child d check)
	kill -STOP "$old"
	await 8 'a new child' reborn d check "$old"
	both
	wait $load
	! grep -q '^-' "$t/load" || fail "failed: $(xargs echo <"$t/load")"
}

test_entries_of_others_are_left_alone() {
	world
	in_ d ipvsadm -A -t 10.1.0.100:8080 -s wrr
	in_ d ipvsadm -a -t 10.1.0.100:8080 -r 10.2.0.99:80 -m -w 7
	director
	both
	ctl d reload
	two_dies
	equal 'theirs' "$(place 10.1.0.100:8080 10.2.0.99:80)" 7
	kill "$(cat "$t/d.run/pid")"
	await 5 'ours are gone' is_place $web $one ''
	equal 'theirs at the end' "$(place 10.1.0.100:8080 10.2.0.99:80)" 7
}

test_changes_by_hand_are_mended() {
	balanced
	in_ d ipvsadm -d -t $web -r $one
	await 3 'the deleted server is back' is_place $web $one 1
	in_ d ipvsadm -e -t $web -r $two -m -w 9
	await 3 'the weight is back' is_place $web $two 1
	in_ d ipvsadm -a -t $web -r 10.2.0.99:80 -m
	await 3 'the added one is gone' is_place $web 10.2.0.99:80 ''
	in_ d ipvsadm -E -t $web -s wlc
	await 3 'the scheduler is back' scheduler rr
	in_ d ipvsadm -C
	both
	equal 'answers' "$(ask tcp 10.1.0.100 80 4)" 'one 2 two 2'
}

# A broadcast address, which no configuration knows to be one.
test_what_the_kernel_refuses_is_said_once_and_hurts_nobody_else() {
	world
	director "list real_server '10.2.0.255 80'"
	both
	await 5 'it is tried again' refused 3
	equal 'lines' "$(grep -c 'refused: error="Invalid argument"' "$t/d.log")" 1
	equal 'answers' "$(ask tcp 10.1.0.100 80 2)" 'one 1 two 1'
}

refused() {
	[ "$(metric_of d upkeep_checking_ipvs_refused_total)" -gt "$1" ]
}

scheduler() {
	in_ d ipvsadm -Ln | grep -q "^TCP  *$web $1"
}

test_every_scheduler_is_taken() {
	balanced
	for algo in wrr lc wlc sh dh mh sed nq fo ovf lblc lblcr; do
		services >"$t/d.conf"
		ctl d reload
		await 3 "scheduler $algo" scheduler $algo
	done
}

test_a_udp_flow_does_not_stay_on_a_dead_server() {
	world
	services "option protocol 'UDP'" >"$t/d.conf"
	upkeep d
	both
	in_ c flow hold udp 10.1.0.100 80 6000 >"$t/hold" &
	hold=$!
	await 3 'a server answers' grep -q . "$t/hold"
	first=$(head -n 1 "$t/hold")
	case $first in
	one) stop s1-one
		other=two ;;
	*) stop s2-two
		other=one ;;
	esac
	await 5 "$other answers the same flow" grep -q "$other" "$t/hold"
	wait $hold
}

test_flags_and_limits_arrive_in_the_table() {
	world
	algo=sh kind=DR
	services "option persistence_timeout '77'" "option persistence_granularity '24'" \
		"option sh_fallback '1'" "option sh_port '1'" "option weight '3'" |
		sed "s/option ipaddr '10.2.0.11'/&\\n\\toption uthreshold '9'\\n\\toption lthreshold '4'/" >"$t/d.conf"
	upkeep d
	await 10 'both servers are in the table' is_place $web $one 3
	in_ d ipvsadm -Ln >"$t/table"
	grep -q 'sh (sh-fallback,sh-port) persistent 77 mask 255.255.255.0' "$t/table" ||
		fail "$(xargs echo <"$t/table")"
	in_ d ipvsadm -Ln --thresholds >"$t/table"
	equal limits "$(awk '$1 == "->" && $2 == "10.2.0.11:80" { print $3, $4 }' "$t/table")" '9 4'
}

# A script that notes its arguments, by its name.
script() {
	printf '#!/bin/sh\necho "%s $*" >>%s/ran\n' "$1" "$t" >"$t/$1"
	chmod 755 "$t/$1"
}

test_scripts_are_told_of_servers_and_quorum() {
	world
	for s in up down quorum quorumless; do
		script $s
	done
	{
		services "option quorum '2'" "option quorum_up '$t/quorum'" \
			"option quorum_down '$t/quorumless'"
		printf "\toption notify_up '%s/up'\n\toption notify_down '%s/down'\n" "$t" "$t"
	} >"$t/d.conf"
	upkeep d
	both
	stop s2-two
	await 5 'down' ran down
	await 5 'quorum lost' ran quorumless
	serve s2 10.2.0.12 two
	await 5 'up' ran up
	await 5 'quorum gained' ran quorum
	equal 'each once' "$(cut -d ' ' -f 1 "$t/ran" | sort | xargs echo)" \
		'down quorum quorumless up'
}

ran() {
	grep -q "^$1\( \|\$\)" "$t/ran"
}

# check NAME ADDRESS PORT CHECKER [LINE...]: a service of one server.
check() {
	port=$((port + 1))
	cat <<-END
	config virtual_server '$1'
		option ipaddr '10.1.0.200'
		option port '$port'
		option delay_loop '0.2'
		option connect_timeout '1'
		option retry '0'
		option delay_before_retry '0.1'
		list real_server 's$1'
	config real_server 's$1'
		option ipaddr '$2'
		option port '$3'
		option check '$4'
	END
	shift 4
	for line; do
		printf '\t%s\n' "$line"
	done
}

test_every_kind_of_check_runs_inside_the_filter() {
	world
	port=0
	echo 0 >"$t/zero"
	{
		services
		check tcp 10.2.0.11 80 TCP_CHECK "option send '?\\n'" "option expect 'one'"
		check http 10.2.0.11 80 HTTP_GET "list url '/'"
		check http6 2001:db8:2::11 80 HTTP_GET "list url '/'"
		check ping 10.2.0.11 80 PING_CHECK
		check ping6 2001:db8:2::11 80 PING_CHECK
		check udp 10.2.0.11 80 UDP_CHECK "option payload '3f'" "option require_reply '6f6e65'"
		check misc 10.2.0.11 80 MISC_CHECK "option misc_path '/bin/true'"
		check file 10.2.0.11 80 FILE_CHECK "option track_file '$t/zero'"
		check notls 10.2.0.11 80 SSL_GET "list url '/'" "option verify 'none'"
		check nosmtp 10.2.0.11 80 SMTP_CHECK
		check nodns 10.2.0.11 80 DNS_CHECK
		check noping 10.2.0.77 80 PING_CHECK
		check nomisc 10.2.0.11 80 MISC_CHECK "option misc_path '/bin/false'"
	} | sed '/^config virtual_server .http6/,/^config real/s/10.1.0.200/2001:db8:1::200/
		/^config virtual_server .ping6/,/^config real/s/10.1.0.200/2001:db8:1::200/' >"$t/d.conf"
	serve s1 2001:db8:2::11 six
	upkeep d
	first=$(child d check)
	both
	for c in notls nosmtp nodns noping nomisc; do
		await 10 "$c is down" up_is $c 0
	done
	for c in tcp http http6 ping ping6 udp misc file; do
		await 10 "$c has passed" passed $c
		up_is $c 1 || fail "$c is not up"
	done
	equal 'the child' "$(child d check)" "$first"
	! log_has d violation || fail 'a violation'
}

up_is() {
	[ "$(metric d real_servers_up "$1")" = "$2" ]
}

passed() {
	[ "$(metric d checks_passed_total "$1")" -gt 1 ]
}

test_a_service_follows_its_vrrp_instance() {
	world
	cable d eth9 192.0.2.1/24 c eth9 192.0.2.2/24
	{
		services "option follow 'lan'"
		instance
	} >"$t/d.conf"
	upkeep d
	both
	ip -n d link set eth9 down
	await 5 'FAULT: the service is gone' is_place $web $one ''
	await 5 'FAULT: the service is gone' no_service
	ip -n d link set eth9 up
	both
}

# What the kernel has counted of it went with a service that was taken away.
test_a_service_that_begins_to_follow_its_instance_stays_in_the_table() {
	world
	cable d eth9 192.0.2.1/24 c eth9 192.0.2.2/24
	{
		services
		instance
	} >"$t/d.conf"
	upkeep d
	both
	await 5 'it is MASTER' is_master
	equal 'answers' "$(ask tcp 10.1.0.100 80 4)" 'one 2 two 2'
	await 5 'the kernel adds up every two seconds' counted 4
	{
		services "option follow 'lan'"
		instance
	} >"$t/d.conf"
	ctl d reload
	steady 1 'it was taken away' counted 4
	ip -n d link set eth9 down
	await 5 'FAULT: the service is gone' no_service
}

is_master() {
	ctl d status | grep -q MASTER
}

counted() {
	in_ d ipvsadm -Ln --stats | grep -q "^TCP  *$web  *$1 "
}

test_services_of_an_earlier_life_go_when_there_are_none_left() {
	balanced
	printf "config globals 'globals'\n" >"$t/d.conf"
	old=$(child d check)
	ctl d restart
	await 5 'a new child' reborn d check "$old"
	await 5 'the service is gone' no_service
}

instance() {
	cat <<-END
	config vrrp_instance 'lan'
		option interface 'eth9'
		option virtual_router_id '51'
		option version '3'
		option advert_int '0.2'
		list virtual_ipaddress '192.0.2.100/24'
	END
}

no_service() {
	! in_ d ipvsadm -Ln | grep -q "$web"
}

# sync_follows ID EDIT: the kernel's daemon, wanted by the configuration as edited.
sync_follows() {
	world
	cable d eth9 192.0.2.1/24 c eth9 192.0.2.2/24
	{
		services
		instance
	} | sed "$2" >"$t/d.conf"
	upkeep d
	both
	await 5 'it sends while MASTER' sync_is "master $1"
	# The same thread goes on when the child is another one.
	sender=$(sender)
	old=$(child d check)
	kill -9 "$old"
	await 5 'a new child' reborn d check "$old"
	steady 1 'it was begun anew' sends_still
	ip -n d link set eth9 down
	await 5 'it listens while not' sync_is "backup $1"
	ip -n d link set eth9 up
	await 5 'it sends again' sync_is "master $1"
	kill "$(cat "$t/d.run/pid")"
	await 5 'it ends with the daemon' sync_is ''
}

sender() {
	grep -ls '^ipvs-m' /proc/[0-9]*/comm
}

sends_still() {
	[ "$(sender)" = "$sender" ]
}

# The kernel's own list.
sync_is() {
	seen=$(in_ d ipvsadm -Ln --daemon | sed -n '/sync daemon/s/ .*syncid=\([0-9]*\).*/ \1/p' |
		xargs echo)
	[ "$seen" = "$1" ]
}

test_the_sync_daemon_follows_its_vrrp_instance() {
	sync_follows 7 "s/option ipvs_audit .*/&\n\toption lvs_sync_daemon 'eth9 lan id 7'/"
}

test_an_instance_may_name_the_sync_daemon_itself() {
	sync_follows 51 "/virtual_router_id/s/.*/&\n\toption lvs_sync_daemon_interface 'eth9'/"
}

# The service's address on the right network; the servers hold it, too, and answer for it.
direct() {
	web=10.2.0.100:80
	give d eth1 10.2.0.100/32
	own_address
}

own_address() {
	for n in s1 s2; do
		in_ $n sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2 \
			net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
		give $n lo 10.2.0.100/32
	done
	stop s1-one
	stop s2-two
	serve s1 0.0.0.0 one
	serve s2 0.0.0.0 two
}

through() {
	kind=$1
	services | sed 's/10\.1\.0\.100/10.2.0.100/' >"$t/d.conf"
	upkeep d
	both
	equal "TCP by $kind" "$(ask tcp 10.2.0.100 80 8)" 'one 4 two 4'
	in_ d ipvsadm -Ln | grep -q "$2" || fail "the table does not say $2"
	two_dies
	equal "one by $kind" "$(ask tcp 10.2.0.100 80 4)" 'one 4'
}

test_direct_routing() {
	world
	direct
	through DR Route
}

test_connections_outlive_their_director() {
	world
	own_address
	web=10.2.0.100:80 kind=DR
	node e
	cable e eth1 10.2.0.3/24,2001:db8:2::3/64 lan to-e ''
	ip -n lan link set to-e master br0
	for n in d:150 e:100; do
		{
			services "option follow 'lan'" | sed "s/10\.1\.0\.100/10.2.0.100/
				s/option ipvs_audit .*/&\n\toption lvs_sync_daemon 'eth1 lan id 7'/"
			instance | sed "s/eth9/eth1/; s/192.0.2.100/10.2.0.100/
				s/option advert_int/option priority '${n#*:}'\n\t&/"
		} >"$t/${n%:*}.conf"
		upkeep "${n%:*}"
		[ $n != d:150 ] || both
	done
	await 5 'e listens' listens
	for i in 1 2 3 4; do
		in_ c flow hold tcp 10.2.0.100 80 8000 >"$t/hold$i" &
		eval "h$i=\$!"
		await 3 "connection $i" grep -q . "$t/hold$i"
	done
	await 5 'e knows the connections' knows 4
	ip -n d link set eth1 down
	kill -9 "$(cat "$t/d.run/pid")"
	await 10 'e has the service' e_serves
	for i in 1 2 3 4; do
		eval "wait \$h$i" || fail "connection $i broke"
		case $(tail -n 1 "$t/hold$i") in
		one | two) ;;
		*) fail "connection $i has no answers: $(xargs echo <"$t/hold$i")" ;;
		esac
	done
	equal 'new connections' "$(ask tcp 10.2.0.100 80 4)" 'one 2 two 2'
}

listens() {
	in_ e ipvsadm -Ln --daemon | grep -q 'backup sync daemon'
}

knows() {
	[ "$(in_ e ipvsadm -Lnc | grep -c ESTABLISHED)" = "$1" ]
}

e_serves() {
	in_ e ipvsadm -Ln | grep -q "$web"
}

test_tunnel_ipip() {
	world
	direct
	for n in s1 s2; do
		ip -n $n link set tunl0 up 2>/dev/null || ip -n $n link add tunl0 type ipip
		ip -n $n link set tunl0 up
		in_ $n sysctl -qw net.ipv4.conf.tunl0.rp_filter=0
	done
	through TUN Tunnel
}

test_tunnel_gue() {
	[ ! -d /lib/modules ] || modprobe fou
	world
	direct
	for n in s1 s2; do
		ip -n $n fou add port 6080 gue
		ip -n $n link add gue0 type ipip remote 10.2.0.1 local any ttl 64 \
			encap gue encap-sport auto encap-dport 6080
		ip -n $n link set tunl0 up
		in_ $n sysctl -qw net.ipv4.conf.tunl0.rp_filter=0
	done
	through 'TUN type gue port 6080' Tunnel
}

test_tunnel_gre() {
	world
	direct
	for n in s1 s2; do
		ip -n $n link add gre1 type gre local "$(server_address $n)" remote 10.2.0.1
		ip -n $n link set gre1 up
		in_ $n sysctl -qw net.ipv4.conf.gre1.rp_filter=0
	done
	through 'TUN type gre' Tunnel
}

server_address() {
	ip -n "$1" -o -4 address show dev eth1 | awk '{ sub("/.*", "", $4); print $4; exit }'
}

test_ipv6_by_nat() {
	world
	stop s1-one
	stop s2-two
	serve s1 2001:db8:2::11 one
	serve s2 2001:db8:2::12 two
	services | sed 's/10\.1\.0\.100/2001:db8:1::100/; s/10\.2\.0\.1\([12]\)/2001:db8:2::1\1/' >"$t/d.conf"
	upkeep d
	await 10 'both servers are in the table' six 2
	equal 'TCP' "$(ask tcp 2001:db8:1::100 80 8)" 'one 4 two 4'
	stop s2-two
	await 5 'two left the table' six 1
	equal 'TCP' "$(ask tcp 2001:db8:1::100 80 4)" 'one 4'
}

# Not every board's ipvsadm knows IPv6.
six() {
	[ "$(in_ d cat /proc/net/ip_vs | grep -c -- '-> *\[2001:0\?db8:0*2:.*Masq')" = "$1" ]
}

test_a_service_by_mark() {
	world
	in_ d tc qdisc add dev eth0 clsact
	in_ d tc filter add dev eth0 ingress matchall action skbedit mark 9
	services | sed "s/option ipaddr '10.1.0.100'/option fwmark '9'/; /^config virtual_server/,/^config real/{/option port/d;}" >"$t/d.conf"
	upkeep d
	await 10 'both servers are in the table' is_place 9 $one 1
	await 10 'both servers are in the table' is_place 9 $two 1
	equal 'TCP' "$(ask tcp 10.1.0.100 80 8)" 'one 4 two 4'
}

# in_group: what stands in for the address and port of the service.
in_group() {
	services | sed "/^config virtual_server/,/^config real/{/option port/d;s/option ipaddr.*/option virtual_server_group 'all'/;}"
	printf "config virtual_server_group 'all'\n"
	for line; do
		printf '\t%s\n' "$line"
	done
}

places() {
	[ "$(for at in $1; do place "$at" "$2"; done | xargs echo)" = "$3" ]
}

test_a_group_is_served_at_each_of_its_addresses_ports_and_marks() {
	world
	give d eth0 10.1.0.101/32
	# All that comes by another cable has the mark.
	cable c eth5 10.3.0.2/24 d eth5 10.3.0.1/24,10.1.0.102/32
	ip -n c route add 10.1.0.102 via 10.3.0.1
	in_ d tc qdisc add dev eth5 clsact
	in_ d tc filter add dev eth5 ingress matchall action skbedit mark 9
	in_group "list address '10.1.0.100-101 80-81'" "list address '10.1.0.1 443'" \
		"list fwmark '9'" >"$t/d.conf"
	upkeep d
	all='10.1.0.100:80 10.1.0.100:81 10.1.0.101:80 10.1.0.101:81 10.1.0.1:443 9'
	await 10 'one is everywhere' places "$all" $one '1 1 1 1 1 1'
	await 10 'two is everywhere' places "$all" $two '1 1 1 1 1 1'
	for at in '100 80' '100 81' '101 80' '101 81' '1 443' '102 7'; do
		equal "$at" "$(ask tcp "10.1.0.${at% *}" "${at#* }" 2)" 'one 1 two 1'
	done
	ctl d server one drain
	await 3 'one is drained everywhere' places "$all" $one '0 0 0 0 0 0'
	stop s2-two
	await 5 'two is gone everywhere' places "$all" $two ''
	in_group "list address '10.1.0.101 81'" >"$t/d.conf"
	ctl d reload
	await 3 'what is left' places "$all" $one 0
	equal 'services' "$(in_ d ipvsadm -Ln | grep -c '^TCP\|^FWM')" 1
}

test_an_ipv6_service_by_mark() {
	world
	serve s1 2001:db8:2::11 six
	in_ d tc qdisc add dev eth0 clsact
	in_ d tc filter add dev eth0 ingress matchall action skbedit mark 9
	cat >"$t/d.conf" <<-END
	config virtual_server
		option fwmark '9'
		option ip_family 'inet6'
		option persistence_timeout '60'
		option persistence_granularity '64'
		option delay_loop '0.2'
		list real_server '2001:db8:2::11 80 TCP_CHECK'
	config virtual_server
		option fwmark '9'
		option delay_loop '0.2'
		list real_server '10.2.0.11 80 TCP_CHECK'
	END
	upkeep d
	await 10 'it is in the table' six 1
	equal 'IPv6' "$(ask tcp 2001:db8:1::100 80 2)" 'six 2'
	await 10 'and that of IPv4' is_place 9 $one 1
	equal 'IPv4' "$(ask tcp 10.1.0.100 7 2)" 'one 2'
	equal 'refused' "$(metric_of d upkeep_checking_ipvs_refused_total)" 0
	changes=$(metric_of d upkeep_checking_ipvs_changes_total)
	usleep 1200000
	equal 'changes' "$(metric_of d upkeep_checking_ipvs_changes_total)" "$changes"
}

metric_of() {
	ctl "$1" metrics | sed -n "s/^$2 //p"
}

test_an_ipv6_service_of_an_ipv4_server_by_a_tunnel() {
	world
	if ! in_ s1 ip link set sit0 up 2>/dev/null && ! { modprobe sit 2>/dev/null &&
		in_ s1 ip link set sit0 up; }; then
		echo 'this kernel has no tunnel of IPv6 in IPv4' >"$t/skip"
		return
	fi
	give s1 lo 2001:db8:2::100/128
	give d eth1 2001:db8:2::100/128
	serve s1 2001:db8:2::100 six
	cat >"$t/d.conf" <<-END
	config virtual_server
		option ipaddr '2001:db8:2::100'
		option port '80'
		option lb_kind 'TUN'
		option delay_loop '0.2'
		list real_server '10.2.0.11'
	END
	upkeep d
	await 5 'answers' answers tcp 2001:db8:2::100 80 'six 4'
}

test_servers_are_checked_while_the_module_is_missing_and_the_table_filled_when_it_comes() {
	if [ ! -d /lib/modules ]; then
		echo 'this kernel has IPVS built in' >"$t/skip"
		return
	fi
	lsmod | awk '/^ip_vs_/ { print $1 }' | xargs -r rmmod
	! grep -q '^ip_vs ' /proc/modules || rmmod ip_vs
	world
	echo /bin/false >/proc/sys/kernel/modprobe
	algo=mh
	director
	await 5 'the log says it' log_has d IPVS
	stop s2-two
	usleep 1500000
	equal 'times that it was said' "$(grep -c 'IPVS' "$t/d.log")" 1
	modprobe ip_vs
	await 15 'the log names the scheduler' log_has d 'ip_vs_mh'
	await 3 'status does, too' lacks 1
	usleep 2500000
	equal 'times that it was said' "$(grep -c 'ip_vs_mh' "$t/d.log")" 1
	ctl d reload
	modprobe ip_vs_mh
	echo /sbin/modprobe >/proc/sys/kernel/modprobe
	await 15 'one is in the table' is_place $web $one 1
	equal 'two' "$(place $web $two)" ''
	equal 'answers' "$(ask tcp 10.1.0.100 80 4)" 'one 4'
	lacks 0
	equal 'times that it was said' "$(grep -c 'ip_vs_mh' "$t/d.log")" 1
}

lacks() {
	[ "$(metric d virtual_servers_scheduler_missing web)" = "$1" ]
}
