# SPDX-License-Identifier: MIT
"""upkeepd and FRR's vrrpd as each other's master and backup."""

from daemon import BACKUP, MASTER, VIP
from frr import Frr
from net import expect, until
from pair import KINDS, ours, register, theirs
from runner import test

register(Frr)


@test(4, 6)
def frr_and_upkeep_settle_a_split_by_address(net, fam):
    kind = KINDS['frr_v3' if fam == 4 else 'frr_v3_ipv6']
    net.r1.isolate(True)
    net.r2.isolate(True)
    k = theirs(net.r2, net.r1, kind).wait('MASTER')
    u = ours(net.r1, net.r2, kind).wait(MASTER)
    net.r1.isolate(False)
    net.r2.isolate(False)
    u.wait(BACKUP)
    k.wait('MASTER')


def next_hop(net, addr):
    """Which MAC the client takes `addr` to be at, once it answers."""
    until(addr + ' answers', lambda: ' 0% packet loss' in net.c.run(
        'ping', '-n', '-c', '1', '-W', '0.2', addr, check=False))
    words = net.c.ip('neigh show ' + addr).split()
    return words[words.index('lladdr') + 1]


@test(4, 6)
def a_client_follows_from_the_virtual_mac_to_ours_and_back(net, fam):
    """vrrpd leaves the address on a BACKUP, protodown: without arp_ignore
    its kernel would answer for it, and without arp_announce ask with it."""
    kind = KINDS['frr_v3' if fam == 4 else 'frr_v3_ipv6']
    net.r1.sysctl('ipv4/conf/eth0/arp_ignore', 1)
    net.r1.sysctl('ipv4/conf/eth0/arp_announce', 2)
    k = theirs(net.r1, net.r2, kind, priority=150).wait('MASTER')
    u = ours(net.r2, net.r1, kind).wait(BACKUP)
    for _ in range(2):
        mac = next_hop(net, VIP[fam])
        expect(mac == k.voice.mac, 'not to the virtual MAC', mac)
        k.stop()
        u.wait(MASTER)
        mac = next_hop(net, VIP[fam])
        expect(mac == net.r2.mac, 'not to ours', mac)
        k.start().wait('MASTER')
        u.wait(BACKUP)


@test
def frr_is_heard_whichever_checksum_upkeep_sends(net):
    cap = net.capture()
    k = theirs(net.r1, net.r2, KINDS['frr_v3'], priority=150).wait('MASTER')
    for form in '0', '1':
        u = ours(net.r2, net.r1, KINDS['frr_v3'], v3_checksum_as_v2=form)
        until('heard', lambda: u.stat('advert_rcvd') > 5)
        expect(u.state() == BACKUP and not cap.adverts(net.r2), 'not heard')
        u.kill()
