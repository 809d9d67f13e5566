# SPDX-License-Identifier: MIT
"""Who is MASTER, and when: RFC 9568 6.4, RFC 3768 6.4."""

import os
import re
import signal
import time

from daemon import (BACKUP, FIRST, MASTER, VIP, VIPS, Upkeep, globals_,
                    vr)
from net import SLACK, down_s, expect, quiet, skew_s, until
from puppet import Puppet
from runner import test


def pair(net, fam, a=150, b=100, **options):
    """r1 is MASTER of priority `a`, r2 BACKUP of `b` and hears r1."""
    r1 = Upkeep(net.r1, vr(fam=fam, priority=a, **options)).wait(MASTER)
    r2 = Upkeep(net.r2, vr(fam=fam, priority=b, **options)).wait(BACKUP)
    until('r2 hears r1', lambda: r2.stat('advert_rcvd') > 2)
    return r1, r2


def pinger(net, addr, every='0.05'):
    """Pings from the client; returns a function that stops and gives the gaps
    between answers in seconds."""
    p = net.c.popen('ping.log', ['ping', '-n', '-D', '-i', every, addr])

    def stop():
        p.send_signal(2)
        p.wait()
        with open(net.logs + '/ping.log') as f:
            text = f.read()
        times = [float(m) for m in re.findall(
            r'^\[([\d.]+)\] \d+ bytes from', text, re.M)]
        expect(len(times) > 2, 'the client never had an answer', text[-300:])
        return [b - a for a, b in zip(times, times[1:])]
    return stop


def in_rule(what, took, rule, slack=SLACK):
    expect(rule - 0.002 <= took <= rule + slack,
           '%s: took %.4f s, rule %.4f s' % (what, took, rule))


@test(4, 6)
def backup_takes_over_after_the_down_interval_when_master_is_killed(net, fam):
    cap = net.capture()
    r1, _ = pair(net, fam, advert_int='0.2')
    r1.kill()
    last = cap.adverts(net.r1)[-1].t
    first = cap.first(net.r2, last)
    in_rule('takeover', first.t - last, down_s(100, 0.2))
    until('addresses on r2', lambda: {v.split('/')[0] for v in VIPS[fam]} <=
          net.r2.addrs())
    said = until('an announcement', lambda: cap.garps(net.r2, VIP[fam]))
    expect(said[0].t >= first.t, 'announced before the first advert')


@test(4, 6)
def ping_to_the_virtual_address_survives_a_kill(net, fam):
    r1, r2 = pair(net, fam)
    stop = pinger(net, VIP[fam])
    time.sleep(0.5)
    net.r1.carrier(False)
    r1.kill()
    r2.wait(MASTER)
    time.sleep(0.5)
    worst = max(stop())
    expect(worst < down_s(100, 0.1) + 0.1 + 2 * SLACK,
           'pings failed for %.3f s' % worst)


@test(4, 6)
def sigterm_sends_priority_0_before_the_addresses_go(net, fam):
    cap = net.capture()
    r1, r2 = pair(net, fam, advert_int='0.5')
    went = net.r1.popen('went.log', ['ip', '-ts', 'monitor', 'address'])
    time.sleep(0.2)
    code = r1.stop()
    expect(code == 0, 'exit code', code)
    zero = cap.first(net.r1, prio=0)
    expect(zero.addrs[0] == FIRST[fam] and zero.count and zero.interval == 50,
           'priority 0 advert is incomplete', zero)
    expect(not net.r1.has(VIP[fam]), 'address still there')
    in_rule('takeover', cap.first(net.r2, zero.t).t - zero.t,
            skew_s(100, 0.5))
    expect(not cap.adverts(net.r1, zero.t + 1e-6), 'adverts after priority 0')
    r2.wait(MASTER)
    went.terminate()
    with open(net.logs + '/went.log') as f:
        lines = [w for w in f.read().splitlines() if 'Deleted' in w and
                 VIP[fam] in w]
    expect(lines, 'nobody saw the address go')
    h, m, s = re.search(r'T(\d+):(\d+):([\d.]+)', lines[0]).groups()
    at = time.localtime(zero.t)
    when = at.tm_sec + zero.t % 1 + 60 * at.tm_min
    expect((float(s) + 60 * int(m) - when) % 3600 < 1800,
           'the address went before priority 0', lines[0], zero.t)


@test(4, 6)
def a_better_router_preempts_within_a_down_interval(net, fam):
    cap = net.capture()
    Upkeep(net.r2, vr(fam=fam, priority=100)).wait(MASTER)
    t0 = time.time()
    r1 = Upkeep(net.r1, vr(fam=fam, priority=150))
    first = cap.first(net.r1, t0)
    expect(first.t - t0 >= down_s(150, 0.1), 'spoke without listening')
    r1.wait(MASTER)
    until('r2 is silent', lambda: not cap.adverts(net.r2, time.time() - 0.3))
    expect(len(cap.adverts(net.r2, first.t)) <= 1, 'r2 went on',
           len(cap.adverts(net.r2, first.t)))
    until('r2 gave its address up', lambda: not net.r2.has(VIP[fam]))


@test(4, 6)
def nopreempt_leaves_a_worse_master_alone_until_it_is_silent(net, fam):
    cap = net.capture()
    r2 = Upkeep(net.r2, vr(fam=fam, priority=100)).wait(MASTER)
    r1 = Upkeep(net.r1, vr(fam=fam, priority=150, nopreempt=1)).wait(BACKUP)
    quiet('r1 preempted', lambda: cap.adverts(net.r1), 4 * down_s(150, 0.1))
    r2.kill()
    last = cap.adverts(net.r2)[-1].t
    in_rule('takeover', cap.first(net.r1, last).t - last, down_s(150, 0.1))
    r1.wait(MASTER)


@test
def nopreempt_0_is_off(net):
    Upkeep(net.r2, vr(priority=100)).wait(MASTER)
    Upkeep(net.r1, vr(priority=150, nopreempt='0')).wait(MASTER)


@test
def preempt_delay_holds_a_better_router_back(net):
    cap = net.capture()
    Upkeep(net.r2, vr(priority=100)).wait(MASTER)
    t0 = time.time()
    r1 = Upkeep(net.r1, vr(priority=150, preempt_delay=2))
    took = cap.first(net.r1, t0, timeout=15).t - t0
    expect(2 <= took <= 2 + down_s(150, 0.1) + 0.2 + 1 + SLACK,
           'preempted after %.3f s' % took)
    r1.wait(MASTER)


@test
def preempt_delay_does_not_apply_to_a_silent_master(net):
    cap = net.capture()
    r2 = Upkeep(net.r2, vr(priority=100)).wait(MASTER)
    Upkeep(net.r1, vr(priority=150, preempt_delay=30)).wait(BACKUP)
    quiet('r1 preempted', lambda: cap.adverts(net.r1), 0.6)
    r2.kill()
    last = cap.adverts(net.r2)[-1].t
    in_rule('takeover', cap.first(net.r1, last).t - last, down_s(150, 0.1))


@test(4, 6)
def the_owner_is_master_at_once_and_preempts(net, fam):
    cap = net.capture()
    vips = ['192.0.2.1/24'] if fam == 4 else ['fe80::1/64', '2001:db8::1/64']
    opts = dict(fam=fam, advert_int=1, virtual_ipaddress=vips)
    Upkeep(net.r2, vr(priority=100, **opts)).wait(MASTER)
    t0 = time.time()
    r1 = Upkeep(net.r1, vr(priority=255, nopreempt=1, **opts))
    first = cap.first(net.r1, t0)
    expect(first.t - t0 < 2.5, 'the owner waited %.3f s' % (first.t - t0))
    expect(first.prio == 255, 'priority', first)
    r1.wait(MASTER)
    until('r2 gives way', lambda: not cap.adverts(net.r2, time.time() - 1.5))
    own = vips[-1].split('/')[0]
    until('r2 gave the address up', lambda: not net.r2.has(own))
    r1.stop()
    expect(net.r1.has(own), "the owner's own address was taken away")


@test(4, 6)
def of_two_equal_masters_the_higher_address_stays(net, fam):
    cap = net.capture()
    net.r1.isolate(True)
    net.r2.isolate(True)
    r1 = Upkeep(net.r1, vr(fam=fam)).wait(MASTER)
    r2 = Upkeep(net.r2, vr(fam=fam)).wait(MASTER)
    net.r1.isolate(False)
    net.r2.isolate(False)
    r1.wait(BACKUP)
    expect(r2.state() == MASTER, 'r2 stepped down too')
    t = time.time()
    until('r2 speaks', lambda: len(cap.adverts(net.r2, t)) > 3)
    expect(not cap.adverts(net.r1, t), 'r1 still speaks')
    expect(r2.stat('release_master') == 0, 'r2 was not MASTER throughout')


@test(4, 6)
def equal_priority_in_backup_is_accepted_whatever_the_address(net, fam):
    cap = net.capture()
    Upkeep(net.r1, vr(fam=fam)).wait(MASTER)
    r2 = Upkeep(net.r2, vr(fam=fam)).wait(BACKUP)
    quiet('r2 spoke', lambda: cap.adverts(net.r2), 1.0)
    expect(r2.state() == BACKUP, 'state', r2.state())


@test(4, 6)
def priority_0_makes_the_backup_wait_only_skew_time(net, fam):
    cap = net.capture()
    p = Puppet(net.c, fam, interval=50)
    p.speak(0.5)
    r2 = Upkeep(net.r2, vr(fam=fam, advert_int='0.5')).wait(BACKUP)
    until('r2 hears', lambda: r2.stat('advert_rcvd') > 1)
    p.hush()
    p.send(prio=0)
    zero = until('priority 0', lambda: cap.adverts(net.c, prio=0))[0].t
    in_rule('takeover', cap.first(net.r2, zero).t - zero, skew_s(100, 0.5))
    expect(r2.stat('pri_zero_rcvd') == 1, 'not counted')


@test(4, 6)
def master_answers_priority_0_at_once(net, fam):
    cap = net.capture()
    Upkeep(net.r2, vr(fam=fam, advert_int=1)).wait(MASTER)
    n = len(cap.adverts(net.r2))
    until('an advert', lambda: len(cap.adverts(net.r2)) > n)
    Puppet(net.c, fam, interval=100).send(prio=0)
    zero = until('priority 0', lambda: cap.adverts(net.c, prio=0))[0].t
    first = cap.first(net.r2, zero).t
    expect(first - zero < SLACK, 'answered after %.3f s' % (first - zero))
    second = until('the next', lambda: cap.adverts(net.r2, first + 0.01))[0].t
    in_rule('the advert timer restarts', second - first, 1.0)


@test(4, 6)
def v3_backup_learns_the_interval_and_says_its_own_as_master(net, fam):
    cap = net.capture()
    p = Puppet(net.c, fam, interval=60)
    p.speak(0.6)
    r2 = Upkeep(net.r2, vr(fam=fam))
    until('r2 hears', lambda: r2.stat('advert_rcvd') > 1)
    r2.wait(BACKUP)
    t = time.time()
    quiet('r2 spoke over a slower master', lambda: cap.adverts(net.r2, t),
          2.5)
    p.hush()
    last = cap.adverts(net.c)[-1].t
    first = cap.first(net.r2, last)
    in_rule('takeover', first.t - last, down_s(100, 0.6))
    expect(first.interval == 10, 'says %d cs as MASTER' % first.interval)
    r2.wait(MASTER)


@test
def v2_discards_another_interval(net):
    cap = net.capture()
    p = Puppet(net.c, ver=2, interval=2)
    p.speak(0.5)
    r2 = Upkeep(net.r2, vr(version=2, advert_int=1))
    t0 = time.time()
    first = cap.first(net.r2, t0)
    expect(first.ver == 2 and first.interval == 1, 'advert', first)
    expect(first.t - t0 <= down_s(100, 1, 2) + SLACK, 'was held back')
    expect(r2.stat('advert_interval_err') > 3, 'not counted')


@test
def v2_timers_are_those_of_rfc_3768(net):
    cap = net.capture()
    p = Puppet(net.c, ver=2, interval=1)
    p.speak(1.0)
    r2 = Upkeep(net.r2, vr(version=2, advert_int=1, priority=50)).wait(BACKUP)
    until('r2 hears', lambda: r2.stat('advert_rcvd') > 0)
    p.hush()
    last = cap.adverts(net.c)[-1].t
    first = cap.first(net.r2, last)
    in_rule('takeover', first.t - last, down_s(50, 1, 2))
    expect(first.sum == 'plain' and first.auth_data == bytes(8) and
           first.auth == 0, 'not a version 2 message', first)
    p.send(prio=0)
    cap.first(net.r2, first.t + 0.001)


@test
def adverts_follow_the_schedule_without_drift(net):
    """The earliest of the first adverts against the earliest of the last: what
    is late is late once, what drifts is late more and more.  A machine that
    sleeps over a whole interval gets another try."""
    cap = net.capture()
    Upkeep(net.r1, vr(advert_int='0.02', priority=200)).wait(MASTER)
    for _ in range(4):
        t0 = time.time()
        until('200 adverts', lambda: len(cap.adverts(net.r1, t0)) >= 200)
        times = [p.t for p in cap.adverts(net.r1, t0)][:200]
        late = [t - times[0] - i * 0.02 for i, t in enumerate(times)]
        drift = min(late[150:]) - min(late[:50])
        if abs(drift) < 0.003:
            return
    expect(False, 'drifted by %.4f s in 150 adverts' % drift)


@test
def ten_milliseconds_are_kept(net):
    cap = net.capture()
    Upkeep(net.r1, vr(advert_int='0.01', priority=200)).wait(MASTER)
    t0 = time.time()
    until('200 adverts', lambda: len(cap.adverts(net.r1, t0)) >= 200)
    times = [p.t for p in cap.adverts(net.r1, t0)][:200]
    mean = (times[-1] - times[0]) / 199
    expect(0.0098 <= mean <= 0.012, 'mean interval %.6f s' % mean)
    expect(cap.adverts(net.r1)[0].interval == 1, 'interval on the wire')


@test
def two_instances_on_one_interface_are_independent(net):
    cap = net.capture()
    one, two = ['192.0.2.100/24'], ['192.0.2.101/24']
    r = []
    for node, a, b in (net.r1, 150, 100), (net.r2, 100, 150):
        r.append(Upkeep(
            node, vr('a', priority=a, virtual_ipaddress=one),
            vr('b', priority=b, virtual_router_id=52, virtual_ipaddress=two)))
    for up, a, b in (r[0], MASTER, BACKUP), (r[1], BACKUP, MASTER):
        up.wait(a, 'a').wait(b, 'b')
    r[0].kill()
    r[1].wait(MASTER, 'a')
    expect({'192.0.2.100', '192.0.2.101'} <= net.r2.addrs(), 'addresses')
    t = time.time()
    for vrid in 51, 52:
        cap.first(net.r2, t, vrid=vrid)


@test
def one_vrid_in_both_families_is_two_routers(net):
    cap = net.capture()
    for node, a, b in (net.r1, 150, 100), (net.r2, 100, 150):
        Upkeep(node, vr('four', priority=a), vr('six', 6, priority=b))
    until('r1 has IPv4, r2 has IPv6', lambda: net.r1.has(VIP[4]) and
          net.r2.has(VIP[6]) and not net.r1.has(VIP[6]) and
          not net.r2.has(VIP[4]))
    t = time.time()
    cap.first(net.r1, t, fam=4)
    cap.first(net.r2, t, fam=6)
    expect(not cap.adverts(net.r2, t, 4) + cap.adverts(net.r1, t, 6), 'both')


@test
def sixteen_routers_on_one_interface_keep_their_rhythm(net):
    cap = net.capture()
    rows = [vr('x%d' % n, virtual_router_id=n, virtual_ipaddress=[
        '192.0.2.%d/24' % (100 + n)]) for n in range(1, 17)]
    r1 = Upkeep(net.r1, *rows)
    Upkeep(net.r2, *rows)
    until('all addresses on r2, the higher of two equals, or r1', lambda: all(
        net.r1.has(a) != net.r2.has(a) for a in
        ['192.0.2.%d' % (100 + n) for n in range(1, 17)]))
    t0 = time.time()
    until('time', lambda: time.time() > t0 + 2)
    for n in range(1, 17):
        times = [p.t for p in cap.adverts(None, t0, vrid=n)]
        gap = max(b - a for a, b in zip(times, times[1:]))
        expect(len(times) >= 18 and gap < 0.1 + SLACK / 2,
               'VRID %d: %d adverts, a gap of %.3f s' % (n, len(times), gap))
    r1.stop()
    until('r2 has all', lambda: {'192.0.2.%d' % (100 + n) for n in range(
        1, 17)} <= net.r2.addrs())


@test
def vrrp_startup_delay_holds_the_first_takeover_back(net):
    cap = net.capture()
    t0 = time.time()
    Upkeep(net.r1, globals_(vrrp_startup_delay=2), vr())
    took = cap.first(net.r1, t0).t - t0
    expect(took >= 2 + down_s(100, 0.1), 'spoke after %.3f s' % took)


@test
def vrrp_startup_delay_outlives_a_crash(net):
    cap = net.capture()
    t0 = time.time()
    r1 = Upkeep(net.r1, globals_(vrrp_startup_delay=3), vr())
    old = until('the child', lambda: r1.child('vrrp'))
    time.sleep(0.5)
    os.kill(old, signal.SIGKILL)
    until('the next', lambda: r1.child('vrrp') not in (None, old))
    took = cap.first(net.r1, t0).t - t0
    expect(3 + down_s(100, 0.1) <= took <= 3 + down_s(100, 0.1) + 0.5 + SLACK,
           'spoke after %.3f s' % took)
    os.kill(r1.child('vrrp'), signal.SIGKILL)
    t = time.time()
    expect(cap.first(net.r1, t).t - t < 0.1 + SLACK, 'was held once more')


@test
def down_timer_adverts_is_how_many_may_be_missed(net):
    cap = net.capture()
    p = Puppet(net.c)
    p.speak(0.1)
    r2 = Upkeep(net.r2, vr(down_timer_adverts=8)).wait(BACKUP)
    until('r2 hears', lambda: r2.stat('advert_rcvd') > 2)
    p.hush()
    last = cap.adverts(net.c)[-1].t
    in_rule('takeover', cap.first(net.r2, last).t - last,
            0.8 + skew_s(100, 0.1))


@test
def state_master_is_only_a_wish(net):
    cap = net.capture()
    t0 = time.time()
    Upkeep(net.r1, vr(state='MASTER', advert_int='0.5'))
    took = cap.first(net.r1, t0).t - t0
    expect(took >= down_s(100, 0.5), 'spoke after %.3f s' % took)


@test(4, 6)
def addresses_of_a_killed_life_go_when_it_returns_as_backup(net, fam):
    r1, r2 = pair(net, fam)
    r1.kill()
    r2.wait(MASTER)
    expect(net.r1.has(VIP[fam]), 'nothing was left over')
    r1.write(vr(fam=fam, priority=50))
    r1.start().wait(BACKUP)
    until('the stale address goes', lambda: not net.r1.has(VIP[fam]))
    expect(r2.state() == MASTER, 'r2', r2.state())
