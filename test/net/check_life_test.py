# SPDX-License-Identifier: MIT
"""What of checks outlives a reload and a crash, and who is told of what."""

import json
import os
import re
import signal
import socket
import threading
import time

import servers
from check_rules_test import Switched, asks
from checks import PORT, real, service, start
from daemon import MASTER, globals_, vr
from net import SLACK, UPKEEPD, expect, gone, quiet, until
from runner import test

TWO = ('r1', 'r2')
QUICK = globals_(watchdog_interval='0.2')


def teller(net):
    """A script that notes its words and environment; and what it noted."""
    out = os.path.join(net.tmp, 'told')
    path = net.file('tell', '#!/bin/sh\necho "$1 $ACTION $TYPE $NAME '
                    '$SERVICE $ADDRESS $PORT" >> %s\n' % out, 0o755)

    def told():
        try:
            with open(out) as f:
                return [' '.join(w.split()) for w in f.read().splitlines()]
        except OSError:
            return []
    return path, told


def story(up):
    """Lines about servers and quorums in the log."""
    return [w.split('] ', 1)[1] for w in up.text().splitlines()
            if 'server=' in w and ' is ' in w or 'quorum ' in w]


@test(nodes=TWO)
def servers_and_quorum_are_told_once_and_in_order(net):
    script, told = teller(net)
    s = Switched(net, '+')
    up = start(net, service(quorum_up=script + ' Q',
                            quorum_down=script + ' Q'),
               asks(notify_up=script + ' S', notify_down=script + ' S'))
    up.up()
    quiet('told of what was so from the start', told, 0.3)
    s.answers[:] = '-'
    up.down('CONTENT')
    until('both', lambda: len(told()) == 2)
    s.answers[:] = '+'
    up.up()
    until('all four', lambda: len(told()) == 4)
    want = ['S NOTIFY_%s REAL_SERVER web svc 192.0.2.2 8080',
            'Q NOTIFY_%s VIRTUAL_SERVER svc']
    got = told()
    expect(set(got[:2]) == {w % 'DOWN' for w in want} and
           set(got[2:]) == {w % 'UP' for w in want}, 'told', got)
    expect(up.service()['quorum_losses'] == 1, 'losses', up.service())


@test(nodes=TWO)
def quorum_has_hysteresis_and_a_sorry_server(net):
    """Quorum 4 +- 1 of three servers of weight 2: lost below 3, so with one
    left; regained at 5, so with all three."""
    s = {n: Switched(net, '+', 8000 + i) for i, n in enumerate('abc')}
    up = start(net, service(*'abc', quorum=4, hysteresis=1, weight=2,
                            sorry_server_ip='192.0.2.9',
                            sorry_server_port=99),
               *[asks(n, port=8000 + i) for i, n in enumerate('abc')])
    for n in 'abc':
        up.up(n)

    def sorry():
        return [r for r in up.service()['real_servers']
                if r['sorry_server']][0]['in_table']

    def held():
        return up.service()['quorum_held']
    expect(held() and not sorry(), 'at the start', up.service())
    s['a'].answers[:] = '-'
    up.down('CONTENT', name='a')
    expect(held() and not sorry(), 'with two', up.service()['up_weight'])
    s['b'].answers[:] = '-'
    up.down('CONTENT', name='b')
    until('lost', lambda: not held() and sorry())
    expect(not up.server('c')['in_table'], 'c beside the sorry server')
    s['a'].answers[:] = '+'
    up.up('a')
    expect(not held() and sorry(), 'with two again')
    s['b'].answers[:] = '+'
    up.up('b')
    until('held', lambda: held() and not sorry())
    expect(all(up.server(n)['in_table'] for n in 'abc'), 'in the table')


@test(nodes=TWO)
def monitor_tells_of_each_change(net):
    s = Switched(net, '+')
    up = start(net, service(), asks())
    up.up()
    p = net.r1.popen('monitor.json', ['upkeepctl', '-R', up.dir, 'monitor',
                                      'json'], executable=UPKEEPD)
    def monitors():
        return [x for x in up.status()['processes']
                if x['child'] == 'check'][0]['control']['monitors']
    until('it listens', monitors)
    s.answers[:] = '-'
    up.down('CONTENT')

    def events():
        with open(os.path.join(net.logs, 'monitor.json')) as f:
            return [json.loads(w) for w in f if w.endswith('\n')]
    until('two events', lambda: len([
        e for e in events() if '"svc"' in json.dumps(e)]) >= 2)
    text = json.dumps(events())
    expect('"up": false' in text and '"held": false' in text and
           'not there' in text, 'events', text)
    p.terminate()


@test(nodes=TWO)
def an_unchanged_reload_touches_no_check(net):
    """Neither counters nor rhythm, whatever moves in the file."""
    t = servers.Talker(net.r2, PORT, servers.accept)
    up = start(net, service('web', 'x', delay_loop='0.4'), real(),
               real('x', port=1))
    up.up()
    up.down('REFUSED', name='x')
    before, lines = up.tries('x'), story(up)
    n = len(t.came)
    for i in range(6):
        more = [real('y%d' % k, port=2, fwmark=k + 1) for k in range(i)]
        up.reload(*more, real('x', port=1), real(),
                  service('web', *['y%d' % k for k in range(i)], 'x',
                          delay_loop='0.4'))
        time.sleep(0.2)
    c = up.check('x')
    expect(not up.server('x')['up'] and c['failed'] > before[1] and
           c['changes'] == 1, 'x', c)
    expect([w for w in story(up) if 'server=web' in w or 'server=x' in w]
           == [w for w in lines if 'server=web' in w or 'server=x' in w],
           'told', story(up))
    until('two more', lambda: len(t.came) > n + 2)
    for a, b in zip(t.came, t.came[1:]):
        expect(b - a < 0.4 + SLACK, 'a pause', t.came)


@test(nodes=TWO)
def a_reload_changes_the_interval_at_once(net):
    t = servers.Talker(net.r2, PORT, servers.accept)
    up = start(net, service(delay_loop='60'), real())
    up.up()
    t0 = time.monotonic()
    up.reload(service(delay_loop='0.3'), real())
    until('three', lambda: len(t.came) >= 4, 5)
    expect(t.came[-1] - t0 < 3 * 0.3 + 2 * SLACK, 'late', t.came, t0)
    expect(up.check()['interval'] == 0.3, 'interval', up.check())
    up.reload(service(delay_loop='60'), real())
    n = len(t.came)
    time.sleep(0.4)
    quiet('tried after it was made slow', lambda: len(t.came) > n + 1, 1.2)


@test(nodes=TWO)
def a_server_that_a_reload_brings_is_what_it_finds(net):
    t = servers.Talker(net.r2, PORT, servers.accept)
    up = start(net, service(), real())
    up.up()
    up.reload(service('web', 'new', 'dead'), real(),
              real('new', fwmark=1), real('dead', port=1))
    up.up('new')
    up.down('REFUSED', name='dead')
    up.reload(service('web'), real())
    expect(up.server('new') is None and up.server('dead') is None, 'gone')
    expect(up.check()['failed'] == 0 and t.open, 'web', up.check())


@test(nodes=TWO)
def a_changed_check_keeps_the_server_as_it_was(net):
    """Down, and asked something else: down until that passes."""
    Switched(net, '+')
    # The first check comes at once, the second at 0.6 of the warm-up.
    first = real('first', port=2)
    up = start(net, service('first', 'web'), first, asks(port=1))
    up.down('REFUSED')
    up.reload(service('first', 'web', warmup='2', delay_loop='3'), first,
              asks(port=1, connect_port=PORT))
    expect(not up.check()['tried'] and not up.server()['up'], 'at once',
           up.server())
    quiet('up before it was tried', lambda: up.server()['up'] and
          not up.check()['tried'], 0.8, 0.05)
    up.up()
    expect(up.text().count('server=web service=svc is up') == 1, 'told',
           story(up))


@test(nodes=TWO)
def killed_or_hung_the_child_forgets_and_tells_nothing(net):
    script, told = teller(net)
    servers.Talker(net.r2, PORT, servers.accept)
    up = start(net, QUICK, service('web', 'dead', 'idle', quorum_up=script,
                                   quorum_down=script),
               real(notify_up=script, notify_down=script),
               real('dead', port=1, notify_up=script, notify_down=script),
               real('idle', fwmark=3))
    up.up()
    up.down('REFUSED', name='dead')
    until('told', told)
    up.good('server', 'idle', 'drain')
    up.good('server', 'web', 'weight', '9')
    for sig in signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV:
        lines, words = story(up), told()
        before = {n: up.check(n) for n in ('web', 'dead')}
        old = up.child('check')
        os.kill(old, sig)
        until('another child', lambda: up.child('check') not in (None, old))
        expect(gone(old), 'the old one lives')
        until('it answers', up.answers)
        c = {n: up.check(n) for n in ('web', 'dead')}
        expect(up.server()['up'] and not up.server('dead')['up'],
               'verdicts', c)
        for n in c:
            for key in 'passed', 'failed', 'changes':
                expect(c[n][key] >= before[n][key], key, c[n], before[n])
            expect(c[n]['since'] >= before[n]['since'], 'since', c[n])
            expect(up.server(n)['since'] >= before[n]['since'],
                   'the last change', up.server(n))
        expect(c['dead']['failures'][0]['reason'] == 'refused', 'reasons',
               c['dead']['failures'])
        expect(up.server()['weight'] == 9 and
               up.server('idle')['admin'] == 'drain' and
               up.server('idle')['weight'] == 0, 'the operator',
               up.server(), up.server('idle'))
        n = [sum(up.tries(k)) for k in ('web', 'dead')]
        until('checks go on', lambda: all(
            sum(up.tries(k)) > n[i] + 1
            for i, k in enumerate(('web', 'dead'))))
        expect(story(up) == lines and told() == words, 'told again',
               story(up)[len(lines):], told()[len(words):])
        if sig == signal.SIGKILL:
            time.sleep(1)       # its restarts must not look like a loop


@test(nodes=TWO)
def a_killed_child_forgets_no_weight_no_quorum_and_no_sorry_server(net):
    """Quorum 4 +- 1: lost with one of three servers of weight 2, and not yet
    regained with two; a script that will not run again has said 50."""
    s = {n: Switched(net, '+', 8000 + i) for i, n in enumerate('abc')}
    script = net.file('s', '#!/bin/sh\nexit 52\n', 0o755)
    up = start(net, QUICK,
               service(*'abc', quorum=4, hysteresis=1, weight=2,
                       sorry_server_ip='192.0.2.9', sorry_server_port=99),
               service('m', name='misc', port=81),
               *[asks(n, port=8000 + i) for i, n in enumerate('abc')],
               real('m', check='MISC_CHECK', misc_path=script,
                    misc_dynamic=1, delay_loop=90, warmup=90))
    up.good('server', 'm', 'check')
    until('weight 50', lambda: up.server('m', 'misc')['weight'] == 50)
    for n in 'abc':
        up.up(n)
    for n in 'ab':
        s[n].answers[:] = '-'
        up.down('CONTENT', name=n)
    s['a'].answers[:] = '+'
    up.up('a')
    up.good('server', '192.0.2.9:99', 'weight', '3')

    def seen():
        return (up.service()['quorum_held'], up.server('m', 'misc')['weight'],
                up.server('192.0.2.9:99')['weight'], up.server('a')['weight'])
    expect(seen() == (False, 50, 3, 0), 'before', seen())
    lines = story(up)
    old = up.child('check')
    os.kill(old, signal.SIGKILL)
    until('another child', lambda: up.child('check') not in (None, old))
    until('it answers', up.answers)
    expect(seen() == (False, 50, 3, 0), 'after', seen())
    quiet('told', lambda: story(up) != lines, 0.5)


@test(nodes=TWO)
def a_server_that_was_down_may_become_the_sorry_server(net):
    """Nobody checks that: it is as good as it is said to be."""
    s = Switched(net, '+')
    dead = real('dead', connect_port=1, port=7)
    up = start(net, service('web', 'dead'), asks(), dead)
    up.up()
    up.down('REFUSED', name='dead')
    port = int(up.server('dead')['address'].rsplit(':', 1)[1])
    sorry = '192.0.2.2:%d' % port
    up.reload(service('web', sorry_server_ip='192.0.2.2',
                      sorry_server_port=port), asks())
    s.answers[:] = '-'
    up.down('CONTENT')
    until('it stands in', lambda: up.server(sorry)['weight'] == 1)


@test(nodes=TWO)
def a_reload_may_name_all_services_anew(net):
    servers.Talker(net.r2, PORT, servers.accept)

    def named(letter):
        return [service(name='%s%d' % (letter, i), port=100 + i)
                for i in range(12)] + [real()]
    up = start(net, *named('a'))
    until('it is up', lambda: up.server(service='a0')['up'])
    pid = up.child('check')
    up.reload(*named('b'))
    for i in range(12):
        until('b%d' % i, lambda: up.server(service='b%d' % i)['up'])
    expect(up.child('check') == pid and 'is not served' not in up.text(),
           'the child', up.text()[-500:])


@test(nodes=TWO)
def a_service_that_begins_to_follow_stays_until_it_is_told(net):
    """The VRRP child is stopped, so that it tells nothing."""
    servers.Talker(net.r2, PORT, servers.accept)
    slow = globals_(watchdog_interval='10')
    up = start(net, slow, vr('lan'), service(), real())
    up.wait(MASTER)
    up.up()

    def there():
        with socket.socket(socket.AF_UNIX) as c:
            c.connect(os.path.join(up.dir, 'check.sock'))
            c.sendall(b'status json\n')
            with c.makefile() as f:
                good, text = f.readline(), f.read()
        expect(good == '0\n', 'status', good)
        return json.loads(text)['virtual_servers'][0]['in_table']
    vrrp = up.child('vrrp')
    up.write(slow, vr('lan'), service(follow='lan'), real())
    os.kill(vrrp, signal.SIGSTOP)
    os.kill(up.p.pid, signal.SIGHUP)
    until('it has it', lambda: up.text().count(' in force: services=1') == 2)
    quiet('it went', lambda: not there(), 0.3)
    os.kill(vrrp, signal.SIGCONT)
    quiet('it went', lambda: not there(), 0.3)
    net.r1.carrier(False)
    until('gone', lambda: not there())


@test(nodes=TWO)
def what_changed_while_the_child_was_dead_is_told_once(net):
    script, told = teller(net)
    s = Switched(net, '+')
    up = start(net, QUICK, service(), asks(notify_down=script))
    up.up()
    s.answers[:] = '-'
    os.kill(up.child('check'), signal.SIGKILL)
    until('down', lambda: up.ctl('status', 'json')[0] == 0 and
          not up.server()['up'])
    until('told', told)
    quiet('told twice', lambda: len(told()) > 1, 0.5)


@test(nodes=TWO)
def probe_explains_each_step(net):
    def behave(c, t):
        servers.head(c)
        c.sendall(servers.page(b'x' * 9000,
                               status='200 OK' if t.open else '503 Busy'))
    servers.Talker(net.r2, PORT, behave)
    servers.smtpd(net.r2, 2525)
    up = start(net, service(*'abc'),
               real('a', check='HTTP_GET', url=['/one', '/two']),
               real('b', check='SMTP_CHECK', port=2525, helo_name='me.x'),
               real('c', port=1, retry=1000))

    def steps(name):
        """What it says, in order, without the times."""
        return [line.split(' ms  ', 1)[1]
                for line in up.good('probe', name).splitlines() if line]
    up.up('a')
    out = steps('a')
    expect([w.split(' bytes')[0].rstrip('0123456789') for w in out[1:5]] ==
           ['connected', 'sends ', 'gets ', 'connected'], 'steps', out)
    expect('"GET /one HTTP/1.1"' in out[2] and '"HTTP/1.1 200 OK"' in out[3]
           and '"GET /two HTTP/1.1"' in out[5], 'steps', out)
    expect(out[-2:] == ['passed (/two: 200 OK)', 'it is up'], 'end', out)
    expect(len(out) == 9, 'one line for a long answer', out)
    up.up('b')
    said = ' '.join(steps('b'))
    for word in '"220 ', '"EHLO me.x"', '"QUIT"', 'passed':
        expect(word in said, 'not said: ' + word, said)
    up.tried('c')
    out = steps('c')
    expect('refused' in out[-2] and 'it is up still: ' in out[-1] and
           ' of 1001 failures in a row' in out[-1], 'verdict', out)


@test(nodes=TWO)
def two_operators_ask_for_one_probe(net):
    """The first is sent home when the second comes."""
    servers.Talker(net.r2, PORT, servers.black_hole)
    up = start(net, service(connect_timeout=1, delay_loop=3),
               real(check='HTTP_GET'))
    up.tried()
    ends, begun = [], time.monotonic()

    def ask():
        up.ctl('probe', 'web')
        ends.append(time.monotonic() - begun)
    threads = [threading.Thread(target=ask) for _ in range(3)]
    for t in threads:
        t.start()
        time.sleep(0.2)
    for t in threads:
        t.join()
    expect(max(ends) < 4, 'one waits for nothing', ends)


@test(nodes=TWO)
def the_operators_words(net):
    flag = os.path.join(net.tmp, 'maintenance')
    servers.Talker(net.r2, PORT, servers.accept)
    up = start(net, service('web', 'dead', delay_loop='60'),
               real(weight=3, maintenance_file=flag), real('dead', port=1))
    up.up()
    up.down('REFUSED', name='dead')

    def place():
        r = up.server()
        return r['state'], r['in_table'], r['weight']
    for words, want in ((('drain',), ('drain', True, 0)),
                        (('down',), ('down!', False, 0)),
                        (('weight', '7'), ('down!', False, 0)),
                        (('ready',), ('up', True, 3)),
                        (('weight', '7'), ('up', True, 7)),
                        (('weight', '0'), ('up', True, 0)),
                        (('ready',), ('up', True, 3))):
        up.good('server', 'web', *words)
        expect(place() == want, ' '.join(words), place(), want)
    n = up.tries()
    up.good('server', 'web', 'check')
    until('one more', lambda: up.tries() == (n[0] + 1, n[1]))
    out = up.good('probe', 'web')
    expect(out.splitlines()[0].split()[2] == 'TCP_CHECK' and
           'connected' in out and out.splitlines()[-2].endswith('passed') and
           out.splitlines()[-1].endswith('it is up'),
           'probe', out)
    expect(up.tries() == (n[0] + 2, n[1]), 'tries', up.tries())
    out = up.good('probe', 'dead')
    expect('refused' in out, 'probe', out)
    with open(flag, 'w'):
        pass
    until('drained', lambda: place() == ('drain', True, 0))
    expect(up.server()['maintenance'], 'maintenance')
    os.unlink(flag)
    until('back', lambda: place() == ('up', True, 3))
    for words, near in ((('wab', 'drain'), '"web"'),
                        (('web', 'drian'), '"drain"'),
                        (('web', 'quux'), 'ready, drain'),
                        (('web', 'weight', '65536'), '0..65535'),
                        (('web', 'weight', '-1'), '0..65535'),
                        (('web', 'weight'), 'number'),
                        (('web', 'ready', '1'), 'no value')):
        code, out, err = up.ctl('server', *words)
        expect(code and near in err and place() == ('up', True, 3),
               'complaint', words, err)


@test(nodes=TWO)
def a_service_is_there_while_its_instance_is_master(net):
    servers.Talker(net.r2, PORT, servers.accept)
    up = start(net, vr('lan'), service(follow='lan'),
               service(name='other', port=81), real())
    up.wait(MASTER)
    up.up()
    until('there', lambda: up.service()['in_table'] and
          up.server()['in_table'])
    n = sum(up.tries())
    net.r1.carrier(False)
    until('gone', lambda: not up.service()['in_table'] and
          not up.server()['in_table'])
    expect(up.service('other')['in_table'], 'the other one')
    net.r1.carrier(True)
    up.wait(MASTER)
    until('there again', lambda: up.service()['in_table'])
    until('checks went on', lambda: sum(up.tries()) > n)
    up.up()
    for name in 'vrrp', 'check':
        old = up.child(name)
        os.kill(old, signal.SIGKILL)
        until('another', lambda: up.child(name) not in (None, old))
        until('it answers', up.answers)
        until('there after a crash of ' + name,
              lambda: up.service()['in_table'] and up.server()['in_table'])


@test(4, 6, nodes=TWO)
def ha_suspend_tries_only_while_the_address_is_here(net, fam):
    ip = '192.0.2.200/32' if fam == 4 else '2001:db8::200/128 nodad'
    t = servers.Talker(net.r2, PORT, servers.accept, fam)
    up = start(net, service(ipaddr=ip.split('/')[0], ha_suspend=1),
               real(ipaddr=net.r2.ip4 if fam == 4 else net.r2.ip6))
    for word in 'add', 'del', 'add':
        if word == 'add':
            expect(up.check()['suspended'], 'tried elsewhere')
            n = len(t.came)
            quiet('a try', lambda: len(t.came) > n, 0.6)
        net.r1.ip('address %s %s dev eth0' % (word, ip.split(' nodad')[0]
                                              if word == 'del' else ip))
        if word == 'add':
            up.up()
            until('tries', lambda: len(t.came) > n + 2)
        else:
            until('suspended', lambda: up.check()['suspended'])
    expect(up.check()['failed'] == 0, 'failures', up.check())


@test(nodes=TWO)
def metrics_and_status_say_the_same(net):
    servers.Talker(net.r2, PORT, servers.accept)
    up = start(net, service('web', 'dead', delay_loop='60'), real(),
               real('dead', port=1))
    up.up()
    up.down('REFUSED', name='dead')
    m = up.metrics()
    for name, ok in ('web', 1), ('dead', 0):
        row = up.server(name)
        label = '{service="svc",server="%s"}' % row['address']
        expect(m['upkeep_real_servers_up' + label] == ok, 'up', name)
        c = row['checks'][0]
        at = '{service="svc",server="%s",check="TCP_CHECK %s"' % (
            row['address'], c['address'])
        expect(m['upkeep_checks_passed_total' + at + '}'] == c['passed'],
               'passed', name)
        expect(m['upkeep_checks_failed_total' + at + '}'] == c['failed'],
               'failed', name)
    expect(m['upkeep_check_failures_total' + at + ',reason="refused"}'] ==
           c['failed'], 'refused')


@test(nodes=('r1',))
def no_sample_stands_twice_whatever_is_the_same(net):
    far = '2001:db8:abcd:1234:5054:ff:fe12:345'
    up = start(net, service(
        '192.0.2.2 80', 'web', sorry_server_ip='192.0.2.9',
        sorry_server_port=80), real(check=list('abcde'), port=81),
        *(('check', name, dict(check='HTTP_GET', url='/x', virtualhost=name))
          for name in 'abc'),
        *(('check', name, dict(check='TCP_CHECK', expect=name))
          for name in 'de'),
        service(far + '6 80', far + '7 80', name='six', ipaddr=far + '1'))
    lines = [w.rsplit(' ', 1)[0] for w in up.good('metrics').splitlines()
             if not w.startswith('#')]
    twice = {w for w in lines if lines.count(w) > 1}
    expect(not twice, 'twice', twice)
    word = 'check="HTTP_GET#3 192.0.2.2:81/x"'
    expect(any(word in w for w in lines), 'no ' + word)
    out = up.good()
    for end in '6]:80', '7]:80':
        expect(end in out, 'not told apart', out)
    expect('drained' in up.good('server', '[%s7]:80' % far, 'drain'), 'drain')
    expect([up.server('[%s%d]:80' % (far, n), 'six')['admin']
            for n in (6, 7)] == ['ready', 'drain'], 'drained')


@test(nodes=TWO)
def a_slow_start_goes_on_when_the_child_is_another_one(net):
    s = Switched(net, '+')
    up = start(net, QUICK, service('web', 'x', slow_start=8, weight=1000),
               asks(), asks('x', fwmark=1))
    up.up()
    old = up.child('check')
    os.kill(old, signal.SIGKILL)
    until('another child', lambda: up.child('check') not in (None, old))
    until('it answers', up.answers)
    expect(up.server()['weight'] == 1000, 'it began', up.server())
    s.answers[:] = '-'
    up.down('CONTENT')
    s.answers[:] = '+'
    up.up()
    until('a step', lambda: up.server()['weight'] > 50)
    old = up.child('check')
    os.kill(old, signal.SIGKILL)
    until('another child', lambda: up.child('check') not in (None, old))
    until('it answers', up.answers)
    expect(50 < up.server()['weight'] < 900, 'after', up.server())
    until('whole', lambda: up.server()['weight'] == 1000, 12)


def exposition(text):
    """Samples of Prometheus text, each once and behind its HELP and TYPE,
    which stand once, too: {name: {labels: value}}."""
    label = r'[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"'
    sample = re.compile(r'([a-z_][a-z0-9_]*)(?:\{(%s(?:,%s)*)\})? '
                        r'(-?\d+(?:\.\d+)?)' % (label, label))
    out, name, helped = {}, None, None
    for line in text.splitlines():
        words = line.split(None, 3)
        if line.startswith('# HELP '):
            helped = words[2]
        elif line.startswith('# TYPE '):
            name = words[2]
            expect(name == helped and name not in out and
                   words[3] in ('counter', 'gauge'), 'heading', line)
            out[name] = {}
        else:
            m = sample.fullmatch(line)
            expect(m and m[1] == name and m[2] not in out[name], 'sample',
                   line, name)
            keys = re.findall(r'([a-z_]+)="', m[2] or '')
            expect(len(keys) == len(set(keys)), 'a label twice', line)
            out[name][m[2]] = float(m[3])
    return out


@test(nodes=TWO)
def metrics_are_prometheus_text_whatever_names_and_checks_there_are(net):
    script = net.file('s', '#!/bin/sh\nexit $1\n', 0o755)
    svc = 'a"b\\c\u00e4'
    up = start(net, service('web', name='x', delay_loop='60')[:2] + (dict(
        service('web', delay_loop='60')[2], name=svc),),
               real(name='web', check=['one', 'two', 'three', 'page', 'leaf',
                                       'leaf2', 'TCP_CHECK']),
               *[('check', n, dict(check='MISC_CHECK', misc_path='%s %d' % (
                   script, i))) for i, n in enumerate(('one', 'two'))],
               ('check', 'three', dict(check='MISC_CHECK', fall=3,
                                       misc_path=script + ' 0')),
               ('check', 'page', dict(check='HTTP_GET', url=['/'])),
               ('check', 'leaf', dict(check='HTTP_GET', url=['/leaf'])),
               ('check', 'leaf2', dict(check='HTTP_GET', virtualhost='w',
                                       url=['/leaf'])))
    until('two fails', lambda: up.check(i=1, service=svc)['reason'])
    m = exposition(up.good('metrics'))
    at = 'service="a\\"b\\\\c\u00e4",server="192.0.2.2:8080",check="%s"'
    names = ['MISC_CHECK 192.0.2.2:8080', 'MISC_CHECK#2 192.0.2.2:8080',
             'MISC_CHECK#3 192.0.2.2:8080', 'HTTP_GET 192.0.2.2:8080/',
             'HTTP_GET 192.0.2.2:8080/leaf', 'HTTP_GET#2 192.0.2.2:8080/leaf',
             'TCP_CHECK 192.0.2.2:8080']
    expect(list(m['upkeep_checks_up']) == [at % n for n in names], 'labels',
           m['upkeep_checks_up'])
    expect(m['upkeep_checks_reason'].get((at % names[1]) + ',reason="EXIT"')
           == 1, 'reason', m['upkeep_checks_reason'])
    expect(m['upkeep_real_servers_since'] and m['upkeep_checks_since'],
           'the last change', m)


@test(nodes=TWO)
def omega_says_a_last_word_and_others_don_t(net):
    script, told = teller(net)
    servers.Talker(net.r2, PORT, servers.accept)
    up = start(net, service(omega=1, quorum_down=script + ' Q'),
               service(name='plain', port=81, quorum_down=script + ' P'),
               real(notify_down=script + ' S'))
    up.up()
    up.stop()
    until('told', lambda: len(told()) >= 2)
    got = [w.split()[0] for w in told()]
    expect(sorted(got) == ['Q', 'S'], 'told', told())


@test(nodes=TWO)
def slow_start_gives_the_weight_in_steps(net):
    s = Switched(net, '+')
    up = start(net, service('web', 'x', slow_start=2, weight=100), asks(),
               asks('x', fwmark=1))
    up.up()
    expect(up.server()['weight'] == 100, 'at the start', up.server())
    s.answers[:] = '-'
    up.down('CONTENT')
    s.answers[:] = '+'
    t0 = time.monotonic()
    seen = []

    def whole():
        w = up.server()['weight']
        seen.append((time.monotonic() - t0, w))
        return w == 100
    until('whole', whole, 5)
    up_at = next(t for t, w in seen if w)
    took = seen[-1][0] - up_at
    expect(2 - SLACK < took < 2 + SLACK, 'took', took, seen)
    weights = [w for _, w in seen]
    expect(weights == sorted(weights) and len(set(weights)) > 5, 'steps',
           sorted(set(weights)))


@test(nodes=TWO)
def those_without_a_name_are_called_by_what_tells_them_apart(net):
    """TCP and UDP at one address, one mark in both families; addresses that
    are as long as can be, and differ in their last letter."""
    far = '2001:db8:1111:2222:3333:4444:5555:666%d'
    head = "config virtual_server\n\toption delay_loop '60'\n"
    one = head + "\toption ipaddr '%s'\n\toption port '%d'\n"
    up = start(net, ''.join((
        one % ('192.0.2.200', 53), "\tlist real_server '192.0.2.2 53'\n",
        one % ('192.0.2.200', 53), "\toption protocol 'UDP'\n",
        head + "\toption fwmark '5'\n",
        head + "\toption fwmark '5'\n\toption ip_family 'inet6'\n",
        one % (far % 1, 80), ''.join("\tlist real_server '%s 8080'\n" %
                                     far % i for i in range(4, 7)),
        "\toption sorry_server_ip '%s'\n" % (far % 7),
        one % (far % 1, 81), one % (far % 2, 80))))
    want = ['192.0.2.200:53', '192.0.2.200:53/UDP', 'fwmark:5',
            'fwmark:5/inet6', '[%s]:80' % far % 1, '[%s]:81' % far % 1,
            '[%s]:80' % far % 2]
    got = up.status()['virtual_servers']
    expect([s['name'] for s in got] == want, 'services', got)
    names = [r['name'] for r in got[4]['real_servers']]
    expect(names == ['[%s]:8080' % far % i for i in range(4, 7)] +
           ['[%s]:80' % far % 7], 'servers', names)
    up.good('server', names[1], 'drain')
    expect([r['name'] for r in up.status()['virtual_servers'][4][
        'real_servers'] if r['admin'] == 'drain'] == names[1:2], 'drained')


@test(nodes=TWO)
def a_panic_uses_all(net):
    s = {n: Switched(net, '+', 8000 + i) for i, n in enumerate('abc')}
    up = start(net, service(*'abc', panic_threshold=50),
               *[asks(n, port=8000 + i) for i, n in enumerate('abc')])
    for n in 'abc':
        up.up(n)
    s['a'].answers[:] = '-'
    up.down('CONTENT', name='a')
    expect(not up.service()['panic'] and not up.server('a')['in_table'],
           'with 67 %', up.service())
    s['b'].answers[:] = '-'
    up.down('CONTENT', name='b')
    until('panic', lambda: up.service()['panic'])
    expect('service=svc panic: all servers are used: up=1 of=3' in up.text(),
           'the log', up.text())
    expect(all(up.server(n)['in_table'] for n in 'abc'), 'all', up.service())
    s['b'].answers[:] = '+'
    up.up('b')
    until('calm', lambda: not up.service()['panic'] and
          not up.server('a')['in_table'])
    expect('service=svc panic: it is over: up=2 of=3' in up.text(),
           'the log', up.text())
