# SPDX-License-Identifier: MIT
"""Each checker against a real server: up, and down for the right reason."""

import os
import signal
import socket
import threading
import time

import servers
from checks import PORT, real, service, start
from daemon import globals_, tool, uci
from net import SLACK, expect, until
from runner import test

TWO = ('r1', 'r2')


@test(4, 6, nodes=TWO)
def tcp_is_up_while_it_listens_and_refused_when_not(net, fam):
    ip = net.r2.ip4 if fam == 4 else net.r2.ip6
    t = servers.Talker(net.r2, PORT, servers.accept, fam)
    up = start(net, service(ipaddr='192.0.2.200' if fam == 4 else
                            '2001:db8::200'), real(ipaddr=ip))
    c = up.up()
    expect(c['reason'] is None and c['layer'] is None, 'a reason', c)
    t.close()
    up.down('REFUSED', 'L4')
    expect(set(up.counters()) <= {'refused', 'reset'}, 'counters',
           up.counters())
    servers.Talker(net.r2, PORT, servers.accept, fam)
    up.up()
    s = up.server()
    expect((s['ups'], s['downs']) == (1, 1), 'transitions', s)


@test(nodes=TWO)
def tcp_without_a_route_is_unreachable(net):
    up = start(net, service(), real(ipaddr='203.0.113.9'))
    up.down('UNREACHABLE', 'L3')


@test(nodes=TWO)
def tcp_that_nobody_answers_fails_when_its_time_is_over(net):
    net.r1.ip('neighbour replace 192.0.2.77 lladdr 02:00:00:00:00:77 dev eth0')
    up = start(net, service(connect_timeout='0.3'),
               real(ipaddr='192.0.2.77'))
    c = up.down('CONNECT', 'L4')
    expect(0.3 <= c['latency'] < 0.3 + SLACK, 'latency', c['latency'])


@test(nodes=TWO)
def tcp_expects_what_it_is_told(net):
    def echo(c, t):
        c.sendall(b'* OK ready\r\n' + c.recv(100))
    servers.Talker(net.r2, PORT, echo)
    up = start(net, service(*'abcd'),
               real('a', send='ping', expect='* OK'),
               real('b', send_hex='70 69 6e 67', expect='ping',
                    expect_anywhere=1),
               real('c', send='ping', expect_hex='2a 20 XX 4b'),
               real('d', send='ping', expect='+OK'))
    for name in 'abc':
        up.up(name)
    up.down('CONTENT', 'L7', name='d')
    said = up.good('probe', 'a')
    expect('sends 4 bytes' in said and 'ping' not in said,
           'what may be a password is told', said)


@test(nodes=TWO)
def redis_by_the_ready_made_dialogue(net):
    p = servers.redis(net.r2)
    up = start(net, service(), real(port=6379, dialogue='redis'))
    up.up()
    p.kill()
    p.wait()
    up.down('REFUSED', 'L4')


@test(nodes=TWO)
def postgresql_by_the_ready_made_dialogues(net):
    p = servers.postgresql(net.r2, 'host all all 0.0.0.0/0 scram-sha-256\n')
    up = start(net, service(*'ab'),
               real('a', port=5432, dialogue='postgresql'),
               real('b', port=5432, dialogue='postgresql_ssl'))
    up.up('a')
    up.up('b')
    p.terminate()
    p.wait()
    up.down('REFUSED', 'L4', name='a')


@test(nodes=TWO)
def postgresql_that_lets_nobody_in_is_down(net):
    servers.postgresql(net.r2, 'host all all 0.0.0.0/0 reject\n')
    up = start(net, service(*'ab'),
               real('a', port=5432, dialogue='postgresql'),
               real('b', port=5432, dialogue='postgresql_ssl'))
    up.down('CONTENT', 'L7', name='a')
    up.up('b')


@test(nodes=TWO)
def mariadb_by_the_ready_made_dialogue_without_a_broken_connection(net):
    p = servers.mariadb(net.r2)
    up = start(net, service(), real(port=3306, dialogue='mysql'))
    up.up()
    c = up.tried(more=5)
    expect(c['failed'] == 0, 'a failure', c)
    with open(net.logs + '/mariadb.log') as f:
        log = f.read()
    expect("Access denied for user 'upkeep'@'192.0.2.1'" in log, log)
    expect(not [w for w in log.splitlines() if 'Aborted' in w and
                '192.0.2.1' in w], log)
    p.terminate()
    p.wait()
    up.down('REFUSED', 'L4')


@test(nodes=TWO)
def ldap_by_the_ready_made_dialogue(net):
    p = servers.slapd(net.r2)
    servers.slapd(net.r2, 'disallow bind_anon', port=390)
    up = start(net, service(*'ab'), real('a', port=389, dialogue='ldap'),
               real('b', port=390, dialogue='ldap'))
    up.up('a')
    up.down('TIMEOUT', 'L7', name='b')
    p.terminate()
    p.wait()
    up.down('REFUSED', 'L4', name='a')


@test(nodes=TWO)
def a_dialogue_with_another_server_fails(net):
    servers.Talker(net.r2, PORT, servers.says(servers.page()))
    up = start(net, service(), real(dialogue='mysql'))
    c = up.down('TIMEOUT', 'L7')
    expect(c['latency'] >= 1, 'latency', c)


@test(nodes=TWO)
def smtp_greets_and_leaves(net):
    p = servers.smtpd(net.r2)
    up = start(net, service(), real(port=25, check='SMTP_CHECK'))
    up.up()
    p.kill()
    p.wait()
    up.down('REFUSED', 'L4')


@test(nodes=TWO)
def smtp_that_refuses_mail_is_down_for_its_status(net):
    def busy(c, t):
        c.sendall(b'554 no mail here\r\n')
        servers.accept(c, t)
    servers.Talker(net.r2, PORT, busy)
    up = start(net, service(), real(check='SMTP_CHECK'))
    up.down('STATUS', 'L7', '554')


@test(nodes=TWO)
def smtp_does_not_greet_by_a_name_that_is_none_of_a_host(net):
    def behave(c, t):
        c.sendall(b'220 here\r\n')
        t.got.append(c.recv(100))
        c.sendall(b'250 here\r\n')
        servers.accept(c, t)
    t = servers.Talker(net.r2, PORT, behave)
    up = start(net, globals_(router_id='my router'), service(),
               real(check='SMTP_CHECK'))
    up.up()
    expect(t.got[0] == b'EHLO localhost\r\n', 'greeting', t.got[0])


@test(nodes=TWO)
def dns_answers_of_each_kind(net):
    p = servers.dnsmasq(
        net.r2, '--host-record=www.example.org,198.51.100.1,2001:db8:1::1',
        '--mx-host=example.org,mail.example.org,10', '--auth-zone=example.org',
        '--auth-server=ns.example.org,eth0',
        '--txt-record=example.org,hello',
        '--address=/nothing.example/', '--local=/example.net/')
    kinds = dict(
        a=dict(dns_name='www.example.org', dns_type='A'),
        b=dict(dns_name='www.example.org', dns_type='A',
               dns_answer='198.51.100.1'),
        c=dict(dns_name='www.example.org', dns_type='AAAA',
               dns_answer='2001:db8:1::1'),
        d=dict(dns_name='example.org', dns_type='MX'),
        e=dict(dns_name='example.org', dns_type='TXT'),
        f=dict(dns_name='www.example.org', dns_type='A',
               dns_answer='198.51.100.2'),
        g=dict(dns_name='www.example.org', dns_type='MX'),
        h=dict(dns_name='gone.example.net', dns_type='A'))
    up = start(net, service(*kinds), *[
        real(k, port=53, check='DNS_CHECK', **o) for k, o in kinds.items()])
    for name in 'abcde':
        up.up(name)
    up.down('CONTENT', 'L7', name='f')
    up.down('EMPTY', 'L7', name='g')
    up.down('STATUS', 'L7', name='h')
    p.kill()
    p.wait()
    up.down('REFUSED', 'L4', name='a')


class Datagrams:
    """A UDP server: answer(bytes) or None to stay silent."""

    def __init__(self, node, port, answer):
        self.got, self.open = [], True
        with node.inside():
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(('0.0.0.0', port))
        self.answer = answer
        node.net.ending.append(self.close)
        threading.Thread(target=self.loop, daemon=True).start()

    def loop(self):
        self.sock.settimeout(0.1)
        while self.open:
            try:
                got, peer = self.sock.recvfrom(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            self.got.append(got)
            out = self.answer(got)
            if out is not None:
                self.sock.sendto(out, peer)

    def close(self):
        self.open = False
        time.sleep(0.15)
        self.sock.close()


@test(nodes=TWO)
def dns_says_what_came_instead_of_an_answer(net):
    Datagrams(net.r2, 5353, lambda got: b'\0\0' + got[2:])
    up = start(net, service(connect_timeout='0.3'),
               real(port=5353, check='DNS_CHECK'))
    up.down('TIMEOUT', 'L7', 'not a reply to the query')


@test(nodes=TWO)
def udp_by_reply_and_by_silence(net):
    s = Datagrams(net.r2, PORT, lambda got: got + b'!' if got else None)
    up = start(net, service(*'abcd', protocol='UDP', connect_timeout='0.3'),
               real('a', check='UDP_CHECK', payload='01 02',
                    require_reply='01 XX 21'),
               real('b', check='UDP_CHECK'),
               real('c', check='UDP_CHECK', require_reply=1),
               real('d', check='UDP_CHECK', payload='01',
                    require_reply='02'))
    up.up('a')
    up.up('b')
    up.down('TIMEOUT', 'L7', name='c')
    up.down('CONTENT', 'L7', name='d')
    expect(b'\1\2' in s.got and b'' in s.got, 'what was sent', set(s.got))
    s.close()
    up.down('REFUSED', 'L4', name='b')


@test(4, 6, nodes=TWO)
def ping_counts_replies(net, fam):
    ip = net.r2.ip4 if fam == 4 else net.r2.ip6
    gone = '192.0.2.77' if fam == 4 else '2001:db8::77'
    net.r1.ip('neighbour replace %s lladdr 02:00:00:00:00:77 dev eth0' % gone)
    up = start(net, service(*'ab', connect_timeout='0.5', ipaddr='192.0.2.200'
                            if fam == 4 else '2001:db8::200'),
               real('a', ipaddr=ip, check='PING_CHECK', ping_count=3,
                    ping_need=2, ping_gap='0.02'),
               real('b', ipaddr=gone, check='PING_CHECK', ping_count=3,
                    ping_gap='0.02'))
    up.up('a')
    up.down('LOSS', 'L3', '0 of 3', name='b')


@test(4, 6)
def ping_is_told_at_once_what_a_router_says(net, fam):
    """The second node routes nothing: it has a route that says so."""
    dest, via = (('203.0.113.9', net.r2.ip4) if fam == 4 else
                 ('2001:db8:9::9', net.r2.ip6))
    net.r2.run('sysctl', '-qw', 'net.ipv4.ip_forward=1',
               'net.ipv6.conf.all.forwarding=1',
               'net.ipv4.icmp_ratelimit=0', 'net.ipv6.icmp.ratelimit=0')
    net.r2.ip('-%d route add unreachable %s' % (fam, dest))
    net.r1.ip('-%d route add %s via %s' % (fam, dest, via))
    up = start(net, service(*'ab', connect_timeout='5', ipaddr='192.0.2.200'
                            if fam == 4 else '2001:db8::200'),
               real('a', ipaddr=dest, check='PING_CHECK'),
               real('b', ipaddr=dest, check='PING_CHECK', ping_count=3,
                    ping_need=2, ping_gap='0.1'))
    c = up.down('UNREACHABLE', 'L3', '0 of 1', name='a')
    expect(c['latency'] < SLACK, 'at once', c)
    c = up.down('UNREACHABLE', 'L3', '0 of ', name='b')
    expect(c['latency'] < 1, 'after the second', c)


@test(nodes=TWO)
def misc_by_its_exit_code(net):
    code = net.file('code', '0')
    script = net.file('s', '#!/bin/sh\nread c < %s\nexit $c\n' % code, 0o755)
    up = start(net, service(real_server=['a', 'b']),
               real('a', check='MISC_CHECK', misc_path=script),
               real('b', check='MISC_CHECK', misc_path=script,
                    misc_dynamic=1, weight=7))
    up.up('a')
    up.up('b')
    expect(up.server('b')['weight'] == 7, 'weight', up.server('b'))
    net.file('code', '52')
    up.down('EXIT', 'L7', '52', name='a')
    until('weight 50', lambda: up.server('b')['weight'] == 50)
    expect(up.server('b')['up'], 'b is down')
    net.file('code', '1')
    up.down('EXIT', 'L7', '1', name='b')


@test(nodes=TWO)
def a_weight_goes_with_misc_dynamic(net):
    code = net.file('code', '52')
    script = net.file('s', '#!/bin/sh\nread c < %s\nexit $c\n' % code, 0o755)

    def sections(dynamic):
        return service(weight=7), real(check='MISC_CHECK', misc_path=script,
                                       misc_dynamic=dynamic)
    up = start(net, *sections(1))
    until('weight 50', lambda: up.server()['weight'] == 50)
    net.file('code', '0')
    up.reload(*sections(0))
    expect(up.server()['weight'] == 7, 'weight', up.server())
    up.tried(more=2)
    expect(up.server()['weight'] == 7, 'weight', up.server())


@test(nodes=TWO)
def a_failure_that_is_no_verdict_yet_changes_no_weight(net):
    code = net.file('code', '52')
    path = net.file('n', '5\n')
    script = net.file('s', '#!/bin/sh\nread c < %s\nexit $c\n' % code, 0o755)
    up = start(net, service(real_server=['a', 'b'], weight=7),
               real('a', check='MISC_CHECK', misc_path=script,
                    misc_dynamic=1, fall=1000),
               real('b', check='FILE_CHECK', track_file=path,
                    file_weight=2, fall=1000))
    want = {'a': 50, 'b': 17}
    for n in want:
        until(n, lambda: up.server(n)['weight'] == want[n])
    net.file('code', '1')
    net.file('n', 'x\n')
    for n in want:
        until('failures', lambda: up.check(n)['failed'] > 2)
        expect(up.server(n)['weight'] == want[n] and up.server(n)['up'],
               'weight', up.server(n))


@test(nodes=TWO)
def a_misc_script_that_hangs_is_ended_with_its_children(net):
    pids = os.path.join(net.tmp, 'pids')
    script = net.file('s', '#!/bin/sh\nsleep 60 &\necho $! $$ >> %s\nwait\n'
                      % pids, 0o755)
    up = start(net, service(delay_loop='0.5'),
               real(check='MISC_CHECK', misc_path=script, misc_timeout='0.3'))
    c = up.down('SCRIPT_TIME', 'L7')
    expect(0.3 <= c['latency'] < 0.3 + SLACK, 'latency', c['latency'])
    with open(pids) as f:
        first = f.readline().split()
    until('they are gone', lambda: not any(
        os.path.exists('/proc/%s/status' % p) and ' Z' not in
        open('/proc/%s/stat' % p).read() for p in first))


@test(nodes=TWO)
def a_script_that_ends_too_late_says_nothing_of_the_next_try(net):
    """It is told to end after 0.3 s, takes as long for that and says that all
    is well; by then the next try has begun."""
    script = net.file('s', '#!/bin/sh\ntrap "sleep 0.3; exit 0" TERM\n'
                      'sleep 60 &\nwait\n', 0o755)
    up = start(net, service(delay_loop='0.4'),
               real(check='MISC_CHECK', misc_path=script, misc_timeout='0.3'))
    up.down('SCRIPT_TIME', 'L7')
    c = up.tried(more=6)
    expect(c['passed'] == 0, 'passed', c)


@test(nodes=TWO)
def a_reload_lets_a_script_go_on(net):
    """Begun anew it would have to wait for its own end, and take too long."""
    begun = net.file('begun', '')
    script = net.file('s', '#!/bin/sh\necho >> %s\nsleep 0.9\n' % begun,
                      0o755)
    sections = (service(delay_loop='1.5'), real(
        check='MISC_CHECK', misc_path=script, misc_timeout='1.2'))
    up = start(net, *sections)
    up.up()
    for _ in range(3):
        n = os.path.getsize(begun)
        until('it begins', lambda: os.path.getsize(begun) > n)
        time.sleep(0.3)
        up.reload(*sections)
        c = up.tried(more=1)
        expect(c['failed'] == 0, 'failed', c)
    expect(os.path.getsize(begun) <= sum(up.tries()) + 1, 'begun',
           os.path.getsize(begun), up.tries())


@test(nodes=TWO)
def a_script_has_the_time_that_each_check_gives_it(net):
    script = net.file('s', '#!/bin/sh\nsleep 0.6\n', 0o755)
    up = start(net, service(*'ab'),
               real('b', check='MISC_CHECK', misc_path=script,
                    misc_timeout=3),
               real('a', check='MISC_CHECK', misc_path=script,
                    misc_timeout='0.2'))
    up.down('SCRIPT_TIME', 'L7', name='a')
    c = up.tried('b', more=2)
    expect(c['up'] and c['failed'] == 0, 'b', c)
    # However many checks run it, it is one script.
    names = ['s%d' % i for i in range(40)]
    path = net.file('many.uci', uci(service(*names), *[
        real(n, check='MISC_CHECK', misc_path=script, misc_timeout=3,
             connect_port=1000 + i) for i, n in enumerate(names)]))
    code, out, err = tool('check', path)
    expect(code == 0 and ' 40 checks' in out + err, 'lost', out, err)


@test(nodes=TWO)
def scripts_that_hang_leave_room_for_others(net):
    """As many as there are places for checks, and in the parent's queue."""
    hang = net.file('hang', '#!/bin/sh\nsleep 60\n', 0o755)
    told = net.file('told', '')
    tell = net.file('tell', '#!/bin/sh\necho >> %s\n' % told, 0o755)
    t = servers.Talker(net.r2, PORT, servers.accept)
    names = ['s%d' % i for i in range(40)]
    up = start(net, service('web', *names), real(notify_down=tell), *[
        real(n, check='MISC_CHECK', misc_path=hang, misc_timeout=5,
             delay_loop=6, connect_port=1000 + i)
        for i, n in enumerate(names)])
    until('many hang', lambda: sum(
        up.check(n)['running'] for n in names) > 20)
    c = up.check()
    expect(up.tried(more=3, timeout=2)['failed'] == 0, 'web', c)
    t.close()
    up.down('REFUSED', timeout=2)
    until('it is told', lambda: os.path.getsize(told) > 0, 2)
    expect('all places' not in up.text(), 'full', up.text())


@test(nodes=TWO)
def a_weight_outlasts_failures_and_the_process(net):
    code = net.file('code', '52')
    script = net.file('s', '#!/bin/sh\nread c < %s\nexit $c\n' % code, 0o755)
    up = start(net, service(), real(check='MISC_CHECK', misc_path=script,
                                    misc_dynamic=1, weight=7, retry=1000))
    until('weight 50', lambda: up.server()['weight'] == 50)
    for status, counter in ('0', 'passed'), ('1', 'failed'):
        net.file('code', status)
        n = up.check()[counter] + 2
        until(counter, lambda: up.check()[counter] >= n)
        expect(up.server()['weight'] == 50 and up.server()['up'],
               'after status ' + status, up.server())
    old = up.child('check')
    os.kill(old, signal.SIGKILL)
    until('another child', lambda: up.child('check') not in (None, old))
    until('it answers', up.answers)
    expect(up.server()['weight'] == 50, 'after a crash', up.server())


@test(nodes=TWO)
def misc_knows_the_server_by_its_environment(net):
    out = os.path.join(net.tmp, 'env')
    script = net.file('s', '#!/bin/sh\necho $TYPE $ADDRESS $PORT $1 > %s\n'
                      % out, 0o755)
    up = start(net, service(), real(check='MISC_CHECK',
                                    misc_path=script + ' one'))
    up.up()
    with open(out) as f:
        got = f.read().split()
    expect(got == ['CHECK', '192.0.2.2', str(PORT), 'one'], 'environment',
           got)


@test(nodes=TWO)
def file_by_the_number_in_it(net):
    path = net.file('n', '0\n')
    up = start(net, service(real_server=['a', 'b', 'c']),
               real('a', check='FILE_CHECK', track_file=path),
               real('b', check='FILE_CHECK', track_file=path,
                    file_weight=2, weight=10),
               real('c', check='FILE_CHECK',
                    track_file=path + '.no'))
    up.up('a')
    up.up('b')
    up.down('FILE', 'L7', name='c')
    net.file('n', '5\n')
    until('weight 20', lambda: up.server('b')['weight'] == 20)
    until('a is down', lambda: not up.server('a')['up'])
    net.file('n', 'five\n')
    up.down('FILE', 'L7', name='b')
