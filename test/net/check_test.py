# SPDX-License-Identifier: MIT
"""Health checks: what each says of good servers and bad ones, and what of it
outlives a reload and a crash."""

import hashlib
import os
import re
import resource
import signal

from daemon import MASTER, globals_, tool, uci, vr
from farm import Farm
from net import ROOT, expect, quiet, until
from runner import test

NODES = ('r1', 'c')
PAGE = b'<html>status: ok</html>\n'


def serve(net, **ports):
    """hostile.py on node c: p1001='good', ..."""
    words = ['%s=%s' % (k[1:], v) for k, v in ports.items()]
    p = net.c.popen('hostile.log', [
        '/usr/bin/python3', os.path.join(ROOT, 'test/net/hostile.py'),
        net.c.ip4] + words)

    def listening():
        seen = net.c.run('ss', '-tln')
        return all(':%s ' % k[1:] in seen for k in ports)
    until('servers', listening)
    return p


def requests(net, port):
    with open(os.path.join(net.logs, 'hostile.log')) as f:
        return [float(line.split()[1]) for line in f
                if line.startswith('%d ' % port)]


@test(nodes=NODES)
def an_http_server_is_judged_by_status_body_and_framing(net):
    farm = Farm(net, check='HTTP_GET', connect_timeout='3')
    serve(net, p1001='good', p1002='unavailable', p1003='chunked',
          p1004='unauthorized', p1005='host', p1006='nonsense')
    md5, sha = hashlib.md5(PAGE), hashlib.sha256(PAGE)
    pages = [
        ('url', 'page_md5', dict(path='/', digest=md5.hexdigest())),
        ('url', 'page_sha', dict(path='/', digest=sha.hexdigest())),
        ('url', 'page_bad', dict(path='/', digest='0' * 32)),
        ('url', 'page_codes', dict(path='/', status_code='200-299 401')),
        ('url', 'page_text', dict(path='/', expect='status: ok')),
        ('url', 'page_notext', dict(path='/', expect='status: bad')),
        ('url', 'page_regex', dict(path='/', regex='status: *(ok|warm)<')),
        ('url', 'page_noregex', dict(path='/', regex_no_match='ok<')),
        ('url', 'page_host', dict(path='/', virtualhost='www.example.test')),
    ]
    farm.add('plain', 1001)
    farm.add('md5', 1001, url=['page_md5', 'page_sha'])
    farm.add('chunks', 1003, url=['page_md5'])
    farm.add('bad', 1001, url=['page_md5', 'page_bad'])
    farm.add('text', 1001, url=['page_text', 'page_regex'])
    farm.add('notext', 1001, url=['page_notext'])
    farm.add('noregex', 1001, url=['page_noregex'])
    farm.add('down', 1002)
    farm.add('codes', 1004, url=['page_codes'])
    farm.add('nocodes', 1004)
    farm.add('host', 1005, url=['page_host'])
    farm.add('host2', 1005, virtualhost='www.example.test')
    farm.add('nohost', 1005)
    farm.add('nonsense', 1006)
    farm.add('nobody', 1099)
    farm.start(*pages)
    for name in ('plain', 'md5', 'chunks', 'text', 'codes', 'host', 'host2'):
        farm.comes_to(name, None)
    farm.comes_to('bad', 'DIGEST')
    farm.comes_to('notext', 'CONTENT')
    farm.comes_to('noregex', 'CONTENT')
    farm.comes_to('down', 'STATUS', '503 Service Unavailable')
    farm.comes_to('nocodes', 'STATUS', '401')
    farm.comes_to('nohost', 'STATUS', '404')
    farm.comes_to('nonsense', 'PROTOCOL')
    farm.comes_to('nobody', 'REFUSED')
    code, out, _ = tool('digest', 'http://%s:1001/' % net.c.ip4,
                        preexec_fn=net.r1.enter)
    expect(code == 0 and md5.hexdigest() in out and sha.hexdigest() in out,
           'upkeepctl digest sees the same', out)


@test(nodes=NODES)
def a_hostile_server_stretches_nothing(net):
    farm = Farm(net, check='HTTP_GET', connect_timeout='0.7')
    serve(net, p1001='trickle', p1002='hole', p1003='reset', p1004='early',
          p1005='header', p1006='giant')
    page = ('url', 'whole', dict(path='/', expect='never there'))
    for i, name in enumerate(('trickle', 'hole', 'reset', 'early', 'header',
                              'giant')):
        farm.add(name, 1001 + i, url=['whole'])
    farm.start(page)
    farm.comes_to('trickle', 'TIMEOUT')
    farm.comes_to('hole', 'TIMEOUT')
    farm.comes_to('early', 'CLOSED')
    farm.comes_to('header', 'LONG')
    farm.comes_to('giant', 'PROTOCOL')
    until('reset', lambda: farm.check('reset').get('reason') in
          ('RESET', 'CLOSED'))
    late = farm.check('trickle')['latency']
    expect(0.7 <= late < 0.7 + 0.5, 'one deadline for the whole', late)


@test(nodes=NODES)
def a_server_that_speaks_first_or_answers_is_talked_to(net):
    farm = Farm(net, check='TCP_CHECK', connect_timeout='2')
    serve(net, p1001='redis', p1002='hole')
    farm.add('row', 1001, dialogue='redis')
    farm.add('own', 1001, send=r'PING\r\n', expect='+PONG')
    farm.add('hex', 1001, send_hex='50494e470d0a', expect_hex='2bXX4f4e47')
    farm.add('other', 1001, send=r'HELLO\r\n', expect='+PONG')
    farm.add('mute', 1002, send='x', expect='y')
    farm.add('open', 1002)
    farm.start()
    for name in 'row', 'own', 'hex', 'open':
        farm.comes_to(name, None)
    farm.comes_to('other', 'CONTENT')
    farm.comes_to('mute', 'TIMEOUT')


@test(nodes=NODES)
def ping_udp_script_and_file_are_checks_too(net):
    farm = Farm(net, connect_timeout='1')
    flag = net.file('flag', '0')
    script = net.file('script', '#!/bin/sh\nexit 12\n', 0o755)
    farm.add('ping', 0, check='PING_CHECK', ping_count=3, ping_need=2)
    farm.add('noping', 0, check='PING_CHECK', connect_ip='192.0.2.77')
    farm.add('udp', 1001, check='UDP_CHECK')
    farm.add('true', 0, check='MISC_CHECK', misc_path='/bin/true')
    farm.add('false', 0, check='MISC_CHECK', misc_path='/bin/false')
    farm.add('slow', 0, check='MISC_CHECK', misc_path='/bin/sleep 5',
             misc_timeout='0.3')
    farm.add('weight', 0, check='MISC_CHECK', misc_path=script,
             misc_dynamic=1)
    farm.add('file', 0, check='FILE_CHECK', track_file=flag)
    farm.start()
    for name in 'ping', 'true', 'weight', 'file':
        farm.comes_to(name, None)
    farm.comes_to('udp', 'REFUSED')
    farm.comes_to('false', 'EXIT', 'status 1')
    farm.comes_to('slow', 'SCRIPT_TIME')
    until('no answer', lambda: farm.check('noping').get('reason') in
          ('LOSS', 'UNREACHABLE'))
    expect(farm.server('weight')['weight'] == 10, 'exit 12 is weight 10',
           farm.server('weight'))
    net.file('flag', '1')
    farm.comes_to('file', 'CONTENT', '1')
    os.unlink(flag)
    farm.comes_to('file', 'FILE')


@test(nodes=NODES)
def a_verdict_takes_fall_failures_and_rise_successes(net):
    farm = Farm(net, check='TCP_CHECK')
    server = serve(net, p1001='good')
    farm.add('a', 1001, fall=4, rise=3, delay_loop='0.2',
             delay_before_retry='0.1', alpha=0)
    farm.start()
    farm.comes_to('a', None)
    expect(farm.server('a')['up'], 'up')
    server.kill()
    until('down', lambda: not farm.server('a')['up'])
    expect(farm.check('a')['failed'] >= 4, 'four failures', farm.check('a'))
    text = farm.up.text()
    expect(text.count('server=a service=farm is down') == 1, 'said once',
           text)
    passed = farm.check('a')['passed']
    serve(net, p1001='good')
    until('up', lambda: farm.server('a')['up'])
    expect(farm.check('a')['passed'] >= passed + 3, 'three successes',
           farm.check('a'))


@test(nodes=NODES)
def the_operator_drains_sets_weights_and_takes_back(net):
    farm = Farm(net, check='TCP_CHECK')
    serve(net, p1001='good')
    gone = net.file('maintenance', '')
    os.unlink(gone)
    farm.add('a', 1001, weight=5)
    farm.add('b', 1001, weight=1, maintenance_file=gone)
    up = farm.start()
    farm.comes_to('a', None)
    until('a in the table', lambda: farm.server('a')['weight'] == 5)
    up.good('server', 'a', 'drain')
    expect(farm.server('a')['in_table'] and farm.server('a')['weight'] == 0,
           'drained', farm.server('a'))
    up.good('server', 'a', 'down')
    expect(not farm.server('a')['in_table'], 'down', farm.server('a'))
    up.good('server', 'a', 'ready')
    expect(farm.server('a')['weight'] == 5, 'ready', farm.server('a'))
    up.good('server', 'a', 'weight', '7')
    expect(farm.server('a')['weight'] == 7, 'weight', farm.server('a'))
    out = up.good('probe', 'a')
    expect('connected' in out and 'passed' in out, 'steps are told', out)
    for words in (('c', 'drain'), ('a', 'drian'), ('a', 'weight'),
                  ('a', 'weight', '70000'), ('a', 'drain', '3')):
        code, _, err = up.ctl('server', *words)
        expect(code == 1 and err, 'refused with a reason', words, err)
    open(gone, 'w').close()
    until('drained by its file', lambda: farm.server('b')['weight'] == 0 and
          farm.server('b')['in_table'])
    os.unlink(gone)
    until('back', lambda: farm.server('b')['weight'] == 1)


@test(nodes=NODES)
def a_reload_keeps_what_was_known(net):
    farm = Farm(net, check='TCP_CHECK')
    serve(net, p1001='good')
    farm.add('a', 1001)
    farm.add('dead', 1099, alpha=0)
    up = farm.start()
    farm.comes_to('a', None)
    farm.comes_to('dead', 'REFUSED')
    until('down', lambda: not farm.server('dead')['up'])
    up.good('server', 'a', 'weight', '9')
    before = farm.check('a')['passed']
    farm.sections[1][2]['delay_loop'] = '30'
    farm.add('new', 1001, alpha=1)
    up.reload(*farm.all())
    expect(not farm.server('dead')['up'], 'what was down stays down')
    expect(farm.server('a')['up'] and farm.server('a')['weight'] == 9,
           'the operator is remembered', farm.server('a'))
    expect(farm.check('a')['passed'] >= before > 0, 'counters go on')
    farm.comes_to('new', None)
    out = up.reload(uci(('virtual_server', 'x', dict(
        ipaddr='198.51.100.1', port=1, real_server=['nobody'],
        lb_algo='wcl'))), good=False)
    expect('wlc' in out or 'nobody' in out, 'the nearest word', out)
    expect(farm.server('a')['up'], 'a bad one changes nothing')


@test(nodes=NODES)
def a_crash_of_the_check_child_forgets_nothing(net):
    farm = Farm(net, check='TCP_CHECK')
    serve(net, p1001='good')
    farm.add('a', 1001)
    farm.add('dead', 1099, alpha=0)
    up = farm.start(globals_(watchdog_interval='0.3'))
    farm.comes_to('a', None)
    until('down', lambda: not farm.server('dead')['up'])
    up.good('server', 'a', 'drain')
    passed = farm.check('a')['passed']
    for sig in signal.SIGKILL, signal.SIGSTOP:
        old = up.child('check')
        os.kill(old, sig)
        until('a new child', lambda: up.child('check') not in (None, old), 15)
        until('it answers', lambda: up.ctl('status', 'json')[0] == 0)
        expect(farm.server('a')['up'] and farm.server('a')['admin'] ==
               'drain', 'what was said and seen', farm.server('a'))
        expect(not farm.server('dead')['up'], 'down stays down')
        expect(farm.check('a')['passed'] >= passed, 'counters')
    until('goes on', lambda: farm.check('a')['passed'] > passed)
    expect(up.text().count('server=a service=farm is up') <= 1,
           'nothing is announced again', up.text())


@test(nodes=NODES)
def scripts_are_told_of_servers_and_quorum(net):
    farm = Farm(net, check='TCP_CHECK')
    server = serve(net, p1001='good')
    out = os.path.join(net.tmp, 'told')
    script = net.file('tell', '#!/bin/sh\necho "$1 $ACTION $TYPE $NAME '
                      '$SERVICE $ADDRESS $PORT" >>%s\n' % out, 0o755)
    farm.add('a', 1001, alpha=0, notify_up=script + ' U',
             notify_down=script + ' D')
    farm.start(quorum_up=script + ' QU', quorum_down=script + ' QD')
    farm.comes_to('a', None)

    def told():
        if not os.path.exists(out):
            return ''
        with open(out) as f:
            return f.read()
    server.kill()
    line = 'D NOTIFY_DOWN REAL_SERVER a farm %s 2000\n' % net.c.ip4
    until('down', lambda: line in told())
    until('quorum lost', lambda: 'QD NOTIFY_DOWN VIRTUAL_SERVER farm'
          in told())
    serve(net, p1001='good')
    until('up', lambda: 'U NOTIFY_UP REAL_SERVER a farm' in told())
    until('quorum', lambda: 'QU NOTIFY_UP VIRTUAL_SERVER farm' in told())


@test(nodes=NODES)
def a_service_follows_its_vrrp_instance(net):
    farm = Farm(net, check='TCP_CHECK')
    serve(net, p1001='good')
    farm.add('a', 1001)
    up = farm.start(vr('lan'), follow='lan')
    farm.comes_to('a', None)
    up.wait(MASTER)
    until('in the table', lambda: farm.service()['in_table'])
    net.r1.carrier(False)
    until('not while FAULT', lambda: not farm.service()['in_table'])
    net.r1.carrier(True)
    up.wait(MASTER)
    until('again', lambda: farm.service()['in_table'])
    os.kill(up.child('check'), signal.SIGKILL)
    until('after a crash, too', lambda: up.ctl('status', 'json')[0] == 0 and
          farm.service()['in_table'])


@test(nodes=NODES)
def no_check_runs_while_the_address_is_elsewhere(net):
    farm = Farm(net, check='TCP_CHECK')
    serve(net, p1001='good')
    farm.add('a', 1001)
    farm.start(ipaddr='198.51.100.1', ha_suspend=1)
    until('suspended', lambda: farm.check('a').get('suspended'))
    quiet('no request', lambda: requests(net, 1001), 1.5)
    net.r1.ip('addr add 198.51.100.1/32 dev lo')
    farm.comes_to('a', None)
    net.r1.ip('addr del 198.51.100.1/32 dev lo')
    until('suspended again', lambda: farm.check('a')['suspended'])


@test(nodes=NODES)
def no_two_of_many_checks_come_at_once(net):
    farm = Farm(net, check='TCP_CHECK', warmup='2', delay_loop='2',
                send='x', expect='y', connect_timeout='0.2')
    serve(net, p1001='nonsense')
    for i in range(40):
        farm.add('s%d' % i, 1001, send='x%d' % i)
    farm.start()
    until('all were tried', lambda: len(requests(net, 1001)) >= 40)
    seen = requests(net, 1001)[:40]
    gaps = [b - a for a, b in zip(seen, seen[1:])]
    expect(seen[-1] - seen[0] > 1.2, 'spread over the warm-up', seen)
    expect(sum(g < 0.01 for g in gaps) < 10, 'evenly', gaps)


@test(nodes=NODES)
def descriptors_exhausted_are_our_fault_and_pass(net):
    farm = Farm(net, check='TCP_CHECK', alpha=0)
    serve(net, p1001='good')
    farm.add('a', 1001)
    up = farm.start()
    farm.comes_to('a', None)
    pid = up.child('check')
    used = max(int(fd) for fd in os.listdir('/proc/%d/fd' % pid)) + 1
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, hard))
    for fd in range(used):          # holes would still be filled
        if not os.path.exists('/proc/%d/fd/%d' % (pid, fd)):
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (fd, hard))
            break
    until('a verdict with its reason', lambda: 'why=LOCAL' in up.text())
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    farm.comes_to('a', None)
    expect(up.child('check') == pid, 'the child lives')


@test(nodes=NODES)
def every_complaint_has_its_place_and_the_nearest_word(net):
    text = uci(
        ('virtual_server', 'v', dict(ipaddr='192.0.2.1', port=80,
                                     lb_algo='wlc', real_server=['web'])),
        ('real_server', 'web', dict(ipaddr='192.0.2.9', port=80,
                                    check='HTTP_GTE', url=['/'])))
    path = net.file('bad', text)
    code, out, err = tool('check', path)
    expect(code == 1, 'refused', out)
    expect(re.search(r'bad:\d+:\d+: error: .*HTTP_GET', out + err),
           'place and word', out, err)
    for old, new, want in (
            ("'HTTP_GTE'", "'SSL_GET'\n\toption ca '/nowhere'", '/nowhere'),
            ("'HTTP_GTE'", "'DNS_CHECK'\n\toption dns_name 'a..b'",
             'no name of the DNS'),
            ("'HTTP_GTE'", "'MISC_CHECK'", 'misc_path'),
            ("'HTTP_GTE'", "'UDP_CHECK'\n\toption payload 'abc'",
             'hexadecimal'),
            ("'wlc'", "'wlcc'", "'wlc'"),
            ("list real_server 'web'", "list real_server 'wbe'", "'web'")):
        net.file('bad', text.replace(old, new))
        code, out, err = tool('check', path)
        expect(code == 1 and want in out + err, want, out, err)
