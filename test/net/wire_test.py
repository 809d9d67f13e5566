# SPDX-License-Identifier: MIT
"""What is sent, and what is believed: RFC 9568 5 and 7.1 with errata, RFC
3768 7.1, RFC 2338 5.3.6."""

import time

import packet
from daemon import BACKUP, FIRST, MASTER, VIP, VIPS, Upkeep, vr
from net import SLACK, down_s, expect, quiet, until
from puppet import Puppet
from runner import test

# kind: (verdict in status and metrics, fields of the bad advert)
BAD = {
    'ttl_254': ('TTL', dict(ttl=254)),
    'short': ('SHORT', dict(cut=6)),
    'count_over_payload': ('SHORT', dict(count=9)),
    'version_4': ('VERSION', dict(ver=4)),
    'type_2': ('TYPE', dict(type=2)),
    'checksum': ('CHECKSUM', dict(flip=0x0100)),
    'vrid_unknown': ('VRID', dict(vrid=99)),
    'count_0': ('COUNT', dict(count=0, addrs=[])),
    'interval_0': ('NO_INTERVAL', dict(interval=0)),
}
BAD4 = {
    'other_version': ('OTHER_VERSION', dict(ver=2, interval=1)),
    'own_source': ('LOOP', dict(src='192.0.2.2')),
}
BAD6 = {
    'not_link_local': ('LINK_LOCAL', dict(addrs=['2001:db8::100',
                                                 'fe80::100'])),
    'own_source': ('LOOP', dict(src='fe80::2')),
    'version_2': ('VERSION', dict(ver=2)),
}


def drops(up, reason):
    """Packets refused for `reason`, whoever counts them."""
    total = 0
    for name, value in up.metrics().items():
        low = name.lower()
        if ('_dropped_' in low or '_stray_' in low) and \
                'reason="%s"' % reason.lower() in low:
            total += value
    return total


def bad_kinds(net, fam):
    kinds = dict(BAD)
    kinds.update(BAD4 if fam == 4 else BAD6)
    kinds['unicast'] = ('CAST', dict(dst=net.r2.source(fam),
                                     dst_mac=net.r2.mac))
    return kinds


def refuses(net, up, p, kinds, state):
    """Each kind is counted under its reason and changes nothing else."""
    wrong = []
    for name, (reason, fields) in kinds.items():
        before = drops(up, reason)
        for _ in range(3):
            p.send(**dict(dict(prio=255), **fields))
        try:
            until('3 counted', lambda: drops(up, reason) == before + 3, 2)
        except Exception:
            wrong.append('%s: %d of 3 counted as %s' %
                         (name, drops(up, reason) - before, reason))
        if up.state() != state:
            wrong.append('%s: state is %d' % (name, up.state()))
    expect(not wrong, '; '.join(wrong))


@test(4, 6)
def each_bad_packet_is_counted_and_does_not_move_a_master(net, fam):
    r2 = Upkeep(net.r2, vr(fam=fam)).wait(MASTER)
    refuses(net, r2, Puppet(net.c, fam), bad_kinds(net, fam), MASTER)
    expect(r2.stat('become_master') == 1, 'it left MASTER')


@test(4, 6)
def bad_packets_do_not_keep_a_backup_from_taking_over(net, fam):
    cap = net.capture(lambda p: getattr(p, 'smac', '') == net.r2.mac)
    p = Puppet(net.c, fam)
    p.speak(0.1)
    r2 = Upkeep(net.r2, vr(fam=fam)).wait(BACKUP)
    until('r2 hears', lambda: r2.stat('advert_rcvd') > 3)
    frames = [p.frame(**f) for _, f in bad_kinds(net, fam).values()]
    p.hush()
    last = time.time()
    with p.flood(2000, frames):
        took = cap.first(net.r2, timeout=5).t - last
        r2.wait(MASTER)
    expect(took <= down_s(100, 0.1) + SLACK, 'took %.3f s' % took)


@test(4, 6)
def a_flood_of_bad_packets_leaves_a_masters_rhythm_alone(net, fam):
    cap = net.capture(lambda p: getattr(p, 'smac', '') == net.r2.mac)
    p = Puppet(net.c, fam)
    r2 = Upkeep(net.r2, vr(fam=fam)).wait(MASTER)
    frames = [p.frame(prio=255, **f) for _, f in bad_kinds(net, fam).values()]
    with p.flood(2000, frames):
        time.sleep(0.5)
        t0, n0 = time.time(), cap.total
        time.sleep(3)
        t1, n1 = time.time(), cap.total
    expect(n1 - n0 > 3000, 'only %d packets in 3 s' % (n1 - n0))
    rhythm(cap.adverts(net.r2), t0, t1, 0.1)
    expect(r2.stat('become_master') == 1 and r2.state() == MASTER, 'moved')


@test
def what_is_discarded_is_logged_at_a_limited_rate(net):
    p = Puppet(net.c)
    r2 = Upkeep(net.r2, vr()).wait(MASTER)
    frames = [p.frame(prio=255, **f) for _, f in bad_kinds(net, 4).values()]
    n = len(r2.text().splitlines())
    with p.flood(2000, frames):
        time.sleep(2)
    until('all counted', lambda: drops(r2, 'TTL') > 100)
    lines = r2.text().splitlines()[n:]
    expect([w for w in lines if '192.0.2.3' in w and 'TTL' in w],
           'nothing was logged', lines[:5])
    expect(len(lines) <= 30, '%d lines for 4000 packets' % len(lines),
           lines[:5])


def rhythm(adverts, t0, t1, every, slack=SLACK / 2):
    """Between t0 and t1 an advert came each `every` seconds."""
    times = [a.t for a in adverts if t0 <= a.t <= t1]
    gaps = [b - a for a, b in zip(times, times[1:])] or [t1 - t0]
    expect(len(times) >= int((t1 - t0) / every) - 1,
           '%d adverts in %.2f s' % (len(times), t1 - t0))
    expect(len(times) <= int((t1 - t0) / every) + 2,
           '%d adverts in %.2f s' % (len(times), t1 - t0))
    expect(max(gaps) <= every + slack, 'a gap of %.3f s' % max(gaps))


@test(4, 6)
def a_flood_of_bad_packets_does_not_move_a_backup(net, fam):
    p = Puppet(net.c, fam)
    p.speak(0.1)
    r2 = Upkeep(net.r2, vr(fam=fam)).wait(BACKUP)
    bad = Puppet(net.r1, fam, prio=0)
    frames = [bad.frame(**f) for _, f in bad_kinds(net, fam).values()]
    with bad.flood(2000, frames):
        quiet('it became MASTER', lambda: r2.stat('become_master'), 2.5, 0.1)
    expect(r2.state() == BACKUP, 'state')


@test
def both_ipv4_checksum_forms_of_version_3_are_believed(net):
    p = Puppet(net.c)
    r2 = Upkeep(net.r2, vr(virtual_router_id=51)).wait(BACKUP)
    for form in 'plain', 'pseudo':
        n = r2.stat('advert_rcvd')
        p.speak(0.1, form=form)
        until(form, lambda: r2.stat('advert_rcvd') > n + 3)
        r2.wait(BACKUP)


@test
def the_checksum_sent_is_rfc_9568s_unless_configured(net):
    cap = net.capture()
    Upkeep(net.r1, vr()).wait(MASTER)
    Upkeep(net.r2, vr(virtual_router_id=52, v3_checksum_as_v2='0',
                      virtual_ipaddress=['192.0.2.101/24'])).wait(MASTER)
    for node, form in (net.r1, 'plain'), (net.r2, 'pseudo'):
        sums = {a.sum for a in cap.adverts(node)}
        expect(sums == {form}, node.name, sums)


@test(4, 6)
def an_advert_is_what_the_rfc_says(net, fam):
    cap = net.capture()
    Upkeep(net.r1, vr(fam=fam, priority=123, advert_int='0.25',
                      virtual_router_id=77)).wait(MASTER)
    a = cap.first(net.r1)
    want = dict(fam=fam, src=net.r1.source(fam), dst=packet.GROUP[fam],
                ttl=255, tos=0xc0, ver=3, type=1, vrid=77, prio=123,
                count=len(VIPS[fam]), interval=25, reserved=0,
                addrs=[v.split('/')[0] for v in VIPS[fam]], auth_data=b'',
                dmac='01:00:5e:00:00:12' if fam == 4 else '33:33:00:00:00:12')
    bad = {k: getattr(a, k) for k, v in want.items() if getattr(a, k) != v}
    expect(not bad, 'advert differs', bad)
    expect(a.sum != 'bad', 'checksum')


@test(4, 6)
def a_losing_advert_is_answered_but_a_flood_of_them_is_not(net, fam):
    cap = net.capture(lambda p: getattr(p, 'smac', '') == net.r2.mac)
    p = Puppet(net.c, fam, prio=50, interval=100)
    r2 = Upkeep(net.r2, vr(fam=fam, advert_int=1)).wait(MASTER)
    n = len(cap.adverts(net.r2))
    until('an advert', lambda: len(cap.adverts(net.r2)) > n)
    t = p.send()
    first = cap.first(net.r2, t)
    expect(first.t - t < SLACK, 'answered after %.3f s' % (first.t - t))
    with p.flood(2000, [p.frame()]):
        t0 = time.time()
        time.sleep(3)
    until('all settled', lambda: len(cap.adverts(net.r2, time.time() - .3))
          < 2)
    sent, garps = len(cap.adverts(net.r2, t0)), len(cap.garps(net.r2, None,
                                                              t0))
    expect(3 <= sent <= 300, '%d adverts for 6000 packets' % sent)
    expect(garps <= 300, '%d announcements for 6000 packets' % garps)
    expect(r2.state() == MASTER, 'state')


@test(4, 6)
def a_flood_of_losing_adverts_leaves_the_rhythm_alone(net, fam):
    cap = net.capture(lambda p: getattr(p, 'smac', '') == net.r2.mac)
    p = Puppet(net.c, fam, prio=50)
    r2 = Upkeep(net.r2, vr(fam=fam)).wait(MASTER)
    with p.flood(2000, [p.frame()]):
        t0 = time.time()
        time.sleep(2)
        t1 = time.time()
    times = [a.t for a in cap.adverts(net.r2) if t0 <= a.t <= t1]
    gap = max(b - a for a, b in zip(times, times[1:]))
    expect(gap < 0.1 + SLACK / 2, 'a gap of %.3f s' % gap)
    expect(r2.state() == MASTER and r2.stat('become_master') == 1, 'moved')


@test
def v3_addresses_that_differ_do_not_discard(net):
    p = Puppet(net.c, addrs=['192.0.2.200', '192.0.2.201'])
    p.speak(0.1)
    r2 = Upkeep(net.r2, vr()).wait(BACKUP)
    until('accepted', lambda: r2.stat('advert_rcvd') > 10)
    expect(r2.state() == BACKUP and not r2.stat('become_master'), 'moved')


@test
def v2_addresses_that_differ_discard_unless_from_the_owner(net):
    p = Puppet(net.c, ver=2, interval=1, addrs=['192.0.2.200'])
    r2 = Upkeep(net.r2, vr(version=2, advert_int=1)).wait(BACKUP)
    before = r2.stat('addr_list_err')
    p.send()
    until('discarded', lambda: r2.stat('addr_list_err') == before + 1)
    n = r2.stat('advert_rcvd')
    p.send(prio=255)
    until('accepted', lambda: r2.stat('advert_rcvd') == n + 1)


@test
def v2_passwords_are_sent_and_compared(net):
    cap = net.capture()
    opts = dict(version=2, advert_int=1, auth_type='PASS', auth_pass='s3cret')
    p = Puppet(net.c, ver=2, interval=1, auth=1, password=b's3cret')
    p.speak(0.3)
    r2 = Upkeep(net.r2, vr(**opts)).wait(BACKUP)
    until('heard', lambda: r2.stat('advert_rcvd') > 2)
    p.hush()
    kinds = {
        'no_password': ('AUTH_OTHER', dict(auth=0, password=b'')),
        'wrong': ('AUTH_FAILED', dict(password=b's3cres')),
        'longer': ('AUTH_FAILED', dict(password=b's3crets')),
        'unknown_type': ('AUTH_UNKNOWN', dict(auth=7)),
    }
    refuses(net, r2, p, kinds, r2.state())
    first = cap.first(net.r2)
    expect(first.auth == 1 and first.auth_data == b's3cret\0\0', 'sent', first)
    expect('s3cret' not in r2.good('status') + r2.good('status', 'json'),
           'the password is shown')


@test
def v2_without_a_password_refuses_one(net):
    p = Puppet(net.c, ver=2, interval=1, auth=1, password=b's3cret')
    r2 = Upkeep(net.r2, vr(version=2, advert_int=1)).wait(BACKUP)
    p.send()
    until('counted', lambda: r2.stat('authtype_mismatch') == 1)


@test
def junk_of_every_length_is_survived(net):
    p, six = Puppet(net.c, prio=50), Puppet(net.c, 6, prio=50)
    r2 = Upkeep(net.r2, vr(), vr('six', 6)).wait(MASTER).wait(MASTER, 'six')
    for cut in range(0, 28):
        p.send(cut=cut)
        six.send(cut=cut)
    for ihl in range(16):
        f = bytearray(p.frame())
        f[14] = 0x40 | ihl
        p.sock.send(bytes(f))
    expect(r2.state() == MASTER and r2.state('six') == MASTER, 'state')


@test(4, 6)
def extra_bytes_after_the_message_are_tolerated(net, fam):
    """Padding of a frame is not the message's; a tail inside the IP length
    is refused or ignored, but never moves anything."""
    p = Puppet(net.c, fam)
    r2 = Upkeep(net.r2, vr(fam=fam)).wait(BACKUP)
    n = r2.stat('advert_rcvd')
    p.sock.send(p.frame() + bytes(18))
    until('a padded frame is accepted', lambda: r2.stat('advert_rcvd') > n)


@test(4, 6)
def unicast_goes_to_each_peer_and_only_peers_are_heard(net, fam):
    cap = net.capture()
    peers = [net.r1.source(fam), net.c.source(fam)]
    r2 = Upkeep(net.r2, vr(fam=fam, unicast_peer=peers)).wait(MASTER)
    dsts = until('both peers addressed', lambda: len(
        {a.dst for a in cap.adverts(net.r2)}) == 2 and cap.adverts(net.r2))
    expect({a.dst for a in dsts} == set(peers), 'peers', dsts[:2])
    expect(all(a.ttl == 255 and a.sum != 'bad' for a in dsts), 'ttl', dsts[0])
    p = Puppet(net.c, fam)
    to = dict(dst=net.r2.source(fam), dst_mac=net.r2.mac)
    refuses(net, r2, p, {
        'multicast': ('CAST', {}),
        'stranger': ('PEER', dict(src='192.0.2.9' if fam == 4 else 'fe80::9',
                                  **to))}, MASTER)
    p.send(prio=200, **to)
    r2.wait(BACKUP)


@test(4, 6)
def unicast_routers_fail_over(net, fam):
    cap = net.capture()
    a, b = net.r1.source(fam), net.r2.source(fam)
    r1 = Upkeep(net.r1, vr(fam=fam, priority=150, unicast_peer=[b],
                           unicast_src_ip=a)).wait(MASTER)
    r2 = Upkeep(net.r2, vr(fam=fam, unicast_peer=[a],
                           unicast_src_ip=b)).wait(BACKUP)
    until('heard', lambda: r2.stat('advert_rcvd') > 2)
    r1.kill()
    last = cap.adverts(net.r1)[-1].t
    took = cap.first(net.r2, last).t - last
    rule = down_s(100, 0.1)
    expect(rule - 0.002 <= took <= rule + SLACK, 'took', took)


@test
def unicast_ttl_is_sent_and_min_ttl_is_checked(net):
    cap = net.capture()
    r2 = Upkeep(net.r2, vr(unicast_ttl=7, unicast_peer=[
        net.c.ip4 + ' min_ttl 60 max_ttl 64'])).wait(MASTER)
    expect(cap.first(net.r2).ttl == 7, 'ttl', cap.first(net.r2))
    p = Puppet(net.c, prio=150)
    to = dict(dst=net.r2.ip4, dst_mac=net.r2.mac)
    refuses(net, r2, p, {'low': ('TTL', dict(ttl=59, **to)),
                         'high': ('TTL', dict(ttl=65, **to))}, MASTER)
    p.send(ttl=60, **to)
    r2.wait(BACKUP)


@test
def mcast_src_ip_is_the_source(net):
    cap = net.capture()
    net.r1.ip('address add 192.0.2.77/24 dev eth0')
    Upkeep(net.r1, vr(mcast_src_ip='192.0.2.77')).wait(MASTER)
    expect({a.src for a in cap.adverts(net.r1)} == {'192.0.2.77'}, 'source')


@test
def the_source_stays_the_primary_address_when_addresses_come(net):
    cap = net.capture()
    Upkeep(net.r1, vr(virtual_ipaddress=['192.0.2.0/31', '192.0.2.100/24'])
           ).wait(MASTER)
    until('adverts', lambda: len(cap.adverts(net.r1)) > 10)
    expect({a.src for a in cap.adverts(net.r1)} == {net.r1.ip4}, 'source')


@test(4, 6)
def excluded_addresses_are_set_but_not_advertised(net, fam):
    cap = net.capture()
    more = ['192.0.2.120/24', '2001:db8::120/64']
    Upkeep(net.r1, vr(fam=fam, virtual_ipaddress_excluded=more)).wait(MASTER)
    until('excluded addresses', lambda: {'192.0.2.120', '2001:db8::120'} <=
          net.r1.addrs())
    a = cap.first(net.r1)
    expect(a.addrs == [v.split('/')[0] for v in VIPS[fam]], 'advert', a)
    expect(a.addrs[0] == FIRST[fam], 'first address', a)
    for addr in '192.0.2.120', '2001:db8::120', VIP[fam]:
        until('announced ' + addr, lambda: cap.garps(net.r1, addr))
