# SPDX-License-Identifier: MIT
"""runner -- collects tests, runs each in a process of its own, counts.

A test is a function with @test in a *_test.py of the folder; its name is the
rule.  @test(4, 6) runs it once for each family.  `run [-j N] [-l] [NAME ...]`
runs those whose name contains, or whose file is, one of the words given.
"""

import fcntl
import importlib
import os
import signal
import subprocess
import sys
import time
import traceback

import net

TESTS = {}
TIMEOUT = 90


def test(*families, nodes=('r1', 'r2', 'c')):
    """Register a test: it gets a Net, and the family if families are given."""
    def register(function):
        for fam in families or (None,):
            name = function.__name__ + ('_ipv%d' % fam if fam else '')
            TESTS[name] = (function, fam, nodes)
        return function
    if len(families) == 1 and callable(families[0]):
        function, families = families[0], ()
        return register(function)
    return register


def single(name):
    """Run one test in this process; the exit code says."""
    def over(sig, frame):
        raise net.Failure('ended by signal %d' % sig)
    for sig in signal.SIGTERM, signal.SIGINT, signal.SIGALRM:
        signal.signal(sig, over)
    # Two runs in one tree write to the same log folder: one after the other.
    os.makedirs(net.LOGS, exist_ok=True)
    lock = open(os.path.join(net.LOGS, '.%s.lock' % name), 'w')
    fcntl.flock(lock, fcntl.LOCK_EX)
    signal.alarm(TIMEOUT)
    function, fam, nodes = TESTS[name]
    world, why = None, None
    try:
        world = net.Net(name, nodes)
        function(world, fam) if fam else function(world)
    except net.Failure as e:
        why = str(e)
        trace = traceback.extract_tb(e.__traceback__)
        here = [t for t in trace if t.name == function.__name__]
        if here:
            why += ' (%s:%d)' % (os.path.basename(here[-1].filename),
                                 here[-1].lineno)
    except Exception:
        why = 'the test itself broke\n' + traceback.format_exc()
    finally:
        signal.alarm(0)
        for sig in signal.SIGTERM, signal.SIGINT:
            signal.signal(sig, signal.SIG_IGN)
        if world:
            world.close()
    print('not ok %s - %s' % (name, why) if why else 'ok ' + name, flush=True)
    if why and world:
        tails(world.logs)
    return 1 if why else 0


def tails(folder):
    for log in sorted(os.listdir(folder)):
        with open(os.path.join(folder, log), errors='replace') as f:
            lines = f.read().splitlines()[-12:]
        if lines:
            print('# tail of %s:' % os.path.join(folder, log))
            print('\n'.join('#   ' + line[:160] for line in lines))


def many(script, names, jobs):
    """Run tests `jobs` at a time; every namespace is gone afterwards."""
    waiting, running, failed = list(names), {}, 0
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                p = subprocess.Popen(
                    [sys.executable, script, '--single', waiting.pop(0)],
                    stdout=subprocess.PIPE, text=True, errors='replace',
                    start_new_session=True)
                running[p] = time.monotonic()
            done = [p for p in running if p.poll() is not None or
                    time.monotonic() - running[p] > TIMEOUT + 20]
            for p in done:
                p.kill()
                sys.stdout.write(p.communicate()[0])
                sys.stdout.flush()
                net.remove('uk%d' % p.pid)
                failed += p.returncode != 0
                del running[p]
            time.sleep(0.02)
    finally:
        for p in running:
            p.terminate()
        for p in running:
            try:
                p.wait(15)
            except subprocess.TimeoutExpired:
                p.kill()
            net.remove('uk%d' % p.pid)
    print('%d passed, %d failed' % (len(names) - failed, failed))
    return 1 if failed else 0


def main(folder, script):
    sys.path.insert(0, folder)
    for name in sorted(os.listdir(folder)):
        if name.endswith('_test.py'):
            importlib.import_module(name[:-3])
    args = sys.argv[1:]
    if args[:1] == ['--single']:
        return single(args[1])
    if args[:1] == ['-l']:
        print('\n'.join(TESTS))
        return 0
    jobs = 2
    if args[:1] == ['-j']:
        jobs, args = int(args[1]), args[2:]
    if os.geteuid():
        print('not ok root - namespaces need root\n0 passed, 1 failed')
        return 1
    names = [n for n in TESTS if not args or any(
        a in n or a == TESTS[n][0].__module__[:-5] for a in args)]
    if not names:
        print('no test is called ' + ' or '.join(args))
        return 1
    signal.signal(signal.SIGTERM, lambda s, f: sys.exit(1))
    try:
        return many(script, names, jobs)
    except KeyboardInterrupt:
        return 130
