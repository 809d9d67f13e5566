# SPDX-License-Identifier: MIT
"""checks -- upkeepd with virtual servers: sections, what status says, and a
service with as many servers as a test has cases.

This kernel need not have IPVS: what a verdict comes to is read from status.
"""

import zlib

from daemon import Upkeep, tool, uci
from net import expect, until

PORT = 8080


def real(name='web', **options):
    """A real_server section at the second node, port 8080 unless told.

    Of several in one service each has a port of its own, where no check
    goes: that is connect_port."""
    base = dict(ipaddr='192.0.2.2', port=PORT, check='TCP_CHECK')
    base.update(options)
    if name != 'web':
        base.setdefault('connect_port', base['port'])
        base['port'] = 10000 + zlib.crc32(name.encode()) % 50000
    if isinstance(base['check'], str):
        base['check'] = [base['check']]
    return ('real_server', name,
            {k: v for k, v in base.items() if v is not None})


def service(*names, name='svc', **options):
    """A virtual_server section; a check each 0.2 s, the first at once."""
    base = dict(ipaddr='192.0.2.200', port=80, delay_loop='0.2', warmup=0,
                connect_timeout='1', retry=0, delay_before_retry='0.1',
                real_server=names or ['web'])
    base.update(options)
    return ('virtual_server', name,
            {k: v for k, v in base.items() if v is not None})


class Checks(Upkeep):
    """upkeepd on r1 (or `node`) with these sections."""

    def service(self, name='svc'):
        for row in self.status()['virtual_servers']:
            if row['name'] == name:
                return row
        return None

    def server(self, name='web', service='svc'):
        for row in self.service(service)['real_servers']:
            if row['name'] == name:
                return row
        return None

    def check(self, name='web', i=0, service='svc'):
        return self.server(name, service)['checks'][i]

    def whole(self, key):
        return self.status()['checking'][key]

    def tried(self, name='web', i=0, more=0, timeout=10):
        """The check once it has been tried, `more` times from now on."""
        n = sum(self.tries(name, i)) + more

        def probe():
            c = self.check(name, i)
            return c['tried'] and sum((c['passed'], c['failed'])) >= n and c
        return until('%s is tried' % name, probe, timeout)

    def tries(self, name='web', i=0):
        c = self.check(name, i)
        return c['passed'], c['failed']

    def up(self, name='web', i=0, timeout=10):
        """Wait until a try has passed and the server is up."""
        def probe():
            c = self.check(name, i)
            return c['last_passed'] and c['up'] and c
        return self.seen('%s is up' % name, probe, name, i, timeout)

    def down(self, reason, layer=None, detail=None, name='web', i=0,
             timeout=10):
        """Wait until it is down, for exactly this reason."""
        def probe():
            c = self.check(name, i)
            return c['tried'] and not c['up'] and not c['last_passed'] and c
        c = self.seen('%s is down' % name, probe, name, i, timeout)
        expect(c['reason'] == reason, '%s is down for another reason' % name,
               c['reason'], c['detail'])
        expect(layer is None or c['layer'] == layer, 'layer', c['layer'])
        expect(detail is None or detail in (c['detail'] or ''), 'detail',
               c['detail'])
        return c

    def seen(self, what, probe, name, i, timeout):
        try:
            return until(what, probe, timeout, 0.02)
        except Exception as e:
            c = self.check(name, i)
            raise type(e)('%s; %r' % (e, {k: c[k] for k in (
                'up', 'tried', 'reason', 'detail', 'passed', 'failed')}))

    def counters(self, name='web', i=0):
        return {f['reason']: f['count']
                for f in self.check(name, i)['failures']}


class Farm:
    """One service with a server for each case, each with its own check.

    They are at the client, at a port of their own where no check goes."""

    def __init__(self, net, **defaults):
        self.net, self.sections, self.names = net, [], []
        self.defaults = dict(
            ipaddr=net.c.ip4, delay_loop='0.5', delay_before_retry='0.2',
            warmup='0', connect_timeout='5', retry='0', alpha='1')
        self.defaults.update(defaults)

    def add(self, name, port, **options):
        base = dict(self.defaults, connect_port=port)
        base.update(options)
        self.sections.append(real(name, **base))
        self.names.append(name)

    def start(self, *more, **options):
        base = dict(ipaddr='198.51.100.1', port=443, lb_algo='rr',
                    lb_kind='NAT', delay_loop='0.5')
        base.update(options)
        self.up = start(self.net, service(*self.names, name='farm', **base),
                        *self.sections, *more)
        return self.up

    def server(self, name):
        return self.up.server(name, 'farm')

    def check(self, name):
        """What is known of the first check of that server."""
        return self.server(name)['checks'][0]

    def comes_to(self, name, reason, detail=''):
        """Until its last try has this outcome; reason None: it passes."""
        def seen():
            c = self.check(name)
            if not c.get('tried'):
                return None
            return c['last_passed'] if reason is None else \
                c.get('reason') == reason and \
                detail in (c.get('detail') or '')
        try:
            until('x', seen)
        except Exception:
            expect(False, '%s: want %s %s' % (name, reason, detail),
                   self.check(name))


def start(net, *sections, **kw):
    return Checks(net.r1, *sections, **kw)


def complaints(net, *sections):
    """What `upkeepctl check` says of a file that it must refuse."""
    text = sections[0] if isinstance(sections[0], str) else uci(*sections)
    path = net.file('bad.uci', text)
    code, out, err = tool('check', path)
    expect(code != 0, 'the file was taken', out, err)
    return (out + err).replace(path, 'F')
