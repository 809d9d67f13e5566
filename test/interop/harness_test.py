# SPDX-License-Identifier: MIT
"""The harness itself, held against keepalived alone."""

from keepalived import Keepalived
from net import SLACK, down_s, expect, skew_s, until
from runner import test
from daemon import VIP


@test(4, 6)
def the_harness_sees_keepalived_take_over_from_keepalived(net, fam):
    cap = net.capture()
    a = Keepalived(net.r1, fam, priority=150, advert_int='0.2')
    a.wait('MASTER')
    b = Keepalived(net.r2, fam, priority=100, advert_int='0.2')
    b.wait('BACKUP')
    cap.first(net.r1)
    until('adverts', lambda: len(cap.adverts(net.r1)) > 5)
    a.kill()
    last = cap.adverts(net.r1)[-1].t
    took = cap.first(net.r2, last).t - last
    rule = down_s(100, 0.2)
    expect(rule - 0.001 <= took <= rule + SLACK, 'down interval', rule, took)
    until('GARP', lambda: cap.garps(net.r2, VIP[fam], last))
    expect(cap.garps(net.r2)[0].t > last + took, 'announced too early')
    until('address', lambda: net.r2.has(VIP[fam]))


@test(4, 6)
def the_harness_sees_keepalived_leave(net, fam):
    cap = net.capture()
    a = Keepalived(net.r1, fam, priority=150).wait('MASTER')
    Keepalived(net.r2, fam, priority=100).wait('BACKUP')
    until('adverts', lambda: len(cap.adverts(net.r1)) > 5)
    a.stop()
    zero = cap.first(net.r1, prio=0).t
    took = cap.first(net.r2, zero).t - zero
    rule = skew_s(100, 0.1)
    expect(rule - 0.001 <= took <= rule + SLACK, 'skew', rule, took)
