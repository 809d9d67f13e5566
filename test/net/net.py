# SPDX-License-Identifier: MIT
"""net -- a test's world: namespaces around one bridge, daemons, captures.

A Net is a switch namespace (a bridge that neither snoops nor delays) and any
number of nodes, each with eth0 on it, an IPv4 and two IPv6 addresses that end
in the node's number.  Everything a test does happens inside; close() ends the
processes that run in the namespaces and removes them.  There are no fixed
sleeps in tests: until() polls with a deadline, quiet() watches that something
stays so.
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

import packet

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
LOGS = os.path.join(ROOT, 'build/test/net')
UPKEEPD = os.path.realpath(os.environ.get(
    'UPKEEPD', os.path.join(ROOT, 'build/x86_64/upkeepd')))
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
SO_TIMESTAMPNS = 35
SLACK = 0.25        # how much later than its rule a loaded machine may be


class Failure(Exception):
    """A rule that did not hold; the text says which and what was seen."""


def expect(good, why, *seen):
    if not good:
        raise Failure(why + ''.join('; %r' % (s,) for s in seen))


def until(what, probe, timeout=10.0, step=0.01):
    """Wait until probe() is true and return what it gave."""
    end = time.monotonic() + timeout
    while True:
        got = probe()
        if got:
            return got
        if time.monotonic() > end:
            raise Failure('not within %.1f s: %s' % (timeout, what))
        time.sleep(step)


def quiet(what, probe, seconds, step=0.01):
    """Watch for `seconds` that probe() stays false."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = probe()
        expect(not got, what, got)
        time.sleep(step)


def run(*argv, check=True, **kw):
    done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True,
                          errors='replace', **kw)
    if check and done.returncode:
        raise Failure('%s: %s' % (' '.join(done.args), done.stdout.strip()))
    return done.stdout


def down_s(prio, advert, ver=3):
    """Active_Down_Interval in seconds."""
    return 3 * advert + skew_s(prio, advert, ver)


def skew_s(prio, advert, ver=3):
    return (256 - prio) / 256 * (advert if ver == 3 else 1)


def children(pid):
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid)) as f:
            return [int(p) for p in f.read().split()]
    except OSError:
        return []


def gone(pid):
    """Ended, whether or not somebody has waited for it."""
    try:
        with open('/proc/%d/stat' % pid) as f:
            return f.read().rsplit(')', 1)[1].split()[0] in 'ZX'
    except OSError:
        return True


class Node:
    """A host of the net: namespace, eth0, addresses ending in `num`."""

    def __init__(self, net, name, num):
        self.net, self.name, self.num = net, name, num
        self.ns = '%s-%s' % (net.prefix, name)
        self.mac = '02:00:00:00:00:%02x' % num
        self.ip4, self.ip6 = '192.0.2.%d' % num, '2001:db8::%x' % num
        self.ll = 'fe80::%x' % num
        run('ip', 'netns', 'add', self.ns)
        self.fd = os.open('/run/netns/' + self.ns, os.O_RDONLY)
        self.ip('link set lo up')
        for key in 'accept_ra', 'router_solicitations', 'accept_dad':
            self.sysctl('ipv6/conf/default/' + key, 0)

    def sysctl(self, key, value):
        with self.inside(), open('/proc/sys/net/' + key, 'w') as f:
            f.write(str(value))

    def source(self, fam):
        return self.ip4 if fam == 4 else self.ll

    def ip(self, words, check=True):
        return run('ip', '-n', self.ns, *words.split(), check=check)

    @contextlib.contextmanager
    def inside(self):
        home = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
        try:
            self.enter()
            yield
        finally:
            LIBC.setns(home, CLONE_NEWNET)
            os.close(home)

    def enter(self):
        if LIBC.setns(self.fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'setns')

    def run(self, *argv, check=True, **kw):
        return run('ip', 'netns', 'exec', self.ns, *argv, check=check, **kw)

    def popen(self, log, argv, **kw):
        """Start a process inside, its output into the test's log folder."""
        with open(os.path.join(self.net.logs, log), 'ab') as out:
            kw.setdefault('stdout', out)
            p = subprocess.Popen([str(a) for a in argv], stderr=out,
                                 stdin=subprocess.DEVNULL,
                                 preexec_fn=self.enter, **kw)
        self.net.procs.append(p)
        return p

    def raw(self, dev='eth0'):
        """An AF_PACKET socket for sending on `dev`."""
        with self.inside():
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        s.bind((dev, 0))
        return s

    def plug(self, dev='eth0', addresses=True):
        """Connect `dev` to the switch; its port there is NAME-DEV."""
        port = self.port(dev)
        self.net.switch.ip('link add %s type veth peer name %s address %s '
                           'netns %s' % (port, dev, self.mac, self.ns))
        self.net.switch.ip('link set %s master br0 up' % port)
        self.ip('link set %s addrgenmode none' % dev)
        if addresses:
            self.ip('address add %s/24 dev %s' % (self.ip4, dev))
        self.ip('link set %s up' % dev)
        if addresses:
            self.give6(dev)

    def give6(self, dev='eth0'):
        self.ip('address replace %s/64 dev %s nodad' % (self.ll, dev))
        self.ip('address replace %s/64 dev %s nodad' % (self.ip6, dev))

    def unplug(self, dev='eth0'):
        self.net.switch.ip('link del ' + self.port(dev))

    def port(self, dev='eth0'):
        return '%s-%s' % (self.name, dev)

    def carrier(self, on, dev='eth0'):
        self.net.switch.ip('link set %s %s' %
                           (self.port(dev), 'up' if on else 'down'))

    def isolate(self, on, dev='eth0'):
        """Isolated ports cannot talk to each other, only to the others."""
        run('bridge', '-n', self.net.switch.ns, 'link', 'set', 'dev',
            self.port(dev), 'isolated', 'on' if on else 'off')

    def addrs(self, dev='eth0'):
        text = self.ip('-j address show dev ' + dev, check=False)
        try:
            return {a['local'] for link in json.loads(text)
                    for a in link.get('addr_info', ()) if 'local' in a}
        except ValueError:
            return set()

    def has(self, addr, dev='eth0'):
        return addr in self.addrs(dev)


class Capture:
    """Every VRRP advert, ARP and NA on the bridge, with the kernel's time."""

    def __init__(self, net, keep=None):
        self.keep, self.seen, self.total = keep, [], 0
        with net.switch.inside():
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                              socket.htons(3))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUFFORCE
                     if hasattr(socket, 'SO_RCVBUFFORCE') else 33, 1 << 24)
        s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        s.bind(('br0', 3))
        with net.switch.inside():
            index = socket.if_nametoindex('br0')
        s.setsockopt(263, 1, struct.pack('IHH8s', index, 1, 0, b''))
        s.settimeout(0.1)
        self.sock, self.open = s, True
        self.thread = threading.Thread(target=self.loop, daemon=True)
        self.thread.start()

    def loop(self):
        while self.open:
            try:
                frame, anc, _, _ = self.sock.recvmsg(2048, 64)
            except (TimeoutError, InterruptedError):
                continue
            except OSError:
                return
            sec, nsec = struct.unpack('qq', anc[0][2][:16])
            got = packet.parse(sec + nsec / 1e9, frame)
            self.total += 1
            if got and (self.keep is None or self.keep(got)):
                self.seen.append(got)

    def close(self):
        self.open = False
        self.thread.join()
        self.sock.close()

    def adverts(self, node=None, since=0.0, fam=None, vrid=None, prio=None):
        return [p for p in list(self.seen) if isinstance(p, packet.Adv)
                and p.t >= since and (node is None or p.smac == node.mac)
                and (fam is None or p.fam == fam)
                and (vrid is None or p.vrid == vrid)
                and (prio is None or p.prio == prio)]

    def garps(self, node=None, addr=None, since=0.0):
        """Gratuitous ARPs and unsolicited NAs, for `addr` if given."""
        out = []
        for p in list(self.seen):
            if p.t < since or isinstance(p, packet.Adv) or \
                    (node is not None and p.smac != node.mac):
                continue
            if isinstance(p, packet.Arp):
                if p.spa == p.tpa and addr in (None, p.spa):
                    out.append(p)
            elif not p.solicited and addr in (None, p.target):
                out.append(p)
        return out

    def first(self, node, since=0.0, timeout=10.0, **kw):
        """The first advert of `node` after `since`, waited for."""
        return until('an advert from ' + node.name,
                     lambda: self.adverts(node, since, **kw), timeout)[0]


class Net:
    """The world of one test."""

    def __init__(self, name, nodes=('r1', 'r2', 'c')):
        self.name = name
        self.prefix = 'uk%d' % os.getpid()
        self.logs = os.path.join(LOGS, name)
        shutil.rmtree(self.logs, ignore_errors=True)
        os.makedirs(self.logs)
        self.tmp = tempfile.mkdtemp(prefix='upkeep-test-')
        self.procs, self.captures, self.ending = [], [], []
        self.switch = Node(self, 'sw', 250)
        self.switch.ip('link add br0 type bridge mcast_snooping 0 '
                       'forward_delay 0')
        self.switch.ip('link set br0 addrgenmode none')
        self.switch.ip('link set br0 up')
        self.nodes = {}
        for num, node in enumerate(nodes, 1):
            self.node(node, num)

    def node(self, name, num):
        self.nodes[name] = node = Node(self, name, num)
        node.plug()
        setattr(self, name, node)
        return node

    def capture(self, keep=None):
        cap = Capture(self, keep)
        self.captures.append(cap)
        return cap

    def file(self, name, text, mode=0o644):
        path = os.path.join(self.tmp, name)
        with open(path, 'wb') as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)
        return path

    def close(self):
        for act in self.ending:
            with contextlib.suppress(Exception):
                act()
        for cap in self.captures:
            cap.close()
        remove(self.prefix)
        for p in self.procs:
            p.wait()
        shutil.rmtree(self.tmp, ignore_errors=True)


def remove(prefix):
    """End what runs in the namespaces of `prefix`, and remove those."""
    names = [n for n in os.listdir('/run/netns')
             if n.startswith(prefix + '-')] if os.path.isdir('/run/netns') \
        else []
    for ns in names:
        for pid in run('ip', 'netns', 'pids', ns, check=False).split():
            with contextlib.suppress(OSError, ValueError):
                if int(pid) != os.getpid():
                    os.kill(int(pid), signal.SIGKILL)
    for ns in names:
        run('ip', 'netns', 'del', ns, check=False)
