# SPDX-License-Identifier: MIT
"""TLS checks against OpenSSL's server, and mail against a real mail server."""

import os
import re

import checks
import servers
from daemon import MASTER, Upkeep, globals_, vr
from net import ROOT, expect, until
from runner import test

FIXTURES = os.path.join(ROOT, 'test/unit/tls_fixtures.h')
NODES = ('r1', 'c')
NAME = 'www.example.test'


def fixture(net, *names):
    """The named PEM texts of the unit tests' fixtures, in one file."""
    with open(FIXTURES) as f:
        text = f.read()
    path = os.path.join(net.tmp, '-'.join(names) + '.pem')
    with open(path, 'w') as f:
        for name in names:
            body = re.search(r'#define FIXTURE_%s \\\n((?:\t"[^\n]*\n)+)' %
                             name, text).group(1)
            f.write(''.join(line.strip().rstrip('\\').strip()
                            .strip('"').replace('\\n', '\n')
                            for line in body.splitlines()))
    return path


def pin():
    with open(FIXTURES) as f:
        return re.search(r'FIXTURE_PIN "([^"]+)"', f.read()).group(1)


def s_server(net, port, cert, key, *more):
    net.c.popen('s_server-%d.log' % port,
                ['openssl', 's_server', '-quiet', '-www', '-accept',
                 str(port), '-cert', fixture(net, *cert.split('+')),
                 '-key', fixture(net, key)] + list(more))
    until('a server on port %d' % port,
          lambda: ':%d ' % port in net.c.run('ss', '-tln'))


def Farm(net):
    return checks.Farm(net, check='SSL_GET', ca=fixture(net, 'CA'),
                       sni_name=NAME, url=['/'])


@test(nodes=NODES)
def good_certificates_pass_and_bad_ones_say_why(net):
    farm = Farm(net)
    s_server(net, 1001, 'SERVER', 'SERVER_KEY', '-tls1_2')
    s_server(net, 1002, 'RSA', 'RSA_KEY', '-tls1_2')
    s_server(net, 1003, 'EXPIRED', 'SERVER_KEY', '-tls1_2')
    s_server(net, 1004, 'SELF', 'SERVER_KEY', '-tls1_2')
    s_server(net, 1005, 'WEAK', 'WEAK_KEY', '-tls1_2', '-cipher',
             'ALL:@SECLEVEL=0')
    s_server(net, 1006, 'MID_SERVER', 'SERVER_KEY', '-tls1_2',
             '-cert_chain', fixture(net, 'MID'))
    s_server(net, 1007, 'EARLY', 'SERVER_KEY', '-tls1_2')
    farm.add('good', 1001)
    farm.add('rsa', 1002, ca=fixture(net, 'CA_RSA'))
    farm.add('between', 1006)
    farm.add('address', 1001, sni_name=net.c.ip4)
    farm.add('strange', 1001, ca=fixture(net, 'OTHER_CA'))
    farm.add('name', 1001, sni_name='mail.example.test')
    farm.add('expired', 1003)
    farm.add('early', 1007)
    farm.add('self', 1004)
    farm.add('itself', 1004, ca=fixture(net, 'SELF'))
    farm.add('weak', 1005)
    farm.add('pin', 1003, ca=None, tls_pin=pin())
    farm.add('pinned', 1002, ca=None, tls_pin=pin())
    farm.add('none', 1003, ca=None, verify='none')
    farm.start()
    for name in 'good', 'rsa', 'between', 'itself', 'pin', 'none':
        farm.comes_to(name, None)
    for name, text in (
            ('address', 'another name'),    # it is not among the addresses
            ('strange', 'no chain'), ('name', 'another name'),
            ('expired', 'has expired'), ('early', 'not valid yet'),
            ('self', 'self-signed'), ('weak', 'too weak'),
            ('pinned', 'not the pinned')):
        farm.comes_to(name, 'TLS', text)
    expect(farm.check('none')['tls_verify'] == 'none', 'verify')
    expect(farm.check('good')['tls_verify'] == 'chain', 'verify')
    left = farm.check('good')['certificate_left']
    expect(29 * 365 * 86400 < left < 31 * 365 * 86400, 'end', left)


@test(nodes=NODES)
def each_version_and_protocol_is_told_apart(net):
    farm = Farm(net)
    s_server(net, 1001, 'SERVER', 'SERVER_KEY')
    s_server(net, 1002, 'SERVER', 'SERVER_KEY', '-tls1_3')
    s_server(net, 1003, 'SERVER', 'SERVER_KEY', '-tls1_1', '-cipher',
             'ALL:@SECLEVEL=0')
    s_server(net, 1004, 'SERVER', 'SERVER_KEY', '-tls1_2', '-alpn',
             'http/1.1')
    s_server(net, 1006, 'RSA', 'RSA_KEY', '-tls1_2', '-cipher',
             'AES128-GCM-SHA256')
    s_server(net, 1007, 'RSA', 'RSA_KEY', '-tls1_2', '-cipher',
             'ECDHE-RSA-AES256-SHA384')
    net.c.popen('http.log', ['python3', '-m', 'http.server', '1005'])
    until('http', lambda: ':1005 ' in net.c.run('ss', '-tln'))
    farm.add('both', 1001)
    farm.add('new', 1002)
    farm.add('old', 1003)
    farm.add('alpn', 1004, alpn=['h2', 'http/1.1'])
    farm.add('noalpn', 1001, alpn=['http/1.1'])
    farm.add('clear', 1005)
    farm.add('keyx', 1006, ca=fixture(net, 'CA_RSA'))
    farm.add('cbc', 1007, ca=fixture(net, 'CA_RSA'))
    farm.start()
    for name in 'both', 'alpn', 'keyx':
        farm.comes_to(name, None)
    farm.comes_to('new', 'TLS', 'TLS 1.3 only')
    farm.comes_to('old', 'TLS', 'refuses the handshake')
    farm.comes_to('noalpn', 'TLS', 'none of the protocols')
    farm.comes_to('clear', 'TLS', 'does not speak TLS')
    farm.comes_to('cbc', 'TLS', 'refuses the handshake')


@test(nodes=NODES)
def a_client_certificate_is_shown_when_it_is_asked_for(net):
    farm = Farm(net)
    for port, name in (1001, 'CA'), (1002, 'CA_RSA'):
        s_server(net, port, 'SERVER', 'SERVER_KEY', '-tls1_2', '-Verify', '2',
                 '-verify_return_error', '-CAfile', fixture(net, name))
    farm.add('nobody', 1001)
    farm.add('ec', 1001, certificate=fixture(net, 'P384'),
             key=fixture(net, 'P384_KEY'))
    farm.add('rsa', 1002, certificate=fixture(net, 'RSA'),
             key=fixture(net, 'RSA_KEY_PKCS1'))
    farm.add('other', 1001, certificate=fixture(net, 'SELF'),
             key=fixture(net, 'SERVER_KEY_SEC1'))
    farm.start()
    farm.comes_to('ec', None)
    farm.comes_to('rsa', None)
    farm.comes_to('nobody', 'TLS', 'client certificate')
    farm.comes_to('other', 'TLS', 'client certificate')


@test(nodes=NODES)
def many_checks_share_few_sessions(net):
    farm = Farm(net)
    s_server(net, 1001, 'SERVER', 'SERVER_KEY', '-tls1_2')
    for i in range(20):
        farm.add('s%d' % i, 1001, header=['X-Check: %d' % i])
    farm.start()
    for name in farm.names:
        farm.comes_to(name, None)
        expect(farm.check(name)['failed'] == 0, 'failed', farm.check(name))


# ---- mail --------------------------------------------------------------------

MAIL_SERVER = '''
import sys, time
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
import ssl
address, port, out, mode, cert, key = sys.argv[1:]

class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('nobody'):
            return '550 no such user'
        envelope.rcpt_tos.append(address)
        return '250 ok'
    async def handle_DATA(self, server, session, envelope):
        with open(out, 'ab') as f:
            f.write(b'HELO %s FROM %s TO %s TLS %d AUTH %d\\n' % (
                session.host_name.encode(), envelope.mail_from.encode(),
                ','.join(envelope.rcpt_tos).encode(), session.ssl is not None,
                bool(session.authenticated)))
            f.write(envelope.content + b'END\\n')
        return '250 queued'

def who(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and \\
        (data.login, data.password) == (b'me', b'secret')
    return AuthResult(success=good)

more = {}
if mode == 'starttls':
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(cert, key)
    more = dict(tls_context=c, require_starttls=True, authenticator=who,
                auth_required=True)
Controller(Handler(), hostname=address, port=int(port), **more).start()
time.sleep(1000)
'''


def mail_server(net, mode='clear', port=2525):
    script = os.path.join(net.tmp, 'mailserver.py')
    out = os.path.join(net.tmp, 'mails')
    with open(script, 'w') as f:
        f.write(MAIL_SERVER)
    net.c.popen('mailserver.log',
                ['/usr/bin/python3', script, net.c.ip4, str(port), out, mode,
                 fixture(net, 'SERVER'), fixture(net, 'SERVER_KEY')])
    until('a mail server',
          lambda: ':%d ' % port in net.c.run('ss', '-tln'))

    def mails():
        if not os.path.exists(out):
            return ''
        with open(out) as f:
            return f.read()
    return mails


@test(nodes=NODES)
def a_transition_is_mailed(net):
    mails = mail_server(net)
    Upkeep(net.r1, globals_(
        router_id='left', notification_email=['nobody@c', 'root@c', 'a@b'],
        notification_email_from='upkeep@left',
        smtp_server='%s:2525' % net.c.ip4), vr(smtp_alert=1))
    until('a mail', lambda: 'END' in mails(), 20)
    text = mails()
    expect('HELO left FROM upkeep@left TO root@c,a@b TLS 0' in text, text)
    expect('Subject: [left] lan: ' in text, text)
    expect('lan on eth0: MASTER, was BACKUP' in text, text)
    expect(text.count('END') == 1, 'one mail for a burst', text)


@test(nodes=NODES)
def mail_goes_by_starttls_with_a_password(net):
    mails = mail_server(net, 'starttls')
    Upkeep(net.r1, globals_(
        router_id='left', notification_email=['root@c'],
        smtp_server='%s:2525' % net.c.ip4, smtp_tls='starttls',
        smtp_tls_name=NAME, smtp_ca=fixture(net, 'CA'), smtp_user='me',
        smtp_password='secret'), vr(smtp_alert=1))
    until('a mail', lambda: 'END' in mails(), 20)
    expect('TO root@c TLS 1 AUTH 1' in mails(), mails())


@test(nodes=NODES)
def a_server_that_fails_is_mailed_by_the_check_child(net):
    mails = mail_server(net)
    farm = Farm(net)
    s_server(net, 1001, 'EXPIRED', 'SERVER_KEY', '-tls1_2')
    farm.add('web', 1001, alpha=0, smtp_alert=1)
    farm.start(globals_(router_id='left', notification_email=['root@c'],
                        smtp_server='%s:2525' % net.c.ip4))
    until('a mail', lambda: 'END' in mails(), 20)
    expect('web of farm: DOWN' in mails(), mails())
    expect('of farm is DOWN: no handshake, or a bad certificate (the '
           'certificate has expired)' in mails(), mails())


@test(nodes=NODES)
def mail_gets_a_tls_session_though_checks_want_them_all(net):
    """Eight black holes hold both sessions for all of their time."""
    mails = mail_server(net, 'starttls')
    servers.Talker(net.c, 1001, servers.black_hole)
    farm = Farm(net)
    for i in range(8):
        farm.add('s%d' % i, 1001, connect_timeout='0.5', alpha=0,
                 smtp_alert=1, sni_name='s%d.example' % i)
    farm.start(globals_(
        router_id='left', notification_email=['root@c'],
        smtp_server='%s:2525' % net.c.ip4, smtp_tls='starttls',
        smtp_tls_name=NAME, smtp_ca=fixture(net, 'CA'), smtp_user='me',
        smtp_password='secret'))
    until('a mail', lambda: 'END' in mails(), 15)
    expect('TO root@c TLS 1' in mails(), mails())
    n = farm.check('s0')['failed']
    until('checks go on', lambda: farm.check('s0')['failed'] > n + 1)


def processes(up):
    """What each child tells of its mails."""
    return {p['child']: p['mail'] for p in up.status()['processes']}


@test(nodes=NODES)
def mails_are_counted_and_the_last_failure_told(net):
    up = Upkeep(net.r1, globals_(
        router_id='left', notification_email=['nobody@c'],
        notification_email_from='upkeep@left',
        smtp_server='%s:2525' % net.c.ip4), vr(smtp_alert=1))
    up.wait(MASTER)
    until('a try', lambda: processes(up)['vrrp']['failed'] == 1, 20)
    m = processes(up)['vrrp']
    expect((m['queued'], m['sent'], m['dropped']) == (1, 0, 0), 'queue', m)
    expect(m['last_error'] == 'connection refused', 'error', m)
    expect(processes(up)['check']['failed'] == 0, processes(up))
    text = up.good('status')
    expect('last_error: connection refused' in text, text)
    text = up.good('metrics')
    expect('upkeep_mail_failed_total{child="vrrp"} 1' in text and
           'upkeep_mail_failed_total{child="check"} 0' in text, text)
    mails = mail_server(net)
    up.stop()
    up.start()
    up.wait(MASTER)
    until('refused for good', lambda: processes(up)['vrrp']['dropped'], 20)
    m = processes(up)['vrrp']
    expect('refuses every recipient: 550 no such user' in m['last_error'], m)
    expect(mails() == '', mails())


@test(nodes=NODES)
def a_child_without_the_right_to_send_mail_starts_anew_for_it(net):
    mails = mail_server(net)
    up = Upkeep(net.r1, vr())
    up.wait(MASTER)
    expect(not any(processes(up).values()), 'mail', processes(up))
    up.reload(globals_(
        router_id='left', notification_email=['root@c'],
        notification_email_from='upkeep@left',
        smtp_server='%s:2525' % net.c.ip4), vr(smtp_alert=1))
    until('another life', lambda: 'restarted while it was' in up.text())
    up.wait(MASTER)
    up.good('switchover', 'lan')
    until('a mail', lambda: 'END' in mails(), 20)
    until('it is counted', lambda: processes(up)['vrrp']['sent'] == 1)
    text = up.text()
    expect('it starts anew' in text and 'was killed' not in text, text)
    expect(text.count('to=INIT') == 0, text)


@test(nodes=NODES)
def a_mail_server_is_checked_by_starttls(net):
    mail_server(net, 'starttls', 2525)
    mail_server(net, 'clear', 2526)
    farm = Farm(net)
    farm.defaults.update(check='SMTP_CHECK', url=None, smtp_tls='starttls',
                         connect_timeout='2')
    farm.add('good', 2525)
    farm.add('name', 2525, sni_name='other.example.test')
    farm.add('whose', 2525, ca=fixture(net, 'CA_RSA'))
    farm.add('pin', 2525, ca=None, tls_pin=pin())
    farm.add('without', 2526)
    farm.add('clear', 2526, smtp_tls='none')
    farm.add('first', 2525, smtp_tls='tls')
    farm.start()
    for name in 'good', 'pin', 'clear':
        farm.comes_to(name, None)
    farm.comes_to('name', 'TLS', 'another name')
    farm.comes_to('whose', 'TLS', 'no chain')
    farm.comes_to('without', 'TLS', 'offers no STARTTLS')
    farm.comes_to('first', 'TLS', 'does not speak TLS')
    expect(farm.check('good')['tls_verify'] == 'chain', farm.check('good'))
    expect(farm.check('good')['certificate_left'] > 0, farm.check('good'))
    told = farm.up.good('probe', 'good')
    expect(told.index('connected') < told.index('TLS 1.2'), told)
