# SPDX-License-Identifier: MIT
"""What upkeepd sends, as tshark's dissectors see it."""

import os
import subprocess

from daemon import MASTER, VIP, Upkeep, vr
from net import expect, run, until
from runner import test


def recorded(net, *sections):
    """Run upkeepd through MASTER and its end; the recording's path."""
    pcap = os.path.join(net.logs, 'seen.pcap')
    p = net.switch.popen('tcpdump.log', ['tcpdump', '-i', 'br0', '-U', '-w', pcap,
                                         '--immediate-mode'])
    until('tcpdump listens', lambda: os.path.exists(pcap) and
          os.path.getsize(pcap) >= 24)
    cap = net.capture()
    up = Upkeep(net.r1, *sections).wait(MASTER)
    until('adverts', lambda: len(cap.adverts(net.r1)) > 3)
    until('announced', lambda: len(cap.garps(net.r1)) > 4)
    up.stop()
    until('priority 0', lambda: cap.adverts(net.r1, prio=0))
    sizes = []

    def settled():
        sizes.append(os.path.getsize(pcap))
        return len(sizes) > 5 and sizes[-1] == sizes[-5]
    until('all is written', settled, step=0.05)
    p.terminate()
    p.wait()
    return pcap


def tshark(pcap, filter, *fields):
    words = ['tshark', '-n', '-r', pcap, '-Y', filter, '-T', 'fields',
             '-E', 'separator=|', '-o', 'ip.check_checksum:TRUE',
             '-o', 'vrrp.v3_checksum_as_in_v2:TRUE']
    for f in fields:
        words += ['-e', f]
    p = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       text=True, timeout=60)
    expect(p.returncode == 0, 'tshark', p.stderr)
    return [w.split('|') for w in p.stdout.splitlines()]


def no_complaint(pcap, mine):
    """No warning or error in tshark's expert information."""
    rows = tshark(pcap, '(%s) && _ws.expert.severity >= 6291456' % mine,
                  'frame.number', '_ws.expert.message')
    expect(not rows, 'tshark complains', rows[:5])


def rows_of(pcap, filter, *fields):
    rows = tshark(pcap, filter, *fields)
    expect(rows, 'tshark sees nothing for ' + filter)
    return rows


@test
def tshark_decodes_version_2_with_and_without_password(net):
    for name, extra in ('plain', {}), ('pass', dict(auth_type='PASS',
                                                    auth_pass='s3cret')):
        pcap = recorded(net, vr(version=2, advert_int=1, **extra))
        no_complaint(pcap, 'vrrp')
        rows = rows_of(pcap, 'vrrp', 'vrrp.version', 'vrrp.virt_rtr_id',
                       'vrrp.prio', 'vrrp.adver_int', 'vrrp.auth_type',
                       'vrrp.ip_addr', 'ip.ttl', 'vrrp.checksum.status')
        want = {('2', '51', p, '1', '1' if extra else '0', VIP[4], '255',
                 '1') for p in ('100', '0')}
        expect({tuple(r) for r in rows} == want, name, rows[:3])


@test
def tshark_decodes_version_3_over_ipv4(net):
    pcap = recorded(net, vr())
    no_complaint(pcap, 'vrrp')
    rows = rows_of(pcap, 'vrrp', 'vrrp.version', 'vrrp.prio',
                   'vrrp.short_adver_int', 'vrrp.ip_addr', 'ip.ttl',
                   'vrrp.checksum.status', 'ip.checksum.status')
    want = {('3', p, '10', VIP[4], '255', '1', '1') for p in ('100', '0')}
    expect({tuple(r) for r in rows} == want, 'rows', rows[:3])
    garps = rows_of(pcap, 'arp', 'arp.isgratuitous', 'arp.opcode',
                    'arp.src.proto_ipv4', 'arp.dst.proto_ipv4',
                    'arp.src.hw_mac')
    expect({tuple(r) for r in garps} == {
        ('1', '1', VIP[4], VIP[4], net.r1.mac)}, 'GARP', garps[:3])
    no_complaint(pcap, 'arp')


@test
def tshark_decodes_version_3_over_ipv6(net):
    pcap = recorded(net, vr(fam=6))
    no_complaint(pcap, 'vrrp || icmpv6.type == 136')
    rows = rows_of(pcap, 'vrrp', 'vrrp.version', 'vrrp.prio',
                   'vrrp.ipv6_addr', 'ipv6.hlim', 'ipv6.dst',
                   'vrrp.checksum.status')
    want = {('3', p, 'fe80::100,2001:db8::100', '255', 'ff02::12', '1')
            for p in ('100', '0')}
    expect({tuple(r) for r in rows} == want, 'rows', rows[:3])
    nas = rows_of(pcap, 'icmpv6.type == 136', 'icmpv6.nd.na.flag.r',
                  'icmpv6.nd.na.flag.s', 'icmpv6.nd.na.flag.o',
                  'icmpv6.nd.na.target_address', 'ipv6.hlim',
                  'icmpv6.checksum.status', 'icmpv6.opt.linkaddr')
    want = {('1', '0', '1', a, '255', '1', net.r1.mac)
            for a in ('fe80::100', VIP[6])}
    expect({tuple(r) for r in nas} == want, 'NA', nas[:3])


@test
def tcpdump_decodes_the_pseudo_header_form(net):
    pcap = recorded(net, vr(v3_checksum_as_v2='0'))
    text = run('tcpdump', '-n', '-vv', '-r', pcap, 'ip proto 112')
    expect('vrid 51' in text and 'VRRPv3' in text, 'tcpdump', text[:300])
    expect('bad' not in text, 'tcpdump complains', text[:300])
