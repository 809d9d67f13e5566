# SPDX-License-Identifier: MIT
"""daemon -- upkeepd under test: configuration text, start, questions, end."""

import contextlib
import json
import os
import signal
import subprocess

from net import (UPKEEPD, Failure, children, expect, gone, until)

INIT, BACKUP, MASTER, FAULT = 0, 1, 2, 3
VIP = {4: '192.0.2.100', 6: '2001:db8::100'}
VIPS = {4: ['192.0.2.100/24'], 6: ['fe80::100/64', '2001:db8::100/64']}
FIRST = {4: '192.0.2.100', 6: 'fe80::100'}     # the first in an advert


def uci(*sections):
    """UCI text of (type, name, options); a list value gives list lines."""
    out = []
    for kind, name, options in sections:
        out.append("config %s '%s'" % (kind, name))
        for key, value in options.items():
            if isinstance(value, (list, tuple)):
                out += ["\tlist %s '%s'" % (key, v) for v in value]
            else:
                out.append("\toption %s '%s'" % (key, value))
        out.append('')
    return '\n'.join(out)


def vr(name='lan', fam=4, **options):
    """A vrrp_instance section: version 3, 0.1 s, VRID 51 unless told."""
    base = dict(interface='eth0', virtual_router_id=51, version=3,
                priority=100, advert_int='0.1', virtual_ipaddress=VIPS[fam])
    base.update(options)
    return ('vrrp_instance', name,
            {k: v for k, v in base.items() if v is not None})


def globals_(**options):
    return ('globals', 'globals', options)


def tool(*argv, timeout=20, **kw):
    """Run the binary as upkeepctl: (code, output, errors)."""
    p = subprocess.run(['upkeepctl'] + [str(a) for a in argv],
                       executable=UPKEEPD, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                       text=True, errors='replace', timeout=timeout, **kw)
    return p.returncode, p.stdout, p.stderr


class Upkeep:
    """One upkeepd on one node."""

    def __init__(self, node, *sections, start=True, binary=UPKEEPD):
        self.node, self.p, self.binary = node, None, binary
        self.dir = os.path.join(node.net.tmp, node.name + '.run')
        self.file = os.path.join(node.net.tmp, node.name + '.uci')
        self.log = node.name + '.log'
        os.makedirs(self.dir, exist_ok=True)
        node.net.ending.append(self.kill)
        self.write(*sections)
        if start:
            self.start()

    def write(self, *sections):
        text = sections[0] if sections and \
            isinstance(sections[0], (str, bytes)) else uci(*sections)
        with open(self.file + '.new', 'wb') as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        os.rename(self.file + '.new', self.file)

    def start(self, wait=True):
        expect(os.access(self.binary, os.X_OK), 'no daemon at ' + self.binary)
        self.p = self.node.popen(self.log, [self.binary, '-f', self.file,
                                            '-R', self.dir])
        if wait:
            until('upkeepd answers on ' + self.node.name, self.answers)
        return self

    def answers(self):
        expect(self.p.poll() is None, 'upkeepd ended by itself',
               self.p.returncode, self.tail())
        return self.ctl('status', 'json')[0] == 0

    def tail(self, n=5):
        with open(os.path.join(self.node.net.logs, self.log),
                  errors='replace') as f:
            return ' | '.join(f.read().splitlines()[-n:])

    def text(self):
        with open(os.path.join(self.node.net.logs, self.log),
                  errors='replace') as f:
            return f.read()

    def ctl(self, *argv, **kw):
        return tool('-R', self.dir, *argv, preexec_fn=self.node.enter, **kw)

    def good(self, *argv):
        code, out, err = self.ctl(*argv)
        expect(code == 0, 'upkeepctl %s failed' % ' '.join(argv), out, err)
        return out

    def status(self):
        out = self.good('status', 'json')
        try:
            return json.loads(out)
        except ValueError as e:
            raise Failure('status json is not JSON: %s; %r' % (e, out[:300]))

    def instance(self, name='lan'):
        for row in self.status().get('vrrp', ()):
            if row['data'].get('iname') == name:
                return row
        return None

    def state(self, name='lan'):
        row = self.instance(name)
        return row['data']['state'] if row else None

    def stat(self, key, name='lan'):
        return self.instance(name)['stats'][key]

    def wait(self, state, name='lan', timeout=10.0):
        def probe():
            with contextlib.suppress(Failure):      # a child restarts
                return self.state(name) == state
        until('%s on %s in state %d' % (name, self.node.name, state), probe,
              timeout, 0.02)
        return self

    def metrics(self):
        """Samples as {'name{labels}': value}."""
        out = {}
        for line in self.good('metrics').splitlines():
            if line and not line.startswith('#'):
                name, value = line.rsplit(None, 1)
                out[name] = float(value)
        return out

    def reload(self, *sections, good=True):
        """Write and reload through upkeepctl."""
        if sections:
            self.write(*sections)
        code, out, err = self.ctl('reload')
        expect((code == 0) == good, 'reload ended with %d' % code, out, err)
        return out + err

    def pids(self):
        """All processes, the parent first."""
        out = [self.p.pid]
        for pid in out:
            out += children(pid)
        return out

    def child(self, name):
        """The pid of child `name`, by its title."""
        for pid in children(self.p.pid):
            with contextlib.suppress(OSError):
                with open('/proc/%d/cmdline' % pid) as f:
                    if f.read().replace('\0', ' ').strip() == \
                            'upkeepd: ' + name:
                        return pid
        return None

    def kill(self):
        """Everything at once, as when the power goes."""
        if self.p is None:
            return
        pids = self.pids() if self.p.poll() is None else []
        for pid in pids:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGSTOP)
        for pid in pids:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        self.p.wait()
        until('killed processes are gone', lambda: all(map(gone, pids)))

    def stop(self, timeout=10):
        """SIGTERM, and the exit code."""
        pids = self.pids()
        self.p.terminate()
        try:
            code = self.p.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failure('upkeepd did not end on SIGTERM')
        until('children ended', lambda: all(map(gone, pids)))
        return code
