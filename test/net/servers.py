# SPDX-License-Identifier: MIT
"""servers -- what health checks talk to: real ones, and hostile ones of ours.

Real ones run as processes of a node (nginx, redis, dnsmasq, SMTP).  Talker is
a TCP server in threads of the test: it counts connections, notes when each
came and from where, and does to each what it was told to.
"""

import base64
import glob
import hashlib
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

from net import Failure, until


class Talker:
    """A TCP server on `node`; behave(sock, self) has each connection."""

    def __init__(self, node, port, behave, fam=4, backlog=64):
        self.behave, self.came, self.open = behave, [], True
        self.from_, self.got, self.socks = [], [], []
        with node.inside():
            s = socket.socket(socket.AF_INET if fam == 4 else socket.AF_INET6,
                              socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(('0.0.0.0' if fam == 4 else '::', port))
        s.listen(backlog)
        self.sock = s
        node.net.ending.append(self.close)
        threading.Thread(target=self.loop, daemon=True).start()

    def loop(self):
        while self.open:
            try:
                c, peer = self.sock.accept()
            except OSError:
                return
            self.came.append(time.monotonic())
            self.from_.append(peer)
            self.socks.append(c)
            threading.Thread(target=self.serve, args=(c,),
                             daemon=True).start()

    def serve(self, c):
        try:
            self.behave(c, self)
            c.close()
        except OSError:
            c.close()

    def close(self):
        """No more connections; those that are there are reset."""
        self.open = False
        for s in [self.sock] + self.socks:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()


def head(c, n=8192):
    """A request up to its empty line."""
    got = b''
    while b'\r\n\r\n' not in got and len(got) < n:
        more = c.recv(4096)
        if not more:
            break
        got += more
    return got


def accept(c, t):
    """The handshake is all: then it waits for the other side's end."""
    while c.recv(4096):
        pass


def black_hole(c, t):
    while True:
        time.sleep(0.2)
        if not t.open:
            return


def reset(c, t):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def reset_after_request(c, t):
    head(c)
    reset(c, t)


def close_before_answer(c, t):
    head(c)


def trickle(c, t):
    """A good answer, one byte in 50 ms: takes longer than any test."""
    head(c)
    for b in b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n' + b'x' * 1000:
        c.sendall(bytes([b]))
        time.sleep(0.05)


def endless_header(c, t):
    head(c)
    c.sendall(b'HTTP/1.1 200 OK\r\n')
    while t.open:
        c.sendall(b'X-Header: ' + b'y' * 1000 + b'\r\n')


def endless_line(c, t):
    head(c)
    while t.open:
        c.sendall(b'z' * 1000)


def giant_chunk(c, t):
    head(c)
    c.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
              b'ffffffffffffffffffffff\r\nabc')
    accept(c, t)


def cut_body(c, t):
    head(c)
    c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc')


def says(answer):
    """Behaviour: note the request, give `answer`, end."""
    def behave(c, t):
        t.got.append(head(c))
        c.sendall(answer)
    return behave


def page(body=b'hello', status='200 OK', more=''):
    return ('HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n' %
            (status, len(body), more)).encode() + body


# ---- certificates ---------------------------------------------------------

def openssl(*argv):
    p = subprocess.run(('openssl',) + argv, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    if p.returncode:
        raise Failure('openssl %s: %s' % (argv[0], p.stderr.decode()))
    return p.stdout


class Authority:
    """A CA in the test's folder, and what it signs."""

    def __init__(self, net):
        self.dir = os.path.join(net.tmp, 'ca')
        os.makedirs(self.dir, exist_ok=True)
        self.ca = self.signed('ca', own=True, ca=True)[0]

    def path(self, name):
        return os.path.join(self.dir, name)

    def signed(self, name, host='www.example.org', days=30, own=False,
               ca=False, expired=False):
        """(certificate, key) of `host`; own: signed by itself."""
        key, pem = self.path(name + '.key'), self.path(name + '.pem')
        ext, csr = self.path(name + '.ext'), self.path(name + '.csr')
        with open(ext, 'w') as f:
            f.write('basicConstraints=critical,CA:TRUE\n' if ca else
                    'subjectAltName=DNS:%s\n' % host)
        openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout',
                '-out', key)
        openssl('req', '-new', '-key', key, '-out', csr, '-subj',
                '/CN=' + (host if not ca else 'Test CA'))
        sign = ['-signkey', key] if own else [
            '-CA', self.path('ca.pem'), '-CAkey', self.path('ca.key'),
            '-set_serial', str(len(os.listdir(self.dir)))]
        openssl('x509', '-req', '-in', csr, '-out', pem, '-extfile', ext,
                '-days', '-1' if expired else str(days), *sign)
        return pem, key

    def pin(self, name):
        der = openssl('pkey', '-in', self.path(name + '.key'), '-pubout',
                      '-outform', 'DER')
        return 'sha256//' + base64.b64encode(
            hashlib.sha256(der).digest()).decode()


# ---- real servers ---------------------------------------------------------

def listening(node, port, fam=4, timeout=10):
    def probe():
        with node.inside():
            s = socket.socket(socket.AF_INET if fam == 4 else socket.AF_INET6,
                              socket.SOCK_STREAM)
        try:
            s.connect(('127.0.0.1' if fam == 4 else '::1', port))
            return True
        except OSError:
            return False
        finally:
            s.close()
    until('a server listens on port %d' % port, probe, timeout)


def nginx(node, servers, port):
    """nginx with these `server` blocks; ready when `port` is."""
    base = os.path.join(node.net.tmp, 'nginx')
    os.makedirs(base, exist_ok=True)
    conf = node.net.file('nginx.conf', '''
daemon off; master_process off; worker_processes 1; user root;
pid %s/pid; error_log stderr;
events { worker_connections 256; }
http {
    access_log %s/nginx.access.log;
    client_body_temp_path %s; proxy_temp_path %s; fastcgi_temp_path %s;
    uwsgi_temp_path %s; scgi_temp_path %s;
    server_names_hash_bucket_size 128; root %s;
%s
}
''' % (base, node.net.logs, *[base] * 6, servers))
    p = node.popen('nginx.log', ['nginx', '-p', base, '-c', conf, '-e',
                                 'stderr'])
    listening(node, port)
    return p


def redis(node, port=6379):
    p = node.popen('redis.log', ['redis-server', '--port', port, '--bind',
                                 '0.0.0.0', '--protected-mode', 'no',
                                 '--save', '', '--dir', node.net.tmp])
    listening(node, port)
    return p


def postgresql(node, hba, port=5432):
    """With these lines of pg_hba.conf; it does not run as root."""
    bin_ = sorted(glob.glob('/usr/lib/postgresql/*/bin'))[-1]
    base = tempfile.mkdtemp(prefix='upkeep-postgres-')
    node.net.ending.append(lambda: shutil.rmtree(base, True))
    shutil.chown(base, 'postgres', 'postgres')
    as_user = ['runuser', '-u', 'postgres', '--']
    data = os.path.join(base, 'data')
    node.run(*as_user, bin_ + '/initdb', '-D', data, '-A', 'trust', '-N')
    with open(data + '/pg_hba.conf', 'a') as f:
        f.write(hba)
    p = node.popen('postgresql.log', as_user + [
        bin_ + '/postgres', '-D', data, '-p', port, '-h', '0.0.0.0',
        '-c', 'unix_socket_directories=', '-c', 'fsync=off'])
    listening(node, port, timeout=20)
    return p


def mariadb(node, *options, port=3306):
    data = os.path.join(node.net.tmp, 'mariadb')
    os.makedirs(data + '/mysql')
    sql = 'use mysql;\n'
    for name in 'mysql_system_tables', 'mysql_system_tables_data':
        with open('/usr/share/mysql/%s.sql' % name) as f:
            sql += f.read()
    # It talks to no host that no account is for.
    sql += ("insert into global_priv (Host, User, Priv) values "
            "('192.0.2.%', 'web', '{}');\n")
    base = ['mariadbd', '--no-defaults', '--datadir=' + data, '--user=root']
    subprocess.run(base + ['--bootstrap'], input=sql.encode(), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    p = node.popen('mariadb.log', base + [
        '--port=%d' % port, '--socket=' + data + '/socket', *options])
    listening(node, port, timeout=20)
    return p


def slapd(node, *lines, port=389):
    """Without a database: it binds whoever may."""
    path = node.net.file('slapd-%d.conf' % port, ''.join(
        w + '\n' for w in ('pidfile %s/slapd-%d.pid' % (node.net.tmp, port),
                           *lines)))
    p = node.popen('slapd-%d.log' % port, [
        'slapd', '-f', path, '-h', 'ldap://0.0.0.0:%d' % port, '-d', '0'])
    listening(node, port, timeout=20)
    return p


def smtpd(node, port=25):
    p = node.popen('smtpd.log', ['/usr/bin/python3', '-m', 'aiosmtpd', '-n', '-l',
                                 '0.0.0.0:%d' % port, '-c',
                                 'aiosmtpd.handlers.Sink'])
    listening(node, port)
    return p


def dnsmasq(node, *options):
    p = node.popen('dnsmasq.log', ['dnsmasq', '-k', '-C', '/dev/null',
                                   '--no-resolv', '--no-hosts', '--no-poll',
                                   '--user=root', '--group=root',
                                   '--pid-file=', *options])
    listening(node, 53)
    return p
