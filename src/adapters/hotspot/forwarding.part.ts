import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Problem } from '../../model/errors.ts';
import { families, type Family } from '../../model/family.ts';
import { isPathSafeName, isReservedName } from '../sysfs/link-name.ts';
import type { PartMaker } from './part-maker.ts';

/** Reads and writes `forwarding` of an interface, `all` or `default`. Source: Documentation/networking/ip-sysctl.rst. */
interface Forwarding {
  readonly names: (family: Family) => readonly string[];
  /** Null: there is no such setting. */
  readonly read: (family: Family, name: string) => string | null;
  /** What is gone is no problem. */
  readonly write: (family: Family, name: string, value: string) => Problem | null;
}

function forwardingIn(root: string): Forwarding {
  const pathOf = (family: Family, name: string): string => `${root}/${family}/conf/${name}/forwarding`;
  const read = (family: Family, name: string): string | null => {
    try {
      return readFileSync(pathOf(family, name), 'utf8').trim();
    } catch {
      return null;
    }
  };
  return {
    names: (family) => {
      try {
        return readdirSync(`${root}/${family}/conf`);
      } catch {
        return [];
      }
    },
    read,
    write(family, name, value) {
      if (!isPathSafeName(name) || !/^[01]$/u.test(value)) return null;
      if (read(family, name) === null) return null;
      try {
        writeFileSync(pathOf(family, name), value, { flag: 'r+' });
        return null;
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
        if (code === 'ENOENT' || code === 'ENODEV') return null;
        const subject = `net.${family}.conf.${name}.forwarding`;
        return { code: 'privilege.missing', subject, message: `it cannot be written (${code})` };
      }
    },
  };
}

/** Whether something forwards because of the hotspot only, whether it does so already or not. */
export interface ForwardingMaker extends PartMaker<'forwarding'> {
  readonly isHost: (interfaceName: string) => boolean;
}
export interface SwitchMaker extends PartMaker<'ipv6Forwarding'> {
  readonly isHost: () => boolean;
}

/** What comes in by one interface is forwarded, of both families. */
export function createForwarding(root = '/proc/sys/net'): ForwardingMaker {
  const settings = forwardingIn(root);
  const hosts = new Set<string>();
  const writeBoth = (name: string, valueOf: (family: Family) => string | undefined): Problem | null => {
    if (isReservedName(name)) return null;
    const problems = families.map((family) => settings.write(family, name, valueOf(family) ?? ''));
    return problems.find((problem) => problem !== null) ?? null;
  };
  return {
    async before({ interface: name }) {
      return Object.fromEntries(
        families.flatMap((family) => {
          const value = settings.read(family, name);
          return value === null ? [] : [[family, value]];
        }),
      );
    },
    async start({ interface: name }) {
      if (settings.read('ipv4', name) === '0') hosts.add(name);
      return writeBoth(name, () => '1');
    },
    async stop({ interface: name }, before) {
      hosts.delete(name);
      return writeBoth(name, (family) => before[family]);
    },
    isHost: (name) => hosts.has(name) || settings.read('ipv4', name) !== '1',
  };
}

/**
 * The kernel forwards IPv6 only when `all` says so too (ip6_forward), and writing that writes it to every interface and
 * to those to come. So what each of them had is recorded, and put back at once where it was 0: they stay hosts.
 */
export function createIpv6Switch(root = '/proc/sys/net'): SwitchMaker {
  const settings = forwardingIn(root);
  let isSwitched = false;
  const all = (): Readonly<Record<string, string>> =>
    Object.fromEntries(
      settings.names('ipv6').flatMap((name) => {
        const value = settings.read('ipv6', name);
        return value === null ? [] : [[name, value]];
      }),
    );
  const writeAll = (value: string, others: Readonly<Record<string, string>>): Problem | null => {
    const problem = settings.write('ipv6', 'all', value);
    for (const [name, its] of Object.entries(others)) if (name !== 'all') settings.write('ipv6', name, its);
    return problem;
  };
  return {
    before: async () => all(),
    async start() {
      const now = all();
      if (now['all'] !== '0') return null;
      isSwitched = true;
      return writeAll('1', now);
    },
    // What an interface has now was given to it by someone since, or is what it had.
    async stop(_, before) {
      isSwitched = false;
      return before['all'] === '0' && all()['all'] === '1' ? writeAll('0', all()) : null;
    },
    isHost: () => isSwitched || settings.read('ipv6', 'all') !== '1',
  };
}
