# SPDX-License-Identifier: MIT
"""Configurations that are refused: where, why, and the nearest word."""

import re

from checks import complaints, real, service, start
from daemon import globals_, tool, uci
from net import expect
from runner import test

TWO = ('r1', 'r2')
NONE = ()


def wrong(net, want, *sections, line=None):
    """Each complaint has its place, and one of them these words."""
    said = complaints(net, *sections)
    lines = [w for w in said.splitlines() if ' error: ' in w]
    for w in lines:
        expect(re.match(r'F(:\d+:\d+)?: error: \S', w), 'no place', w)
    hit = [w for w in lines if want in w]
    expect(hit, 'not said: ' + want, said)
    if line:
        with open(net.tmp + '/bad.uci') as f:
            text = f.read().splitlines()[int(hit[0].split(':')[1]) - 1]
        expect(line in text, 'the wrong line', hit[0], text)


@test(nodes=NONE)
def words_that_are_nearly_right(net):
    for want, line, sections in (
            ("did you mean 'wlc'", 'lb_algo',
             (service(lb_algo='wcl'), real())),
            ("'HTTP_GET'", 'check', (service(), real(check='HTTPGET'))),
            ("'web'", 'real_server', (service('wbe'), real())),
            ("'connect_timeout'", 'connect_timout',
             (service(), real(connect_timout=3))),
            ("'page'", 'url', (service(), real(check='HTTP_GET',
                                               url=['pege']),
                               ('url', 'page', dict(path='/')))),
            ("'CNAME'", 'dns_type', (service(), real(check='DNS_CHECK',
                                                     dns_type='CNAM'))),
            ("'redis'", 'dialogue', (service(), real(dialogue='redsi'))),
            ("'lan'", 'follow', (('vrrp_instance', 'lan', dict(
                interface='eth0', virtual_router_id=1,
                virtual_ipaddress=['192.0.2.100/24'])),
                service(follow='lna'), real())),
            ("virtual_server", 'virtual_servr',
             (('virtual_servr', 'x', {}), service(), real()))):
        wrong(net, want, *sections, line=line)


def group(*addresses):
    return ('virtual_server_group', 'g', dict(address=addresses))


@test(nodes=NONE)
def values_that_can_t_be(net):
    for want, line, sections in (
            ('0..65535', 'weight', (service(), real(weight=65536))),
            ('address', 'ipaddr', (service(), real(ipaddr='192.0.2.300'))),
            ('needs a port', 'web', (service(ipaddr=None, port=None, fwmark=3),
                                     real(port=None))),
            ('0.001..3600', 'connect_timeout',
             (service(connect_timeout=0), real())),
            ('hexadecimal', 'payload', (service(), real(check='UDP_CHECK',
                                                        payload='1g'))),
            ('status', 'status_code', (service(), real(
                check='HTTP_GET', url=['u']),
                ('url', 'u', dict(path='/', status_code='99-600')))),
            ('digest', 'digest', (service(), real(
                check='HTTP_GET', url=['u']),
                ('url', 'u', dict(path='/', digest='abc')))),
            ('regex', 'regex', (service(), real(
                check='HTTP_GET', url=['u']),
                ('url', 'u', dict(path='/', regex='a(b')))),
            ('ping_need', 'ping_need', (service(), real(
                check='PING_CHECK', ping_count=2, ping_need=3))),
            ('range', 'status_code', (service(), real(
                check='HTTP_GET', url=['u']),
                ('url', 'u', dict(path='/', status_code='200 299-200')))),
            ('white space', 'virtualhost', (service(), real(
                check='HTTP_GET', url=['u']),
                ('url', 'u', dict(path='/', virtualhost='a b')))),
            ('CONFIG_CHECK_SEND', 'real_server', (service(), real(
                check='HTTP_GET', url=['/' + 'x' * 500],
                header=['X-%d: %s' % (i, 'y' * 300) for i in range(2)]))),
            ('1..32', 'ping_count', (service(), real(
                check='PING_CHECK', ping_count=33))),
            ('longer than connect_timeout', 'ping_need', (service(), real(
                check='PING_CHECK', ping_count=5, ping_need=5,
                ping_gap='0.3'))),
            ('256 bytes', 'expect', (service(), real(expect='x' * 257))),
            ('family', 'bindto', (service(), real(bindto='2001:db8::1'))),
            ('misc_path', 'real_server', (service(),
                                          real(check='MISC_CHECK'))),
            ('track_file', 'real_server', (service(),
                                           real(check='FILE_CHECK'))),
            ('tls_pin', 'verify', (service(), real(tls=1, verify='pin'))),
            ('contradict', 'verify', (service(), real(
                tls=1, verify='none', tls_pin='sha256//' + 'A' * 43 + '='))),
            ('contradict', 'verify', (service(), real(
                tls=1, verify='chain', tls_pin='sha256//' + 'A' * 43 + '='))),
            ('contradict', 'smtp_tls_verify', (globals_(
                notification_email=['a@b'], smtp_server='192.0.2.9',
                smtp_tls='starttls', smtp_tls_verify=0,
                smtp_tls_pin='sha256//' + 'A' * 43 + '='),)),
            ('1 to 4', 'alpn', (service(), real(
                tls=1, verify='none', alpn=list('abcde')))),
            ('1 to 4', 'alpn', (service(), real(
                tls=1, verify='none', alpn=['']))),
            ('key', 'certificate', (service(), real(
                tls=1, verify='none', certificate='/x'))),
            ('contradict', 'enable_sni', (service(), real(
                tls=1, verify='none', enable_sni=0, sni_name='x.example'))),
            ('already', 'real_server', (service('web', 'web'), real())),
            ('unknown here: ADDRESS [PORT]', 'real_server', (
                service('192.0.2.2 80 81'),)),
            ('unknown here: ADDRESS [PORT]', 'real_server', (
                service('192.0.2.2 80 weight 2 81 TCP_CHECK'),)),
            ('8080 is in this service already', 'sorry_server_ip', (service(
                sorry_server_ip='192.0.2.2', sorry_server_port=8080),
                real())),
            # The kernel knows no other port of them.
            ('already', 'real_server', (service(
                '192.0.2.9 81', '192.0.2.9 82', lb_kind='DR', port=None,
                persistence_timeout=9), real())),
            ('changes ports', 'sorry_server_ip', (service(
                '192.0.2.9 80', lb_kind='DR', sorry_server_ip='192.0.2.8',
                sorry_server_port=81), real())),
            ('no server', 'sorry_server_ip', (service(
                sorry_server_ip='0.0.0.0'), real())),
            ('no server', 'real_server', (service(
                'fe80::1', ipaddr='2001:db8::1'), real())),
            ('needs an uthreshold', 'lthreshold', (
                service(), real(lthreshold=1))),
            ("or ip_family is 'inet6'", 'real_server', (service(
                '2001:db8::2 80', ipaddr=None, port=None, fwmark=3), real())),
            ('has no port', 'virtual_server', (
                service(ipaddr=None, port=None, virtual_server_group='g'),
                real(), group('192.0.2.7 80', '192.0.2.8'))),
            ("every address's family", 'real_server', (
                service(ipaddr=None, virtual_server_group='g'),
                real(), group('192.0.2.7', '2001:db8::7'))),
            ("every address's family", 'real_server', (
                service('2001:db8::2', ipaddr=None, virtual_server_group='g'),
                real(), group('192.0.2.7', '2001:db8::7'))),
            ('needs one of ipaddr', 'virtual_server',
             (service(ipaddr=None), real())),
            ('takes one only', 'virtual_server',
             (service(fwmark=7), real()))):
        wrong(net, want, *sections, line=line)


def instance(name, **options):
    return ('vrrp_instance', name, dict(
        interface='eth0', virtual_router_id=7,
        virtual_ipaddress=['192.0.2.100/24'], **options))


@test(nodes=NONE)
def the_kernel_has_one_sync_daemon(net):
    a, b = (instance(n, lvs_sync_daemon_interface='eth1') for n in 'ab')
    for want, line, sections in (
            ('lvs_sync_daemon_interface in line 5 has it', 'sync_daemon_inter',
             (a, b)),
            ('lvs_sync_daemon in line 2 has it', 'lvs_sync_daemon_interface',
             (('globals', 'globals', dict(lvs_sync_daemon='eth1')), a)),
            ('interface', 'lvs_sync_daemon_interface', (instance(
                'a', lvs_sync_daemon_interface='0123456789abcdef'),))):
        wrong(net, want, *sections, service(), real(), line=line)


@test(nodes=NONE)
def two_families_in_one_service_need_a_tunnel_and_no_sync_daemon(net):
    sync = globals_(lvs_sync_daemon='eth0')
    for options in (dict(), dict(real_server=['2001:db8::2 80'])):
        other = dict(lb_kind='TUN', sorry_server_ip='2001:db8::9')
        other.update(options)
        code, out, err = tool('check', net.file('good.uci', uci(
            service(**other), real(port=80))))
        expect(code == 0, other, out, err)
        line = 'real_server' if options else 'sorry_server_ip'
        for also in sync, instance('a', lvs_sync_daemon_interface='eth0'):
            wrong(net, 'beside a sync daemon', service(**other),
                  real(port=80), also, line=line)
        other['lb_kind'] = 'NAT'
        wrong(net, "only lb_kind 'TUN'", service(**other), real(port=80),
              line=line)
    code, out, err = tool('check', net.file('good.uci', uci(
        sync, service(lb_kind='TUN'), real(port=80))))
    expect(code == 0, out, err)


@test(nodes=NONE)
def a_server_of_no_service_is_read_as_closely(net):
    spare = ('real_server', 'spare')
    for want, line, sections in (
            ("'TCP_CHECK'", 'check', (
                service(), real(), spare + (dict(
                    ipaddr='192.0.2.9', port=1, check=['TCP_CHCK']),))),
            ("'redis'", 'dialogue', (
                service(), real(), spare + (dict(
                    ipaddr='192.0.2.9', check=['TCP_CHECK'],
                    dialogue='redsi'),))),
            ("'page'", 'url', (
                service(), real(), spare + (dict(
                    ipaddr='192.0.2.9', check=['HTTP_GET'], url=['pag']),),
                ('url', 'page', dict(path='/')))),
            ('hexadecimal', 'payload', (
                service(), real(), spare + (dict(
                    ipaddr='192.0.2.9', check=['UDP_CHECK'], payload='1g'),))),
            ('lthreshold', 'lthreshold', (
                service(), real(), spare + (dict(
                    ipaddr='192.0.2.9', uthreshold=1, lthreshold=2),))),
            ("can't be read", "option ca", (
                service(), real(), spare + (dict(
                    ipaddr='192.0.2.9', check=['SSL_GET'], ca='/no'),)))):
        wrong(net, want, *sections, line=line)
    text = uci(service(), real(), *[
        ('real_server', 'spare%d' % i, dict(
            ipaddr='192.0.2.9', check=['HTTP_GET', 'MISC_CHECK'],
            url=['/%d' % n for n in range(i % 3 + 1)],
            misc_path='/bin/true')) for i in range(150)])
    code, out, err = tool('check', net.file('good.uci', text))
    expect(code == 0 and '150 warnings: ' in out + err and
           '1 virtual server, 1 check\n' in out + err, 'spare servers', code,
           (out + err)[-500:])


@test(nodes=NONE)
def all_complaints_come_at_once_in_the_order_of_the_file(net):
    said = complaints(net, service('wab', 'web', lb_algo='xx', quorum=0),
                      real(weight=-1, port=99999, check='NO'))
    lines = [w for w in said.splitlines() if ' error: ' in w]
    expect(len(lines) >= 6, 'complaints', said)
    expect(lines == sorted(lines, key=lambda w: int(w.split(':')[1])),
           'not in the order of the file', lines)


@test(nodes=NONE)
def what_is_said_to_a_person_fits_80_columns(net):
    for words in (('keys',), ('help',), ('digest', '?'), ('check', '?'),
                  ('server', '?'), ('probe', '?'), ('digest',), ('--help',),
                  ('digest', 'ftp://x/')):
        _, out, err = tool(*words)
        for w in (out + err).splitlines():
            expect(len(w) <= 80, ' '.join(words), w)


@test(nodes=NONE)
def flags_of_another_scheduler_are_pointed_at(net):
    for algo, warned in ('rr', True), ('sh', False), ('mh', False):
        code, out, err = tool('check', net.file('good.uci', uci(
            service(lb_algo=algo, sh_port=1), real())))
        expect(code == 0 and ('do nothing with lb_algo rr' in out + err) ==
               warned, algo, code, out, err)


@test(nodes=TWO)
def a_reload_that_is_refused_changes_no_server(net):
    up = start(net, service(), real(port=1))
    up.down('REFUSED')
    n = up.status()['processes'][0]['process']['generation']
    said = up.reload(service(lb_algo='wcl'), real(port=1), good=False)
    expect("'wlc'" in said and re.search(r':\d+:\d+: error: ', said), 'said',
           said)
    expect(up.status()['processes'][0]['process']['generation'] == n and
           not up.server()['up'], 'changed', up.server())
