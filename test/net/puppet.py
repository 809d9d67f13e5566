# SPDX-License-Identifier: MIT
"""puppet -- a router that says exactly what a test wants: adverts in a
rhythm, single packets, floods."""

import contextlib
import os
import signal
import threading
import time

import packet
from daemon import VIPS
from net import LIBC


class Puppet:
    """Speaks from a node that runs no daemon."""

    def __init__(self, node, fam=4, **fields):
        self.node, self.fam = node, fam
        self.sock = node.raw()
        self.fields = dict(
            src=node.source(fam), dst=packet.GROUP[fam], vrid=51, prio=200,
            addrs=[v.split('/')[0] for v in VIPS[fam]], interval=10)
        self.fields.update(fields)
        self.thread, self.speaking = None, False
        node.net.ending.append(self.hush)

    def frame(self, ttl=255, dst_mac=None, cut=None, **fields):
        """One advert's frame; `cut` leaves only that many octets of it."""
        f = dict(self.fields)
        f.update(fields)
        msg = packet.vrrp(**f)
        return packet.ethernet(self.node.mac, packet.ip(
            f['src'], f['dst'], msg if cut is None else msg[:cut], ttl),
            dst_mac)

    def send(self, **fields):
        """Returns the time it was sent."""
        now = time.time()
        self.sock.send(self.frame(**fields))
        return now

    def speak(self, every=0.1, **fields):
        """Adverts in a rhythm until hush()."""
        self.hush()
        self.fields.update(fields)
        self.speaking = True

        def loop():
            due = time.monotonic()
            while self.speaking:
                with contextlib.suppress(OSError):
                    self.send()
                due += every
                time.sleep(max(0, due - time.monotonic()))
        self.thread = threading.Thread(target=loop, daemon=True)
        self.thread.start()

    def hush(self):
        if self.thread:
            self.speaking = False
            self.thread.join()
            self.thread = None

    @contextlib.contextmanager
    def flood(self, rate, frames):
        """A process that sends `frames` in turn, `rate` a second."""
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                LIBC.prctl(1, signal.SIGKILL)       # PR_SET_PDEATHSIG
                if os.getppid() != parent:
                    os._exit(1)
                due, i = time.monotonic(), 0
                while True:
                    for _ in range(20):
                        with contextlib.suppress(OSError):
                            self.sock.send(frames[i % len(frames)])
                        i += 1
                    due += 20 / rate
                    time.sleep(max(0, due - time.monotonic()))
            finally:
                os._exit(1)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
