# SPDX-License-Identifier: MIT
"""packet -- the frames that the tests send and see, written from RFC 9568,
RFC 3768, RFC 826 and RFC 4861 independently of the daemon's own code.

Building: vrrp() gives a message, ip() puts it into IPv4 or IPv6 and ethernet().
Reading: parse() gives an Adv, an Arp or an Na, or None for any other frame.
"""

import socket
import struct
from collections import namedtuple

GROUP = {4: '224.0.0.18', 6: 'ff02::12'}

Adv = namedtuple('Adv', 't fam src dst ttl tos smac dmac ver type vrid prio '
                 'count auth interval sum addrs auth_data reserved length')
Arp = namedtuple('Arp', 't smac dmac op sha spa tha tpa')
Na = namedtuple('Na', 't smac dmac src dst hop router solicited override '
                'target tlla sum_ok')


def family(addr):
    return 6 if ':' in addr else 4


def pack(addr):
    af = socket.AF_INET6 if ':' in addr else socket.AF_INET
    return socket.inet_pton(af, addr)


def unpack(octets):
    af = socket.AF_INET6 if len(octets) == 16 else socket.AF_INET
    return socket.inet_ntop(af, octets)


def mac(text):
    return bytes.fromhex(text.replace(':', ''))


def mac_text(octets):
    return ':'.join('%02x' % b for b in octets)


def checksum(octets):
    if len(octets) % 2:
        octets += b'\0'
    total = sum(struct.unpack('!%dH' % (len(octets) // 2), octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def pseudo(src, dst, length, proto):
    """The pseudo-header: RFC 8200 8.1, for IPv4 that of TCP and UDP."""
    form = '!II' if len(src) == 16 else '!HH'
    head = struct.pack(form, length, proto) if len(src) == 16 else \
        struct.pack('!BBH', 0, proto, length)
    return src + dst + head


def vrrp(src, dst, ver=3, vrid=51, prio=100, addrs=(), interval=100, type=1,
         count=None, auth=0, password=b'', form=None, flip=0, reserved=0):
    """A message; `interval` as on the wire, `form` plain or pseudo, `flip`
    is xored into the finished checksum."""
    body = b''.join(pack(a) for a in addrs)
    count = len(addrs) if count is None else count
    if ver == 2:
        mid = struct.pack('!BB', auth, interval)
        body += password[:8].ljust(8, b'\0')
    else:
        mid = struct.pack('!H', reserved << 12 | interval)
    head = struct.pack('!BBBB', ver << 4 | type, vrid, prio, count) + mid
    msg = head + b'\0\0' + body
    if form is None:
        form = 'pseudo' if family(src) == 6 else 'plain'
    over = msg
    if form == 'pseudo':
        over = pseudo(pack(src), pack(dst), len(msg), 112) + msg
    return head + struct.pack('!H', checksum(over) ^ flip) + body


def ip(src, dst, payload, ttl=255, proto=112, ident=1):
    if family(src) == 6:
        return struct.pack('!IHBB', 0x6c000000, len(payload), proto, ttl) + \
            pack(src) + pack(dst) + payload
    head = struct.pack('!BBHHHBB', 0x45, 0xc0, 20 + len(payload), ident, 0,
                       ttl, proto)
    tail = pack(src) + pack(dst)
    total = checksum(head + b'\0\0' + tail)
    return head + struct.pack('!H', total) + tail + payload


def ethernet(src_mac, packet, dst_mac=None):
    """`packet` in a frame; without `dst_mac` its group's address is used."""
    v6 = packet[0] >> 4 == 6
    if dst_mac is None:
        dst_mac = '33:33:' + mac_text(packet[36:40]) if v6 else \
            '01:00:5e:' + mac_text(bytes([packet[17] & 0x7f]) + packet[18:20])
    kind = 0x86dd if v6 else 0x0800
    return mac(dst_mac) + mac(src_mac) + struct.pack('!H', kind) + packet


def sum_form(fam, ver, src, dst, msg):
    """In which form the checksum of `msg` is right: plain, pseudo or bad."""
    if fam == 4 and checksum(msg) == 0:
        return 'plain'
    if ver == 3 and checksum(pseudo(src, dst, len(msg), 112) + msg) == 0:
        return 'pseudo'
    return 'bad'


def parse_adv(t, frame, fam, ttl, tos, src, dst, msg):
    if len(msg) < 8:
        return None
    vt, vrid, prio, count, mid = struct.unpack('!BBBBH', msg[:6])
    ver, size = vt >> 4, 4 if fam == 4 else 16
    addrs = [unpack(msg[8 + i * size:8 + (i + 1) * size])
             for i in range(count) if len(msg) >= 8 + (i + 1) * size]
    return Adv(t, fam, unpack(src), unpack(dst), ttl, tos,
               mac_text(frame[6:12]), mac_text(frame[:6]), ver, vt & 15, vrid,
               prio, count, mid >> 8 if ver == 2 else 0,
               mid & 0xff if ver == 2 else mid & 0xfff,
               sum_form(fam, ver, src, dst, msg), addrs,
               msg[8 + count * size:], 0 if ver == 2 else mid >> 12, len(msg))


def parse_na(t, frame, packet):
    src, dst, msg = packet[8:24], packet[24:40], packet[40:]
    msg = msg[:struct.unpack('!H', packet[4:6])[0]]
    if len(msg) < 24 or msg[0] != 136:
        return None
    tlla = ''
    if len(msg) >= 32 and msg[24] == 2 and msg[25] == 1:
        tlla = mac_text(msg[26:32])
    good = checksum(pseudo(src, dst, len(msg), 58) + msg) == 0
    return Na(t, mac_text(frame[6:12]), mac_text(frame[:6]), unpack(src),
              unpack(dst), packet[7], bool(msg[4] & 0x80),
              bool(msg[4] & 0x40), bool(msg[4] & 0x20), unpack(msg[8:24]),
              tlla, good)


def parse(t, frame):
    kind = struct.unpack('!H', frame[12:14])[0]
    packet = frame[14:]
    if kind == 0x0806 and len(packet) >= 28:
        op = struct.unpack('!H', packet[6:8])[0]
        return Arp(t, mac_text(frame[6:12]), mac_text(frame[:6]), op,
                   mac_text(packet[8:14]), unpack(packet[14:18]),
                   mac_text(packet[18:24]), unpack(packet[24:28]))
    if kind == 0x0800 and len(packet) >= 20 and packet[9] == 112:
        ihl = (packet[0] & 15) * 4
        total = struct.unpack('!H', packet[2:4])[0]
        return parse_adv(t, frame, 4, packet[8], packet[1], packet[12:16],
                         packet[16:20], packet[ihl:total])
    if kind == 0x86dd and len(packet) >= 40:
        if packet[6] == 112:
            end = 40 + struct.unpack('!H', packet[4:6])[0]
            tos = (packet[0] & 15) << 4 | packet[1] >> 4
            return parse_adv(t, frame, 6, packet[7], tos, packet[8:24],
                             packet[24:40], packet[40:end])
        if packet[6] == 58:
            return parse_na(t, frame, packet)
    return None
