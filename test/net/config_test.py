# SPDX-License-Identifier: MIT
"""Configurations that are wrong, large or odd."""

import os
import subprocess

from daemon import MASTER, VIP, Upkeep, globals_, tool, uci, vr
from net import UPKEEPD, expect, until
from runner import test

NOWHERE = ()        # nodes: none is needed


def check(net, text):
    path = net.file('conf', text)
    code, out, err = tool('check', path)
    return code, out + err, path


# name: (sections, what the complaint must contain)
WRONG = {
    'unknown_option': ([vr(prioritty=5)], ['prioritty', "priority"]),
    'unknown_section': ([('vrrp_instanze', 'x', {})], ['vrrp_instance']),
    'priority_range': ([vr(priority=256)], ['256', '1..255']),
    'vrid_missing': ([vr(virtual_router_id=None)], ['virtual_router_id']),
    'vrid_range': ([vr(virtual_router_id=0)], ['0', '1..255']),
    'interface_missing': ([vr(interface=None)], ['interface']),
    'interface_name': ([vr(interface='a' * 16)], ['interface']),
    'no_number': ([vr(priority='high')], ['high', 'priority']),
    'advert_int_range': ([vr(advert_int='41')], ['41', 'advert_int']),
    'v2_fraction': ([vr(version=2, advert_int='0.5')], ['advert_int']),
    'version': ([vr(version=4)], ['4']),
    'not_an_address': ([vr(virtual_ipaddress=['192.0.2.300/24'])],
                       ['192.0.2.300']),
    'no_addresses': ([vr(virtual_ipaddress=None)], ['lan', 'address']),
    'mixed_families': ([vr(virtual_ipaddress=['192.0.2.100/24',
                                              '2001:db8::1/64'])],
                       [':8:', 'IPv6']),
    'first_not_link_local': ([vr(fam=6, virtual_ipaddress=[
        '2001:db8::100/64'])], ['link-local']),
    'twice_the_same': ([vr('a'), vr('b', virtual_ipaddress=[
        '192.0.2.101/24'])], ['51']),
    'address_twice': ([vr('a'), vr('b', virtual_router_id=52)],
                      ['192.0.2.100']),
    'auth_word': ([vr(version=2, advert_int=1, auth_type='PAS',
                      auth_pass='x')], ['PAS', 'PASS']),
    'bool_word': ([vr(nopreempt='maybe')], ['maybe']),
    'relative_script': ([vr(notify='script.sh')], ['script.sh']),
    'bad_prefix': ([vr(virtual_ipaddress=['192.0.2.100/33'])], ['33']),
    'weight_range': ([vr(track_interface=['eth1 weight 300'])], ['300']),
    'bad_peer': ([vr(unicast_peer=['nobody'])], ['nobody']),
}

# name: (text, what the complaint must contain, its line)
TORN = {
    'open_quote': ("config vrrp_instance 'lan'\n\toption interface 'eth0\n",
                   [], 2),
    'option_first': ("option a 'b'\n", [], 1),
    'keyword': ("confg vrrp_instance 'lan'\n", ['confg', 'config'], 1),
    'too_many': ("config vrrp_instance 'lan' 'x'\n", [], 1),
    'bad_name': ("config vrrp_instance 'la n'\n", [], 1),
    'nul': (b"config vrrp_instance 'lan'\n\toption priority '1\0" b"0'\n",
            [], 2),
}


@test(nodes=NOWHERE)
def each_mistake_is_named_with_its_place(net):
    wrong = []
    for name, (sections, words) in WRONG.items():
        code, out, path = check(net, uci(*sections))
        if code == 0:
            wrong.append(name + ': accepted')
        elif path + ':' not in out:
            wrong.append('%s: no place: %s' % (name, out))
        elif [w for w in words if w not in out]:
            wrong.append('%s: does not say %s: %s' % (name, words, out))
    expect(not wrong, '\n  '.join([''] + wrong))


@test(nodes=NOWHERE)
def each_torn_text_is_named_with_its_line(net):
    wrong = []
    for name, (text, words, line) in TORN.items():
        code, out, path = check(net, text)
        if code == 0:
            wrong.append(name + ': accepted')
        elif '%s:%d:' % (path, line) not in out:
            wrong.append('%s: not line %d: %s' % (name, line, out))
        elif [w for w in words if w not in out]:
            wrong.append('%s: does not say %s: %s' % (name, words, out))
    expect(not wrong, '\n  '.join([''] + wrong))


@test(nodes=NOWHERE)
def all_complaints_come_at_once(net):
    code, out, path = check(net, uci(
        vr('a', priority=999), vr('b', virtual_router_id=300),
        vr('c', virtual_router_id=9, advert_int='x')))
    expect(code != 0, 'accepted')
    for word in '999', '300', "'x'":
        expect(word in out, 'no word of ' + word, out)


@test(nodes=NOWHERE)
def a_good_file_is_silent_or_says_so_and_is_0(net):
    code, out, _ = check(net, uci(vr()))
    expect(code == 0, 'refused', out)
    expect('error' not in out.lower() or '0 error' in out, 'output', out)


@test(nodes=NOWHERE)
def what_is_not_served_is_a_warning_that_names_it(net):
    for options, word in (dict(use_vmac=1), 'use_vmac'), \
            (dict(fam=6, version=2), 'version 3'), \
            (dict(auth_type='PASS', auth_pass='x'), 'no authentication'):
        code, out, _ = check(net, uci(vr(**options)))
        expect(code == 0 and word in out and 'warning' in out, word, code,
               out)


@test(nodes=NOWHERE)
def an_empty_file_is_a_configuration(net):
    for text in '', '# nothing\n', '\n\n':
        code, out, _ = check(net, text)
        expect(code == 0, 'refused', text, out)


@test(nodes=NOWHERE)
def a_missing_file_is_named(net):
    code, out, err = tool('check', '/nonexistent/file')
    expect(code != 0 and '/nonexistent/file' in out + err, 'output', out, err)


@test(nodes=NOWHERE)
def a_pipe_is_read_unless_nobody_writes_to_it(net):
    path = os.path.join(net.tmp, 'pipe')
    os.mkfifo(path)
    code, out, err = tool('check', path)
    expect(code == 1 and 'nobody writes' in out, 'without a writer', out)
    text = uci(vr())
    with subprocess.Popen(['sh', '-c', 'echo "$0" >"$1"', text, path]):
        code, out, err = until('read', lambda: (lambda r: r[0] == 0 and r)(
            tool('check', path)))
    expect('1 instance' in out, 'with one', out)


@test(nodes=NOWHERE)
def a_folder_a_device_and_a_binary_are_no_configuration(net):
    for path in '/etc', '/dev/zero', UPKEEPD:
        code, out, err = tool('check', path)
        expect(code != 0, path + ' accepted')
        lines = (out + err).splitlines()
        expect(0 < len(lines) <= 40 and max(map(len, lines)) < 400, path,
               (out + err)[:500])
        expect((out + err).isprintable() or not [
            c for c in out + err if ord(c) < 32 and c not in '\n\t'],
            'control characters', (out + err)[:200])


@test(nodes=NOWHERE)
def a_megabyte_of_configuration_is_answered_in_time(net):
    many = ''.join(uci(vr('x%d' % n, virtual_router_id=n % 255 + 1,
                          priority=n)) for n in range(5000))
    comments = '# ' + 'x' * 78 + '\n'
    for text in many, comments * 13000 + uci(vr()), 'a' * (1 << 20), \
            "config vrrp_instance 'lan'\n\toption interface '%s'\n" % (
                'e' * (1 << 20)), "config x 'y'\n" + "\tlist z 'a'\n" * 90000:
        code, out, _ = check(net, text)
        expect(len(out) < 100000, 'output of %d bytes' % len(out))
        if text.startswith('# '):
            expect(code == 0, 'comments refused', out)
        else:
            expect(code != 0 and code < 128, 'code %d' % code, out[:300])


@test(nodes=NOWHERE)
def a_full_pool_names_the_symbol_to_raise(net):
    rows = [vr('x%d' % n, virtual_router_id=n + 1, virtual_ipaddress=[
        '192.0.2.%d/24' % n]) for n in range(200)]
    code, out, _ = check(net, uci(*rows))
    expect(code != 0 and 'CONFIG_VRRP_INSTANCES' in out, 'instances', out)
    code, out, _ = check(net, uci(vr(virtual_ipaddress=[
        '10.0.%d.%d/24' % (n // 250, n % 250 + 1) for n in range(250)])))
    expect(code != 0 and 'CONFIG_VRRP_VIPS' in out, 'addresses', out)


@test(nodes=('r1',))
def upkeepd_refuses_a_bad_file_with_its_place(net):
    path = net.file('conf', uci(vr(priority=999)))
    p = subprocess.run([UPKEEPD, '-f', path, '-R', net.tmp + '/run'],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, timeout=20, preexec_fn=net.r1.enter)
    expect(p.returncode != 0, 'exit code 0')
    expect(path + ':' in p.stdout and '999' in p.stdout, 'output', p.stdout)


@test(nodes=('r1',))
def upkeepd_without_a_file_says_so(net):
    p = subprocess.run([UPKEEPD, '-f', '/nonexistent', '-R', net.tmp + '/r'],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, timeout=20, preexec_fn=net.r1.enter)
    expect(p.returncode != 0 and '/nonexistent' in p.stdout, 'output',
           p.stdout)


@test(nodes=NOWHERE)
def without_root_one_clear_line(net):
    os.chmod(net.tmp, 0o777)
    path = net.file('conf', uci(vr()))
    p = subprocess.run(['setpriv', '--reuid=65534', '--regid=65534',
                        '--clear-groups', UPKEEPD, '-f', path, '-R',
                        net.tmp + '/run'], stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True, timeout=20,
                       cwd='/')
    expect(p.returncode != 0, 'exit code 0')
    lines = p.stdout.splitlines()
    expect(len(lines) == 1 and 'root' in lines[0], 'one line', lines)


@test(nodes=NOWHERE)
def version_help_check_and_keys_need_no_root(net):
    os.chmod(net.tmp, 0o777)
    path = net.file('conf', uci(vr()))
    for words in (['upkeepd', '--version'], ['upkeepd', '--help'],
                  ['upkeepctl', '--version'], ['upkeepctl', '--help'],
                  ['upkeepctl', 'help'], ['upkeepctl', 'keys'],
                  ['upkeepctl', 'keys', 'json'],
                  ['upkeepctl', 'check', path]):
        p = subprocess.run(
            ['unshare', '-n', 'setpriv', '--reuid=65534', '--regid=65534',
             '--clear-groups', 'bash', '-c', 'exec -a "$0" "$@"', words[0],
             UPKEEPD] + words[1:], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=20, cwd='/')
        expect(p.returncode == 0, ' '.join(words), p.stdout)
        expect(p.stdout or words[1] == 'check', 'silent: ' + ' '.join(words))


@test(nodes=('r1',))
def an_instance_whose_interface_never_appears_harms_nobody(net):
    up = Upkeep(net.r1, vr('ghost', interface='nowhere',
                           virtual_router_id=9, virtual_ipaddress=[
                               '192.0.2.9/24']), vr()).wait(MASTER)
    expect(up.state('ghost') in (0, 3), 'ghost', up.state('ghost'))
    until('address', lambda: net.r1.has(VIP[4]))


@test(nodes=('r1',))
def enabled_0_runs_nothing(net):
    up = Upkeep(net.r1, globals_(enabled=0), vr(), start=False)
    up.start(wait=False)
    try:
        code = up.p.wait(2)
        expect(code == 0, 'exit code', code)
    except subprocess.TimeoutExpired:
        expect(not net.r1.has(VIP[4]), 'address')
    up.kill()


@test(nodes=('r1',))
def keepalived_s_openwrt_file_works_unchanged(net):
    """The example of OpenWrt's package: sections referred to by name."""
    text = """
config globals 'globals'
	option enabled '1'
	option router_id 'router1'

config ipaddress
	option name 'vip'
	option address '192.0.2.100/24'
	option device 'eth0'
	option scope 'global'

config vrrp_instance
	option name 'lan'
	option state 'BACKUP'
	option interface 'eth0'
	option virtual_router_id '51'
	option priority '100'
	option advert_int '1'
	option auth_type 'PASS'
	option auth_pass 'secret'
	list virtual_ipaddress 'vip'
"""
    cap = net.capture()
    Upkeep(net.r1, text).wait(MASTER)
    until('address', lambda: net.r1.has(VIP[4]))
    a = cap.first(net.r1)
    expect(a.ver == 2 and a.auth == 1, 'version 2 with a password', a)


@test(nodes=NOWHERE)
def running_as_upkeepctl_without_a_daemon_says_so(net):
    code, out, err = tool('-R', net.tmp + '/none', 'status')
    expect(code != 0 and net.tmp in out + err and
           len((out + err).splitlines()) <= 2, 'output', out, err)
