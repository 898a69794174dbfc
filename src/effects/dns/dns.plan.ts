import {
  dnsPlaceKey,
  type DesiredDns,
  type DnsManager,
  type DnsOperation,
  type DnsPlace,
  type DnsRecord,
  type DnsValue,
} from '../../model/dns.ts';
import type { Problem } from '../../model/errors.ts';
import { rewriteResolvConf, withoutZone } from '../../model/resolv-conf.ts';
import { everyName, formatResolvedLink, parseResolvedLink, withoutServerName } from '../../model/resolved-link.ts';

/** What there is now. */
export interface ObservedDns {
  /** Null: nobody may be told anything. */
  readonly manager: DnsManager | null;
  /** The file of the manager `file`. */
  readonly file: string;
  readonly uplinks: readonly { readonly index: number; readonly name: string }[];
  /** By `dnsPlaceKey`; a place that is left alone is missing. */
  readonly values: ReadonlyMap<string, DnsValue>;
  /** Places that are gone: what was recorded of them is of no use. By `dnsPlaceKey`. */
  readonly gone: ReadonlySet<string>;
  /** By `dnsPlaceKey`. */
  readonly records: ReadonlyMap<string, DnsRecord>;
}

export interface DnsCircumstances {
  /** Places that this run has written to: what stood there before it stands there again by someone else's doing. */
  readonly written: ReadonlySet<string>;
  /** Files that someone else has changed after backhauld had: they are left to them while this run lasts. */
  readonly theirs: ReadonlySet<string>;
  /** Nothing is given back yet: a former run left it, and this one does not know its uplinks so far. */
  readonly keep: boolean;
}

export interface DnsPlan {
  readonly operations: readonly DnsOperation[];
  readonly problems: readonly Problem[];
}

interface Wanted {
  readonly place: DnsPlace;
  readonly because: string;
  /** What shall stand there, by what stood there before backhauld came. */
  readonly valueFor: (before: DnsValue) => DnsValue;
}

/** The places to be read for a plan: those that may be wanted, and those recorded. */
export function placesToRead({
  manager,
  file,
  uplinks,
  records,
}: Pick<ObservedDns, 'manager' | 'file' | 'uplinks' | 'records'>): readonly DnsPlace[] {
  const places = new Map<string, DnsPlace>();
  const add = (place: DnsPlace): void => void places.set(dnsPlaceKey(place), place);
  if (manager === 'file') add(fileAt(file));
  else if (manager !== null) for (const { index, name } of uplinks) add({ manager, linkIndex: index, name });
  for (const { manager: its, linkIndex, name } of records.values()) add({ manager: its, linkIndex, name });
  return [...places.values()];
}

/**
 * The way from the name servers there are to those that are wanted. Pure; when all is carried out, the next plan is
 * empty. Writes come first: lookups shall never be without a server.
 */
export function planDns(desired: DesiredDns | null, observed: ObservedDns, circumstances: DnsCircumstances): DnsPlan {
  const operations: DnsOperation[] = [];
  const problems: Problem[] = [];
  const needed = new Set<string>();
  for (const { place, because, valueFor } of wantedPlaces(desired, observed)) {
    const key = dnsPlaceKey(place);
    const current = observed.values.get(key);
    if (current === undefined) continue;
    const record = observed.records.get(key);
    if (record === undefined) {
      const value = valueFor(current);
      if (current === value) continue;
      if (circumstances.theirs.has(key)) problems.push(changedByOthers(place));
      else operations.push(setDns({ ...place, before: current, written: [value] }, value, because));
      continue;
    }
    needed.add(key);
    const value = valueFor(record.before);
    if (record.written.includes(current)) {
      if (current !== value) operations.push(setDns({ ...record, written: [current, value] }, value, because));
      continue;
    }
    // As it was before: the write was cut short, unless this run has made it.
    const isCutShort = current === record.before && !circumstances.written.has(key);
    if (isCutShort) {
      if (current !== value) operations.push(setDns({ ...record, written: [value] }, value, because));
    } else if (place.manager === 'file') {
      operations.push(forgetDns(record, 'someone else has changed it since: theirs is kept'));
      problems.push(changedByOthers(place));
    } else {
      // A link's servers are renewed with its lease: what the other program says now is what it gets back.
      const before = place.manager === 'resolved' ? current : record.before;
      const renewed = valueFor(before);
      operations.push(setDns({ ...place, before, written: [renewed] }, renewed, because));
    }
  }
  for (const [key, record] of observed.records) {
    if (needed.has(key)) continue;
    const current = observed.values.get(key);
    if (observed.gone.has(key)) operations.push(forgetDns(record, 'what it was recorded of is gone'));
    else if (current === undefined) continue;
    else if (current === record.before) operations.push(forgetDns(record, 'it is as it was before'));
    else if (!record.written.includes(current)) operations.push(forgetDns(record, 'someone else has changed it since'));
    else if (!circumstances.keep) operations.push(restoreDns(record));
  }
  return { operations, problems };
}

const fileAt = (name: string): DnsPlace => ({ manager: 'file', linkIndex: 0, name });

function wantedPlaces(
  desired: DesiredDns | null,
  { manager, file, uplinks, values, records }: ObservedDns,
): readonly Wanted[] {
  if (desired === null || manager === null) return [];
  const { linkIndex, interface: name, servers, because } = desired;
  if (manager === 'file') {
    return [{ place: fileAt(file), because, valueFor: (before) => rewriteResolvConf(before, servers, name) }];
  }
  if (manager === 'resolvconf') {
    const text = `${servers.map((server) => `nameserver ${server}`).join('\n')}\n`;
    return [{ place: { manager, linkIndex, name }, because, valueFor: () => text }];
  }
  const isForEveryName = (place: DnsPlace): boolean => {
    const key = dnsPlaceKey(place);
    const before = records.get(key)?.before ?? values.get(key) ?? null;
    return before !== null && parseResolvedLink(before).domains.includes(everyName);
  };
  return [
    {
      place: { manager, linkIndex, name },
      because,
      valueFor: (before) => {
        const link = parseResolvedLink(before ?? '');
        const wanted = servers.map(withoutZone);
        // What the link has already is left in its own words: with the names that its servers prove to have.
        const isSame = link.servers.map(withoutServerName).join(' ') === wanted.join(' ');
        const others = link.domains.filter((domain) => domain !== everyName);
        return formatResolvedLink({ servers: isSame ? link.servers : wanted, domains: [everyName, ...others] });
      },
    },
    ...uplinks
      .filter(({ index }) => index !== linkIndex)
      .map((uplink): DnsPlace => ({ manager, linkIndex: uplink.index, name: uplink.name }))
      .filter(isForEveryName)
      .map((place) => ({
        place,
        because: `${place.name} is not the active uplink: not every name is to be asked for there`,
        valueFor: (before: DnsValue) => {
          const link = parseResolvedLink(before ?? '');
          return formatResolvedLink({ ...link, domains: link.domains.filter((domain) => domain !== everyName) });
        },
      })),
  ];
}

/** A place in words: `name servers of eth0 in systemd-resolved`. */
function describePlace({ manager, name }: DnsPlace): string {
  if (manager === 'file') return `name servers in ${name}`;
  return `name servers of ${name} in ${manager === 'resolved' ? 'systemd-resolved' : 'resolvconf'}`;
}

const setDns = (record: DnsRecord, value: DnsValue, because: string): DnsOperation => ({
  type: 'dns.set',
  target: describePlace(record),
  because,
  record,
  value,
});

const restoreDns = (record: DnsRecord): DnsOperation => ({
  type: 'dns.restore',
  target: describePlace(record),
  because: 'backhauld has no name servers for it any more: what was there before comes back',
  record,
});

const forgetDns = (record: DnsRecord, because: string): DnsOperation => ({
  type: 'dns.forget',
  target: describePlace(record),
  because,
  record,
});

const changedByOthers = (place: DnsPlace): Problem => ({
  code: 'dns.conflict',
  subject: describePlace(place),
  message: 'Someone else has changed them after backhauld had; theirs are kept',
  remedy: 'see to it that only one program writes there, and start backhauld anew, or set dns.mode to "none"',
});
