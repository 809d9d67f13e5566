# SPDX-License-Identifier: MIT
"""HTTP checks: what is asked, what of the answer counts, hostile servers."""

import hashlib
import os
import time

import servers
from checks import PORT, real, service, start
from daemon import tool
from net import SLACK, expect, until
from runner import test

TWO = ('r1', 'r2')


def url(name, path='/', **options):
    return ('url', name, dict(path=path, **options))


def web(name='web', *urls, **options):
    options.setdefault('check', 'HTTP_GET')
    return real(name, url=list(urls) or ['/'], **options)


def body(net, text=b'hello world\n' * 300):
    os.makedirs(os.path.join(net.tmp, 'nginx'), exist_ok=True)
    net.file('nginx/page', text)
    return text


def plain(net, extra=''):
    servers.nginx(net.r2, '''
    server { listen 8080; server_name _;
        location = /moved { return 302 http://x/; }
        location = /secret { return 401; }
        location = /broken { return 503 "sorry"; }
        location = /empty { return 204; }
        location = /quick { return 200 "state: READY 42"; }
        %s }
    server { listen 8080; server_name www.example.org;
        location / { return 200 "this is www"; } }''' % extra, 8080)


@test(nodes=TWO)
def http_by_nginx_and_status_ranges(net):
    plain(net)
    up = start(net, service(*'abcdef'),
               web('a', '/quick'), web('b', '/broken'), web('c', '/moved'),
               web('d', 'lax'), web('e', '/empty'), web('f', 'two'),
               url('lax', '/secret', status_code='200-299 401'),
               url('two', '/broken', status_code='500-502 504-599'))
    for name in 'ade':
        up.up(name)
    up.down('STATUS', 'L7', '503 Service Temporarily Unavailable', name='b')
    up.down('STATUS', 'L7', '302', name='c')
    up.down('STATUS', 'L7', '503', name='f')


@test(nodes=TWO)
def a_digest_is_what_md5sum_sha256sum_and_upkeepctl_say(net):
    text = body(net)
    plain(net)
    md5, sha = hashlib.md5(text).hexdigest(), hashlib.sha256(text).hexdigest()
    code, out, err = tool('digest', 'http://192.0.2.2:8080/page',
                          preexec_fn=net.r1.enter)
    expect(code == 0 and md5 in out and sha in out, 'digest', out, err)
    up = start(net, service(*'abcd'), *[web(n, 'u' + n) for n in 'abcd'],
               url('ua', '/page', digest=md5), url('ub', '/page', digest=sha),
               url('uc', '/page', digest=md5.upper()),
               url('ud', '/page', digest='0' * 32))
    for name in 'abc':
        up.up(name)
    up.down('DIGEST', 'L7', name='d')
    body(net, text + b'!')
    up.down('DIGEST', 'L7', name='a')
    up.down('DIGEST', 'L7', name='b')


@test(nodes=TWO)
def what_is_expected_in_the_body_must_be_there(net):
    plain(net)
    up = start(net, service(*'abcdef'), *[web(n, 'u' + n) for n in 'abcdef'],
               url('ua', '/quick', expect='READY'),
               url('ub', '/quick', expect='ready'),
               url('uc', '/quick', regex='^state: [A-Z]+ [0-9]+$'),
               url('ud', '/quick', regex='ready', regex_icase=1),
               url('ue', '/quick', regex_no_match='READY [0-9]'),
               url('uf', '/quick', regex_no_match='SORRY'))
    for name in 'acdf':
        up.up(name)
    up.down('CONTENT', 'L7', name='b')
    up.down('CONTENT', 'L7', name='e')


@test(nodes=TWO)
def a_virtualhost_chooses_the_server(net):
    plain(net)
    up = start(net, service(*'abc', virtualhost='www.example.org'),
               web('a', 'www'), web('b', 'www', virtualhost='other.example'),
               web('c', 'own', virtualhost='other.example'),
               url('www', '/', expect='this is www'),
               url('own', '/', expect='this is www',
                   virtualhost='www.example.org'))
    up.up('a')
    up.up('c')
    until('b is down', lambda: not up.check('b')['last_passed'])
    expect(not up.check('b')['up'], 'b')


@test(nodes=TWO)
def pages_are_fetched_in_turn_and_the_first_bad_one_counts(net):
    asked = []

    def behave(c, t):
        path = servers.head(c).split()[1]
        asked.append(path)
        ok = path != b'/b'
        c.sendall(servers.page(status='200 OK' if ok else '404 Not Found'))
    servers.Talker(net.r2, PORT, behave)
    up = start(net, service(), web('web', '/a', '/b', '/c'))
    up.down('STATUS', 'L7', '404')
    expect(asked[:2] == [b'/a', b'/b'] and b'/c' not in asked, 'asked', asked)
    asked.clear()
    up.reload(service(), web('web', '/a', '/c', '/d'))
    up.up()
    until('two rounds', lambda: asked.count(b'/d') >= 2)
    i = asked.index(b'/a')
    expect(asked[i:i + 3] == [b'/a', b'/c', b'/d'], 'order', asked)


@test(nodes=TWO)
def a_port_of_its_own_is_free_for_the_next_page_and_try(net):
    """Without time stamps a connection in TIME_WAIT is not taken over."""
    plain(net)
    net.r2.run('sysctl', '-qw', 'net.ipv4.tcp_timestamps=0')
    up = start(net, service(), web('web', '/quick', '/empty',
                                   bindto='192.0.2.1', bind_port=4000))
    up.up()
    c = up.tried(more=4)
    expect(c['failed'] == 0, 'failed', c)


@test(nodes=TWO)
def a_request_has_its_method_headers_and_version(net):
    t = servers.Talker(net.r2, PORT, servers.says(servers.page()))
    up = start(net, service(), web('web', '/x?y=1', method='HEAD',
                                   http_protocol='1.0',
                                   virtualhost='www.example.org',
                                   header=['X-One: 1', 'X-Two: a b']))
    up.tried()
    lines = t.got[0].decode().split('\r\n')
    expect(lines[0] == 'HEAD /x?y=1 HTTP/1.0', 'request', lines)
    expect('X-One: 1' in lines and 'X-Two: a b' in lines, 'headers', lines)
    expect('Host: www.example.org' in lines, 'host', lines)
    expect(sum(w.lower().startswith('host:') for w in lines) == 1, 'hosts',
           lines)
    up.reload(service(), web('web', '/'))
    n = len(t.got)
    until('asked', lambda: len(t.got) > n + 1)
    lines = t.got[-1].decode().split('\r\n')
    expect(lines[0] == 'GET / HTTP/1.1', 'request', lines)
    expect([w for w in lines if w.startswith('Host: 192.0.2.2')], 'host',
           lines)


@test(nodes=TWO)
def chunked_and_close_delimited_answers_are_whole(net):
    want = hashlib.md5(b'hello world').hexdigest()

    def chunked(c, t):
        servers.head(c)
        for b in (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r',
                  b'\nhel', b'lo\r\n6\r\n worl', b'd\r\n0\r\n', b'A: b\r\n\r\n'):
            c.sendall(b)
            time.sleep(0.01)

    def closed(c, t):
        servers.head(c)
        c.sendall(b'HTTP/1.0 200 OK\r\n\r\nhello ')
        time.sleep(0.01)
        c.sendall(b'world')
    servers.Talker(net.r2, 8081, chunked)
    servers.Talker(net.r2, 8082, closed)
    up = start(net, service(*'ab'), web('a', 'u', port=8081),
               web('b', 'u', port=8082), url('u', '/', digest=want))
    up.up('a')
    up.up('b')


@test(nodes=TWO)
def hostile_servers_each_get_their_reason(net):
    kinds = dict(reset=('RESET', servers.reset_after_request),
                 close=('CLOSED', servers.close_before_answer),
                 cut=('CLOSED', servers.cut_body),
                 header=('LONG', servers.endless_header),
                 line=('PROTOCOL', servers.endless_line),
                 chunk=('PROTOCOL', servers.giant_chunk),
                 hole=('TIMEOUT', servers.black_hole),
                 ssh=('PROTOCOL', servers.says(b'SSH-2.0-x\r\n')))
    for i, (reason, behave) in enumerate(kinds.values()):
        servers.Talker(net.r2, 9000 + i, behave)
    up = start(net, service(*kinds, connect_timeout='0.5'),
               *[web(n, 'whole', port=9000 + i) for i, n in enumerate(kinds)],
               url('whole', expect='never there'))
    for name, (reason, _) in kinds.items():
        up.down(reason, name=name)
    expect(up.child('check') is not None, 'the child')


@test(nodes=TWO)
def a_trickling_server_cannot_stretch_the_timeout(net):
    servers.Talker(net.r2, PORT, servers.trickle)
    up = start(net, service(connect_timeout='0.6'), web())
    for _ in range(3):
        c = up.down('TIMEOUT', 'L7')
        expect(0.6 <= c['latency'] < 0.6 + SLACK, 'latency', c['latency'])
        up.tried(more=1)


@test(nodes=TWO)
def a_try_that_is_over_leaves_no_connection(net):
    t = servers.Talker(net.r2, PORT, servers.black_hole)
    up = start(net, service(connect_timeout='0.1', delay_loop='0.15'), web())
    until('twenty tries', lambda: len(t.came) > 20)
    fds = os.listdir('/proc/%d/fd' % up.child('check'))
    expect(len(fds) < 20, 'descriptors', len(fds))


@test(4, 6, nodes=TWO)
def http_over_both_families(net, fam):
    t = servers.Talker(net.r2, PORT, servers.says(servers.page()), fam)
    up = start(net, service(ipaddr='192.0.2.200' if fam == 4 else
                            '2001:db8::200'),
               web(ipaddr=net.r2.ip4 if fam == 4 else net.r2.ip6))
    up.up()
    host = [w for w in t.got[0].decode().split('\r\n')
            if w.startswith('Host: ')]
    expect(host == ['Host: ' + ('192.0.2.2:8080' if fam == 4 else
                                '[2001:db8::2]:8080')], 'host', host)
