# SPDX-License-Identifier: MIT
"""matrix -- what the pairs and the groups of three have shown, as a table.

A thing that a test did not note in the last run has failed.
"""

import os

import frr
import keepalived
import net
import pair
import three_test

COLUMNS = ('peer', 11), ('ver', 4), ('family', 7), ('cast', 10), ('auth', 5)
SHOWN = (('master', 'as MASTER', 10), ('backup', 'as BACKUP', 10),
         ('sent', '0 sent', 7), ('heard', '0 heard', 7))


def shown(name):
    try:
        with open(os.path.join(net.LOGS, name, 'shown')) as f:
            return f.read().split()
    except OSError:
        return []


def rows():
    """(names of the tests, (peer, version, family, cast, auth))."""
    for name, kind in pair.KINDS.items():
        yield [pair.AGREE % name], (
            name.split('_')[0], kind.version, 'IPv%d' % kind.fam,
            'unicast' if kind.unicast else 'multicast',
            'PASS' if kind.auth else '-')
    for fam in 4, 6:
        yield [name for name, _ in three_test.orders(fam)], (
            'both', 3, 'IPv%d' % fam, 'multicast', '-')


def show():
    print('\nupkeepd beside keepalived %s and FRR vrrpd %s' %
          (keepalived.version(), frr.version()))
    print(line([h for h, _ in COLUMNS], [h for _, h, _ in SHOWN]))
    for names, words in rows():
        have = {what for name in names for what in shown(name)}
        print(line(words, ['ok' if what in have else 'FAILED'
                           for what, _, _ in SHOWN]))


def line(words, cells):
    widths = [w for _, w in COLUMNS] + [w + 1 for _, _, w in SHOWN]
    return ''.join(str(c).ljust(w) for c, w in
                   zip(list(words) + list(cells), widths)).rstrip()
