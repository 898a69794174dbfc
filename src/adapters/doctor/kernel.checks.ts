import { constants } from 'node:fs';
import { join } from 'node:path';

import { BackhaulError } from '../../model/errors.ts';
import { families } from '../../model/family.ts';
import { createSysfs } from '../sysfs/sysfs.ts';
import { hasCapability } from './capabilities.ts';
import { fine, trouble, warning, type Finding } from './finding.ts';
import { textAt } from '../files/readings.ts';
import { isAccessible, type KernelView, type Surroundings } from './surroundings.ts';

/** Whether this process may do what the daemon does. */
export function checkPrivileges({ proc }: Surroundings): readonly Finding[] {
  const admin = hasCapability('CAP_NET_ADMIN', proc);
  const raw = hasCapability('CAP_NET_RAW', proc);
  const unit = 'run it as root, or with AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW in a systemd unit';
  return [
    admin === true
      ? fine('CAP_NET_ADMIN', 'routes and rules may be changed')
      : trouble('privilege.missing', 'CAP_NET_ADMIN', 'this process may not change routes and rules', unit),
    raw === true
      ? fine('CAP_NET_RAW', 'ICMP probes may be sent')
      : warning('CAP_NET_RAW', 'without it ICMP probes depend on net.ipv4.ping_group_range', unit),
  ];
}

/** Reads the kernel as the daemon would, and tells by which way that works. */
export async function readKernel({
  readKernel,
}: Surroundings): Promise<{ readonly view: KernelView | null; readonly finding: Finding }> {
  const check = 'kernel';
  try {
    const view = await readKernel();
    const { links, routes, rules } = view.state;
    const counts = `${links.size} links, ${routes.size} routes, ${rules.size} rules`;
    if (view.driver === 'ffi') return { view, finding: fine(check, `read by netlink from this process: ${counts}`) };
    const remedy = 'install the native code: npm install --include=optional, on x64, arm64 or armv7 with glibc';
    const found = `read by the ip command: ${counts}; slower, probes are bound to addresses only, and there is no ICMP`;
    return { view, finding: warning(check, found, remedy) };
  } catch (error) {
    const problems = error instanceof BackhaulError ? error.problems : [];
    const last = problems.at(-1);
    const found = problems.map(({ message }) => message).join('; ') || String(error);
    const remedy = last?.remedy ?? 'see what the kernel refuses';
    return { view: null, finding: trouble(last?.code ?? 'kernel.unreadable', check, found, remedy) };
  }
}

/** Features of the kernel that the routing layout rests on. Nothing is tried out: what shows them is read. */
export function checkFeatures(surroundings: Surroundings, view: KernelView | null): readonly Finding[] {
  return [
    ...(view === null ? [] : [checkRules(surroundings, view)]),
    checkLinkdown(surroundings),
    checkSettings(surroundings),
    checkIpv6(surroundings),
    checkBinding(surroundings),
    checkPing(surroundings),
  ];
}

const setting = ({ proc }: Surroundings, ...names: readonly string[]): string => join(proc, 'sys/net', ...names);

function checkRules(surroundings: Surroundings, { state }: KernelView): Finding {
  const check = 'policy routing';
  // A kernel with policy routing has its three rules (local, main, default) unless someone deleted them.
  const lacking = families.filter(
    (family) =>
      (family === 'ipv4' || hasIpv6(surroundings)) && ![...state.rules.values()].some((r) => r.family === family),
  );
  if (lacking.length > 0) {
    const remedy = 'use a kernel with CONFIG_IP_MULTIPLE_TABLES and CONFIG_IPV6_MULTIPLE_TABLES';
    return trouble('kernel.featureMissing', check, `the kernel has no rules for ${lacking.join(' and ')}`, remedy);
  }
  if (!isAtLeast(surroundings, 3, 12)) {
    const found = 'this kernel knows no suppress_prefixlength in rules';
    return trouble('kernel.featureMissing', check, found, 'use Linux 3.12 or newer');
  }
  return fine(check, 'rules and suppress_prefixlength are there');
}

function checkLinkdown(surroundings: Surroundings): Finding {
  const check = 'linkdown routes';
  return isAccessible(setting(surroundings, 'ipv4/conf/all/ignore_routes_with_linkdown'))
    ? fine(check, 'the kernel can pass over routes without carrier by itself')
    : warning(
        check,
        'the kernel has no ignore_routes_with_linkdown: after a loss of carrier the daemon must act',
        'use Linux 4.2 or newer',
      );
}

function checkSettings(surroundings: Surroundings): Finding {
  const check = 'settings';
  return isAccessible(setting(surroundings, 'ipv4/conf/all/rp_filter'), constants.W_OK)
    ? fine(check, '/proc/sys/net may be written')
    : warning(
        check,
        '/proc/sys/net may not be written: rp_filter and others stay as they are',
        'be root, and in a container mount /proc/sys/net writable',
      );
}

function checkIpv6(surroundings: Surroundings): Finding {
  if (!hasIpv6(surroundings)) return fine('IPv6', 'this kernel has none; IPv4 is used alone');
  return textAt(setting(surroundings, 'ipv6/conf/all/disable_ipv6')) === '1'
    ? warning('IPv6', 'it is switched off', 'sysctl net.ipv6.conf.all.disable_ipv6=0, unless that is meant')
    : fine('IPv6', 'there');
}

const hasIpv6 = (surroundings: Surroundings): boolean => isAccessible(setting(surroundings, 'ipv6'));

function checkBinding(surroundings: Surroundings): Finding {
  const check = 'bound sockets';
  // Since 5.7 a socket that is bound to no device yet may be bound by anyone.
  return hasCapability('CAP_NET_RAW', surroundings.proc) === true || isAtLeast(surroundings, 5, 7)
    ? fine(check, 'probes may be bound to their uplink (SO_BINDTODEVICE)')
    : warning(check, 'before Linux 5.7 SO_BINDTODEVICE needs CAP_NET_RAW', 'give the daemon CAP_NET_RAW');
}

function checkPing(surroundings: Surroundings): Finding {
  const check = 'ICMP sockets';
  const range = textAt(setting(surroundings, 'ipv4/ping_group_range'));
  const [from = 1, to = 0] = (range ?? '').split(/\s+/u).map(Number);
  if (surroundings.groups.some((group) => group >= from && group <= to))
    return fine(check, 'a group of this process may ping');
  return hasCapability('CAP_NET_RAW', surroundings.proc) === true
    ? fine(check, 'by CAP_NET_RAW')
    : warning(
        check,
        `no group of this process is in net.ipv4.ping_group_range (${range ?? 'unreadable'}): icmp targets do not work`,
        'sysctl net.ipv4.ping_group_range="0 2147483647", or CAP_NET_RAW, or targets of other kinds',
      );
}

/** Whether /sys shows the devices of this network namespace. */
export function checkSysfs({ sys }: Surroundings, view: KernelView | null): readonly Finding[] {
  if (view === null) return [];
  const links = view.state.links;
  const problem = createSysfs(links.values(), sys).compare(links.values());
  return [
    problem === null
      ? fine('sysfs', 'it shows the devices of this network namespace')
      : warning(
          'sysfs',
          problem.message,
          problem.remedy ?? 'mount a sysfs of this namespace; netlink is used meanwhile',
        ),
  ];
}

function isAtLeast({ proc }: Surroundings, major: number, minor: number): boolean {
  const release = textAt(proc, 'sys/kernel/osrelease') ?? '';
  const [ours = 0, oursMinor = 0] = release.split(/[.-]/u).map(Number);
  // What cannot be read is no reason for alarm.
  return release === '' || ours > major || (ours === major && oursMinor >= minor);
}
