# SPDX-License-Identifier: MIT
"""A crash is hitless: what a killed or hung VRRP child leaves, and what the next
one makes of it."""

import os
import re
import signal
import time

from daemon import BACKUP, MASTER, VIP, Upkeep, globals_, vr
from net import SLACK, expect, gone, until
from puppet import Puppet
from runner import test
from takeover_test import pair

QUICK = globals_(watchdog_interval='0.2')


def address_monitor(net, node):
    """Returns a function that tells which addresses were deleted meanwhile."""
    p = node.popen('monitor.log', ['ip', '-o', 'monitor', 'address'])
    time.sleep(0.1)

    def stop():
        p.terminate()
        p.wait()
        with open(net.logs + '/monitor.log') as f:
            return [line for line in f if line.startswith('Deleted')]
    return stop


def kill_vrrp(up, sig=signal.SIGKILL):
    old = up.child('vrrp')
    os.kill(old, sig)
    return old


def again(up, old):
    until('a new child', lambda: up.child('vrrp') not in (None, old), 10, 0.005)


@test(4, 6)
def a_child_killed_again_and_again_stays_master(net, fam):
    cap = net.capture()
    r1, r2 = pair(net, fam)
    deleted = address_monitor(net, net.r1)
    t0 = time.time()
    for _ in range(10):
        again(r1, kill_vrrp(r1))
        time.sleep(0.45)
    t1 = time.time()
    expect(r1.state() == MASTER, 'r1 is no MASTER')
    expect(r2.stat('become_master') == 0, 'the peer took over')
    lost = deleted()
    expect(not [d for d in lost if VIP[fam] in d], 'the address left', lost)
    times = [a.t for a in cap.adverts(net.r1) if t0 <= a.t <= t1]
    gaps = [b - a for a, b in zip(times, times[1:])]
    expect(max(gaps) <= 0.15 + SLACK / 2, 'a gap of %.3f s' % max(gaps))


def killed_at(net, advert_s, times, pause_s, worst_s):
    """The MASTER's child is killed so many times; nothing moves, and the worst gap between
    its adverts is at most that."""
    cap = net.capture()
    r1, r2 = pair(net, 4, advert_int=str(advert_s))
    deleted = address_monitor(net, net.r1)
    t0 = time.time()
    for _ in range(times):
        old = kill_vrrp(r1)
        again(r1, old)
        time.sleep(pause_s)
    time.sleep(2 * advert_s)
    t1 = time.time()
    expect(r1.state() == MASTER and r2.stat('become_master') == 0, 'the peer took over',
           r1.tail())
    lost = deleted()
    expect(not [d for d in lost if VIP[4] in d], 'the address left', lost)
    times = [a.t for a in cap.adverts(net.r1) if t0 <= a.t <= t1]
    gaps = [b - a for a, b in zip(times, times[1:])]
    expect(max(gaps) <= worst_s, 'a gap of %.4f s' % max(gaps))


@test
def killed_at_adverts_of_a_second(net):
    killed_at(net, 1, 6, 0.7, 1.5)


@test
def killed_at_adverts_of_ten_milliseconds(net):
    """The better ones of many kills: a loaded machine sleeps over a whole advert now and
    then."""
    cap = net.capture()
    r1, _ = pair(net, 4, advert_int='0.01')
    gaps = []
    for _ in range(15):
        t0 = time.time()
        again(r1, kill_vrrp(r1))
        time.sleep(0.25)
        times = [a.t for a in cap.adverts(net.r1, t0 - 0.02)]
        gaps.append(max(b - a for a, b in zip(times, times[1:]) if a < t0 + 0.02))
    gaps.sort()
    expect(gaps[len(gaps) // 3] <= 0.015, 'gaps', gaps)


@test
def a_short_back_off_moves_nothing(net):
    r1, r2 = pair(net, 4, advert_int=1)
    deleted = address_monitor(net, net.r1)

    def killed_into_back_off():
        pid = r1.child('vrrp')
        if pid:
            os.kill(pid, signal.SIGKILL)
        return 'restart_ms=500' in r1.text()
    until('back-off', killed_into_back_off, 15, 0.002)
    r1.wait(MASTER)
    time.sleep(3)
    expect(r1.state() == MASTER and r2.stat('become_master') == 0, 'the peer took over')
    lost = deleted()
    expect(not [d for d in lost if VIP[4] in d], 'the address left', lost)


@test
def killed_at_once_a_few_times_it_is_not_taken_for_a_crash_loop(net):
    killed_at(net, 0.1, 4, 0, 0.15 + SLACK / 2)


@test
def killed_ten_times_a_second_it_goes_on(net):
    killed_at(net, 0.1, 20, 0.12, 0.15 + SLACK / 2)


@test
def a_stopped_child_is_replaced_within_two_hello_intervals(net):
    r1 = Upkeep(net.r1, globals_(watchdog_interval=1), vr()).wait(MASTER)
    for name in 'vrrp', 'check':
        time.sleep(1.2)
        old = r1.child(name)
        os.kill(old, signal.SIGSTOP)
        t = time.time()
        until(name + ' is replaced', lambda: r1.child(name) not in (None, old))
        took = time.time() - t
        expect(took <= 2 + SLACK / 2, '%s took %.3f s' % (name, took))


@test
def switches_of_an_interface_are_restored_after_a_crash(net):
    path = '/proc/sys/net/ipv4/conf/eth0/'

    def switches():
        return [net.r1.run('cat', path + k).strip()
                for k in ('promote_secondaries', 'accept_local')]
    for k in 'promote_secondaries', 'accept_local':
        net.r1.sysctl('ipv4/conf/eth0/' + k, 0)
    r1 = Upkeep(net.r1, vr()).wait(MASTER)
    expect(switches() == ['1', '1'], 'not set', switches())
    again(r1, kill_vrrp(r1))
    r1.wait(MASTER)
    r1.stop()
    expect(switches() == ['0', '0'], 'left behind', switches())


def damage(up, name, what, skip, n):
    """Overwrites `n` octets `skip` behind the first `what` in the checkpoints of `up`, whose
    child `name` is then killed."""
    pid, old = up.p.pid, up.child(name)
    os.kill(old, signal.SIGSTOP)
    with open('/proc/%d/maps' % pid) as f:
        areas = [[int(x, 16) for x in line.split()[0].split('-')] for line in f
                 if 'rw-s' in line and 'memfd:upkeep checkpoint' in line]
    with open('/proc/%d/mem' % pid, 'r+b', buffering=0) as f:
        for start, end in areas:
            f.seek(start)
            at = f.read(end - start).find(what)
            if at >= 0:
                f.seek(start + at + skip)
                f.write(b'\x5a' * n)
    os.kill(old, signal.SIGKILL)
    until('a new child', lambda: up.child(name) not in (None, old))


@test
def one_damaged_record_of_the_checkpoint_is_said(net):
    r1 = Upkeep(net.r1, vr(), (
        'virtual_server', 'web', dict(ipaddr='192.0.2.100', port=80, real_server=['www9'])), (
        'real_server', 'www9', dict(ipaddr='192.0.2.3', port=80, check='TCP_CHECK')))
    r1.wait(MASTER)
    r1.good('server', 'www9', 'drain')
    damage(r1, 'vrrp', b'eth0', 30, 1500)       # both copies of the state
    r1.wait(MASTER)
    expect('vr=lan what an earlier life kept is damaged and dropped' in r1.text(), 'not said',
           r1.tail())
    damage(r1, 'check', b'www9', 3, 1)
    until('it is said', lambda: 'records=1 that an earlier life kept are damaged' in r1.text())
    expect(r1.stat('become_master') == 1, 'state')


@test
def statistics_and_flight_recorder_survive_a_crash(net):
    r1, _ = pair(net, 4)
    sent = r1.stat('advert_sent')
    until('announcements', lambda: r1.stat('announced') >= 5)
    announced = r1.stat('announced')
    Puppet(net.c, vrid=99).send()
    until('a stray', lambda: r1.status()['strays'])
    since = r1.instance()['data']['last_transition']
    for _ in range(3):
        again(r1, kill_vrrp(r1))
        time.sleep(0.4)
        r1.wait(MASTER)
    expect(r1.stat('advert_sent') > sent, 'advert_sent began anew')
    expect(r1.stat('announced') >= announced, 'announced began anew')
    expect(r1.status()['strays'], 'strays began anew')
    expect(r1.stat('become_master') == 1, 'it counts itself twice')
    expect(r1.instance()['data']['last_transition'] == since,
           'the transition is another one')
    why = r1.good('why', 'lan')
    expect('BACKUP MASTER' in re.sub(' +', ' ', why), 'why forgot', why)


@test
def no_script_runs_for_what_did_not_change(net):
    out = net.tmp + '/ran'
    script = net.file('on.sh', '#!/bin/sh\necho "$3" >>%s\n' % out, 0o755)
    r1 = Upkeep(net.r1, vr(notify=script)).wait(MASTER)
    until('scripts of the start', lambda: os.path.exists(out) and
          open(out).read().split() == ['BACKUP', 'MASTER'])
    again(r1, kill_vrrp(r1))
    time.sleep(0.5)
    expect(open(out).read().split() == ['BACKUP', 'MASTER'], 'a script ran',
           open(out).read())


@test(4, 6)
def a_child_that_hung_too_long_starts_as_backup_without_addresses(net, fam):
    r1 = Upkeep(net.r1, QUICK, vr(fam=fam, priority=150, preempt=0))
    r1.wait(MASTER)
    r2 = Upkeep(net.r2, vr(fam=fam)).wait(BACKUP)
    until('r2 hears r1', lambda: r2.stat('advert_rcvd') > 2)
    old = kill_vrrp(r1, signal.SIGSTOP)
    r2.wait(MASTER)
    until('the hung child was ended', lambda: gone(old))
    again(r1, old)
    until('r1 holds no address', lambda: not net.r1.has(VIP[fam]))
    r1.wait(BACKUP)
    time.sleep(0.6)
    expect(r1.state() == BACKUP and r2.state() == MASTER, 'states')


@test
def a_backup_that_was_told_to_give_way_still_does_after_a_crash(net):
    r1, r2 = pair(net, 4)
    r1.good('switchover', 'lan')
    r2.wait(MASTER)
    again(r1, kill_vrrp(r1))
    time.sleep(1.0)
    expect(r1.state() == BACKUP and r2.state() == MASTER, 'it preempted')


@test
def a_corrupted_checkpoint_is_dropped_and_said_so(net):
    r1 = Upkeep(net.r1, vr()).wait(MASTER)
    pid = r1.p.pid
    with open('/proc/%d/maps' % pid) as f:
        shared = [line.split()[0] for line in f
                  if 'rw-s' in line and 'memfd:upkeep checkpoint' in line]
    expect(len(shared) == 2, 'one shared mapping a child', shared)
    old = r1.child('vrrp')
    os.kill(old, signal.SIGSTOP)
    with open('/proc/%d/mem' % pid, 'r+b', buffering=0) as f:
        for area in shared:
            start, end = (int(x, 16) for x in area.split('-'))
            f.seek(start)
            f.write(b'\x5a' * (end - start))
    os.kill(old, signal.SIGKILL)
    again(r1, old)
    r1.wait(MASTER)
    expect('does not fit and is dropped' in r1.text(), 'not said', r1.tail())
    expect(r1.stat('become_master') == 1, 'something was taken up')


@test
def a_child_that_crashes_at_once_backs_off_and_holds_no_address(net):
    r1 = Upkeep(net.r1, vr()).wait(MASTER)

    def killed_into_back_off():
        pid = r1.child('vrrp')
        if pid:
            os.kill(pid, signal.SIGKILL)
        return re.search(r'restart_ms=[1-9]\d{3}', r1.text())
    until('back-off of a second', killed_into_back_off, 15, 0.005)
    until('the address is withdrawn', lambda: not net.r1.has(VIP[4]), 1.0)
    r1.wait(MASTER, timeout=15)
