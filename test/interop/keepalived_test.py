# SPDX-License-Identifier: MIT
"""upkeepd and Debian's keepalived as each other's master and backup.

keepalived 2.2.7 refuses version 3 over IPv4 without the pseudo-header, so
upkeep speaks to it with v3_checksum_as_v2 off there.
"""

import time

from daemon import BACKUP, MASTER, VIP, Upkeep, vr
from keepalived import Keepalived
from net import SLACK, down_s, expect, quiet, skew_s, until
from runner import test

# kind: (family, version, interval, unicast, password)
KINDS = {
    'v2': (4, 2, '1', False, None),
    'v2_pass': (4, 2, '1', False, 's3cret'),
    'v2_unicast': (4, 2, '1', True, None),
    'v3': (4, 3, '0.2', False, None),
    'v3_unicast': (4, 3, '0.2', True, None),
    'v3_ipv6': (6, 3, '0.2', False, None),
    'v3_ipv6_unicast': (6, 3, '0.2', True, None),
}


def ours(node, peer, kind, **options):
    fam, ver, every, unicast, password = KINDS[kind]
    opts = dict(fam=fam, version=ver, advert_int=every,
                v3_checksum_as_v2='0' if ver == 3 else None)
    if unicast:
        opts.update(unicast_peer=[peer.source(fam)],
                    unicast_src_ip=node.source(fam))
    if password:
        opts.update(auth_type='PASS', auth_pass=password)
    opts.update(options)
    return Upkeep(node, vr(**opts))


def theirs(node, peer, kind, **words):
    fam, ver, every, unicast, password = KINDS[kind]
    words = dict(dict(fam=fam, version=ver, advert_int=every,
                      password=password), **words)
    if unicast:
        words.update(unicast_src_ip=node.source(fam),
                     peers=[peer.source(fam)])
    return Keepalived(node, **words)


def agree(net, kind):
    """Everything that two routers do, with either as the better one."""
    fam, ver, every, _, _ = KINDS[kind]
    every = float(every)
    cap = net.capture()

    # keepalived is MASTER, and dies.
    k = theirs(net.r1, net.r2, kind, priority=150).wait('MASTER', 20)
    u = ours(net.r2, net.r1, kind, priority=100).wait(BACKUP)
    until('upkeep hears keepalived', lambda: u.stat('advert_rcvd') > 1)
    quiet('upkeep spoke', lambda: cap.adverts(net.r2), 4 * every)
    k.kill()
    last = cap.adverts(net.r1)[-1].t
    timely('takeover from keepalived', cap.first(net.r2, last).t - last,
           down_s(100, every, ver))
    u.wait(MASTER)

    # keepalived returns and preempts; upkeep gives way.
    k.start().wait('MASTER', 20)
    u.wait(BACKUP)
    until('the address is gone here', lambda: not net.r2.has(VIP[fam]))

    # keepalived leaves with priority 0.
    k.stop()
    zero = cap.first(net.r1, prio=0).t
    timely('takeover after its priority 0',
           cap.first(net.r2, zero).t - zero, skew_s(100, every, ver))
    u.wait(MASTER)

    # upkeep is the better one now: keepalived listens.
    k = theirs(net.r1, net.r2, kind, priority=50)
    k.wait('BACKUP', 20)
    t = time.time()
    until('upkeep speaks', lambda: len(cap.adverts(net.r2, t)) > 4, 20)
    expect(not cap.adverts(net.r1, t), 'keepalived does not accept us',
           k.text()[-400:])

    # upkeep leaves with priority 0, returns and preempts, dies.
    u.stop()
    zero = cap.first(net.r2, prio=0).t
    timely('its takeover after our priority 0',
           cap.first(net.r1, zero).t - zero, skew_s(50, every, ver))
    k.wait('MASTER')
    u.start().wait(MASTER, timeout=15)
    k.wait('BACKUP')
    time.sleep(1.5 * every)
    u.kill()
    last = cap.adverts(net.r2)[-1].t
    timely('its takeover from us', cap.first(net.r1, last).t - last,
           down_s(50, every, ver))
    k.wait('MASTER')


def timely(what, took, rule):
    expect(rule - 0.02 <= took <= rule + SLACK,
           '%s: %.4f s, rule %.4f s' % (what, took, rule))


def register(kind):
    def agrees(net):
        agree(net, kind)
    agrees.__name__ = 'upkeep_and_keepalived_agree_' + kind
    test(agrees)


for name in KINDS:
    register(name)


@test
def keepalived_and_upkeep_settle_a_split_by_address(net):
    net.r1.isolate(True)
    net.r2.isolate(True)
    k = theirs(net.r2, net.r1, 'v3').wait('MASTER')
    u = ours(net.r1, net.r2, 'v3').wait(MASTER)
    net.r1.isolate(False)
    net.r2.isolate(False)
    u.wait(BACKUP)
    k.wait('MASTER')


@test
def keepalived_with_another_password_is_not_heard(net):
    theirs(net.r1, net.r2, 'v2_pass', priority=200).wait('MASTER', 20)
    u = ours(net.r2, net.r1, 'v2_pass', auth_pass='other')
    until('counted', lambda: u.stat('auth_failure') > 2)
    u.wait(MASTER)


@test
def keepalived_takes_both_interval_learnings(net):
    """A version 3 router learns keepalived's slower interval."""
    cap = net.capture()
    k = theirs(net.r1, net.r2, 'v3', priority=200, advert_int='0.6')
    k.wait('MASTER', 20)
    u = ours(net.r2, net.r1, 'v3').wait(BACKUP)
    quiet('upkeep spoke', lambda: cap.adverts(net.r2), 2)
    k.kill()
    last = cap.adverts(net.r1)[-1].t
    timely('takeover', cap.first(net.r2, last).t - last, down_s(100, 0.6))
    u.wait(MASTER)
