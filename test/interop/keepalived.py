# SPDX-License-Identifier: MIT
"""keepalived -- Debian's keepalived as a peer on one node."""

import contextlib
import os
import signal

from daemon import VIPS
from net import children, expect, run, until


class Keepalived:
    """One keepalived with one instance; fields are its own keywords."""

    def __init__(self, node, fam=4, vips=None, excluded=(), start=True,
                 peers=(), password=None, **words):
        self.node, self.p, self.read, self.voice = node, None, 0, node
        self.pids = os.path.join(node.net.tmp, node.name)
        base = dict(state='BACKUP', interface='eth0', virtual_router_id=51,
                    priority=100, advert_int='0.1', version=3)
        base.update(words)
        lines = ['%s %s' % (k, v) for k, v in base.items() if v is not None]
        if peers:
            lines += ['unicast_peer {'] + list(peers) + ['}']
        if password:
            lines += ['authentication {', 'auth_type PASS',
                      'auth_pass ' + password, '}']
        lines += ['virtual_ipaddress {'] + list(vips or VIPS[fam]) + ['}']
        if excluded:
            lines += ['virtual_ipaddress_excluded {'] + list(excluded) + ['}']
        text = 'global_defs {\nrouter_id peer\n}\nvrrp_instance lan {\n%s\n}\n'
        self.conf = node.net.file(node.name + '.conf', text % '\n'.join(lines))
        self.log = os.path.join(node.net.logs, node.name + '-keepalived.log')
        node.net.ending.append(self.kill)
        if start:
            self.start()

    def start(self):
        if os.path.exists(self.log):
            self.read = os.path.getsize(self.log)
        self.p = self.node.popen(self.node.name + '-keepalived.log', [
            'keepalived', '-n', '-l', '-D', '-P', '-f', self.conf,
            '-p', self.pids + '.pid', '-r', self.pids + '-vrrp.pid'])
        return self

    def text(self):
        """What it has logged in its present life."""
        with open(self.log, errors='replace') as f:
            f.seek(self.read)
            return f.read()

    def wait(self, state, timeout=15):
        """Until its last transition is into `state`."""
        def probe():
            expect(self.p.poll() is None, 'keepalived ended', self.text())
            last = [w.split()[0] for line in self.text().splitlines()
                    for w in line.split('Entering ')[1:]]
            return last and last[-1] == state
        until('keepalived on %s %s' % (self.node.name, state), probe, timeout,
              0.02)
        return self

    def kill(self):
        """Both processes at once; a zombie would keep the next one off."""
        if self.p and self.p.poll() is None:
            pids = [self.p.pid] + children(self.p.pid)
            for sig in signal.SIGSTOP, signal.SIGKILL:
                for pid in pids:
                    os.kill(pid, sig)
            self.p.wait()
            for end in '.pid', '-vrrp.pid':
                with contextlib.suppress(OSError):
                    os.unlink(self.pids + end)

    def stop(self):
        self.p.terminate()
        return self.p.wait(15)


def version():
    return run('keepalived', '--version').split()[1].lstrip('v')
