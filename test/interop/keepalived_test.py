# SPDX-License-Identifier: MIT
"""upkeepd and Debian's keepalived as each other's master and backup."""

from daemon import BACKUP, MASTER
from keepalived import Keepalived
from net import down_s, quiet, until
from pair import KINDS, ours, register, theirs, timely
from runner import test

register(Keepalived)
V2_PASS, V3 = KINDS['keepalived_v2_pass'], KINDS['keepalived_v3']


@test
def keepalived_and_upkeep_settle_a_split_by_address(net):
    net.r1.isolate(True)
    net.r2.isolate(True)
    k = theirs(net.r2, net.r1, V3).wait('MASTER')
    u = ours(net.r1, net.r2, V3).wait(MASTER)
    net.r1.isolate(False)
    net.r2.isolate(False)
    u.wait(BACKUP)
    k.wait('MASTER')


@test
def keepalived_with_another_password_is_not_heard(net):
    theirs(net.r1, net.r2, V2_PASS, priority=200).wait('MASTER', 20)
    u = ours(net.r2, net.r1, V2_PASS, auth_pass='other')
    until('counted', lambda: u.stat('auth_failure') > 2)
    u.wait(MASTER)


@test
def keepalived_takes_both_interval_learnings(net):
    """A version 3 router learns keepalived's slower interval."""
    cap = net.capture()
    k = theirs(net.r1, net.r2, V3, priority=200, advert_int='0.6')
    k.wait('MASTER', 20)
    u = ours(net.r2, net.r1, V3).wait(BACKUP)
    quiet('upkeep spoke', lambda: cap.adverts(net.r2), 2)
    k.kill()
    last = cap.adverts(net.r1)[-1].t
    timely('takeover', cap.first(net.r2, last).t - last, down_s(100, 0.6))
    u.wait(MASTER)
