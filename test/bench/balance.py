# SPDX-License-Identifier: MIT
"""balance -- what health checks cost, beside keepalived's, where the kernel has IPVS: an
emulated x86_64 board.

Its clock counts instructions, one a nanosecond, and does not run while it waits: figures
are those of a machine of 1000 MIPS, the same whatever else this one does."""

import os
import shutil
import subprocess
import threading

import side
from net import ROOT, run
from daemon import uci

HERE = os.path.dirname(os.path.realpath(__file__))
BOARD = os.path.join(ROOT, 'build/vm/x86_64')
SHARE = os.path.join(side.OUT, 'share')
CASES = [(kind, n, s) for kind in ('tcp', 'http', 'https') for n, s in
         ((10, 1), (100, 1), (1000, 20 if kind == 'https' else 5))]
PROGRAMS = '/usr/sbin/keepalived', '/usr/bin/strace', '/usr/sbin/nginx'
# One for all the servers: it keeps the sessions of each of them (openssl's keeps 128).
NGINX = '''daemon off; user root; pid /tmp/nginx.pid; error_log stderr;
events { worker_connections 1000; }
http {
	access_log off;
	client_body_temp_path /tmp/nginx.1; proxy_temp_path /tmp/nginx.2;
	fastcgi_temp_path /tmp/nginx.3; uwsgi_temp_path /tmp/nginx.4; scgi_temp_path /tmp/nginx.5;
	ssl_certificate /mnt/cert; ssl_certificate_key /mnt/key;
	ssl_session_cache shared:all:4m;
	server { listen 443 ssl; location / { return 200 'here'; } }
}
'''
TIMEOUT = 1800


def addr(i):
    return '10.3.%d.%d' % divmod(i + 1, 250)


def ours(kind, n, s):
    port = 443 if kind == 'https' else 80
    check = {'tcp': 'TCP_CHECK', 'http': 'HTTP_GET', 'https': 'SSL_GET'}[kind]
    out = []
    for i in range(n):
        opts = dict(ipaddr=addr(i), port=port, check=check, connect_timeout=1, retry=0)
        if kind != 'tcp':
            opts['url'] = ['root']
        if kind == 'https':
            opts['verify'] = 'none'     # as keepalived
        out.append(('real_server', 's%d' % i, opts))
    for v in range((n + 9) // 10):
        out.append(('virtual_server', 'v%d' % v, dict(
            ipaddr='10.1.%d.%d' % divmod(v + 2, 250), port=80, lb_kind='NAT', lb_algo='rr',
            delay_loop=s, real_server=['s%d' % i for i in range(10 * v, 10 * v + 10)])))
    if kind != 'tcp':
        out.append(('url', 'root', dict(path='/', status_code=200)))
    # An audit of the kernel's table, which keepalived has none of, is not a check's cost.
    out.append(('globals', 'globals', dict(ipvs_audit=3600)))
    return uci(*out)


def theirs(kind, n, s):
    port = 443 if kind == 'https' else 80
    check = {'tcp': 'TCP_CHECK {\n', 'http': 'HTTP_GET {\nurl {\npath /\nstatus_code 200\n}\n',
             'https': 'SSL_GET {\nurl {\npath /\nstatus_code 200\n}\n'}[kind]
    out = ['global_defs {\nrouter_id bench\n}']
    for v in range((n + 9) // 10):
        out.append('virtual_server 10.1.%d.%d 80 {\nlb_kind NAT\nlb_algo rr\nprotocol TCP\n'
                   'delay_loop %d' % (*divmod(v + 2, 250), s))
        out += ['real_server %s %d {\n%sconnect_timeout 1\nretry 0\n'
                'delay_before_retry 1\n}\n}' % (addr(i), port, check)
                for i in range(10 * v, 10 * v + 10)]
        out.append('}')
    return '\n'.join(out) + '\n'


def copy_with_libraries(path, root):
    for p in [path] + [w for w in run('ldd', path).split() if w.startswith('/')]:
        to = root + p
        if not os.path.exists(to):
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copy(os.path.realpath(p), to)


def fill(cases):
    shutil.rmtree(SHARE, ignore_errors=True)
    root = os.path.join(SHARE, 'root')
    os.makedirs(root)
    for p in PROGRAMS:
        copy_with_libraries(p, root)
    shutil.copy(side.LARGE, os.path.join(SHARE, 'upkeepd.large'))
    for p in (os.path.join(HERE, '../board/lib.sh'), os.path.join(side.OUT, 'serve'),
              os.path.join(ROOT, 'build/x86_64/test/flow')):
        shutil.copy(p, SHARE)
    shutil.copy(os.path.join(HERE, 'checks.sh'), os.path.join(SHARE, 'run'))
    run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
        '-nodes', '-days', '3650', '-subj', '/CN=bench',
        '-keyout', os.path.join(SHARE, 'key'), '-out', os.path.join(SHARE, 'cert'))
    with open(os.path.join(SHARE, 'nginx.conf'), 'w') as f:
        f.write(NGINX)
    with open(os.path.join(SHARE, 'cases'), 'w') as f:
        for kind, n, s in cases:
            f.write('%s %d %d\n' % (kind, n, s))
            for name, text in ('upkeepd', ours), ('keepalived', theirs):
                with open(os.path.join(SHARE, '%s.%s.%d' % (name, kind, n)), 'w') as conf:
                    conf.write(text(kind, n, s))


def boot():
    """Rows of the guest: (kind, n, side, key) -> list of lists of numbers."""
    got = {}
    argv = ['qemu-system-x86_64', '-M', 'q35', '-cpu', 'max', '-m', '512', '-smp', '1',
            '-accel', 'tcg', '-icount', 'shift=0,sleep=off', '-display', 'none',
            '-nodefaults', '-monitor', 'none', '-no-reboot', '-serial', 'stdio',
            '-kernel', BOARD + '/kernel', '-initrd', BOARD + '/image.gz',
            '-append', 'console=ttyS0 panic=-1 quiet',
            '-object', 'rng-random,filename=/dev/urandom,id=r0',
            '-device', 'virtio-rng-pci,rng=r0',
            '-fsdev', 'local,id=f0,path=%s,security_model=none' % SHARE,
            '-device', 'virtio-9p-pci,fsdev=f0,mount_tag=host']
    p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    late = threading.Timer(TIMEOUT, p.kill)
    late.start()
    try:
        with open(os.path.join(side.OUT, 'checks.log'), 'w') as log:
            for line in p.stdout:
                line = line.decode(errors='replace').rstrip()
                log.write(line + '\n')
                log.flush()
                word = line.split()
                if line.startswith('ROW '):
                    got.setdefault((word[1], int(word[2]), word[3], word[4]), []).append(
                        [int(w) for w in word[5:]])
    finally:
        late.cancel()
        p.kill()
        p.wait()
    return got


def figures(got, kind, n, name):
    """{row: samples} of one side of one case."""
    def of(key):
        return got.get((kind, n, name, key), [])
    out = {}
    if of('checks') and of('checks')[0][0]:
        checks, seconds = of('checks')[0]
        out['CPU us/check'] = [of('ns')[0][0] / checks / 1000]
        if of('floor') and kind == 'tcp':
            out['above the least, us'] = [out['CPU us/check'][0] - of('floor')[0][0] / 1000]
        out['checks/s'] = [checks / seconds]
    if of('calls') and of('calls')[0][0]:
        out['calls/check'] = [of('calls')[0][1] / of('calls')[0][0]]
    if of('jitter'):
        out['interval off by, us'] = of('jitter')[0][1:2] + of('jitter')[0][3:]
    for key, what, unit in (('pss_kb', 'PSS kB', 1), ('dirty_kb', 'private dirty kB', 1),
                            ('load_ns', 'load, CPU ms', 1e6),
                            ('reload_ns', 'reload, CPU ms', 1e6),
                            ('gone', 'death to removal, ms', 1e3)):
        out[what] = [x[0] / unit for x in of(key)]
    return out


def checks(rounds, report, noise, only=None):
    cases = [c for c in CASES if not only or only in (c[0], '%s %d' % c[:2])]
    fill(cases)
    got = boot()
    report.head('Checks in an emulated machine of 1000 MIPS, once; bound of a death: 2 s', '',
                noise=False)
    rows = []
    for kind, n, _ in cases:
        a, b = (figures(got, kind, n, name) for name in side.SIDES)
        for what in a:
            if a.get(what) or b.get(what):
                report.row('%d %s: %s' % (n, kind, what), a.get(what), b.get(what))
            rows += [(kind, n, name, what, x) for name, g in zip(side.SIDES, (a, b))
                     for x in g.get(what, [])]
    side.tsv('checks', ('kind', 'servers', 'side', 'what', 'value'), rows)
