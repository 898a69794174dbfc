/** Whom to ask, by each uplink, for the names that targets have. */
import type { NameServer } from '../adapters/probes/name-lookup.ts';
import type { NameServerSource } from '../adapters/probes/name-resolver.ts';
import type { DnsSource } from '../effects/ports.ts';
import type { UplinkView } from '../machines/interface/interface.context.ts';
import { isLinkLocal, parseAddress } from '../model/address.ts';
import type { Config } from '../model/config.ts';
import { families, type Family, type PerFamily } from '../model/family.ts';
import type { UplinkPath } from '../model/network.ts';
import { withoutZone } from '../model/resolv-conf.ts';
import { seconds } from '../model/units.ts';

export interface NameServersOptions {
  /** What is known of an interface now; undefined for none. */
  readonly view: (index: number) => UplinkView | undefined;
  /** What the configuration names for a link; empty: nothing. */
  readonly configured: (index: number) => readonly string[];
  /** What the lease that backhauld holds names for a link. Missing: no lease is held. */
  readonly leased?: (index: number) => readonly string[];
  /** Who reads name servers already, and knows which are backhauld's own doing; null: nobody does. */
  readonly reader: () => DnsSource | null;
  readonly now: () => number;
}

/** To read them costs files, and the start of a program: what was read is believed for so long. */
const believedFor = seconds(30);

/** Whether any target is a name. */
export const hasNames = ({ probe }: Pick<Config, 'probe'>): boolean =>
  families.some((family) => probe.targets[family].some(({ host }) => host !== undefined));

/** An uplink's own name servers, as it is known by whoever configured it; its gateways, where nobody knows any. */
export function createNameServers({
  view,
  configured,
  leased = () => [],
  reader,
  now,
}: NameServersOptions): NameServerSource {
  const read = new Map<
    number,
    { readonly name: string; readonly at: number; readonly servers: Promise<readonly string[]> }
  >();

  async function serversOf(index: number, name: string): Promise<readonly string[]> {
    const own = reader();
    if (own !== null) return (await own.serversOf(index, name)).servers;
    const { createDnsSource } = await import('../adapters/dns/dns.source.ts');
    const source = createDnsSource({ configured, leased, journal: { records: new Map() } });
    return (await source.serversOf(index, name)).servers;
  }

  return {
    async of(index) {
      const { name, candidacy } = view(index) ?? {};
      if (name === undefined || candidacy === undefined) return [];
      const known = read.get(index);
      const isKnown = known?.name === name && now() - known.at < believedFor;
      const servers = isKnown ? known.servers : serversOf(index, name);
      if (!isKnown) read.set(index, { name, at: now(), servers });
      return withinReach(await servers, name, candidacy.paths);
    },
  };
}

/** Those that there is a path to, each with the address to ask from; the gateways where there is none. */
export function withinReach(
  servers: readonly string[],
  name: string,
  paths: PerFamily<UplinkPath | null>,
): readonly NameServer[] {
  const reached = servers.flatMap((address) => nameServerOf(address, paths) ?? []);
  if (reached.length > 0) return reached;
  return families.flatMap((family) => {
    const gateway = paths[family]?.gateway ?? null;
    if (gateway === null) return [];
    const isLocal = family === 'ipv6' && isLinkLocal(gateway);
    return nameServerOf(isLocal ? `${gateway}%${name}` : gateway, paths) ?? [];
  });
}

function nameServerOf(address: string, paths: PerFamily<UplinkPath | null>): NameServer | null {
  const family: Family | undefined = parseAddress(withoutZone(address))?.family;
  const source = family === undefined ? undefined : paths[family]?.addresses[0]?.address;
  return family === undefined || source === undefined ? null : { family, address, source };
}
