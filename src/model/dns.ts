/** Who hands name servers to the programs of a machine. */
export type DnsManager = 'resolved' | 'resolvconf' | 'file';

/** Where name servers are written: systemd-resolved's part for a link, a record of resolvconf's, or a file. */
export interface DnsPlace {
  readonly manager: DnsManager;
  /** 0 for a file. */
  readonly linkIndex: number;
  /** The interface's name; the path of a file. */
  readonly name: string;
}

export const dnsPlaceKey = ({ manager, linkIndex, name }: DnsPlace): string => `${manager} ${linkIndex} ${name}`;

/** What stands in a place, as text; null: nothing. A file's text has one character for each byte (latin1). */
export type DnsValue = string | null;

/** What a place held before backhauld changed it: it is on disk before the change, and put back at the end. */
export interface DnsRecord extends DnsPlace {
  readonly before: DnsValue;
  /**
   * What backhauld has written there. The last is the newest; the one before it may still stand there when the process
   * was killed in between.
   */
  readonly written: readonly DnsValue[];
}

/** The name servers that lookups shall use, and the uplink that they belong to. */
export interface DesiredDns {
  readonly linkIndex: number;
  readonly interface: string;
  /** Canonical literal addresses, best first; a link-local one with the interface as its zone. */
  readonly servers: readonly string[];
  readonly because: string;
}

/** The name servers of one uplink, as somebody else knows them. */
export interface UplinkServers {
  readonly servers: readonly string[];
  /** Who knows them, in words; null where nobody knows any. */
  readonly source: string | null;
  /** What stood there and is no address of a name server. */
  readonly refused: readonly string[];
}

interface DnsOperationBase<Type extends string> {
  readonly type: Type;
  /** The place, in one line of words. */
  readonly target: string;
  readonly because: string;
}

/** One step of a plan that concerns name servers. */
export type DnsOperation =
  | (DnsOperationBase<'dns.set'> & { readonly record: DnsRecord; readonly value: DnsValue })
  | (DnsOperationBase<'dns.restore'> & { readonly record: DnsRecord })
  /** Forgets a record whose place is someone else's by now, or gone. */
  | (DnsOperationBase<'dns.forget'> & { readonly record: DnsRecord });
