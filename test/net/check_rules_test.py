# SPDX-License-Identifier: MIT
"""When a check is tried, from where, and what its tries add up to: exactly."""

import os
import resource
import signal
import time

import servers
from checks import PORT, real, service, start
from net import SLACK, expect, until
from runner import test

TWO = ('r1', 'r2')


class Switched:
    """A TCP server whose answer is what the test says at the time; the
    check sends "?" and expects "+"."""

    def __init__(self, net, answers='+', port=PORT):
        self.answers = list(answers)
        self.t = servers.Talker(net.r2, port, self.serve)

    def serve(self, c, t):
        c.recv(10)
        # The last one goes on for ever.
        a = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        c.sendall(a.encode())
        t.got.append(a)


def asks(name='web', **options):
    return real(name, send='?', expect='+', **options)


@test(nodes=TWO)
def it_falls_after_exactly_fall_failures_in_a_row(net):
    s = Switched(net, '+' + '--+' + '---+')
    up = start(net, service(), asks(fall=3))
    until('it fell', lambda: up.server()['downs'] == 1)
    until('and rose', lambda: up.up())
    # One more success than was said may have come by now, none less.
    c = up.check()
    expect(c['failed'] == 5 and up.counters() == {'content': 5}, 'failures', c)
    text = up.text()
    expect(text.count('is down') == 1 and text.count('is up') == 1, 'told',
           text)
    # In the order of the answers: the fall was the third of the second row.
    falls = [w for w in text.splitlines() if 'is down' in w or 'is up' in w]
    expect('is down' in falls[0], 'order', falls)
    expect(s.t.got[:8] == list('+--+---+'), 'answers', s.t.got)


@test(nodes=TWO)
def it_does_not_fall_one_failure_early(net):
    Switched(net, '+' + '--+' * 6 + '+')
    up = start(net, service(), asks(fall=3))
    until('all of it', lambda: up.check()['passed'] >= 8, 15)
    c = up.check()
    expect(c['failed'] == 12 and c['changes'] == 0 and up.server()['up'],
           'it fell', c)


@test(nodes=TWO)
def it_rises_after_exactly_rise_successes_in_a_row(net):
    Switched(net, '-' + '++-' * 2 + '+++')
    up = start(net, service(), asks(rise=3))
    up.up()
    c = up.check()
    expect(c['failed'] == 3 and c['passed'] >= 7 and c['changes'] == 2,
           'counts', c)


@test(nodes=TWO)
def retry_n_is_fall_n_plus_1(net):
    Switched(net, '+--+---+')
    up = start(net, service(delay_loop='0.5'), asks(retry=2))
    until('it fell', lambda: up.server()['downs'] == 1)
    c = up.check()
    expect(c['fall'] == 3 and c['failed'] == 5, 'fall', c)


@test(nodes=TWO)
def its_own_retry_goes_before_its_services_fall(net):
    Switched(net, '+')
    up = start(net, service('web', 'x', 'y', fall=7, retry=9), asks(retry=2),
               asks('x', fwmark=1, nb_get_retry=3), asks('y', fwmark=2))
    expect([up.check(n)['fall'] for n in ('web', 'x', 'y')] == [3, 4, 7],
           'fall', up.service())


@test(nodes=TWO)
def a_check_of_its_own_section_takes_what_its_server_says(net):
    page = servers.Talker(net.r2, PORT,
                          lambda c, t: t.got.append(c.recv(999)))
    up = start(net, service('web', 'x', rise=9, delay_loop=90, retry=9),
               real(check=['c', 'own'], delay_loop=7, nb_get_retry=4, rise=3,
                    connect_timeout=2, virtualhost='www.example'),
               real('x', check=['c'], fall=2),
               ('check', 'c', dict(check='HTTP_GET', url=['/'])),
               ('check', 'own', dict(check='TCP_CHECK', delay_loop=5, fall=6)))
    rows = [up.check(i=0), up.check(i=1), up.check('x')]
    got = [(c['interval'], c['timeout'], c['rise'], c['fall']) for c in rows]
    expect(got == [(7, 2, 3, 5), (5, 2, 3, 6), (90, 1, 9, 2)], 'rows', got)
    until('the name', lambda: any(b'Host: www.example\r\n' in g
                                  for g in page.got))


@test(nodes=TWO)
def an_alpha_server_is_down_until_its_first_success(net):
    Switched(net, '--+')
    up = start(net, service(delay_loop='0.5'), asks(alpha=1, fall=9))
    expect(not up.server()['up'] and not up.server()['in_table'], 'up at '
           'the start', up.server())
    up.up()
    expect(up.text().count('is up') == 1 and 'is down' not in up.text(),
           'told', up.text())


@test(nodes=TWO)
def tries_come_from_start_to_start_and_do_not_drift(net):
    """Each takes 0.15 s of its interval of 0.3 s; the start of the n-th is
    n intervals after the first."""
    def slow(c, t):
        c.recv(10)
        time.sleep(0.15)
        c.sendall(b'+')
    t = servers.Talker(net.r2, PORT, slow)
    start(net, service(delay_loop='0.3'), asks())
    until('ten', lambda: len(t.came) >= 10)
    for n, at in enumerate(t.came[:10]):
        late = at - t.came[0] - n * 0.3
        expect(-SLACK < late < SLACK, 'try %d is off by' % n, late)


@test(nodes=TWO)
def a_doubt_is_settled_at_the_faster_interval(net):
    s = Switched(net, '+' + '-----')
    up = start(net, service(delay_loop='2', delay_before_retry='0.1'),
               asks(fall=4))
    up.down('CONTENT')
    came = s.t.came
    # The second try comes a whole interval after the first, the three that
    # settle it 0.1 s apart, and the next one again at its place.
    until('the next', lambda: len(came) >= 6)
    gaps = [b - a for a, b in zip(came, came[1:])]
    expect(2 - SLACK < gaps[0] < 2 + SLACK, 'interval', gaps)
    for g in gaps[1:4]:
        expect(0.1 - 0.02 <= g < 0.1 + SLACK, 'retry', gaps)
    expect(4 - SLACK < came[5] - came[0] < 4 + SLACK, 'place', gaps)


@test(nodes=TWO)
def every_failure_is_logged_when_asked_for(net):
    Switched(net, '-')
    up = start(net, service(*'ab'), asks('a', log_all_failures=1, fall=2),
               asks('b', fall=2, connect_port=PORT, rise=2))
    until('tries', lambda: min(up.check('a')['failed'],
                               up.check('b')['failed']) >= 6)
    n = up.check('a')['failed']
    lines = [w for w in up.text().splitlines() if 'failed: why=CONTENT' in w]
    # b says it once, when it falls.
    expect(n + 1 <= len(lines) <= up.check('a')['failed'] + 1, 'lines',
           len(lines), n)


@test(4, 6, nodes=TWO)
def a_check_goes_to_another_address_and_port_from_a_given_one(net, fam):
    a, b, c = (('192.0.2.50', '192.0.2.60', '192.0.2.2') if fam == 4 else
               ('2001:db8::50', '2001:db8::60', '2001:db8::2'))
    net.r1.ip('address add %s/%d dev eth0%s' %
              (a, 24 if fam == 4 else 64, '' if fam == 4 else ' nodad'))
    t = servers.Talker(net.r2, 9999, servers.accept, fam)
    up = start(net, service(ipaddr='192.0.2.200' if fam == 4 else
                            '2001:db8::200'),
               real(ipaddr=b, port=80, connect_ip=c, connect_port=9999,
                    bindto=a, bind_port=4444, delay_loop='1'))
    up.up()
    expect(t.from_[0][:2] == (a, 4444), 'from', t.from_)
    row = up.server()
    expect(row['address'].startswith(('[%s]' if fam == 6 else '%s') % b),
           'the server itself', row['address'])
    # The same source port again, at once, is no failure of the server.
    until('three tries', lambda: len(t.came) >= 3)
    expect({p[:2] for p in t.from_} == {(a, 4444)}, 'from', t.from_)
    expect(up.check()['failed'] == 0, 'failures', up.check())


@test(nodes=TWO)
def a_bindto_that_is_not_ours_is_our_failure(net):
    servers.Talker(net.r2, PORT, servers.accept)
    up = start(net, service(), real(bindto='192.0.2.99'))
    up.down('LOCAL', 'L0', 'not available')


@test(nodes=TWO)
def packets_of_a_check_carry_its_mark(net):
    """A rule lets only marked packets see the route: the server is reached
    by the check with the mark, by no other."""
    t = servers.Talker(net.r2, PORT, servers.accept)
    net.r2.ip('address add 198.51.100.7/32 dev lo')
    net.r1.ip('route add 198.51.100.7/32 via 192.0.2.2 table 77')
    net.r1.ip('rule add fwmark 0x4d lookup 77')
    up = start(net, service(*'ab'), real('a', ipaddr='198.51.100.7',
                                         fwmark=77),
               real('b', ipaddr='198.51.100.7'))
    up.up('a')
    up.down('UNREACHABLE', 'L3', name='b')
    expect(t.came, 'nobody came')


@test(nodes=TWO)
def a_check_leaves_by_the_interface_it_is_told(net):
    net.r1.plug('eth9', addresses=False)
    net.r1.carrier(False, 'eth9')
    servers.Talker(net.r2, PORT, servers.accept)
    up = start(net, service(*'ab', connect_timeout='0.3'),
               real('a', bind_if='eth0'), real('b', bind_if='eth9'))
    up.up('a')
    until('b is down', lambda: not up.server('b')['up'])
    expect(up.check('b')['reason'] in ('UNREACHABLE', 'CONNECT'), 'reason',
           up.check('b'))


@test(nodes=TWO)
def first_tries_are_spread_over_the_warm_up(net):
    """48 checks over 2.4 s: one in each twentieth of a second and at most
    two, whatever their number."""
    t = servers.Talker(net.r2, PORT, servers.accept, backlog=200)
    names = ['s%d' % i for i in range(48)]
    up = start(net, service(*names, warmup='2.4', delay_loop='60'),
               *[real(n, expect=None, fwmark=i + 1)
                 for i, n in enumerate(names)])
    until('all', lambda: len(t.came) >= 48)
    expect(len(t.came) == 48, 'tries', len(t.came))
    span = t.came[-1] - t.came[0]
    expect(2.4 * 46 / 48 - 0.1 < span < 2.4 + SLACK, 'span', span)
    n = max(sum(a <= b < a + 0.25 for b in t.came) for a in t.came)
    expect(n <= 5 + 5 * SLACK / 0.25 + 1, 'in a quarter of a second', n)
    expect(up.whole('late_max') < SLACK, 'late', up.whole('late_max'))


@test(nodes=TWO)
def one_check_of_several_services_is_tried_once(net):
    t = servers.Talker(net.r2, PORT, servers.accept)
    up = start(net, service(name='one', delay_loop='0.4'),
               service(name='two', port=81, delay_loop='0.4'), real())
    until('three', lambda: len(t.came) >= 4)
    gaps = [b - a for a, b in zip(t.came, t.came[1:])]
    expect(min(gaps) > 0.4 - SLACK, 'two at once', gaps)
    t.close()
    for name in 'one', 'two':
        until(name, lambda: not up.server(service=name)['up'])
    expect(up.text().count('failed: why=REFUSED') == 1, 'logged', up.text())


@test(nodes=TWO)
def all_checks_of_a_server_must_pass(net):
    servers.Talker(net.r2, PORT, servers.accept)
    s = Switched(net, '+', 8081)
    up = start(net, service(), real(check=['first', 'second']),
               ('check', 'first', dict(check='TCP_CHECK')),
               ('check', 'second', dict(check='TCP_CHECK', send='?',
                                        expect='+', connect_port=8081)))
    up.up(i=0)
    up.up(i=1)
    s.answers[:] = '-'
    up.down('CONTENT', i=1)
    expect(up.check(i=0)['up'] and not up.server()['up'], 'server',
           up.server())
    expect('not there' in up.server()['why'], 'why', up.server()['why'])


@test(nodes=TWO)
def what_the_child_sleeps_through_is_no_failure(net):
    """The server takes 0.15 s of 0.4 s for each answer."""
    def behave(c, t):
        servers.head(c)
        time.sleep(0.15)
        c.sendall(servers.page())
    servers.Talker(net.r2, PORT, behave)
    up = start(net, service(delay_loop='0.25', connect_timeout='0.4'),
               real(check='HTTP_GET'))
    up.up()
    pid = up.child('check')
    for i in range(10):
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.7)
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.3 + 0.03 * i)
    c = up.check()
    expect(c['failed'] == 0, 'failed', c)
    expect(up.child('check') == pid, 'the child')


@test(nodes=TWO)
def descriptors_exhausted_are_our_own_failure_and_counted(net):
    t = servers.Talker(net.r2, PORT, servers.accept)
    up = start(net, service('web', 'spare'), real(), real(
        'spare', check=[], maintenance_file=net.tmp + '/no'))
    up.up()
    pid = up.child('check')
    old = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = {int(n) for n in os.listdir('/proc/%d/fd' % pid)}
    low = next(n for n in range(1024) if n not in used)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (low, old[1]))
    until('counted', lambda: 'why=LOCAL' in up.text())
    time.sleep(1.2)             # its file is looked for each second
    resource.prlimit(pid, resource.RLIMIT_NOFILE, old)
    up.up()
    c = up.check()
    expect(c['changes'] == 0 and c['failed'] > 2, 'it went down for it', c)
    expect('maintenance file' not in up.text(), 'drained', up.text())
    expect(set(up.counters()) == {'local'}, 'reasons', up.counters())
    expect(up.child('check') == pid and t.open, 'the child')
