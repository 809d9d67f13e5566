# SPDX-License-Identifier: MIT
"""upkeepd and FRR's vrrpd as each other's master and backup."""

from daemon import BACKUP, MASTER
from frr import Frr
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
