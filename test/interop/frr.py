# SPDX-License-Identifier: MIT
"""frr -- FRR's vrrpd, with a zebra of its own, as a peer on one node.

vrrpd speaks from a macvlan with the virtual MAC, which it wants to find; a
MASTER has it up, a BACKUP has it protodown.  Version 3 over IPv4 always has
the pseudo-header before FRR 10, which can leave it out.
"""

import collections
import contextlib
import os
import shutil
import signal

from daemon import VIPS
from net import expect, run, until

LIB = '/usr/lib/frr/'
Voice = collections.namedtuple('Voice', 'name mac')
COMMANDS = dict(version='version', priority='priority',
                advert_int='advertisement-interval')


class Frr:
    """One vrrpd with one virtual router; fields as keepalived calls them."""

    def __init__(self, node, fam=4, start=True, virtual_router_id=51,
                 **words):
        self.node, self.fam, self.vrid = node, fam, virtual_router_id
        self.zebra, self.p, self.read = None, None, 0
        self.dev = 'vrrp%d' % fam
        self.voice = Voice(node.name, '00:00:5e:00:%02x:%02x' %
                           (1 if fam == 4 else 2, self.vrid))
        base = dict(version=3, priority=100, advert_int='0.1')
        base.update(words)
        base['advert_int'] = int(float(base['advert_int']) * 1000)
        lines = ['log stdout', 'debug vrrp protocol', 'interface eth0']
        lines += [' vrrp %d %s %s' % (self.vrid, COMMANDS[k], v)
                  for k, v in base.items()]
        lines += [' vrrp %d %s %s' % (self.vrid, 'ip' if fam == 4 else 'ipv6',
                                      a.split('/')[0]) for a in VIPS[fam]]
        # It gives up root before it opens anything.
        os.chmod(node.net.tmp, 0o711)
        self.dir = os.path.join(node.net.tmp, node.name + '.frr')
        os.makedirs(self.dir, exist_ok=True)
        for name, text in ('vrrpd', lines), ('zebra', ['log stdout']):
            with open(os.path.join(self.dir, name + '.conf'), 'w') as f:
                f.write('\n'.join(text) + '\n')
        shutil.chown(self.dir, 'frr', 'frr')
        self.log = os.path.join(node.net.logs, node.name + '-vrrpd.log')
        node.net.ending.append(self.kill)
        if start:
            self.start()

    def daemon(self, name):
        at = os.path.join(self.dir, '')
        return self.node.popen('%s-%s.log' % (self.node.name, name), [
            LIB + name, '-u', 'frr', '-g', 'frr', '-f', at + name + '.conf',
            '-i', at + name + '.pid', '-z', at + 'zserv', '-P', '0',
            '--vty_socket', self.dir])

    def plug(self):
        """The macvlan; its own link-local address comes last: that it takes
        as its source."""
        self.node.ip('link add %s link eth0 address %s type macvlan '
                     'mode bridge' % (self.dev, self.voice.mac))
        self.node.ip('link set %s addrgenmode none' % self.dev)
        own = ['fe80::f%x/64' % self.node.num] if self.fam == 6 else []
        for addr in VIPS[self.fam] + own:
            self.node.ip('address add %s dev %s%s' % (
                addr, self.dev, ' nodad' if self.fam == 6 else ''))
        self.node.ip('link set %s up' % self.dev)

    def start(self):
        if os.path.exists(self.log):
            self.read = os.path.getsize(self.log)
        self.plug()
        self.zebra = self.daemon('zebra')
        until('zebra listens', lambda: os.path.exists(
            os.path.join(self.dir, 'zserv')))
        self.p = self.daemon('vrrpd')
        return self

    def text(self):
        """What it has logged in its present life."""
        with open(self.log, errors='replace') as f:
            f.seek(self.read)
            return f.read()

    def wait(self, state, timeout=15):
        """Until its last transition is into `state`."""
        def probe():
            expect(self.p.poll() is None, 'vrrpd ended', self.text()[-400:])
            last = [line.split()[-1] for line in self.text().splitlines()
                    if ' -> ' in line]
            return last and last[-1].upper() == state
        until('vrrpd on %s %s' % (self.node.name, state), probe, timeout,
              0.02)
        return self

    def kill(self):
        """Both processes and what they leave, as when the power goes."""
        for sig in signal.SIGSTOP, signal.SIGKILL:
            for p in self.p, self.zebra:
                if p and p.poll() is None:
                    p.send_signal(sig)
        self.unplug()

    def stop(self):
        self.p.terminate()
        code = self.p.wait(15)
        self.unplug()
        return code

    def unplug(self):
        for p in self.p, self.zebra:
            if p and p.poll() is None:
                p.kill()
                p.wait()
        self.node.ip('link del ' + self.dev, check=False)
        for name in 'zserv', 'zebra.vty', 'vrrpd.vty':
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(self.dir, name))


def version():
    return run(LIB + 'vrrpd', '--version').split()[2]
