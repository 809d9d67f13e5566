# SPDX-License-Identifier: MIT
"""A reload is a transaction: what differs changes, nothing else."""

import os
import signal
import time

from daemon import BACKUP, MASTER, VIP, Upkeep, globals_, vr
from net import expect, until
from runner import test
from wire_test import rhythm

OTHER = dict(virtual_router_id=52, virtual_ipaddress=['192.0.2.101/24'])


def watch(net, node, addr):
    """Lines `ip monitor` shows about `addr` on `node`."""
    p = node.popen('monitor.log', ['ip', 'monitor', 'address'])
    time.sleep(0.2)

    def stop():
        p.terminate()
        p.wait()
        with open(net.logs + '/monitor.log') as f:
            return [w for w in f.read().splitlines() if addr + '/' in w]
    return stop


@test(4, 6)
def an_unchanged_reload_touches_nothing(net, fam):
    cap = net.capture()
    up = Upkeep(net.r1, vr(fam=fam)).wait(MASTER)
    seen = watch(net, net.r1, VIP[fam])
    t0 = time.time()
    for _ in range(5):
        up.reload()
    until('time', lambda: time.time() > t0 + 1.5)
    rhythm(cap.adverts(net.r1), t0, time.time() - 0.1, 0.1)
    expect(not cap.adverts(net.r1, prio=0), 'priority 0 was sent')
    expect(not seen(), 'an address was touched')
    expect(up.stat('become_master') == 1, 'transitions')


@test
def sighup_reloads(net):
    cap = net.capture()
    up = Upkeep(net.r1, vr(priority=100)).wait(MASTER)
    up.write(vr(priority=77))
    os.kill(up.p.pid, signal.SIGHUP)
    until('priority 77', lambda: cap.adverts(net.r1, prio=77))
    expect(up.stat('become_master') == 1, 'transitions')


@test
def a_bad_file_changes_nothing_and_says_where(net):
    cap = net.capture()
    up = Upkeep(net.r1, vr()).wait(MASTER)
    t0 = time.time()
    up.write(vr(priority='1000', advert_int='0.3') )
    said = up.reload(good=False)
    expect(':4:' in said or ':5:' in said, 'no place named', said)
    expect('priority' in said and '1000' in said, 'not clear', said)
    os.kill(up.p.pid, signal.SIGHUP)
    up.write("config vrrp_instance 'lan'\n\toption interface 'eth0\n")
    up.reload(good=False)
    os.unlink(up.file)
    up.reload(good=False)
    time.sleep(0.5)
    rhythm(cap.adverts(net.r1), t0, time.time() - 0.1, 0.1)
    expect(up.state() == MASTER and net.r1.has(VIP[4]), 'state')
    up.reload(vr(priority=90))
    until('priority 90', lambda: cap.adverts(net.r1, prio=90))


@test(4, 6)
def priority_and_interval_change_in_place(net, fam):
    cap = net.capture()
    up = Upkeep(net.r1, vr(fam=fam)).wait(MASTER)
    seen = watch(net, net.r1, VIP[fam])
    up.reload(vr(fam=fam, priority=120, advert_int='0.2'))
    a = until('both', lambda: cap.adverts(net.r1, prio=120))[0]
    expect(a.interval == 20, 'interval', a)
    t0 = time.time()
    until('time', lambda: time.time() > t0 + 2)
    rhythm(cap.adverts(net.r1), t0, t0 + 2, 0.2)
    expect(not cap.adverts(net.r1, prio=0) and not seen(), 'not in place')
    expect(up.stat('become_master') == 1, 'transitions')


@test
def a_backup_made_better_by_reload_preempts(net):
    Upkeep(net.r1, vr(priority=150)).wait(MASTER)
    r2 = Upkeep(net.r2, vr(priority=100)).wait(BACKUP)
    r2.reload(vr(priority=200))
    r2.wait(MASTER)


@test
def an_added_address_is_announced_and_the_others_stay(net):
    cap = net.capture()
    up = Upkeep(net.r1, vr(garp_master_delay=0)).wait(MASTER)
    until('burst', lambda: len(cap.garps(net.r1)) >= 5)
    seen = watch(net, net.r1, VIP[4])
    both = ['192.0.2.100/24', '192.0.2.110/24']
    t = time.time()
    up.reload(vr(virtual_ipaddress=both, garp_master_delay=0))
    until('the new one', lambda: net.r1.has('192.0.2.110'))
    until('announced', lambda: cap.garps(net.r1, '192.0.2.110', t))
    a = until('advertised', lambda: [a for a in cap.adverts(net.r1, t)
                                     if a.count == 2])[0]
    expect(a.addrs == ['192.0.2.100', '192.0.2.110'], 'order', a)
    up.reload(vr(virtual_ipaddress=both[:1], garp_master_delay=0))
    until('it goes', lambda: not net.r1.has('192.0.2.110'))
    expect(not seen(), 'the unchanged address was touched')
    expect(up.stat('become_master') == 1, 'transitions')


@test
def an_address_moves_between_instances_in_one_reload(net):
    cap = net.capture()
    a, b, c = '192.0.2.100/24', '192.0.2.101/24', '192.0.2.102/24'

    def conf(one, two):
        return (vr('a', virtual_ipaddress=one),
                vr('b', virtual_router_id=52, virtual_ipaddress=two))
    up = Upkeep(net.r1, *conf([a, b], [c])).wait(MASTER, 'a').wait(MASTER,
                                                                  'b')
    until('there', lambda: net.r1.has('192.0.2.101'))
    seen = watch(net, net.r1, '192.0.2.101')
    t0 = time.time()
    up.reload(*conf([a], [c, b]))
    until('b has it', lambda: [x for x in cap.adverts(net.r1, t0, vrid=52)
                               if '192.0.2.101' in x.addrs])
    until('a lost it', lambda: [x for x in cap.adverts(net.r1, t0, vrid=51)
                                if '192.0.2.101' not in x.addrs])
    time.sleep(0.3)
    expect(net.r1.has('192.0.2.101'), 'the address is gone')
    expect(not [w for w in seen() if 'Deleted' in w], 'it was taken off')
    expect(up.stat('become_master', 'a') == up.stat('become_master', 'b')
           == 1, 'transitions')


@test
def an_instance_is_added_and_removed_by_reload(net):
    cap = net.capture()
    up = Upkeep(net.r1, vr()).wait(MASTER)
    t0 = time.time()
    up.reload(vr(), vr('new', **OTHER))
    up.wait(MASTER, 'new')
    until('its address', lambda: net.r1.has('192.0.2.101'))
    up.reload(vr())
    until('priority 0', lambda: cap.adverts(net.r1, vrid=52, prio=0))
    until('its address goes', lambda: not net.r1.has('192.0.2.101'))
    expect(up.instance('new') is None, 'still shown')
    rhythm(cap.adverts(net.r1, vrid=51), t0, time.time() - 0.1, 0.1)
    expect(not cap.adverts(net.r1, vrid=51, prio=0), 'lan was disturbed')


@test
def instances_may_change_their_order_in_the_file(net):
    cap = net.capture()
    up = Upkeep(net.r1, vr(), vr('b', **OTHER)).wait(MASTER).wait(MASTER, 'b')
    t0 = time.time()
    up.reload(vr('b', **OTHER), vr())
    until('time', lambda: time.time() > t0 + 1)
    for vrid in 51, 52:
        rhythm(cap.adverts(net.r1, vrid=vrid), t0, t0 + 1, 0.1)
    expect(not cap.adverts(net.r1, prio=0), 'priority 0 was sent')


@test
def a_changed_vrid_is_another_router(net):
    cap = net.capture()
    up = Upkeep(net.r1, vr()).wait(MASTER)
    up.reload(vr(virtual_router_id=60))
    until('the old one leaves', lambda: cap.adverts(net.r1, vrid=51, prio=0))
    up.wait(MASTER)
    until('the new one speaks', lambda: cap.adverts(net.r1, vrid=60))
    until('address', lambda: net.r1.has(VIP[4]))


@test
def a_reload_during_a_storm_of_reloads_is_orderly(net):
    cap = net.capture()
    up = Upkeep(net.r1, vr()).wait(MASTER)
    t0 = time.time()
    for n in range(20):
        up.write(vr(priority=100 + n))
        os.kill(up.p.pid, signal.SIGHUP)
        time.sleep(0.02)
    until('the last one holds', lambda: cap.adverts(net.r1, prio=119))
    t = time.time()
    until('and stays', lambda: len(cap.adverts(net.r1, t)) > 5)
    expect({a.prio for a in cap.adverts(net.r1, t)} == {119}, 'priority')
    rhythm(cap.adverts(net.r1), t0, time.time() - 0.1, 0.1)


@test(4, 6)
def another_multicast_group_is_spoken_to_and_heard(net, fam):
    group = globals_(vrrp_mcast_group4='224.0.0.77', vrrp_mcast_group6='ff02::77')
    r1 = Upkeep(net.r1, vr(fam=fam, priority=150)).wait(MASTER)
    r2 = Upkeep(net.r2, vr(fam=fam)).wait(BACKUP)
    until('r2 hears r1', lambda: r2.stat('advert_rcvd') > 2)
    r1.reload(group, vr(fam=fam, priority=150))
    r2.reload(group, vr(fam=fam))
    heard = r2.stat('advert_rcvd')
    until('r2 hears the new group', lambda: r2.stat('advert_rcvd') > heard + 5)
    r1.wait(MASTER)
    r2.wait(BACKUP)
    time.sleep(0.6)
    expect(r1.state() == MASTER and r2.state() == BACKUP, 'states')
