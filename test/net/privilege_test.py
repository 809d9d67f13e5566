# SPDX-License-Identifier: MIT
"""What the running children may still do, and who may ask them."""

import contextlib
import os
import signal
import socket
import time

from daemon import MASTER, VIP, Upkeep, globals_, tool, vr
from net import expect, until
from runner import test

NET = (1 << 12) | (1 << 13)             # CAP_NET_ADMIN, CAP_NET_RAW
NOBODY, GROUP, OTHER = 65534, 4242, 4243


def status(pid):
    """/proc/PID/status as a dict."""
    with open('/proc/%d/status' % pid) as f:
        return {k: v.strip() for k, _, v in
                (line.partition(':') for line in f)}


def sandboxed(up, uid=0):
    for name, caps in ('vrrp', NET), ('check', NET):
        row = status(up.child(name))
        for key in 'CapPrm', 'CapEff', 'CapBnd':
            expect(int(row[key], 16) == caps, name, key, row[key])
        for key in 'CapInh', 'CapAmb':
            expect(int(row[key], 16) == 0, name, key, row[key])
        expect(row['NoNewPrivs'] == '1' and row['Seccomp'] == '2', name, row)
        expect(set(row['Uid'].split()) == {str(uid)}, name, row['Uid'])
        expect(row['Groups'] == '', name, row['Groups'])
    locked = status(up.child('vrrp'))['VmLck'].split()[0]
    expect(locked != '0', 'memory is not locked')


@test
def children_have_what_they_need_and_a_filter(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    sandboxed(up)
    expect('filter' not in up.text(), up.tail())


@test
def children_are_of_their_user_through_crash_reload_and_end(net):
    user = globals_(user=NOBODY)
    up = Upkeep(net.r1, user, vr()).wait(MASTER)
    sandboxed(up, NOBODY)
    old = up.child('vrrp')
    os.kill(old, signal.SIGKILL)
    until('it is back', lambda: up.child('vrrp') not in (None, old))
    up.wait(MASTER)
    sandboxed(up, NOBODY)
    up.reload(user, vr(priority=120))
    expect(up.instance()['data']['base_priority'] == 120, 'reload')
    up.good('announce', 'lan')
    until('the address', lambda: net.r1.has(VIP[4]))
    expect(up.stop() == 0, 'exit code')
    expect(not net.r1.has(VIP[4]), 'the address was left')
    expect(os.listdir(up.dir) == [], 'left behind', os.listdir(up.dir))


@test
def a_violation_is_a_crash_that_the_log_names(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    old = up.child('vrrp')
    os.kill(old, signal.SIGSYS)
    until('it is back', lambda: up.child('vrrp') not in (None, old))
    until('the log', lambda: 'violation of its system-call filter' in up.text())
    up.wait(MASTER)


@test
def real_time_and_swapping_are_options(net):
    up = Upkeep(net.r1, globals_(vrrp_no_swap=0, vrrp_rt_priority=7),
                vr()).wait(MASTER)
    pid = up.child('vrrp')
    expect(status(pid)['VmLck'].split()[0] == '0', 'locked')
    if 'no real-time scheduling' in up.text():
        return                          # this kernel or container has none
    expect(os.sched_getscheduler(pid) == os.SCHED_FIFO, 'not SCHED_FIFO')
    expect(os.sched_getparam(pid).sched_priority == 7, 'priority')
    expect(os.sched_getscheduler(up.p.pid) == os.SCHED_OTHER, 'the parent')
    with open('/proc/%d/limits' % pid) as f:
        row = [line for line in f if line.startswith('Max realtime timeout')]
    expect(row and row[0].split()[3:5] == ['500000', '1000000'], 'guard', row)
    up.reload(vr())
    until('said', lambda: 'when this child is started anew' in up.text())


def connect(up, uid, gid, groups, request, name='vrrp'):
    """What a user of these groups gets for a request; None: not let in."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        out = b'?'
        try:
            os.setgroups(groups)
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(5)
            s.connect('%s/%s.sock' % (up.dir, name))
            with contextlib.suppress(BrokenPipeError):
                s.sendall(request + b'\n')     # turned away already
            out = b''
            while True:
                got = s.recv(4096)
                if not got:
                    break
                out += got
        except PermissionError:
            out = b'EACCES'
        except OSError as e:
            out = out if out != b'?' else repr(e).encode()
        os.write(w, out[:2000])
        os._exit(0)
    os.close(w)
    with os.fdopen(r, 'rb') as f:
        out = f.read()
    os.waitpid(pid, 0)
    return None if out == b'EACCES' else out.decode()


def reachable(path):
    """The folders above must let others through to the socket."""
    while path != '/':
        path = os.path.dirname(path)
        if not os.stat(path).st_mode & 0o001:
            os.chmod(path, os.stat(path).st_mode | 0o011)


@test
def the_control_group_may_look_and_nobody_else(net):
    up = Upkeep(net.r1, globals_(control_group=GROUP), vr()).wait(MASTER)
    reachable(up.dir + '/vrrp.sock')
    path = up.dir + '/vrrp.sock'
    expect(os.stat(path).st_mode & 0o777 == 0o660 and
           os.stat(path).st_gid == GROUP, 'mode', oct(os.stat(path).st_mode))
    for gid, groups in (GROUP, []), (OTHER, [OTHER, GROUP]):
        expect(connect(up, NOBODY, gid, groups, b'status').startswith('0\n'),
               'status for the group')
        said = connect(up, NOBODY, gid, groups, b'switchover lan')
        expect(said == '1 switchover is for root only\n', said)
        said = connect(up, NOBODY, gid, groups, b'reload')
        expect(said == '1 reload is for root only\n', said)
    expect(connect(up, NOBODY, OTHER, [OTHER], b'status') is None, 'a stranger')
    expect(connect(up, 0, 0, [], b'announce lan').startswith('0\n'), 'root')
    # A mode that somebody opened does not help who has no business there.
    os.chmod(path, 0o666)
    said = connect(up, NOBODY, OTHER, [OTHER], b'status')
    expect(said.startswith('1 not permitted'), said)


@test
def who_only_looks_never_holds_the_last_slot(net):
    up = Upkeep(net.r1, globals_(control_group=GROUP), vr()).wait(MASTER)
    reachable(up.dir + '/vrrp.sock')
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setgroups([])
        os.setresgid(GROUP, GROUP, GROUP)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        held, said = [], []
        for _ in range(12):
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(5)
            s.connect(up.dir + '/vrrp.sock')
            with contextlib.suppress(OSError):
                s.sendall(b'monitor\n')
            said.append(s.recv(1).decode())
            held.append(s)
        os.write(w, ''.join(said).encode())
        signal.pause()
        os._exit(0)
    try:
        said = os.read(r, 100).decode()
        expect(said[0] == '0' and said[-1] == '1', 'answers', said)
        expect('lan' in up.good('status'), 'root is served')
        expect(up.ctl('reload')[0] == 0, 'and acts')
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(r)
        os.close(w)


@test
def what_is_disabled_still_answers_its_group(net):
    up = Upkeep(net.r1, globals_(control_group=GROUP, enabled='0'), vr())
    reachable(up.dir + '/vrrp.sock')
    said = connect(up, NOBODY, GROUP, [], b'overview')
    expect(said and 'disabled by option enabled' in said, said)


@test
def the_control_group_changes_with_a_reload(net):
    up = Upkeep(net.r1, vr()).wait(MASTER)
    reachable(up.dir + '/vrrp.sock')
    expect(connect(up, NOBODY, GROUP, [], b'status') is None, 'before')
    up.reload(globals_(control_group=GROUP), vr())
    for name in 'vrrp', 'check':
        until(name, lambda: (connect(up, NOBODY, GROUP, [], b'status', name)
                             or '').startswith('0\n'))
    up.reload(vr())
    until('closed', lambda: connect(up, NOBODY, GROUP, [], b'status') is None)


@test
def an_unknown_user_or_group_is_a_complaint(net):
    for key, what in ('user', 'user'), ('control_group', 'group'):
        up = Upkeep(net.r1, globals_(**{key: 'no-such'}), vr(), start=False)
        code, out, err = tool('check', up.file)
        expect(code != 0 and "there is no %s 'no-such'" % what in out + err,
               code, out, err)


@test
def the_daemons_own_user_may_act(net):
    up = Upkeep(net.r1, globals_(user=NOBODY), vr()).wait(MASTER)
    reachable(up.dir + '/vrrp.sock')
    said = connect(up, NOBODY, NOBODY, [], b'announce lan')
    expect(said is not None and said.startswith('0\n'), said)
    expect(connect(up, 4711, 4711, [], b'status') is None, 'another')
    time.sleep(0.1)
    expect(up.child('vrrp'), 'it lives')
