# SPDX-License-Identifier: MIT
"""`upkeepctl restart`: another binary takes over as hitlessly as after a crash, or
nothing changes and the answer says why."""

import os
import re
import shutil
import time

from daemon import BACKUP, MASTER, VIP, VIPS, Upkeep, globals_, vr
from hitless_test import address_monitor
from net import SLACK, UPKEEPD, expect, until
from runner import test


def copy(net, name='upkeepd'):
    """A binary that a test may replace."""
    path = os.path.join(net.tmp, name)
    shutil.copy(UPKEEPD, path)
    os.chmod(path, 0o755)
    return path


def replace(path, data, mode=0o755):
    """As a package manager does: another file under the same name."""
    with open(path + '.new', 'wb') as f:
        f.write(data)
    os.chmod(path + '.new', mode)
    os.rename(path + '.new', path)


def pair(net, fam=4, **options):
    r1 = Upkeep(net.r1, vr(fam=fam, priority=150, **options),
                binary=copy(net)).wait(MASTER)
    r2 = Upkeep(net.r2, vr(fam=fam, **options)).wait(BACKUP)
    until('r2 hears r1', lambda: r2.stat('advert_rcvd') > 2)
    return r1, r2


@test(4, 6)
def restart_of_the_master_moves_nothing(net, fam):
    cap = net.capture()
    r1, r2 = pair(net, fam)
    deleted = address_monitor(net, net.r1)
    parent, child, sent = r1.p.pid, r1.child('vrrp'), r1.stat('advert_sent')
    t0 = time.time()
    for i in range(5):
        # A new file, as after an upgrade: the old one is unlinked but runs.
        with open(UPKEEPD, 'rb') as f:
            replace(r1.binary, f.read())
        out = r1.good('restart')
        expect('restarted %d time' % (i + 1) in out, 'answer', out)
        time.sleep(0.4)
    t1 = time.time()
    expect(r1.p.poll() is None and r1.p.pid == parent, 'the pid changed')
    with open(r1.dir + '/pid') as f:
        expect(int(f.read()) == parent, 'the pid file changed')
    expect(r1.child('vrrp') != child, 'the child is the old one')
    exe = os.readlink('/proc/%d/exe' % parent)
    expect(exe == r1.binary, 'the old binary runs on', exe)
    expect(r1.state() == MASTER, 'r1 is no MASTER')
    expect(r1.stat('become_master') == 1, 'it counts itself anew')
    expect(r1.stat('advert_sent') > sent, 'statistics began anew')
    expect(r2.stat('become_master') == 0, 'the peer took over')
    lost = deleted()
    expect(not [d for d in lost if VIP[fam] in d], 'the address left', lost)
    times = [a.t for a in cap.adverts(net.r1) if t0 <= a.t <= t1]
    gaps = [b - a for a, b in zip(times, times[1:])]
    expect(max(gaps) <= 0.15 + SLACK / 2, 'a gap of %.3f s' % max(gaps))
    code = r1.stop()
    expect(code == 0 and not os.path.exists(r1.dir + '/pid'), 'its end', code)


@test
def two_restarts_at_once_are_both_answered(net):
    r1, r2 = pair(net)
    for _ in range(3):
        asked = [net.r1.popen('ctl.log', ['upkeepctl', '-R', r1.dir, 'restart'],
                              executable=UPKEEPD) for _ in range(2)]
        codes = [p.wait(30) for p in asked]
        expect(codes == [0, 0], 'codes', codes)
    r1.wait(MASTER)
    expect(r2.stat('become_master') == 0, 'the peer took over')


@test
def restart_of_a_backup_leaves_it_one(net):
    r1, r2 = pair(net)
    r2.good('restart')
    time.sleep(0.5)
    expect(r1.state() == MASTER and r2.state() == BACKUP, 'states')
    expect(r2.stat('become_master') == 0, 'it took over')


@test
def binary_that_can_not_take_over_changes_nothing(net):
    r1, r2 = pair(net)
    parent, child = r1.p.pid, r1.child('vrrp')

    def refused(why):
        code, out, err = r1.ctl('restart')
        expect(code == 1 and 'nothing has changed' in err and why in err,
               'answer to ' + why, code, out, err)
        expect(r1.p.poll() is None and r1.child('vrrp') == child,
               'something was ended')

    with open(UPKEEPD, 'rb') as f:
        good = f.read()
    replace(r1.binary, good, 0o644)
    refused('not executable')
    os.unlink(r1.binary)
    refused('No such file')
    replace(r1.binary, good[:len(good) // 2])
    refused('')
    replace(r1.binary, b'#!/bin/sh\nexit 0\n')
    refused('')
    shutil.copy('/bin/true', r1.binary + '.true')
    os.rename(r1.binary + '.true', r1.binary)
    refused('no word that it can take over')
    replace(r1.binary, good)
    text = open(r1.file).read()
    r1.write(text + "\toption no_such_option '1'\n")
    refused('no_such_option')
    time.sleep(0.3)
    expect(r1.state() == MASTER and r2.stat('become_master') == 0, 'states')
    r1.write(text)
    r1.good('restart')
    expect(r1.p.pid == parent and r1.child('vrrp') != child, 'not restarted')
    r1.wait(MASTER)
    expect(r2.stat('become_master') == 0, 'the peer took over')


@test
def restart_reads_the_configuration_and_a_reload_still_works(net):
    r1, _ = pair(net)
    r1.write(vr(priority=160))
    r1.good('restart')
    expect(r1.instance()['data']['effective_priority'] == 160, 'priority')
    r1.reload(vr(priority=170))
    expect(r1.instance()['data']['effective_priority'] == 170, 'priority')
    expect('restarts=1' in r1.text(), 'log', r1.tail())


@test(4, 6)
def what_the_configuration_lost_before_a_restart_is_taken_away(net, fam):
    more = ['192.0.2.120/24'] if fam == 4 else ['2001:db8::120/64']
    second = ['198.51.100.7/24'] if fam == 4 else ['fe80::77/64', '2001:db8:7::7/64']
    r1 = Upkeep(net.r1, vr(fam=fam, virtual_ipaddress=VIPS[fam] + more),
                vr('b', fam=fam, virtual_router_id=60, virtual_ipaddress=second),
                binary=copy(net)).wait(MASTER).wait(MASTER, 'b')
    lost = [more[0].split('/')[0], second[-1].split('/')[0]]
    until('all addresses', lambda: all(map(net.r1.has, lost)))
    r1.write(vr(fam=fam))
    r1.good('restart')
    r1.wait(MASTER)
    until('they leave', lambda: not any(map(net.r1.has, lost)))
    expect(net.r1.has(VIP[fam]), 'what stayed is gone')


@test
def no_script_runs_for_a_restart_and_one_that_runs_goes_on(net):
    out = net.tmp + '/ran'
    script = net.file('on.sh', '#!/bin/sh\necho "$3" >>%s\nsleep 1.5\n'
                      'echo "end $3" >>%s\n' % (out, out), 0o755)
    r1 = Upkeep(net.r1, vr(notify=script)).wait(MASTER)
    until('the script of the start', lambda: os.path.exists(out))
    r1.good('restart')
    time.sleep(4)
    expect(open(out).read().split('\n') == ['BACKUP', 'end BACKUP', 'MASTER', 'end MASTER', ''],
           'scripts', open(out).read())


@test
def stopped_parent_is_told_of_soon(net):
    r1 = Upkeep(net.r1, vr()).wait(MASTER)
    os.kill(r1.p.pid, 19)
    try:
        for verb in 'reload', 'restart':
            t0 = time.time()
            code, out, err = r1.ctl(verb)
            expect(code == 1 and 'is it stopped?' in err, verb, code, out, err)
            expect(time.time() - t0 < 4 + SLACK, 'it took long')
    finally:
        os.kill(r1.p.pid, 18)
