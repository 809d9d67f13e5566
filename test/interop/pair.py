# SPDX-License-Identifier: MIT
"""pair -- upkeepd and one other program as each other's master and backup.

keepalived 2.2.7 and FRR before 10 refuse version 3 over IPv4 without the
pseudo-header, so upkeep speaks to them with v3_checksum_as_v2 off there.
What a pair has shown is noted for the table (matrix.py).
"""

import collections
import os
import time

from daemon import BACKUP, MASTER, VIP, Upkeep, vr
from frr import Frr
from keepalived import Keepalived
from net import SLACK, down_s, expect, quiet, skew_s, until
from runner import test

Kind = collections.namedtuple('Kind', 'peer fam version every unicast auth',
                              defaults=(False, None))
KINDS = {
    'keepalived_v2': Kind(Keepalived, 4, 2, '1'),
    'keepalived_v2_pass': Kind(Keepalived, 4, 2, '1', False, 's3cret'),
    'keepalived_v2_unicast': Kind(Keepalived, 4, 2, '1', True),
    'keepalived_v3': Kind(Keepalived, 4, 3, '0.2'),
    'keepalived_v3_unicast': Kind(Keepalived, 4, 3, '0.2', True),
    'keepalived_v3_ipv6': Kind(Keepalived, 6, 3, '0.2'),
    'keepalived_v3_ipv6_unicast': Kind(Keepalived, 6, 3, '0.2', True),
    'frr_v2': Kind(Frr, 4, 2, '1'),
    'frr_v3': Kind(Frr, 4, 3, '0.2'),
    'frr_v3_ipv6': Kind(Frr, 6, 3, '0.2'),
}
AGREE = 'upkeep_and_%s_agree'


def ours(node, other, kind, **options):
    opts = dict(fam=kind.fam, version=kind.version, advert_int=kind.every,
                v3_checksum_as_v2='0' if kind.version == 3 else None)
    if kind.unicast:
        opts.update(unicast_peer=[other.source(kind.fam)],
                    unicast_src_ip=node.source(kind.fam))
    if kind.auth:
        opts.update(auth_type='PASS', auth_pass=kind.auth)
    opts.update(options)
    return Upkeep(node, vr(**opts))


def theirs(node, other, kind, **words):
    words = dict(dict(fam=kind.fam, version=kind.version,
                      advert_int=kind.every), **words)
    if kind.auth:
        words.update(password=kind.auth)
    if kind.unicast:
        words.update(unicast_src_ip=node.source(kind.fam),
                     peers=[other.source(kind.fam)])
    return kind.peer(node, **words)


def note(net, what):
    """`what` is shown; matrix.py reads it."""
    with open(os.path.join(net.logs, 'shown'), 'a') as f:
        f.write(what + '\n')


def timely(what, took, rule):
    expect(rule - 0.02 <= took <= rule + SLACK,
           '%s: %.4f s, rule %.4f s' % (what, took, rule))


def sign(cap, voice, since):
    """When `voice` first speaks as MASTER after `since`: FRR announces its
    IPv6 addresses an interval before its first advert."""
    def probe():
        seen = cap.adverts(voice, since) + cap.garps(voice, since=since)
        return seen and [min(p.t for p in seen)]
    return until('a sign of ' + voice.name, probe)[0]


def agree(net, name):
    """Everything that two routers do, with either as the better one."""
    kind = KINDS[name]
    every, ver = float(kind.every), kind.version
    cap = net.capture()

    # The peer is MASTER, and dies.
    k = theirs(net.r1, net.r2, kind, priority=150).wait('MASTER', 20)
    u = ours(net.r2, net.r1, kind, priority=100).wait(BACKUP)
    until('upkeep hears it', lambda: u.stat('advert_rcvd') > 1)
    quiet('upkeep spoke', lambda: cap.adverts(net.r2), 4 * every)
    k.kill()
    last = cap.adverts(k.voice)[-1].t
    timely('takeover', cap.first(net.r2, last).t - last,
           down_s(100, every, ver))
    u.wait(MASTER)

    # It returns and preempts; upkeep gives way.
    k.start().wait('MASTER', 20)
    u.wait(BACKUP)
    until('the address is gone here',
          lambda: not net.r2.has(VIP[kind.fam]))
    note(net, 'backup')

    # It leaves with priority 0.
    k.stop()
    zero = cap.first(k.voice, prio=0).t
    timely('takeover after its priority 0',
           cap.first(net.r2, zero).t - zero, skew_s(100, every, ver))
    u.wait(MASTER)
    note(net, 'heard')

    # upkeep is the better one now: the peer listens.
    k = theirs(net.r1, net.r2, kind, priority=50)
    k.wait('BACKUP', 20)
    t = time.time()
    until('upkeep speaks', lambda: len(cap.adverts(net.r2, t)) > 4, 20)
    expect(not cap.adverts(k.voice, t), 'it does not accept us',
           k.text()[-400:])

    # upkeep leaves with priority 0, returns and preempts, dies.
    u.stop()
    zero = cap.first(net.r2, prio=0).t
    timely('its takeover after our priority 0',
           sign(cap, k.voice, zero) - zero, skew_s(50, every, ver))
    k.wait('MASTER')
    note(net, 'sent')
    u.start().wait(MASTER, timeout=15)
    k.wait('BACKUP')
    time.sleep(1.5 * every)
    u.kill()
    last = cap.adverts(net.r2)[-1].t
    timely('its takeover from us', sign(cap, k.voice, last) - last,
           down_s(50, every, ver))
    k.wait('MASTER')
    note(net, 'master')


def register(peer):
    """One test for each kind of `peer`."""
    def one(name):
        def agrees(net):
            agree(net, name)
        agrees.__name__ = AGREE % name
        test(agrees)
    for name, kind in KINDS.items():
        if kind.peer is peer:
            one(name)
