# SPDX-License-Identifier: MIT
"""One virtual router of upkeepd, keepalived and FRR's vrrpd together.

Each is once the best, the second and the third; over IPv6 the order is the
other way round, so that each takes over from each.
"""

import time

from daemon import BACKUP, MASTER
from net import down_s, expect, quiet, skew_s
from pair import KINDS, note, ours, sign, theirs, timely
from runner import test

FAMILY = {4: 'v3', 6: 'v3_ipv6'}
PRIORITIES = 200, 150, 100
NAMES = 'upkeep', 'keepalived', 'frr'
NODES = 'r1', 'r2', 'r3'
STATES = dict(MASTER=MASTER, BACKUP=BACKUP)


class Member:
    """One of the three: the program, its priority, and where it speaks."""

    def __init__(self, net, name, fam, node, priority):
        peer = 'keepalived' if name == 'upkeep' else name
        kind = KINDS['%s_%s' % (peer, FAMILY[fam])]
        start = ours if name == 'upkeep' else theirs
        self.name, self.priority = name, priority
        self.it = start(node, None, kind, priority=priority)
        self.voice = getattr(self.it, 'voice', node)

    def wait(self, state):
        self.it.wait(STATES[state] if self.name == 'upkeep' else state,
                     timeout=15)


def settle(cap, members, every):
    """The first is MASTER and the only one who speaks."""
    for m in members:
        m.wait('BACKUP' if m is not members[0] else 'MASTER')
    time.sleep(every)
    t = time.time()
    quiet('a BACKUP speaks', lambda: [
        m.name for m in members[1:] if cap.adverts(m.voice, t)], 4 * every)
    expect(len(cap.adverts(members[0].voice, t)) > 2, 'the MASTER is silent')


def together(net, fam, order):
    every = float(KINDS['keepalived_' + FAMILY[fam]].every)
    cap = net.capture()
    best, second, third = members = [
        Member(net, name, fam, net.nodes[node], prio)
        for name, node, prio in zip(order, NODES, PRIORITIES)]
    settle(cap, members, every)

    best.it.kill()
    last = cap.adverts(best.voice)[-1].t
    timely('from %s to %s' % (best.name, second.name),
           sign(cap, second.voice, last) - last,
           down_s(second.priority, every))
    settle(cap, [second, third], every)
    # vrrpd's first IPv6 advert comes an interval late: the third speaks up.
    if (second.name, fam) != ('frr', 6):
        expect(not cap.adverts(third.voice, last), 'two took over')

    second.it.stop()
    zero = cap.first(second.voice, prio=0).t
    timely('from %s leaving to %s' % (second.name, third.name),
           sign(cap, third.voice, zero) - zero,
           skew_s(third.priority, every))
    third.wait('MASTER')

    best.it.start()
    second.it.start()
    settle(cap, members, every)
    for what in (('master',), ('backup', 'sent'),
                 ('heard',))[order.index('upkeep')]:
        note(net, what)


def orders(fam):
    """The test's name and its order, best first."""
    for i in range(3):
        order = NAMES[i:] + NAMES[:i]
        order = order if fam == 4 else order[:1] + order[:0:-1]
        yield 'together_%s_ipv%d' % ('_'.join(order), fam), order


def register(fam):
    def one(name, order):
        def group(net):
            together(net, fam, order)
        group.__name__ = name
        test(nodes=NODES)(group)
    for name, order in orders(fam):
        one(name, order)


register(4)
register(6)
