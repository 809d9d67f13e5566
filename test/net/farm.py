# SPDX-License-Identifier: MIT
"""farm -- a virtual server with real servers, as many as a test has cases."""

from daemon import Upkeep
from net import expect, until


class Farm:
    """One service with a server for each case, each with its own check."""

    def __init__(self, net, **defaults):
        self.net, self.sections, self.names = net, [], []
        self.defaults = defaults

    def add(self, name, port, **options):
        base = dict(ipaddr=self.net.c.ip4, port=2000 + len(self.names),
                    connect_port=port, delay_loop='0.5',
                    delay_before_retry='0.2', warmup='0',
                    connect_timeout='5', retry='0', alpha='1')
        base.update(self.defaults)
        base.update(options)
        self.sections.append(('real_server', name, {
            k: v for k, v in base.items() if v is not None}))
        self.names.append(name)

    def all(self, *more, **service):
        """The whole configuration."""
        base = dict(ipaddr='198.51.100.1', port=443, lb_algo='rr',
                    lb_kind='NAT', delay_loop='0.5', real_server=self.names)
        base.update(service)
        return [('virtual_server', 'farm', base)] + self.sections + list(more)

    def start(self, *more, **service):
        self.up = Upkeep(self.net.r1, *self.all(*more, **service))
        return self.up

    def service(self):
        return self.up.status()['virtual_servers'][0]

    def server(self, name):
        for row in self.service()['real_servers']:
            if row['name'] == name:
                return row
        return {}

    def check(self, name):
        """What is known of the first check of that server."""
        return (self.server(name).get('checks') or [{}])[0]

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
