# SPDX-License-Identifier: MIT
"""upkeepctl and the control socket."""

import json
import os
import re
import signal
import socket
import time

from daemon import BACKUP, MASTER, Upkeep, globals_, tool, vr
from net import UPKEEPD, expect, quiet, until
from puppet import Puppet
from runner import test
from takeover_test import pair
from wire_test import rhythm

KEEPALIVED_DATA = '''iname vrid base_priority effective_priority adver_int
state version nopreempt preempt_delay vips evips last_transition
ifp_ifname'''.split()
KEEPALIVED_STATS = '''advert_rcvd advert_sent become_master release_master
packet_len_err advert_interval_err ip_ttl_err invalid_type_rcvd addr_list_err
invalid_authtype authtype_mismatch auth_failure pri_zero_rcvd
pri_zero_sent'''.split()


@test
def the_overview_fits_80_columns_and_tells(net):
    r1, r2 = pair(net, 4)
    for up, state in (r1, 'MASTER'), (r2, 'BACKUP'):
        out = up.good()
        wide = [w for w in out.splitlines() if len(w) > 80]
        expect(not wide, 'too wide', wide)
        for word in 'lan', 'eth0', '51', state, '192.0.2.100':
            expect(word in out, 'no ' + word, out)
    expect(net.r1.ip4 in r2.good(), 'peer heard', r2.good())


@test
def status_json_has_keepalived_s_names(net):
    r1, _ = pair(net, 4)
    row = r1.instance()
    missing = [k for k in KEEPALIVED_DATA if k not in row['data']] + \
        [k for k in KEEPALIVED_STATS if k not in row['stats']]
    expect(not missing, 'missing', missing)
    d = row['data']
    expect(d['vrid'] == 51 and d['state'] == MASTER and d['base_priority'] ==
           150 and d['ifp_ifname'] == 'eth0', 'values', d)


@test
def status_text_and_one_object_can_be_asked(net):
    r1, _ = pair(net, 4)
    out = r1.good('status')
    expect('lan' in out and 'MASTER' in out or 'state' in out, 'text', out)


@test
def metrics_are_prometheus_text(net):
    r1, _ = pair(net, 4)
    out = r1.good('metrics')
    sample = re.compile(r'^[a-z_:][a-zA-Z0-9_:]*(\{([a-z_]+="([^"\\\n]|\\.)*"'
                        r',?)*\})? -?[0-9.e+-]+$')
    helped = set()
    names = set()
    for line in out.splitlines():
        if line.startswith('# TYPE '):
            expect(line.split()[2] not in helped, 'twice', line)
            helped.add(line.split()[2])
        elif line and not line.startswith('#'):
            expect(sample.match(line), 'not a sample', line)
            name = re.split(r'[{ ]', line)[0]
            names.add(name)
            expect(name.startswith('upkeep_'), 'prefix', line)
    base = {re.sub('_(bucket|sum|count)$', '', n) for n in names}
    expect(base <= helped | names and base & helped, 'no TYPE for',
           base - helped)
    expect('instance="lan"' in out, 'no instance label')
    lines = [w for w in out.splitlines() if w and w[0] != '#']
    keys = [w.rsplit(' ', 1)[0] for w in lines]
    expect(len(keys) == len(set(keys)), 'a sample twice')


@test
def monitor_tells_each_transition(net):
    r1 = Upkeep(net.r1, vr(priority=100)).wait(MASTER)
    m = net.r1.popen('monitor.txt', ['upkeepctl', '-R', r1.dir, 'monitor'],
                     executable=UPKEEPD)
    j = net.r1.popen('monitor.json', ['upkeepctl', '-R', r1.dir, 'monitor',
                                      'json'],
                     executable=UPKEEPD)
    time.sleep(0.3)
    p = Puppet(net.c, prio=200)
    p.speak(0.1)
    r1.wait(BACKUP)

    def read(name):
        with open(net.logs + '/' + name) as f:
            return f.read()
    until('text event', lambda: 'BACKUP' in read('monitor.txt') and
          'lan' in read('monitor.txt'))
    line = until('JSON event', lambda: [w for w in read(
        'monitor.json').splitlines() if 'BACKUP' in w])[0]
    json.loads(line)
    p.hush()
    r1.wait(MASTER)
    until('MASTER', lambda: 'MASTER' in read('monitor.json'))
    m.terminate()
    j.terminate()


@test
def monitor_loses_no_transition_around_a_crash(net):
    r1 = Upkeep(net.r1, vr(priority=150)).wait(MASTER)
    m = net.r1.popen('monitor.txt', ['upkeepctl', '-R', r1.dir, 'monitor'],
                     executable=UPKEEPD)

    def text():
        with open(os.path.join(net.logs, 'monitor.txt')) as f:
            return f.read()
    time.sleep(0.3)
    for n in range(1, 4):
        os.kill(r1.child('vrrp'), signal.SIGKILL)
        until('its taking up', lambda: text().count('and still is') == n)
        r1.wait(MASTER)
        time.sleep(0.4)         # an early death is backed off from
    stamps = [w.split()[0] for w in text().splitlines()]
    expect(all(re.match(r'.*:\d\d\.\d{3}Z$', w) for w in stamps), 'stamps', stamps)
    m.terminate()


@test
def the_overview_tells_of_delay_and_of_what_is_disabled(net):
    r1 = Upkeep(net.r1, globals_(vrrp_startup_delay='30'), vr())
    out = r1.good()
    expect(re.search(r'start-up delay: (29|30)s to go', out), 'delay', out)
    r1.reload(globals_(enabled='0'), vr())
    out = r1.good()
    expect('disabled by option enabled' in out, 'disabled', out)


@test
def removed_control_socket_is_told_and_made_again_by_a_reload(net):
    r1 = Upkeep(net.r1, vr(priority=150)).wait(MASTER)
    r2 = Upkeep(net.r2, vr()).wait(BACKUP)
    for name in 'vrrp.sock', 'check.sock':
        os.unlink(os.path.join(r1.dir, name))
    code, out, err = r1.ctl('status')
    expect(code == 1 and 'kill -HUP %d' % r1.p.pid in err, 'advice', err)
    os.kill(r1.p.pid, signal.SIGHUP)
    r1.wait(MASTER)
    time.sleep(0.5)
    expect(r2.stat('become_master') == 0, 'the peer took over')


@test
def why_tells_cause_and_time(net):
    r1 = Upkeep(net.r1, vr(priority=100)).wait(MASTER)
    p = Puppet(net.c, prio=200)
    p.speak(0.1)
    r1.wait(BACKUP)
    out = r1.good('why', 'lan')
    for word in 'BACKUP', 'MASTER', net.c.ip4, '200':
        expect(word in out, 'no ' + word, out)
    expect(not [w for w in out.splitlines() if len(w) > 80], 'width', out)


@test(4, 6)
def switchover_moves_the_master_both_ways(net, fam):
    cap = net.capture()
    r1, r2 = pair(net, fam)
    t = time.time()
    r1.good('switchover', 'lan')
    r2.wait(MASTER)
    r1.wait(BACKUP)
    expect(cap.adverts(net.r1, t, prio=0), 'no priority 0')
    quiet('it came back by itself', lambda: r1.state() == MASTER, 1.5, 0.1)
    r1.good('switchover', 'lan')
    r1.wait(MASTER)
    r2.wait(BACKUP)


@test
def unknown_words_are_answered_with_help(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    for words, near in ((['statsu'], 'status'), (['switchover', 'laan'],
                                                'lan')):
        code, out, err = up.ctl(*words)
        expect(code != 0 and near in out + err, ' '.join(words), out, err)
    for words in ['?'], ['status', '?'], ['switchover', '?'], ['help']:
        code, out, err = up.ctl(*words)
        expect(code == 0 and out, ' '.join(words), code, out, err)
    expect('lan' in up.good('switchover', '?'), 'no instance offered',
           up.good('switchover', '?'))
    code, out, err = up.ctl('switchover')
    expect(code != 0, 'switchover of nothing')


@test
def what_is_missing_is_wrong_usage_and_a_full_disk_is_a_failure(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    for verb in 'why', 'switchover', 'announce', 'server', 'probe', 'check':
        code, out, err = up.ctl(verb)
        expect(code == 2 and verb + ' needs ' in err and not out, verb, code,
               err)
    for argv in (['status'], ['status', 'json'], ['metrics'], ['memory'], [],
                 ['version'], ['keys'], ['help'], ['check', up.file]):
        with open('/dev/full', 'w') as full:
            p = net.r1.popen('full', ['upkeepctl', '-R', up.dir] + argv,
                             executable=UPKEEPD, stdout=full)
            expect(p.wait(10) == 1, argv, p.returncode)


@test
def memory_tells_every_pool(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    out = up.good('memory')
    expect('CONFIG_VRRP_INSTANCES' in out or 'instance' in out.lower() or
           'router' in out.lower(), 'memory', out)
    expect(not [w for w in out.splitlines() if len(w) > 80], 'width', out)


def sock(up, name='vrrp'):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5)
    s.connect('%s/%s.sock' % (up.dir, name))
    return s


@test
def garbage_on_the_control_socket_harms_nobody(net):
    cap = net.capture()
    up = Upkeep(net.r1, vr()).wait(MASTER)
    t0 = time.time()
    for junk in (b'\0' * 1000, b'\xff' * 70000, b'status', b'\n', b'\n' * 500,
                 b'status json extra words here\n', b'a' * 5000 + b'\n',
                 os.urandom(10000), b'announce \xff\xfe\n', b'why ' +
                 b'x' * 300 + b'\n'):
        for name in 'vrrp', 'check':
            s = sock(up, name)
            try:
                s.sendall(junk)
                s.shutdown(socket.SHUT_WR)
                while s.recv(4096):
                    pass
            except OSError:
                pass
            s.close()
    until('it still answers', lambda: up.ctl('status', 'json')[0] == 0)
    until('time', lambda: time.time() > t0 + 1)
    rhythm(cap.adverts(net.r1), t0, time.time() - 0.1, 0.1)
    expect(up.stat('become_master') == 1, 'transitions')


@test
def clients_that_never_read_delay_nobody(net):
    cap = net.capture()
    up = Upkeep(net.r1, vr()).wait(MASTER)
    t0 = time.time()
    held = []
    for n in range(40):
        try:
            s = sock(up)
            s.sendall(b'monitor\n' if n % 2 else b'status json\n' * 1)
            held.append(s)
        except OSError:
            break
    until('time', lambda: time.time() > t0 + 1.5)
    rhythm(cap.adverts(net.r1), t0, time.time() - 0.1, 0.1)
    for s in held:
        s.close()
    until('served again', lambda: up.ctl('status', 'json')[0] == 0)


@test
def a_monitor_that_one_child_refuses_says_so_and_follows_the_other(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    held = [sock(up) for _ in range(4)]
    for s in held:
        s.sendall(b'monitor\n')
        expect(s.recv(2) == b'0\n', 'held')
    net.r1.popen('monitor.txt', ['upkeepctl', '-R', up.dir, 'monitor'],
                 executable=UPKEEPD)

    def text():
        with open(net.logs + '/monitor.txt') as f:
            return f.read()
    until('said', lambda: 'busy' in text())
    for s in held:
        s.close()
    until('followed', lambda: up.status()['processes'][0]['control'][
        'monitors'] == 1)
    up.good('switchover', 'lan')
    until('an event', lambda: 'transition instance=lan' in text())
    expect(text().count('busy') == 1, 'once', text())


@test
def a_client_that_says_nothing_does_not_hold_a_slot_for_ever(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    held = [sock(up) for _ in range(4)]
    until('served meanwhile or after a time', lambda: up.ctl(
        'status', 'json')[0] == 0, 30, 0.5)
    for s in held:
        s.close()


@test
def the_control_sockets_are_for_root_only(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    for name in 'vrrp.sock', 'check.sock', 'vrrp.dog', 'check.dog':
        mode = os.stat('%s/%s' % (up.dir, name)).st_mode & 0o777
        expect(not mode & 0o007, name, oct(mode))


@test
def keys_json_is_json_and_knows_the_options(net):
    code, out, err = tool('keys', 'json')
    expect(code == 0, 'code', err)
    rows = {(s['section'], r['name']): r for s in json.loads(out)
            for r in s['options']}
    for word in 'virtual_router_id', 'advert_int', 'track_interface':
        expect(('vrrp_instance', word) in rows, 'no ' + word)
    # What a form needs to know of a field.
    expect(rows['globals', 'vrrp_mcast_group6']['family'] == 'IPv6', 'family')
    secret = {name for _, name in rows if rows[_, name].get('secret')}
    expect(secret == {'auth_pass', 'smtp_password', 'key'}, 'secret', secret)
