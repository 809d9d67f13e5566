# SPDX-License-Identifier: MIT
"""steady -- what a router costs while nothing happens, and how evenly its
adverts come: 1 s adverts, as MASTER and as BACKUP, alone and beside two loops.

A BACKUP of either program listens to the same MASTER, an upkeepd.
"""

import os
import signal
import subprocess
import time

import side
from net import until


def calls(daemon, seconds):
    """System calls of all its processes, counted by strace."""
    out = os.path.join(daemon.dir, 'strace')
    argv = ['strace', '-c', '-f', '-o', out]
    for pid in daemon.pids():
        argv += ['-p', str(pid)]
    p = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    p.send_signal(signal.SIGINT)
    p.wait()
    with open(out) as f:                # %time seconds us/call calls .. total
        total = [line.split() for line in f if line.endswith('total\n')]
    return int(total[0][3]) if total else 0


def window(tap, daemon, seconds):
    """(adverts, CPU s, jitter list in us) of some seconds."""
    tap.clear()
    cpu, t = daemon.cpu_s(), time.time()
    for _ in range(seconds):
        time.sleep(1)
        tap.drain()
    cpu = daemon.cpu_s() - cpu
    at, jitter = {}, []
    for when, _, _, addr in tap.adverts:
        if addr in at:
            jitter.append(abs(when - at[addr] - 1.0) * 1e6)
        at[addr] = when
    return len(tap.adverts), cpu, jitter


def measure(name, n, role, busy, seconds, noise):
    with side.World((n + 254) // 255) as world:
        tap = side.Tap(world)
        loops = None
        try:
            if role == 'backup':
                peer = side.Upkeepd(world.r1, n, 255, 1.0)
                peer.start()
                tap.first('adverts', world.r1)
                time.sleep(1)
            daemon = side.KIND[name](world.r2, n,
                                     100 if role == 'backup' else 255, 1.0)
            daemon.start()
            until('%d instances speak' % n, lambda: len(
                {x[3] for x in tap.drain().adverts}) == n, 30)
            time.sleep(8)               # the second burst of ARP is over
            tap.clear()
            loops = side.Busy() if busy else None
            noise.mark()
            count, cpu, jitter = window(tap, daemon, seconds)
            late = noise.late()
            if loops:
                loops.close()
                loops = None
            tap.clear()
            sys = calls(daemon, max(2, min(5, seconds)))
            heard = len(tap.drain().adverts)
            wrong = [x for x in tap.adverts
                     if x[1] != (1 if role == 'backup' else 2)]
            return dict(cpu=cpu / max(1, count) * 1e6, jitter=jitter,
                        calls=sys / max(1, heard), late=late, n=count,
                        wrong=len(wrong), lost=tap.lost)
        finally:
            if loops:
                loops.close()
            tap.close()


CASES = [(n, role, busy) for role, busy in (('master', 0), ('backup', 0),
                                            ('master', 1))
         for n in (1, 64, 255, 1020)]


def steady(rounds, report, noise, only=None):
    report.head('Steady: 1 s adverts, each case %d s; jitter of intervals, '
                'CPU and calls' % rounds, '')
    report.say(report.LINE % ('', 'p50', 'p99', 'p50', 'p99', 'p50', ''))
    dist, cost = [], []
    for n, role, busy in CASES:
        what = '%d %s%s' % (n, role, ' busy' if busy else '')
        if only and only not in what:
            continue
        got = [measure(s, n, role, busy, rounds, noise) for s in side.SIDES]
        a, b = got
        late = max(a['late'][2], b['late'][2])
        if role == 'master':
            cells = []
            for g in got:
                cells += [side.num(side.median(g['jitter'])),
                          side.num(side.quantile(g['jitter'], 0.99))]
            report.say(report.LINE % (
                what + ': jitter us', *cells, '%.1f' %
                (side.median(b['jitter']) / side.median(a['jitter'])),
                side.num(late)))
            report.say(report.LINE % (
                what + ': jitter max us', '', side.num(max(a['jitter'])), '',
                side.num(max(b['jitter'])), '%.1f' %
                (max(b['jitter']) / max(a['jitter'])), side.num(late)))
        for key, unit in ('cpu', 'CPU us/adv'), ('calls', 'calls/adv'):
            report.say(report.LINE % (
                '%s: %s' % (what, unit), side.num(a[key]), '',
                side.num(b[key]), '', '%.1f' % (b[key] / a[key])
                if a[key] else '-', side.num(late)))
        for s, g in zip(side.SIDES, got):
            if g['wrong'] or g['lost']:
                report.say('  %s: %d adverts of the other one, %d frames '
                           'lost by the tap' % (s, g['wrong'], g['lost']))
            cost.append((n, role, busy, s, g['cpu'], g['calls'], *g['late']))
            dist += [(n, role, busy, s, j) for j in g['jitter']]
    side.tsv('steady', ('instances', 'role', 'busy', 'side', 'cpu_us',
                        'calls', 'noise_p50', 'noise_p99', 'noise_max'), cost)
    side.tsv('jitter', ('instances', 'role', 'busy', 'side', 'us'), dist)
