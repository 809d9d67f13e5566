# SPDX-License-Identifier: MIT
"""TLS of checks: what is verified, what is refused and why, the sessions."""

import contextlib
import os
import socket
import threading
import time

import servers
from check_http_test import url, web
from checks import complaints, real, service, start
from daemon import tool, uci
from net import SLACK, expect, until
from runner import test

TWO = ('r1', 'r2')
HOST = 'www.example.org'

# name: (port, what nginx says of it)
SITES = dict(good=(8441, ''), expired=(8442, ''), wrong=(8443, ''),
             self_=(8444, ''), tls13=(8445, 'ssl_protocols TLSv1.3;'),
             client=(8446, 'ssl_client_certificate %s; ssl_verify_client on;'),
             h2=(8447, ''))


def sites(net):
    """nginx with one server for each way to go wrong; the authority."""
    ca = servers.Authority(net)
    ca.signed('good')
    ca.signed('expired', expired=True)
    ca.signed('wrong', 'other.example')
    ca.signed('self_', own=True)
    for name in 'tls13', 'client', 'h2':
        ca.signed(name)
    out = []
    for name, (port, more) in SITES.items():
        if '%s' in more:
            more = more % ca.ca
        out.append('''server { listen %d ssl%s; server_name %s;
            ssl_protocols TLSv1.2; %s
            ssl_certificate %s; ssl_certificate_key %s;
            location / { return 200 "$ssl_server_name"; } }''' %
                   (port, ' http2' if name == 'h2' else '', HOST,
                    more, ca.path(name + '.pem'), ca.path(name + '.key'))
                   if 'protocols' not in more else
                   '''server { listen %d ssl; server_name %s; %s
            ssl_certificate %s; ssl_certificate_key %s;
            location / { return 200 "x"; } }''' %
                   (port, HOST, more, ca.path(name + '.pem'),
                    ca.path(name + '.key')))
    servers.nginx(net.r2, '\n'.join(out), 8441)
    return ca


def ssl(name, auth, site=None, **options):
    o = dict(check='SSL_GET', port=SITES[site or name][0], virtualhost=HOST,
             ca=auth.ca)
    o.update(options)
    return web(name, '/', **{k: v for k, v in o.items() if v is not None})


@test(nodes=TWO)
def each_bad_certificate_has_its_reason(net):
    ca = sites(net)
    names = ('good', 'expired', 'wrong', 'self_', 'tls13', 'client')
    up = start(net, service(*names), *[ssl(n, ca) for n in names])
    c = up.up('good')
    expect(c['tls_verify'] == 'chain', 'verify', c)
    expect(29 * 86400 < c['certificate_left'] <= 30 * 86400, 'days left', c)
    for name, why in (('expired', 'the certificate has expired'),
                      ('wrong', 'the certificate is for another name'),
                      ('self_', 'self-signed'),
                      ('tls13', 'the server speaks TLS 1.3 only')):
        up.down('TLS', 'L6', why, name=name)
    # nginx lets the handshake end and says 400 to who has none.
    up.down('STATUS', 'L7', '400', name='client')


@test(nodes=TWO)
def verify_none_and_pin_take_what_they_say(net):
    ca = sites(net)
    other = ca.pin('good')
    up = start(net, service(*'abcd'),
               ssl('a', ca, 'self_', verify='none', ca=None),
               ssl('b', ca, 'self_', tls_pin=ca.pin('self_'), ca=None),
               ssl('c', ca, 'self_', tls_pin=other, ca=None),
               ssl('d', ca, 'expired', verify='none', ca=None))
    for name, verify in ('a', 'none'), ('b', 'pin'), ('d', 'none'):
        c = up.up(name)
        expect(c['tls_verify'] == verify, 'verify', c)
    up.down('TLS', 'L6', 'pinned', name='c')


@test(nodes=TWO)
def an_authority_that_did_not_sign_it_is_no_help(net):
    ca = sites(net)
    pem, _ = ca.signed('stranger', own=True, ca=True)
    up = start(net, service('good'), ssl('good', ca, ca=pem))
    up.down('TLS', 'L6', 'no chain to a trusted certificate', name='good')


@test(nodes=TWO)
def a_name_is_sent_and_verified(net):
    ca = sites(net)
    up = start(net, service(*'abc'),
               web('a', 'sni', check='SSL_GET', port=8441, ca=ca.ca,
                   sni_name=HOST),
               web('b', 'none', check='SSL_GET', port=8441, enable_sni=0,
                   virtualhost=HOST, verify='none'),
               web('c', '/', check='SSL_GET', port=8441, ca=ca.ca),
               url('sni', '/', expect=HOST),
               url('none', '/', regex='^$'))
    up.up('a')
    up.up('b')
    up.down('TLS', 'L6', 'another name', name='c')


@test(nodes=TWO)
def the_virtualhost_of_a_page_is_sent_and_verified(net):
    ca = sites(net)
    up = start(net, service(*'abcde'),
               web('a', 'page', check='SSL_GET', port=8441, ca=ca.ca),
               web('b', 'other', check='SSL_GET', port=8441, ca=ca.ca),
               web('c', 'other', check='SSL_GET', port=8441, ca=ca.ca,
                   sni_name=HOST),
               web('d', 'port', check='SSL_GET', port=8441, ca=ca.ca),
               web('e', check='SSL_GET', port=8441, ca=ca.ca,
                   virtualhost='[2001:db8::2]:8441'),
               url('page', '/', virtualhost=HOST, expect=HOST),
               url('port', '/', virtualhost=HOST + ':8441', expect=HOST),
               url('other', '/', virtualhost='other.example'))
    for name in 'acd':
        up.up(name)
    up.down('TLS', 'L6', 'another name', name='e')
    up.down('TLS', 'L6', 'another name', name='b')
    code, out, err = tool('check', net.file('two.uci', uci(
        service('a'), web('a', 'page', 'other', check='SSL_GET', ca=ca.ca),
        url('page', '/', virtualhost=HOST),
        url('other', '/', virtualhost='other.example'))))
    expect(code == 0 and 'of the first' in out + err, 'no warning', out, err)


@test(nodes=TWO)
def a_server_that_knows_no_such_site_says_so(net):
    ca = servers.Authority(net)
    ca.signed('good')
    servers.nginx(net.r2, '''
    server { listen 8441 ssl default_server; ssl_reject_handshake on; }
    server { listen 8441 ssl; server_name %s; ssl_protocols TLSv1.2;
        ssl_certificate %s; ssl_certificate_key %s;
        location / { return 200 "x"; } }''' % (
            HOST, ca.path('good.pem'), ca.path('good.key')), 8441)
    up = start(net, service(*'ab'), ssl('a', ca, 'good'),
               ssl('b', ca, 'good', virtualhost='other.example'))
    up.up('a')
    up.down('TLS', 'L6', 'no site of the name', name='b')


@test(nodes=TWO)
def a_client_certificate_opens_the_door(net):
    ca = sites(net)
    pem, key = ca.signed('me', 'client.example')
    alien = servers.Authority.__new__(servers.Authority)
    alien.dir = os.path.join(net.tmp, 'alien')
    os.makedirs(alien.dir)
    apem, akey = alien.signed('me', 'client.example', own=True)
    up = start(net, service(*'ab'),
               ssl('a', ca, 'client', certificate=pem, key=key),
               ssl('b', ca, 'client', certificate=apem, key=akey))
    up.up('a')
    up.down('STATUS', 'L7', '400', name='b')


@test(nodes=TWO)
def alpn_must_be_one_of_those_offered(net):
    ca = sites(net)
    up = start(net, service(*'abc'),
               ssl('a', ca, 'h2', alpn=['http/1.1']),
               ssl('b', ca, 'good', alpn=['http/1.1']),
               real('c', check='TCP_CHECK', tls=1, port=8447, ca=ca.ca,
                    sni_name=HOST, alpn=['h2']))
    for name in 'abc':
        up.up(name)
    out = up.good('probe', 'c')
    expect('TLS 1.2' in out and 'h2' in out, 'probe', out)


@test(nodes=TWO)
def tls_on_a_port_without_is_said_so(net):
    def plain(c, t):
        c.recv(4096)
        c.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')
    servers.Talker(net.r2, 8080, plain)
    servers.Talker(net.r2, 8081, servers.black_hole)
    servers.Talker(net.r2, 8082, servers.reset)
    ca = servers.Authority(net)
    up = start(net, service(*'abc', connect_timeout='0.4'),
               web('a', check='SSL_GET', ca=ca.ca),
               web('b', check='SSL_GET', ca=ca.ca, port=8081),
               web('c', check='SSL_GET', ca=ca.ca, port=8082))
    c = up.down('TLS_TIME', 'L6', name='b')
    expect(0.4 <= c['latency'] < 0.4 + SLACK, 'latency', c)
    up.down('RESET', 'L4', name='c')
    up.down('TLS', 'L6', 'does not speak TLS', name='a')


@test(nodes=TWO)
def pages_are_fetched_in_turn_over_tls_too(net):
    ca = sites(net)
    up = start(net, service('good'),
               web('good', '/a', '/b', '/c', check='SSL_GET', port=8441,
                   ca=ca.ca, virtualhost=HOST))
    c = up.up('good')
    c = up.tried('good', more=2)
    expect(c['failed'] == 0, 'failed', c)
    log = os.path.join(net.logs, 'nginx.access.log')
    with open(log) as f:
        asked = [line.split('"')[1].split()[1] for line in f]
    expect(asked[:6] == ['/a', '/b', '/c'] * 2, 'asked', asked)


@test(nodes=TWO)
def an_operator_is_told_of_two_checks_of_one_server(net):
    """The second begins where the first has ended, in its place."""
    ca = sites(net)
    up = start(net, service('good'),
               web('good', '/', check=['SSL_GET', 'TCP_CHECK'], port=8441,
                   ca=ca.ca, virtualhost=HOST))
    up.up('good')
    up.up('good', 1)
    pid = up.child('check')
    for _ in range(3):
        out = up.good('probe', 'good')
        expect(out.count('passed') == 2, 'probe', out)
    expect(up.child('check') == pid, 'the child')


def copy(a, b):
    with contextlib.suppress(OSError):      # the other half has ended
        while True:
            got = a.recv(4096)
            if not got:
                b.shutdown(socket.SHUT_WR)
                return
            b.sendall(got)


@test(nodes=TWO)
def more_checks_than_sessions_wait_and_none_fails_for_it(net):
    """16 TLS checks, two sessions, and a server that takes 0.1 s for each: a
    round takes 0.8 s, more than the timeout of one; yet all pass, as often
    as the others."""
    ca = sites(net)
    names = ['s%d' % i for i in range(16)]

    def slow(c, t):
        time.sleep(0.1)
        with net.r2.inside():
            out = socket.create_connection(('127.0.0.1', 8441))
        threading.Thread(target=copy, args=(out, c), daemon=True).start()
        copy(c, out)
    servers.Talker(net.r2, 8440, slow)
    up = start(net, service(*names, connect_timeout='0.5', delay_loop='0.3'),
               *[web(n, '/' + n, check='SSL_GET', port=8440, ca=ca.ca,
                     virtualhost=HOST) for n in names])
    until('each was tried four times', lambda: all(
        sum(up.tries(n)) >= 4 for n in names), 30, 0.2)
    limit = [p for p in up.status()['processes'] if p['child'] == 'check'][0]
    pool = [p for p in limit['pools'] if p['name'] == 'tls'][0]
    expect(pool['most'] == pool['limit'], 'sessions', pool)
    expect(up.whole('waits') > 0, 'nobody waited')
    rows = [up.check(n) for n in names]
    expect(all(r['failed'] == 0 for r in rows), 'failures',
           [(r['failed'], r['reason']) for r in rows])
    n = [r['passed'] for r in rows]
    expect(max(n) - min(n) <= 2, 'not fair', n)


@test(nodes=TWO)
def holders_of_all_sessions_delay_others_but_fail_alone(net):
    """Two black holes hold both sessions for their whole timeout."""
    ca = sites(net)
    servers.Talker(net.r2, 8081, servers.black_hole)
    holes = ['h%d' % i for i in range(4)]
    up = start(net, service('good', *holes, connect_timeout='0.4'),
               ssl('good', ca),
               *[web(n, check='SSL_GET', ca=ca.ca, port=8081,
                     virtualhost='%s.example' % n) for n in holes])
    for n in holes:
        up.down('TLS_TIME', 'L6', name=n)
    c = up.tried('good', more=3)
    expect(c['failed'] == 0 and c['up'], 'good', c)


@test(nodes=TWO)
def bad_certificate_files_are_complained_about_at_compile_time(net):
    ca = servers.Authority(net)
    pem, key = ca.signed('me')
    bad = net.file('bad.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n')
    no = net.file('no.pem', 'hello\n')
    _, key2 = ca.signed('you')
    for options, line, word in (
            (dict(ca=bad), 'ca', 'base64'),
            (dict(ca=no), 'ca', 'no PEM text'),
            (dict(ca=net.tmp + '/gone'), 'ca', 'gone'),
            (dict(ca=ca.ca, certificate=pem, key=key2), 'key',
             'not that of the certificate'),
            (dict(ca=ca.ca, certificate=pem, key=no), 'key', 'no PEM'),
            (dict(ca=ca.ca, tls_pin='sha256//AAAA'), 'tls_pin', 'sha256')):
        said = complaints(net, service(), web('web', check='SSL_GET',
                                              virtualhost=HOST, **options))
        first = said.splitlines()[0]
        expect(first.startswith('F:') and word in said, 'complaint', options,
               said)
        row = int(first.split(':')[1])
        expect(line in open(net.tmp + '/bad.uci').read().splitlines()[row - 1],
               'line', first)


@test(nodes=TWO)
def digest_verifies_unless_told_otherwise(net):
    ca = sites(net)

    def digest(*words):
        return tool('digest', 'https://%s:%s/' % (HOST, 8441), 'via',
                    '192.0.2.2', *words, preexec_fn=net.r1.enter)
    code, out, err = digest('cacert', ca.ca)
    expect(code == 0 and '200' in out, 'digest', out, err)
    code, out, err = digest('cacert', ca.signed('x', own=True, ca=True)[0])
    expect(code == 1 and 'no chain' in err, 'not refused', out, err)
    code, out, err = digest('insecure')
    expect(code == 0, 'insecure', err)


@test(nodes=TWO)
def a_certificate_that_ends_soon_is_warned_of_once(net):
    ca = servers.Authority(net)
    ca.signed('good', days=5)
    servers.nginx(net.r2, '''server { listen 8441 ssl; server_name %s;
        ssl_protocols TLSv1.2; ssl_certificate %s; ssl_certificate_key %s;
        location / { return 200 "x"; } }''' % (
            HOST, ca.path('good.pem'), ca.path('good.key')), 8441)
    up = start(net, service('a', delay_loop='0.2'), ssl('a', ca, 'good'))
    up.up('a')
    until('three tries', lambda: up.check('a')['passed'] >= 3)
    expect(up.text().count('certificate ends in days=') == 1, 'once',
           up.text())


# ---- sessions that are taken up again ----------------------------------------

LOG = '''log_format tls '$ssl_session_reused $uri'; access_log %s tls;
ssl_session_cache shared:s:1m; ssl_session_tickets off;'''


class Reuser:
    """nginx that keeps sessions, and what it says of each page it gave.

    It reads its certificate anew for each whole handshake: there is a
    variable in the name."""

    def __init__(self, net):
        self.ca = ca = servers.Authority(net)
        self.signed = ca.signed(HOST)
        self.log = os.path.join(net.tmp, 'reused')
        self.conf = '''server { listen 8441 ssl; server_name %s;
            ssl_protocols TLSv1.2;
            ssl_certificate %s; ssl_certificate_key %s;
            location / { return 200 "x"; } }''' % (
                HOST, ca.path('$ssl_server_name.pem'), ca.path('$ssl_server_name.key'))
        servers.nginx(net.r2, LOG % self.log + self.conf, 8441)

    def rows(self):
        """[whether each was taken up], oldest first."""
        with open(self.log) as f:
            return [line.split()[0] == 'r' for line in f]


@test(nodes=TWO)
def a_session_is_taken_up_until_its_time_is_over(net):
    web_ = Reuser(net)
    ca = web_.ca
    up = start(net, service('a', delay_loop='0.1'),
               ssl('a', ca, 'good', tls_session_reuse=1))
    c = up.up('a')
    until('two whole handshakes', lambda: web_.rows().count(False) >= 3, 20)
    rows = web_.rows()
    expect(rows[:3] == [False, True, True], 'the first', rows)
    between = rows[1:].index(False)
    expect(4 <= between <= 10, 'taken up in one second of ten checks', rows)
    c = up.check('a')
    expect(c['failed'] == 0 and c['tls_resumed'] >= 8, 'counted', c)
    expect(29 * 86400 < c['certificate_left'] <= 30 * 86400, 'days left', c)


@test(nodes=TWO)
def a_page_takes_up_the_session_of_the_one_before(net):
    """What the first has seen of the certificate is not forgotten for it."""
    web_ = Reuser(net)
    ca = web_.ca
    up = start(net, service('a', delay_loop='0.1'),
               web('a', '/1', '/2', check='SSL_GET', port=8441, ca=ca.ca,
                   virtualhost=HOST))
    up.up('a')
    c = up.tried('a', more=2)
    expect(web_.rows()[:3] == [False, True, True], 'taken up', web_.rows())
    expect(c['failed'] == 0 and
           29 * 86400 < c['certificate_left'] <= 30 * 86400, 'days left', c)


@test(nodes=TWO)
def a_session_is_not_taken_up_when_told_so(net):
    web_ = Reuser(net)
    ca = web_.ca
    up = start(net, service('a', delay_loop='0.1'),
               ssl('a', ca, 'good', tls_session_reuse=0))
    up.up('a')
    until('six checks', lambda: len(web_.rows()) >= 6)
    expect(not any(web_.rows()), 'taken up', web_.rows())


@test(nodes=TWO)
def an_operator_and_a_reload_get_a_whole_handshake(net):
    web_ = Reuser(net)
    ca = web_.ca
    up = start(net, service('a', delay_loop='0.5'),
               ssl('a', ca, 'good', tls_session_reuse=3600))

    def whole_after(what, act):
        until('some are taken up', lambda: web_.rows()[-2:] == [True, True])
        n = web_.rows().count(False)
        act()
        until('a whole handshake after %s' % what,
              lambda: web_.rows().count(False) > n, 5)
    up.up('a')
    whole_after('probe', lambda: up.good('probe', 'a'))
    whole_after('check', lambda: up.good('server', 'a', 'check'))
    whole_after('reload', lambda: up.good('reload'))
    expect(up.check('a')['failed'] == 0, 'failed', up.check('a'))


@test(nodes=TWO)
def an_expired_certificate_is_noticed_within_the_period(net):
    """The server has another certificate, but remembers the sessions."""
    web_ = Reuser(net)
    ca, (pem, key) = web_.ca, web_.signed
    ca.signed('expired', expired=True)
    up = start(net, service('a', delay_loop='0.1'),
               ssl('a', ca, 'good', tls_session_reuse=1.5))
    up.up('a')
    until('some are taken up', lambda: web_.rows().count(True) >= 3)
    for to, name in (pem, 'expired.pem'), (key, 'expired.key'):
        with open(ca.path(name)) as f, open(to, 'w') as g:
            g.write(f.read())
    begun = time.monotonic()
    up.down('TLS', 'L6', 'the certificate has expired', name='a')
    expect(time.monotonic() - begun < 1.5 + SLACK, 'noticed late',
           time.monotonic() - begun)


@test(nodes=TWO)
def a_server_that_breaks_on_its_own_session_stays_up(net):
    """It resets whoever names a session in his ClientHello."""
    web_ = Reuser(net)
    ca = web_.ca
    broken = []

    def shy(c, t):
        hello = c.recv(4096)
        if hello[43]:                   # length of the session's number
            broken.append(1)
            servers.reset(c, t)
            return
        with net.r2.inside():
            out = socket.create_connection(('127.0.0.1', 8441))
        out.sendall(hello)
        threading.Thread(target=copy, args=(out, c), daemon=True).start()
        copy(c, out)
    servers.Talker(net.r2, 8440, shy)
    up = start(net, service('a', delay_loop='0.1'),
               web('a', '/', check='SSL_GET', port=8440, ca=ca.ca,
                   virtualhost=HOST))
    up.up('a')
    c = up.tried('a', more=5)
    expect(c['failed'] == 0 and c['tls_resumed'] == 0, 'failed', c)
    expect(len(broken) == 1, 'asked again and again', len(broken))
    expect(not any(web_.rows()), 'taken up', web_.rows())
