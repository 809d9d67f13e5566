# SPDX-License-Identifier: MIT
"""start -- exec to the first advert; a reload under load; a storm."""

import time

import side
from failover import PRIO, Pair
from net import Failure, down_s, until


def start(rounds, report, noise, only=None):
    """Priority 255: the first advert is due at once."""
    report.head('Start: exec to first advert at priority 255, %d rounds' %
                rounds, 'ms')
    rows = []
    for n in 1, 16, 255:
        what = '%d instance%s' % (n, 's'[:n > 1])
        if only and not what.startswith(only):
            continue
        first, last, cpu, worst = ({s: [] for s in side.SIDES}
                                   for _ in range(4))
        noise.mark()
        for i in range(rounds):
            for name in side.SIDES:
                with side.World() as world:
                    tap = side.Tap(world)
                    daemon = side.KIND[name](world.r1, n, 255, 1.0)
                    time.sleep(0.1)
                    t = daemon.start()
                    tap.first('adverts', world.r1, t)
                    until('all speak', lambda: len(
                        {x[3] for x in tap.drain().adverts}) == n)
                    seen = {}
                    for x in tap.adverts:
                        seen.setdefault(x[3], x[0] - t)
                    first[name].append(min(seen.values()) * 1000)
                    last[name].append(max(seen.values()) * 1000)
                    rows.append((n, name, first[name][-1], last[name][-1]))
                    daemon.kill()
                    tap.close()
        late = noise.late()[2]
        report.row(what + ': first', *(first[s] for s in side.SIDES), late)
        if n > 1:
            report.row(what + ': last', *(last[s] for s in side.SIDES), late)
    side.tsv('start', ('instances', 'side', 'first_ms', 'last_ms'), rows)


def reload(rounds, report, noise, only=None):
    """A MASTER of 255, adverts each 100 ms, told to read its file again."""
    n, advert = 255, 0.1
    rows, got = [], {s: [] for s in side.SIDES}
    lost, spare = {s: [] for s in side.SIDES}, {s: [] for s in side.SIDES}
    noise.mark()
    for name in side.SIDES:
        with side.World() as world:
            tap = side.Tap(world)
            daemon = side.KIND[name](world.r1, n, 255, advert)
            daemon.start()
            tap.first('adverts', world.r1)
            time.sleep(2)
            for i in range(rounds):
                daemon.prio = 255 - (i + 1) % 2
                daemon.write()
                tap.clear()
                time.sleep(0.25)
                daemon.reload()
                time.sleep(0.75 if name == 'upkeepd' else 1.5)
                tap.drain()
                at, gap, late, zeros = {}, 0, 0, 0
                for t, _, prio, addr in tap.adverts:
                    beyond = t - at.get(addr, t) - advert
                    gap = max(gap, beyond)
                    late += beyond > advert / 2
                    zeros += prio == 0
                    at[addr] = t
                got[name].append(max(gap, 0) * 1000)
                lost[name].append(late)
                spare[name].append(zeros)
                rows.append((name, gap * 1000, late, zeros))
            daemon.kill()
            tap.close()
    worst = noise.late()[2]
    report.head('Reload of 255 instances at 100 ms, priorities change, '
                '%d rounds' % rounds, '')
    report.row('longest silence + ms', *(got[s] for s in side.SIDES), worst)
    report.row('gaps over 1.5 intervals', *(lost[s] for s in side.SIDES))
    report.row('adverts of priority 0', *(spare[s] for s in side.SIDES))
    side.tsv('reload', ('side', 'beyond_ms', 'late', 'zero'), rows)


def storm(rounds, report, noise, only=None):
    """255 instances lose their MASTER at once."""
    n, rows = 255, []
    for advert in 1.0, 0.1:
        first, last = ({s: [] for s in side.SIDES} for _ in range(2))
        missing = {s: [] for s in side.SIDES}
        noise.mark()
        for name in side.SIDES:
            with side.World() as world:
                pair = Pair(world, name, advert, n)
                for _ in range(rounds):
                    try:
                        got = one_storm(world, pair, advert, n)
                    except Failure as e:
                        report.say('  %s gives up after %d rounds: %s' % (
                            name, len(last[name]), e))
                        break
                    first[name].append(got[0])
                    last[name].append(got[1])
                    missing[name].append(got[2])
                    rows.append((advert, name, *got))
                pair.close()
        late = noise.late()[2]
        report.head('Storm: 255 instances fail over at once, %g ms adverts, '
                    '%d rounds' % (advert * 1000, rounds), 'ms beyond the rule')
        report.row('last advert', *(first[s] for s in side.SIDES), late)
        report.row('last address announced', *(last[s] for s in side.SIDES),
                   late)
        report.row('addresses not announced',
                   *(missing[s] for s in side.SIDES))
    side.tsv('storm', ('advert', 'side', 'advert_ms', 'garp_ms', 'missing'),
             rows)


def one_storm(world, pair, advert, n):
    tap = pair.tap
    tap.clear()
    until('the first router is MASTER of all', lambda: len(
        {x[3] for x in tap.drain().adverts if x[1] == 1}) == n, 20)
    time.sleep(3 * advert + 0.5)
    tap.clear()
    time.sleep(1.2 * advert)
    pair.end('kill')
    time.sleep(down_s(PRIO, advert) + 0.7)
    tap.drain()
    last = {x[3]: x[0] for x in tap.adverts if x[1] == 1}
    adv, garp = {}, {}
    for t, who, prio, addr in tap.adverts:
        if who == 2:
            adv.setdefault(addr, t)
    for t, who, addr in tap.garps:
        if who == 2:
            garp.setdefault(addr, t)
    pair.again('kill')
    if not adv or not garp:
        raise Failure('nobody took over in %.1f s' % (down_s(PRIO, advert) + 0.7))
    return [max(seen[a] - last[a] - down_s(PRIO, advert) for a in seen) * 1000
            for seen in (adv, garp)] + [n - len(garp)]
