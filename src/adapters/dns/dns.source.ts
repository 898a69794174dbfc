import { existsSync } from 'node:fs';
import type { DnsJournal, DnsSource } from '../../effects/ports.ts';
import type { UplinkServers } from '../../model/dns.ts';
import { nameServer, nameServersOf } from '../../model/resolv-conf.ts';
import { parseResolvedLink, withoutServerName } from '../../model/resolved-link.ts';
import { namesIn } from '../files/readings.ts';
import { run } from '../process/run.ts';
import { isPathSafeName } from '../sysfs/link-name.ts';
import { serversInLeases, serversWithComment } from './leases.ts';
import { isOwnRecord, recordDirectories } from './resolvconf.ts';
import { readResolvedLink, variablesOf } from './resolved.ts';
import { readSmallFile } from './small-file.ts';

/** For one call of nmcli, in milliseconds. */
const patience = 3000;
/** More of one link are not believed. */
const mostOfOne = 8;

export interface DnsSourceOptions {
  /** What the configuration names for a link; empty: nothing. */
  readonly configured: (index: number) => readonly string[];
  /** What the lease that backhauld holds names for a link; empty: nothing, or there is none. Missing: there are none. */
  readonly leased?: (index: number) => readonly string[];
  /** What stood in places that backhauld has changed since is read from here. */
  readonly journal: Pick<DnsJournal, 'records'>;
  /** Another place than the root of the file system, for tests. */
  readonly root?: string;
}

/**
 * Finds the name servers of a link: the configuration's, else those of the lease that backhauld holds, else what the first of those programs knows that have written
 * any down: systemd-resolved, systemd-networkd, NetworkManager, resolvconf, dhcpcd, dhclient, and resolv.conf itself
 * where its lines name their interface.
 */
export function createDnsSource({ configured, leased = () => [], journal, root = '' }: DnsSourceOptions): DnsSource {
  return {
    async serversOf(index, name) {
      const own = configured(index);
      if (own.length > 0) return checked(own, 'the configuration', name);
      const granted = leased(index);
      if (granted.length > 0) return checked(granted, 'the lease', name);
      if (!isPathSafeName(name)) return { servers: [], source: null, refused: [] };
      for (const [source, read] of sources(index, name)) {
        // One after the other: the first that knows any is believed.
        // oxlint-disable-next-line no-await-in-loop
        const found = await read();
        if (found.length > 0) return checked(found, source, name);
      }
      return { servers: [], source: null, refused: [] };
    },
  };

  function sources(
    index: number,
    name: string,
  ): readonly (readonly [string, () => readonly string[] | Promise<readonly string[]>])[] {
    const read = (path: string): string => readSmallFile(root + path) ?? '';
    return [
      ['systemd-resolved', () => ofResolved(index, name)],
      ['systemd-networkd', () => wordsOf(variablesOf(read(`/run/systemd/netif/leases/${index}`)).get('DNS'))],
      ['NetworkManager', async () => ofNetworkManager(index, name)],
      ['resolvconf', () => inRecords(name)],
      ['dhcpcd', () => ['dhcp', 'ra', 'dhcp6'].flatMap((kind) => nameServersOf(readDhcpcd(`${name}.${kind}`)))],
      ['dhclient', () => leaseFiles(name).flatMap((path) => serversInLeases(read(path), name))],
      ['resolv.conf', () => serversWithComment(originalFile(), name)],
    ];

    function readDhcpcd(file: string): string {
      return read(`/run/dhcpcd/hook-state/resolv.conf/${file}`) || read(`/run/dhcpcd/resolv.conf/${file}`);
    }
  }

  function ofResolved(index: number, name: string): readonly string[] {
    const record = [...journal.records.values()].find((one) => one.manager === 'resolved' && one.linkIndex === index);
    const reading = readResolvedLink({ linkIndex: index, name }, root);
    const current = 'value' in reading ? reading.value : null;
    const isOwn = record?.written.includes(current) === true;
    return parseResolvedLink((isOwn ? record.before : current) ?? '').servers.map(withoutServerName);
  }

  /** Asked only where NetworkManager says that it manages the link. */
  async function ofNetworkManager(index: number, name: string): Promise<readonly string[]> {
    const state = readSmallFile(`${root}/run/NetworkManager/devices/${index}`);
    if (state === null || !/^connection-uuid=/mu.test(state)) return [];
    const args = ['--terse', '--escape', 'no', '--get-values', 'IP4.DNS,IP6.DNS', 'device', 'show', name];
    const { ok, stdout } = await run('nmcli', args, { timeout: patience });
    return ok
      ? stdout
          .split(/[\n|]/u)
          .map((one) => one.trim())
          .filter((one) => one !== '')
      : [];
  }

  function inRecords(name: string): readonly string[] {
    return recordDirectories.flatMap((directory) => {
      const records = namesIn(root + directory)
        .toSorted()
        .filter((record) => (record === name || record.startsWith(`${name}.`)) && !isOwnRecord(record));
      return records.flatMap((record) => nameServersOf(readSmallFile(`${root}${directory}/${record}`) ?? ''));
    });
  }

  /** resolv.conf as it was before backhauld. */
  function originalFile(): string {
    const record = [...journal.records.values()].find(({ manager }) => manager === 'file');
    return record?.before ?? readSmallFile(`${root}/etc/resolv.conf`) ?? '';
  }

  function leaseFiles(name: string): readonly string[] {
    const directories = ['/var/lib/dhcp', '/var/lib/dhclient', '/run'];
    const files = [`dhclient.${name}.leases`, `dhclient6.${name}.leases`, 'dhclient.leases', 'dhclient6.leases'];
    return directories
      .flatMap((directory) => files.map((file) => `${directory}/${file}`))
      .filter((path) => existsSync(root + path));
  }
}

const wordsOf = (text: string | undefined): readonly string[] => (text ?? '').split(/\s+/u).filter((one) => one !== '');

/** What comes from a lease or another program is anybody's text: literal addresses only, each once, a few of them. */
function checked(found: readonly string[], source: string, name: string): UplinkServers {
  const servers = new Set<string>();
  const refused = new Set<string>();
  for (const text of found) {
    const server = nameServer(text, name);
    if (server === undefined) refused.add(text.length > 60 ? `${text.slice(0, 57)}…` : text);
    else servers.add(server);
  }
  const sayable = [...refused].map((text) => text.replaceAll(/[^\x20-\x7E]/gu, '?'));
  return { servers: [...servers].slice(0, mostOfOne), source, refused: sayable.slice(0, mostOfOne) };
}
