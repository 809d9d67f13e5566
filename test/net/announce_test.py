# SPDX-License-Identifier: MIT
"""Virtual addresses in the kernel, gratuitous ARP and unsolicited NA."""

import time

from daemon import MASTER, VIP, VIPS, Upkeep, vr
from net import SLACK, expect, quiet, until
from runner import test


@test(4, 6)
def five_announcements_at_once_and_five_after_the_delay(net, fam):
    cap = net.capture()
    Upkeep(net.r1, vr(fam=fam, garp_master_delay=2)).wait(MASTER)
    up = cap.first(net.r1).t
    until('ten', lambda: len(cap.garps(net.r1, VIP[fam])) >= 10)
    quiet('an eleventh', lambda: len(cap.garps(net.r1, VIP[fam])) > 10, 1)
    times = [g.t - up for g in cap.garps(net.r1, VIP[fam])]
    expect(0 <= times[0] and times[4] < SLACK, 'first burst', times)
    expect(2 - 0.01 <= times[5] and times[9] <= 2 + 2 * SLACK, 'second',
           times)


@test
def a_gratuitous_arp_is_what_the_rfc_says(net):
    cap = net.capture()
    Upkeep(net.r1, vr()).wait(MASTER)
    g = until('GARP', lambda: cap.garps(net.r1))[0]
    want = dict(op=1, dmac='ff:ff:ff:ff:ff:ff', sha=net.r1.mac, spa=VIP[4],
                tpa=VIP[4])
    bad = {k: getattr(g, k) for k, v in want.items() if getattr(g, k) != v}
    expect(not bad, 'GARP differs', bad)
    expect(g.tha in ('ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00'), 'tha', g.tha)


@test
def an_unsolicited_na_is_what_the_rfc_says(net):
    cap = net.capture()
    Upkeep(net.r1, vr(fam=6)).wait(MASTER)
    for vip in VIPS[6]:
        addr = vip.split('/')[0]
        na = until('NA', lambda: cap.garps(net.r1, addr))[0]
        want = dict(dst='ff02::1', dmac='33:33:00:00:00:01', hop=255,
                    router=True, override=True, solicited=False,
                    tlla=net.r1.mac, sum_ok=True)
        bad = {k: getattr(na, k) for k, v in want.items()
               if getattr(na, k) != v}
        expect(not bad, 'NA differs', bad)


@test(4, 6)
def announcements_are_refreshed(net, fam):
    cap = net.capture()
    Upkeep(net.r1, vr(fam=fam, garp_master_delay=0, garp_master_repeat=1,
                      garp_master_refresh=1, garp_master_refresh_repeat=2)
           ).wait(MASTER)
    until('five', lambda: len(cap.garps(net.r1, VIP[fam])) >= 5, 15)
    times = [g.t for g in cap.garps(net.r1, VIP[fam])]
    t = [x - times[0] for x in times[:5]]
    expect(abs(t[1] - 1) < SLACK and t[2] - t[1] < SLACK and
           abs(t[3] - 2) < SLACK, 'rhythm', t)


@test
def garp_master_delay_0_means_one_burst(net):
    cap = net.capture()
    Upkeep(net.r1, vr(garp_master_delay=0, garp_master_repeat=3)).wait(MASTER)
    until('three', lambda: len(cap.garps(net.r1)) >= 3)
    quiet('a fourth', lambda: len(cap.garps(net.r1)) > 3, 1.5)


@test(4, 6)
def an_address_removed_by_hand_returns_and_is_announced(net, fam):
    cap = net.capture()
    up = Upkeep(net.r1, vr(fam=fam, garp_master_delay=0)).wait(MASTER)
    until('burst', lambda: len(cap.garps(net.r1, VIP[fam])) >= 5)
    for _ in range(2):
        t = time.time()
        net.r1.ip('address del %s dev eth0' % VIPS[fam][-1])
        until('it returns', lambda: net.r1.has(VIP[fam]), 3)
        until('announced', lambda: cap.garps(net.r1, VIP[fam], t), 3)
    expect(up.stat('become_master') == 1, 'left MASTER')


@test(4, 6)
def flushed_addresses_return_together(net, fam):
    up = Upkeep(net.r1, vr(fam=fam)).wait(MASTER)
    want = {v.split('/')[0] for v in VIPS[fam]}
    until('all', lambda: want <= net.r1.addrs())
    for v in VIPS[fam]:
        net.r1.ip('address del %s dev eth0' % v)
    until('all again', lambda: want <= net.r1.addrs(), 3)
    expect(up.state() == MASTER, 'state', up.state())


@test
def many_addresses_are_set_and_announced(net):
    cap = net.capture()
    vips = ['192.0.2.%d/24' % n for n in range(100, 140)]
    Upkeep(net.r1, vr(virtual_ipaddress=vips, garp_master_delay=0)
           ).wait(MASTER)
    want = {v.split('/')[0] for v in vips}
    until('40 addresses', lambda: want <= net.r1.addrs())
    until('40 announced', lambda: want <= {
        g.spa for g in cap.garps(net.r1)})
    until('200 frames', lambda: len(cap.garps(net.r1)) == 200)


@test
def an_address_may_name_device_label_and_broadcast(net):
    net.r1.plug('eth1', addresses=False)
    up = Upkeep(net.r1, vr(virtual_ipaddress=[
        '192.0.2.100/24 brd 192.0.2.255 label eth0:vip',
        '198.51.100.1/24 dev eth1'])).wait(MASTER)
    until('eth1', lambda: net.r1.has('198.51.100.1', 'eth1'))
    text = net.r1.ip('address show dev eth0')
    expect('eth0:vip' in text and 'brd 192.0.2.255' in text, 'label', text)
    up.stop()
    expect(not net.r1.has('198.51.100.1', 'eth1'), 'left on eth1')


@test
def an_ipv6_address_is_usable_at_once(net):
    up = Upkeep(net.r1, vr(fam=6)).wait(MASTER)
    until('address', lambda: net.r1.has(VIP[6]))
    text = net.r1.ip('-6 address show dev eth0')
    expect('tentative' not in text, 'duplicate address detection', text)
    up.stop()


@test(4, 6)
def announce_verb_announces_now(net, fam):
    cap = net.capture()
    up = Upkeep(net.r1, vr(fam=fam, garp_master_delay=0)).wait(MASTER)
    until('burst', lambda: len(cap.garps(net.r1, VIP[fam])) >= 5)
    n = len(cap.garps(net.r1, VIP[fam]))
    up.good('announce', 'lan')
    until('announced', lambda: len(cap.garps(net.r1, VIP[fam])) > n)
