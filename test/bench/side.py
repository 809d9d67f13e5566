# SPDX-License-Identifier: MIT
"""side -- what the items of the bench share: the two daemons under one face,
a tap with the kernel's time, the noise of the machine, numbers.

Nothing here runs while a daemon is timed, save the noise's sleeper: the tap
lets frames wait in its socket, each with the time of its arrival, and reads
them afterwards.
"""

import ctypes
import mmap
import os
import signal
import socket
import statistics
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, '../net'))

import net                                      # noqa: E402
from daemon import uci                          # noqa: E402

OUT = os.path.join(net.ROOT, 'build/bench')
SMALL = net.UPKEEPD                             # the default limits
LARGE = os.environ.get('UPKEEPD_LARGE', os.path.join(OUT, 'upkeepd'))
HUGE = os.environ.get('UPKEEPD_HUGE', os.path.join(OUT, 'huge/upkeepd'))
SIDES = 'upkeepd', 'keepalived'


# ---- the net: lanes of 255 virtual routers each ---------------------------

class World(net.Net):
    """Nodes with eth0 .. on a bridge for each lane, 10.LANE.0.NUM/16."""

    def __init__(self, lanes=1, nodes=('r1', 'r2')):
        self.lanes = range(lanes)
        super().__init__('bench', ())
        for lane in self.lanes[1:]:
            self.switch.ip('link add br%d type bridge mcast_snooping 0 '
                           'forward_delay 0' % lane)
            self.switch.ip('link set br%d up' % lane)
        for num, name in enumerate(nodes, 1):
            node = net.Node(self, name, num)
            setattr(self, name, node)
            for lane in self.lanes:
                self.lane(node, lane)

    def lane(self, node, lane):
        port, dev = '%s-%d' % (node.name, lane), 'eth%d' % lane
        self.switch.ip('link add %s type veth peer name %s address %s '
                       'netns %s' % (port, dev, mac(node, lane), node.ns))
        self.switch.ip('link set %s master br%d up' % (port, lane))
        node.ip('link set %s addrgenmode none up' % dev)
        node.ip('address add 10.%d.0.%d/16 dev %s' % (lane, node.num, dev))

    def carrier(self, node, on):
        for lane in self.lanes:
            self.switch.ip('link set %s-%d %s' %
                           (node.name, lane, 'up' if on else 'down'))

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.close()


def mac(node, lane=0):
    return '02:00:00:00:%02x:%02x' % (lane, node.num)


def lane_vrid(i):
    return i // 255, i % 255 + 1


def vip(i):
    return '10.%d.1.%d' % lane_vrid(i)


def forget(node):
    """Take virtual addresses off that a killed daemon left."""
    for lane in node.net.lanes:
        node.ip('address flush dev eth%d to 10.%d.1.0/24' % (lane, lane))


# ---- the tap -----------------------------------------------------------------

def bpf(*code):
    raw = b''.join(struct.pack('HBBI', *c) for c in code)
    return ctypes.create_string_buffer(raw), len(code)


# ARP, or IPv4 with protocol 112.
WANTED = bpf((0x28, 0, 0, 12), (0x15, 3, 0, 0x0806), (0x15, 0, 3, 0x0800),
             (0x30, 0, 0, 23), (0x15, 0, 1, 112), (0x06, 0, 0, 256),
             (0x06, 0, 0, 0))


class Tap:
    """Adverts and gratuitous ARPs on the bridges.

    adverts: (time, last byte of the sender's MAC, priority, first address);
    garps: (time, last byte of the sender's MAC, address)."""

    def __init__(self, world):
        self.socks, self.lost = [], 0
        for lane in world.lanes:
            with world.switch.inside():
                s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
                index = socket.if_nametoindex('br%d' % lane)
                code, n = WANTED
                prog = struct.pack('HxxxxxxP', n, ctypes.addressof(code))
                s.setsockopt(socket.SOL_SOCKET, 26, prog)
                s.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)
                s.setsockopt(socket.SOL_SOCKET, net.SO_TIMESTAMPNS, 1)
                s.bind(('br%d' % lane, 3))
                s.setsockopt(263, 1, struct.pack('IHH8s', index, 1, 0, b''))
                s.setblocking(False)
            self.socks.append(s)
        self.clear()

    def clear(self):
        self.drain()
        self.adverts, self.garps = [], []

    def drain(self):
        for s in self.socks:
            while True:
                try:
                    frame, anc, _, _ = s.recvmsg(256, 64)
                except BlockingIOError:
                    break
                sec, nsec = struct.unpack('qq', anc[0][2][:16])
                self.frame(sec + nsec / 1e9, frame)
            _, drops = struct.unpack('II', s.getsockopt(263, 6, 8))
            self.lost += drops
        return self

    def frame(self, t, f):
        if not hasattr(self, 'garps'):
            return
        if f[13] == 6:
            if f[28:32] == f[38:42]:
                self.garps.append((t, f[11], socket.inet_ntoa(f[28:32])))
        else:
            self.adverts.append((t, f[11], f[36], socket.inet_ntoa(f[42:46])))

    def first(self, what, node, since=0.0, timeout=20.0, step=0.02):
        """Wait for the first of `what` ('adverts', 'garps') from `node`."""
        def probe():
            self.drain()
            return [x for x in getattr(self, what)
                    if x[1] == node.num and x[0] >= since]
        return net.until('%s from %s' % (what, node.name), probe, timeout,
                         step)[0]

    def close(self):
        for s in self.socks:
            s.close()


# ---- the noise of the machine ----------------------------------------------

class Noise:
    """A process that sleeps 1 ms again and again; how late it woke, in us."""

    ROOM = 1 << 20

    def __init__(self):
        self.map = mmap.mmap(-1, 8 * (self.ROOM + 1))
        self.at = memoryview(self.map).cast('q')
        self.pid = os.fork()
        if not self.pid:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            net.LIBC.prctl(1, signal.SIGKILL)
            net.LIBC.prctl(29, 1)
            while self.at[0] < self.ROOM:
                t = time.monotonic_ns()
                time.sleep(0.001)
                self.at[self.at[0] + 1] = time.monotonic_ns() - t - 1000000
                self.at[0] += 1
            os._exit(0)
        self.mark()

    def mark(self):
        if self.at[0] > self.ROOM * 3 // 4:
            self.at[0] = 0
        self.start = self.at[0]

    def late(self):
        """(p50, p99, worst) since mark()."""
        got = [v / 1000 for v in self.at[self.start + 1:self.at[0] + 1]] or [0]
        return median(got), quantile(got, 0.99), max(got)

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Busy:
    """Two loops that do nothing but run."""

    def __init__(self, n=2):
        self.p = [subprocess.Popen(['sh', '-c', 'while :; do :; done'])
                  for _ in range(n)]

    def close(self):
        for p in self.p:
            p.kill()
            p.wait()


# ---- the daemons -------------------------------------------------------------

class Daemon:
    """`n` virtual routers at `prio` on `node`; common to both programs."""

    def __init__(self, node, n=1, prio=100, advert=1.0, binary=None, base=0):
        self.node, self.n, self.prio, self.advert = node, n, prio, advert
        self.base = base
        self.p, self.binary = None, binary or self.program(n)
        self.dir = os.path.join(node.net.tmp, node.name + '.' + self.name)
        os.makedirs(self.dir, exist_ok=True)
        self.conf = os.path.join(self.dir, 'conf')
        self.write()
        node.net.ending.append(self.kill)

    def write(self):
        with open(self.conf + '.new', 'w') as f:
            f.write(self.text(range(self.base, self.base + self.n), self.prio,
                              self.advert))
        os.rename(self.conf + '.new', self.conf)

    def start(self):
        """Returns the wall clock's time just before exec."""
        out, into = os.pipe()

        def last():
            self.node.enter()
            os.write(into, struct.pack('d', time.time()))
        log = open(os.path.join(self.node.net.logs, '%s-%s.log' %
                                (self.node.name, self.name)), 'ab')
        self.p = subprocess.Popen(self.argv(), stdin=subprocess.DEVNULL,
                                  stdout=log, stderr=log, preexec_fn=last,
                                  executable=self.binary, close_fds=False)
        log.close()
        os.close(into)
        t = struct.unpack('d', os.read(out, 8))[0]
        os.close(out)
        return t

    def pids(self):
        pids = [self.p.pid]
        for pid in pids:
            pids += net.children(pid)
        return pids

    def kill(self):
        """kill -9 of everything, with no time to see each other die."""
        if not self.p:
            return
        pids = self.pids() if self.p.poll() is None else []
        for sig in signal.SIGSTOP, signal.SIGKILL:
            for pid in pids:
                try:
                    os.kill(pid, sig)
                except OSError:
                    pass
        self.p.wait()
        net.until('they are gone', lambda: all(map(net.gone, pids)))
        self.p = None
        self.clean()

    def stop(self):
        self.p.terminate()
        self.p.wait(20)
        self.p = None

    def reload(self):
        self.p.send_signal(signal.SIGHUP)

    def clean(self):
        pass

    def ask(self):
        """Ask for its whole state, so that what answers is in memory, too; whether
        it can be asked."""
        return False

    def cpu_s(self):
        """What all its processes have run, in seconds (schedstat)."""
        total = 0
        for pid in self.pids():
            for task in os.listdir('/proc/%d/task' % pid):
                with open('/proc/%d/task/%s/schedstat' % (pid, task)) as f:
                    total += int(f.read().split()[0])
        return total / 1e9


class Upkeepd(Daemon):
    name = 'upkeepd'

    @staticmethod
    def program(n):
        return SMALL if n <= 16 else LARGE

    def argv(self):
        return ['upkeepd', '-f', self.conf, '-R', self.dir]

    def ask(self):
        subprocess.run(['upkeepctl', '-R', self.dir, 'status', 'json'],
                       executable=self.binary, check=True,
                       stdout=subprocess.DEVNULL)
        return True

    @staticmethod
    def text(which, prio, advert):
        out = []
        for i in which:
            lane, vrid = lane_vrid(i)
            out.append(('vrrp_instance', 'v%d' % i, dict(
                interface='eth%d' % lane, virtual_router_id=vrid,
                version=3, priority=prio, advert_int='%g' % advert,
                v3_checksum_as_v2=0, virtual_ipaddress=[vip(i) + '/32'])))
        return uci(*out)


class Keepalived(Daemon):
    name = 'keepalived'

    @staticmethod
    def program(n):
        return '/usr/sbin/keepalived'

    def argv(self):
        return ['keepalived', '-n', '-l', '-P', '-f', self.conf,
                '-p', self.dir + '/pid', '-r', self.dir + '/vrrp.pid']

    @staticmethod
    def text(which, prio, advert):
        out = ['global_defs {\nrouter_id bench\nvrrp_version 3\n}']
        for i in which:
            lane, vrid = lane_vrid(i)
            out.append('vrrp_instance v%d {\nstate %s\ninterface eth%d\n'
                       'virtual_router_id %d\npriority %d\nadvert_int %g\n'
                       'virtual_ipaddress {\n%s/32\n}\n}' %
                       (i, 'MASTER' if prio == 255 else 'BACKUP', lane, vrid,
                        prio, advert, vip(i)))
        return '\n'.join(out) + '\n'

    def clean(self):
        for name in 'pid', 'vrrp.pid':
            try:
                os.unlink(os.path.join(self.dir, name))
            except OSError:
                pass


def version():
    text = net.run('keepalived', '-v').split('\n')[0]
    return ' '.join(text.split()[:2])


KIND = {'upkeepd': Upkeepd, 'keepalived': Keepalived}


# ---- numbers -----------------------------------------------------------------

def median(xs):
    return statistics.median(xs)


def quantile(xs, q):
    xs = sorted(xs)
    return xs[min(len(xs) - 1, int(q * len(xs)))]


def num(v):
    """At most 8 columns."""
    if v is None:
        return '-'
    if isinstance(v, str):
        return v
    if v == int(v) and abs(v) >= 10:
        return '%d' % v
    for limit, form in (10, '%.3f'), (100, '%.2f'), (10000, '%.1f'):
        if abs(v) < limit:
            return form % v
    return '%.0f' % v


class Report:
    """Rows of one item: printed as a table, kept as lines for the files."""

    LINE = '%-25s %8s %8s %8s %8s %6s %8s'

    def __init__(self):
        self.lines = []

    def say(self, line=''):
        self.lines.append(line)
        print(line, flush=True)

    def head(self, title, unit, noise=True):
        self.say()
        self.say(title)
        self.say(self.LINE % ('', 'upkeepd', '', 'kpalived', '', '', 'noise'))
        self.say(self.LINE % (unit, 'median', 'worst', 'median', 'worst',
                              'ratio', 'us' if noise else ''))

    def row(self, what, ours, theirs, noise=None):
        """Lists of samples; the ratio is theirs to ours, of the medians."""
        cells = []
        for xs in ours, theirs:
            cells += [num(median(xs)), num(max(xs))] if xs else ['-', '-']
        ratio = '-'
        if ours and theirs and median(ours) > 0:
            ratio = '%.1f' % (median(theirs) / median(ours))
        self.say(self.LINE % (what, *cells, ratio,
                              '-' if noise is None else num(noise)))


def tsv(name, head, rows):
    with open(os.path.join(OUT, name + '.tsv'), 'w') as f:
        for row in [head] + rows:
            f.write('\t'.join('%.6g' % c if isinstance(c, float) else str(c)
                              for c in row) + '\n')
