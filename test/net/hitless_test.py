# SPDX-License-Identifier: MIT
"""A crash is hitless: what a killed or hung VRRP child leaves, and what the next
one makes of it."""

import os
import re
import signal
import time

from daemon import BACKUP, MASTER, VIP, Upkeep, globals_, vr
from net import SLACK, expect, gone, until
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


@test
def statistics_and_flight_recorder_survive_a_crash(net):
    r1, _ = pair(net, 4)
    sent = r1.stat('advert_sent')
    since = r1.instance()['data']['last_transition']
    for _ in range(3):
        again(r1, kill_vrrp(r1))
        time.sleep(0.4)
        r1.wait(MASTER)
    expect(r1.stat('advert_sent') > sent, 'advert_sent began anew')
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
