# SPDX-License-Identifier: MIT
"""failover -- the MASTER's end to the BACKUP's first advert and first
gratuitous ARP, beyond what RFC 9568 makes it wait.

The MASTER has priority 255, so that it is back at once after each round.
"""

import random
import time

import side
from net import Failure, down_s, skew_s

PRIO = 100
BLOCK = 10              # rounds of one side, then the other's turn


class Pair:
    """Two routers of one program, the first one MASTER."""

    def __init__(self, world, name, advert, n=1):
        self.world, self.advert, self.n = world, advert, n
        self.a = side.KIND[name](world.r1, n, 255, advert)
        self.b = side.KIND[name](world.r2, n, PRIO, advert)
        self.tap = side.Tap(world)
        self.a.start()
        self.tap.first('adverts', world.r1)
        self.b.start()
        time.sleep(max(1.0, 4 * advert))

    def steady(self):
        """Until the first is MASTER alone, then some part of an interval."""
        self.tap.clear()
        self.tap.first('adverts', self.world.r1)
        time.sleep(2 * self.advert + 0.1 + random.random() * self.advert)
        self.tap.clear()
        time.sleep(1.1 * self.advert)
        self.tap.drain()
        if [x for x in self.tap.adverts if x[1] == 2]:
            raise Failure('two MASTERs before the round')

    def end(self, how):
        if how == 'kill':
            self.a.kill()
        elif how == 'link':
            self.world.carrier(self.world.r1, False)
        else:
            self.a.stop()

    def again(self, how):
        if how == 'link':
            self.world.carrier(self.world.r1, True)
            return
        if how == 'kill':
            side.forget(self.world.r1)
        self.a.start()

    def round(self, how):
        """(advert, garp): ms beyond the rule."""
        self.steady()
        self.end(how)
        time.sleep(down_s(PRIO, self.advert) + 0.05)
        since = self.tap.first('adverts', self.world.r2)[0]
        self.tap.first('garps', self.world.r2, since - 0.01)
        last = max(x[0] for x in self.tap.adverts if x[1] == 1 and
                   x[0] < since and (how != 'stop' or x[2] == 0))
        garp = min(x[0] for x in self.tap.garps if x[1] == 2)
        rule = skew_s(PRIO, self.advert) if how == 'stop' else \
            down_s(PRIO, self.advert)
        self.again(how)
        return [(t - last - rule) * 1000 for t in (since, garp)]

    def close(self):
        self.tap.close()
        self.a.kill()
        self.b.kill()


def case(advert, how, rounds, busy, noise):
    """{side: [(advert ms, garp ms, noise worst us)]}"""
    got = {name: [] for name in side.SIDES}
    while rounds > len(got[side.SIDES[-1]]):
        for name in side.SIDES:
            todo = min(BLOCK, rounds - len(got[name]))
            loops = None
            with side.World() as world:
                pair = Pair(world, name, advert)
                try:
                    loops = side.Busy() if busy else None
                    for _ in range(todo):
                        noise.mark()
                        pair_ms = pair.round(how)
                        got[name].append(pair_ms + list(noise.late()))
                finally:
                    if loops:
                        loops.close()
                    pair.close()
    return got


CASES = [(1.0, 'kill', 0), (1.0, 'link', 0), (1.0, 'stop', 0),
         (0.1, 'kill', 0), (0.1, 'link', 0), (0.1, 'stop', 0),
         (0.01, 'kill', 0), (0.01, 'link', 0), (0.01, 'stop', 0),
         (0.1, 'kill', 1), (0.1, 'stop', 1)]
SAYS = {'kill': 'kill -9', 'link': 'link down', 'stop': 'stop'}


def failover(rounds, report, noise, only=None):
    rows = []
    report.head('Failover: beyond Active_Down_Interval (stop: Skew_Time), '
                '%d rounds (a fifth at 1 s)' % rounds, 'ms')
    for advert, how, busy in CASES:
        what = '%g ms %s%s' % (advert * 1000, SAYS[how],
                               ', busy' if busy else '')
        if only and only not in what:
            continue
        n = max(3, rounds // 5) if advert >= 1 else rounds
        got = case(advert, how, n, busy, noise)
        late = max(r[3] for rs in got.values() for r in rs)
        for i, part in enumerate(('advert', 'ARP')):
            report.row('%s: %s' % (what, part),
                       *([r[i] for r in got[s]] for s in side.SIDES), late)
        rows += [(what, s, *r) for s in side.SIDES for r in got[s]]
    side.tsv('failover', ('case', 'side', 'advert_ms', 'garp_ms',
                          'noise_p50_us', 'noise_p99_us', 'noise_max_us'),
             rows)
