# SPDX-License-Identifier: MIT
"""The parent and its children: death, hang, order at the end, scripts."""

import os
import shutil
import signal
import time

from daemon import BACKUP, FAULT, MASTER, VIP, Upkeep, globals_, vr
from net import SLACK, UPKEEPD, children, expect, gone, until
from runner import test
from takeover_test import pair

QUICK = globals_(watchdog_interval='0.2')


def titles(up):
    return {name for name in ('vrrp', 'check') if up.child(name)}


@test
def three_processes_with_their_titles_and_pid_file(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    expect(titles(up) == {'vrrp', 'check'}, 'children', titles(up))
    with open(up.dir + '/pid') as f:
        expect(int(f.read()) == up.p.pid, 'pid file')
    up.stop()
    expect(not os.path.exists(up.dir + '/pid'), 'pid file left behind')


@test
def a_killed_child_is_replaced(net):
    up = Upkeep(net.r1, QUICK, vr()).wait(MASTER)
    for name in 'vrrp', 'check':
        old = up.child(name)
        os.kill(old, signal.SIGKILL)
        until(name + ' is back', lambda: up.child(name) not in (None, old))
    up.wait(MASTER)
    until('address', lambda: net.r1.has(VIP[4]))


@test
def a_hung_child_is_replaced_after_two_missed_answers(net):
    up = Upkeep(net.r1, QUICK, vr()).wait(MASTER)
    for name in 'check', 'vrrp':
        time.sleep(0.5)
        old = up.child(name)
        os.kill(old, signal.SIGSTOP)
        t = time.time()
        until(name + ' was ended', lambda: gone(old), 5)
        took = time.time() - t
        expect(took <= 2 * 0.2 + 1 + SLACK, name + ' took', took)
        until(name + ' is back', lambda: up.child(name) not in (None, old))
    up.wait(MASTER)


@test
def a_child_that_answers_slowly_but_in_time_is_left_alone(net):
    up = Upkeep(net.r1, globals_(watchdog_interval='0.5'), vr()).wait(MASTER)
    old = up.child('vrrp')
    for _ in range(3):
        os.kill(old, signal.SIGSTOP)
        time.sleep(0.15)
        os.kill(old, signal.SIGCONT)
        time.sleep(0.5)
    expect(up.child('vrrp') == old, 'it was replaced')


@test
def a_restarted_vrrp_child_keeps_its_addresses_true(net):
    """Its backup takes over at most for the time of the restart; in the end
    one MASTER, with addresses, and the other without."""
    r1, r2 = pair(net, 4)
    os.kill(r1.child('vrrp'), signal.SIGKILL)
    r1.wait(MASTER)
    r2.wait(BACKUP)
    until('r1 has it', lambda: net.r1.has(VIP[4]))
    until('r2 has it not', lambda: not net.r2.has(VIP[4]))


@test(4, 6)
def children_end_in_order_when_the_parent_is_killed(net, fam):
    cap = net.capture()
    r1, r2 = pair(net, fam)
    kids = children(r1.p.pid)
    os.kill(r1.p.pid, signal.SIGKILL)
    until('priority 0', lambda: cap.adverts(net.r1, prio=0))
    until('the address goes', lambda: not net.r1.has(VIP[fam]))
    until('children ended', lambda: all(map(gone, kids)))
    r2.wait(MASTER)
    r1.start().wait(MASTER)


@test
def a_daemon_that_ends_with_a_hung_child_leaves_no_address(net):
    for sig in signal.SIGSTOP, signal.SIGKILL:
        up = Upkeep(net.r1, vr()).wait(MASTER)
        until('address', lambda: net.r1.has(VIP[4]))
        os.kill(up.child('vrrp'), sig)
        up.stop()
        expect(not net.r1.has(VIP[4]), 'the address was left', up.tail())


@test
def a_hung_orphan_does_not_keep_the_next_daemon_out(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    old = up.child('vrrp')
    os.kill(old, signal.SIGSTOP)
    os.kill(up.p.pid, signal.SIGKILL)
    up.p.wait()
    up.start(wait=False)
    until('it answers', lambda: up.p.poll() is None and up.ctl('status')[0] == 0, 15)
    up.wait(MASTER)
    expect(gone(old), 'the orphan lives')


@test
def a_run_folder_that_was_removed_comes_back(net):
    before = os.umask(0o077)
    try:
        up = Upkeep(net.r1, vr()).wait(MASTER)
    finally:
        os.umask(before)
    shutil.rmtree(up.dir)
    os.kill(up.child('vrrp'), signal.SIGKILL)
    until('its sockets', lambda: os.path.exists(up.dir + '/vrrp.sock'))
    expect(os.stat(up.dir).st_mode & 0o777 == 0o755, 'its mode by the umask')
    expect(net.r1.has(VIP[4]), 'the address left')
    os.kill(up.p.pid, signal.SIGHUP)
    until('those of the other', lambda: os.path.exists(up.dir + '/check.sock'))
    up.wait(MASTER)
    expect(up.stat('become_master') == 1, 'it left its state')
    with open(up.dir + '/pid') as f:
        expect(int(f.read()) == up.p.pid, 'pid file')
    second = net.r1.popen('second.log', [UPKEEPD, '-f', up.file, '-R', up.dir])
    until('a second one ends', lambda: second.poll() is not None)
    expect(up.stop() == 0, 'its end')


@test
def a_hung_parent_does_not_stop_the_routers(net):
    cap = net.capture()
    up = Upkeep(net.r1, QUICK, vr()).wait(MASTER)
    os.kill(up.p.pid, signal.SIGSTOP)
    t = time.time()
    until('adverts go on', lambda: len(cap.adverts(net.r1, t)) > 10)
    os.kill(up.p.pid, signal.SIGCONT)
    expect(up.state() == MASTER, 'state')


@test
def signals_that_make_keepalived_dump_end_nobody(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    pids = up.pids()
    for pid in pids:
        for sig in signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE:
            os.kill(pid, sig)
    time.sleep(0.3)
    expect(up.pids() == pids and up.state() == MASTER, 'they ended', up.pids())


@test
def sigint_ends_in_order_too(net):
    cap = net.capture()
    up = Upkeep(net.r1, vr()).wait(MASTER)
    up.p.send_signal(signal.SIGINT)
    expect(up.p.wait(10) == 0, 'exit code', up.p.returncode)
    expect(cap.adverts(net.r1, prio=0) and not net.r1.has(VIP[4]), 'order')


@test
def two_daemons_on_one_run_folder_are_refused(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    p = net.r1.popen('second.log', [UPKEEPD, '-f', up.file, '-R', up.dir])
    until('it ends', lambda: p.poll() is not None)
    expect(p.returncode != 0, 'exit code 0')
    with open(net.logs + '/second.log') as f:
        lines = f.read().splitlines()
    expect(len(lines) == 1 and up.dir in lines[0], 'one clear line',
           lines)
    expect(up.state() == MASTER and titles(up) == {'vrrp', 'check'}, 'first')


@test
def a_stale_pid_file_and_sockets_do_not_matter(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    up.kill()
    up.start().wait(MASTER)


def script(net, name, body=''):
    """A script that writes a line of its arguments, then does `body`."""
    out = os.path.join(net.tmp, 'said')
    path = net.file(name, '#!/bin/sh\necho "%s $*|$ACTION $TYPE $NAME" >>%s\n'
                    '%s\n' % (name, out, body), 0o755)

    def said():
        if not os.path.exists(out):
            return []
        with open(out) as f:
            return f.read().splitlines()
    return path, said


@test
def notify_scripts_get_keepalived_s_arguments_and_openwrt_s_environment(net):
    paths = {}
    for name in 'master', 'backup', 'fault', 'stop':
        paths['notify_' + name], said = script(net, name)
    paths['notify'], said = script(net, 'any')
    up = Upkeep(net.r1, vr(**paths)).wait(MASTER)
    until('master', lambda: 'master |NOTIFY_MASTER INSTANCE lan' in said())
    net.r1.carrier(False)
    up.wait(FAULT)
    until('fault', lambda: 'fault |NOTIFY_FAULT INSTANCE lan' in said())
    net.r1.carrier(True)
    up.wait(MASTER)
    until('any again', lambda: len([w for w in said() if w.startswith(
        'any INSTANCE lan MASTER 100')]) == 2)
    up.stop()
    until('stop', lambda: 'stop |NOTIFY_STOP INSTANCE lan' in said())
    words = [w.split('|')[0] for w in said() if w.startswith('any')]
    expect(words == ['any INSTANCE lan %s 100' % s for s in (
        'BACKUP', 'MASTER', 'FAULT', 'BACKUP', 'MASTER', 'STOP')], 'any',
        words)


@test
def a_script_command_may_have_arguments(net):
    path, said = script(net, 'master')
    Upkeep(net.r1, vr(notify_master=path + ' one "two words"')).wait(MASTER)
    until('arguments', lambda: [w for w in said() if 'one' in w])
    expect('master one two words|' in said()[0], 'words', said())


@test
def while_a_script_runs_the_newest_state_wins(net):
    hold = os.path.join(net.tmp, 'hold')
    open(hold, 'w').close()
    path, said = script(net, 'any', 'while [ -e %s ]; do sleep 0.05; done' %
                        hold)
    up = Upkeep(net.r1, vr(notify=path)).wait(MASTER)
    until('the first runs', lambda: said())
    for _ in range(2):
        net.r1.carrier(False)
        up.wait(FAULT)
        net.r1.carrier(True)
        up.wait(MASTER)
    expect(len(said()) == 1, 'two at once', said())
    os.unlink(hold)
    until('the last', lambda: len(said()) == 2)
    time.sleep(0.3)
    expect(len(said()) == 2 and ' MASTER ' in said()[1], 'newest', said())


@test
def a_script_that_hangs_is_killed_with_its_group(net):
    pids = os.path.join(net.tmp, 'pids')
    path, said = script(net, 'any', 'sleep 1000 &\necho $$ $! >>%s\n'
                        'trap "" TERM\nwait\nwait' % pids)
    Upkeep(net.r1, globals_(script_timeout=1), vr(notify=path)).wait(MASTER)
    until('the second runs', lambda: len(said()) == 2, 20)
    with open(pids) as f:
        first = [int(w) for w in f.readline().split()]
    until('the first is gone', lambda: all(map(gone, first)))


@test
def a_hanging_stop_script_does_not_hold_the_end_up(net):
    cap = net.capture()
    path, said = script(net, 'stop', 'trap "" TERM\nsleep 1000')
    up = Upkeep(net.r1, vr(notify_stop=path)).wait(MASTER)
    t = time.time()
    up.stop(20)
    expect(time.time() - t < 15, 'took', time.time() - t)
    expect(cap.adverts(net.r1, prio=0)[0].t - t < 0.5, 'priority 0 was late')
    expect(not net.r1.has(VIP[4]), 'address')


@test
def a_missing_script_is_one_warning_and_nothing_else(net):
    up = Upkeep(net.r1, vr(notify='/nonexistent/script')).wait(MASTER)
    time.sleep(0.3)
    expect(up.state() == MASTER and titles(up) == {'vrrp', 'check'}, 'state')


@test
def scripts_do_not_inherit_descriptors_or_environment(net):
    out = os.path.join(net.tmp, 'env')
    path = net.file('env.sh', '#!/bin/sh\nls -l /proc/self/fd >%s.fd\n'
                    'env >%s.new\nmv %s.new %s\n' % (out, out, out, out),
                    0o755)
    os.environ['SECRET_OF_THE_TEST'] = '1'
    Upkeep(net.r1, vr(notify_master=path)).wait(MASTER)
    until('it ran', lambda: os.path.exists(out))
    with open(out) as f:
        expect('SECRET_OF_THE_TEST' not in f.read(), 'environment')
    with open(out + '.fd') as f:
        fds = f.read()
    expect('socket' not in fds and 'memfd' not in fds, 'descriptors', fds)
