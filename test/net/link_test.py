# SPDX-License-Identifier: MIT
"""Interfaces that flap, vanish, return, appear late, and tracked ones."""

import time

import packet
from daemon import BACKUP, FAULT, INIT, MASTER, VIP, Upkeep, vr
from net import down_s, expect, quiet, until
from puppet import Puppet
from runner import test
from takeover_test import pair


def joined(node, fam):
    text = node.ip('maddress show dev eth0')
    return packet.GROUP[fam] in text


@test(4, 6)
def a_link_flap_is_fault_then_backup_then_preemption(net, fam):
    cap = net.capture()
    r1, r2 = pair(net, fam)
    net.r1.carrier(False)
    r1.wait(FAULT)
    until('the address goes', lambda: not net.r1.has(VIP[fam]))
    r2.wait(MASTER)
    t = time.time()
    net.r1.carrier(True)
    if fam == 6:
        net.r1.give6()
    r1.wait(MASTER)
    took = cap.first(net.r1, t).t - t
    expect(took >= down_s(150, 0.1) - 0.002, 'spoke after %.3f s' % took)
    r2.wait(BACKUP)


@test(4, 6)
def a_backup_hears_again_after_a_link_flap(net, fam):
    _, r2 = pair(net, fam)
    for _ in range(2):
        net.r2.carrier(False)
        r2.wait(FAULT)
        net.r2.carrier(True)
        if fam == 6:
            net.r2.give6()
        r2.wait(BACKUP)
        n = r2.stat('advert_rcvd')
        until('hears', lambda: r2.stat('advert_rcvd') > n + 5)
        expect(joined(net.r2, fam), 'not a member of the group')
    expect(r2.stat('become_master') == 0, 'became MASTER meanwhile')


@test(4, 6)
def an_administrative_down_is_a_fault_too(net, fam):
    r1 = Upkeep(net.r1, vr(fam=fam)).wait(MASTER)
    net.r1.ip('link set eth0 down')
    r1.wait(FAULT)
    net.r1.ip('link set eth0 up')
    if fam == 6:
        net.r1.give6()
    r1.wait(MASTER)
    until('address', lambda: net.r1.has(VIP[fam]))
    expect(joined(net.r1, fam), 'not a member of the group')


@test(4, 6)
def an_interface_deleted_and_recreated_works_again(net, fam):
    cap = net.capture()
    r1 = Upkeep(net.r1, vr(fam=fam)).wait(MASTER)
    net.r1.unplug()
    r1.wait(FAULT)
    t = time.time()
    net.r1.plug()
    r1.wait(MASTER)
    cap.first(net.r1, t)
    until('address', lambda: net.r1.has(VIP[fam]))
    Puppet(net.c, fam, prio=200).speak(0.1)
    r1.wait(BACKUP)


@test(4, 6)
def an_interface_renamed_while_up_does_not_keep_the_address(net, fam):
    """Kernels before 6.2 refuse to rename an interface that is up."""
    r1 = Upkeep(net.r1, vr(fam=fam)).wait(MASTER)
    if net.r1.ip('link set eth0 name lan0', check=False):
        return
    r1.wait(FAULT)
    until('the address goes', lambda: not net.r1.has(VIP[fam], 'lan0'))
    expect(net.r1.has(net.r1.source(fam), 'lan0'), 'the own one went too')
    net.r1.ip('link set lan0 name eth0')
    r1.wait(MASTER)
    until('it returns', lambda: net.r1.has(VIP[fam]))


@test(4, 6)
def an_interface_may_appear_later(net, fam):
    net.r1.unplug()
    r1 = Upkeep(net.r1, vr(fam=fam))
    expect(r1.state() in (FAULT, INIT), 'state without interface',
           r1.state())
    net.r1.plug()
    r1.wait(MASTER)
    until('address', lambda: net.r1.has(VIP[fam]))


@test(4, 6)
def an_interface_without_address_waits_for_one(net, fam):
    net.r1.ip('address flush dev eth0')
    r1 = Upkeep(net.r1, vr(fam=fam))
    quiet('it left FAULT', lambda: r1.state() not in (FAULT, INIT), 1, 0.1)
    if fam == 4:
        net.r1.ip('address add %s/24 dev eth0' % net.r1.ip4)
    else:
        net.r1.give6()
    r1.wait(MASTER)


@test
def an_ipv6_router_waits_for_its_tentative_address(net):
    """Duplicate address detection is on, as it is by default."""
    net.r1.ip('address flush dev eth0')
    net.r1.sysctl('ipv6/conf/eth0/accept_dad', 1)
    r1 = Upkeep(net.r1, vr(fam=6))
    net.r1.ip('address add %s/64 dev eth0' % net.r1.ll)
    expect(r1.state() in (FAULT, INIT), 'state', r1.state())
    r1.wait(MASTER)
    net.r1.carrier(False)
    r1.wait(FAULT)
    net.r1.ip('address add %s/64 dev eth0' % net.r1.ll, check=False)
    net.r1.carrier(True)
    r1.wait(MASTER)
    expect(not r1.stat('send_err'), 'adverts were refused by the kernel')


@test
def losing_the_source_address_is_a_fault(net):
    r1 = Upkeep(net.r1, vr(virtual_ipaddress=['198.51.100.1/24'])
                ).wait(MASTER)
    net.r1.ip('address del %s/24 dev eth0' % net.r1.ip4)
    r1.wait(FAULT)
    net.r1.ip('address add %s/24 dev eth0' % net.r1.ip4)
    r1.wait(MASTER)


@test
def a_tracked_interface_without_weight_is_a_fault(net):
    cap = net.capture()
    net.r1.plug('eth1', addresses=False)
    r1 = Upkeep(net.r1, vr(track_interface=['eth1'])).wait(MASTER)
    net.r1.carrier(False, 'eth1')
    r1.wait(FAULT)
    until('priority 0 was sent', lambda: cap.adverts(net.r1, prio=0))
    expect(not net.r1.has(VIP[4]), 'address stays')
    net.r1.carrier(True, 'eth1')
    r1.wait(MASTER)


@test(4, 6)
def a_tracked_interface_with_weight_moves_the_priority(net, fam):
    cap = net.capture()
    net.r1.plug('eth1', addresses=False)
    r1 = Upkeep(net.r1, vr(fam=fam, priority=150,
                           track_interface=['eth1 weight -60'])).wait(MASTER)
    r2 = Upkeep(net.r2, vr(fam=fam, priority=100)).wait(BACKUP)
    t = time.time()
    net.r1.carrier(False, 'eth1')
    until('priority 90', lambda: cap.adverts(net.r1, t, prio=90))
    r2.wait(MASTER)
    r1.wait(BACKUP)
    net.r1.carrier(True, 'eth1')
    r1.wait(MASTER)
    until('priority 150', lambda: cap.adverts(net.r1, t, prio=150))


@test
def a_positive_weight_adds_while_the_interface_is_up(net):
    cap = net.capture()
    net.r1.plug('eth1', addresses=False)
    Upkeep(net.r1, vr(priority=100, track_interface=['eth1 weight 200'])
           ).wait(MASTER)
    until('clamped to 254', lambda: cap.adverts(net.r1, prio=254))
    net.r1.carrier(False, 'eth1')
    until('the plain priority', lambda: cap.adverts(net.r1, prio=100))
    net.r1.unplug('eth1')
    t = time.time()
    until('still', lambda: cap.adverts(net.r1, t, prio=100))


@test
def a_track_interface_section_is_referred_to_by_name(net):
    cap = net.capture()
    net.r1.plug('eth1', addresses=False)
    Upkeep(net.r1, ('track_interface', 'wan', dict(
        name='wan', value='eth1', weight='-30')),
        vr(priority=120, track_interface=['wan'])).wait(MASTER)
    net.r1.carrier(False, 'eth1')
    until('90', lambda: cap.adverts(net.r1, prio=90))


@test
def dont_track_primary_keeps_master_without_carrier(net):
    r1 = Upkeep(net.r1, vr(dont_track_primary=1)).wait(MASTER)
    net.r1.carrier(False)
    quiet('it moved', lambda: r1.state() != MASTER, 1, 0.1)
    net.r1.carrier(True)


@test
def a_flap_shorter_than_a_takeover_leaves_one_master(net):
    cap = net.capture()
    r1, r2 = pair(net, 4)
    for _ in range(3):
        net.r1.carrier(False)
        net.r1.carrier(True)
    r1.wait(MASTER)
    until('one speaks', lambda: not cap.adverts(net.r2, time.time() - 0.5))
    r2.wait(BACKUP)
