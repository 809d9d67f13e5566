# SPDX-License-Identifier: MIT
"""cost -- the check of a configuration; memory, flash and stacks."""

import os
import re
import subprocess
import time

import side
from net import run, until


def check(rounds, report, noise, only=None):
    """upkeepctl check against keepalived -t, with all interfaces there."""
    report.head('Check of a configuration, %d rounds' % rounds, 'ms')
    rows = []
    with side.World(40, ('r1',)) as world:
        for n in 10, 1000, 10000:
            if only and only != str(n):
                continue
            got = {s: [] for s in side.SIDES}
            argv = {}
            for name in side.SIDES:
                text = side.KIND[name].text(range(n), 100, 1.0)
                text = re.sub('\toption v3_checksum.*\n', '', text)
                argv[name] = world.file('%s.%d' % (name, n), text)
            noise.mark()
            for _ in range(rounds if n < 10000 else max(3, rounds // 5)):
                for name in side.SIDES:
                    got[name].append(timed(world.r1, name, argv[name]))
                    rows.append((n, name, got[name][-1]))
            report.row('%d instances' % n, *(got[s] for s in side.SIDES),
                       noise.late()[2])
    side.tsv('check', ('instances', 'side', 'ms'), rows)


def timed(node, name, path):
    if name == 'upkeepd':
        argv, binary = ['upkeepctl', 'check', path], side.HUGE
    else:
        argv, binary = ['keepalived', '-t', '-f', path], '/usr/sbin/keepalived'
    null = os.open(os.devnull, os.O_RDWR)
    with node.inside():
        t = time.perf_counter()
        pid = os.posix_spawn(binary, argv, os.environ, file_actions=[
            (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
        _, status = os.waitpid(pid, 0)
        t = time.perf_counter() - t
    os.close(null)
    if status:
        raise side.net.Failure('%s ended with %d' % (' '.join(argv), status))
    return t * 1000


def rollup(pid):
    with open('/proc/%d/smaps_rollup' % pid) as f:
        text = f.read()
    return [int(re.search('^%s: *(\\d+)' % k, text, re.M).group(1))
            for k in ('Pss', 'Private_Dirty', 'Rss')]


def total(daemon):
    return [sum(x) for x in zip(*map(rollup, daemon.pids()))]


def stack(pid):
    """Bytes of the stack that were ever touched, to a page, in kB."""
    with open('/proc/%d/smaps' % pid) as f:
        part = f.read().split('[stack]')[1]
    return int(re.search(r'^Rss: *(\d+)', part, re.M).group(1))


def memory(rounds, report, noise, only=None):
    """All instances are MASTER; then also once they were asked for their status."""
    report.head('Memory and flash', 'kB', noise=False)
    rows = []
    for n in 1, 16, 255, 1020:
        if only and only != str(n):
            continue
        cells = {}
        for name in side.SIDES:
            with side.World((n + 254) // 255) as world:
                tap = side.Tap(world)
                daemon = side.KIND[name](world.r1, n, 255, 1.0)
                daemon.start()
                until('all speak', lambda: len(
                    {x[3] for x in tap.drain().adverts}) == n, 30)
                time.sleep(6)
                sums = total(daemon)
                asked = total(daemon)[0] if daemon.ask() else None
                deep = [stack(p) for p in daemon.pids()]
                cells[name] = sums + [deep, len(deep), asked]
                rows.append((n, name, *sums[:2], max(deep)))
                tap.close()
        a, b = (cells[s] for s in side.SIDES)
        for i, key in enumerate(('PSS', 'private dirty')):
            report.row('%d instances: %s' % (n, key), [a[i]], [b[i]])
        report.row('%d instances: PSS, asked' % n, [a[5]], [])
        report.say('  processes %d and %d; deepest stacks, kB: %s and %s' % (
            a[4], b[4], ' '.join(map(str, a[3])), ' '.join(map(str, b[3]))))
    ours, theirs = flash(side.SMALL), flash('/usr/sbin/keepalived')
    report.row('flash, all libraries', [ours[0] / 1000], [theirs[0] / 1000])
    report.row('shared libraries', [ours[1]], [theirs[1]])
    side.tsv('memory', ('instances', 'side', 'pss_kb', 'dirty_kb',
                        'stack_kb'), rows)


def flash(path):
    """Bytes of a stripped program and of every library, and their number."""
    bare = os.path.join(side.OUT, 'stripped')
    run('strip', '-o', bare, path)
    text = run('ldd', path, check=False)
    libs = {os.path.realpath(w) for w in text.split() if w.startswith('/')}
    size = os.path.getsize(bare) + sum(map(os.path.getsize, libs))
    os.unlink(bare)
    return size, len(libs)
