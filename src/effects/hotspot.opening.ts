import type { HotspotConfig } from '../model/config.ts';
import type { Problem } from '../model/errors.ts';
import type { PerFamily } from '../model/family.ts';
import type { HotspotOperation } from '../model/hotspot-parts.ts';
import type { HotspotIntent, HotspotNetwork } from '../model/hotspot.ts';
import type { SchedulerLike } from 'rxjs';
import type { HotspotPorts } from './hotspot.execute.ts';
import type { ClientNetwork } from './hotspot.subnet.ts';
import type { RadioSource } from './ports.ts';

export interface HotspotKeeperOptions extends HotspotPorts {
  readonly config: HotspotConfig;
  /** False: a dry run; plans are made and nothing is done. */
  readonly execute: boolean;
  readonly scheduler: SchedulerLike;
  readonly radio: RadioSource;
  /** The networks of all links but this one, as `address/length`. */
  readonly takenBeside: (interfaceName: string) => readonly string[];
  /** A unique local prefix (RFC 4193), as `fd00:1:2:3`; null: there is no IPv6. */
  readonly uniquePrefix: string | null;
  /** The name servers of these ways out, by ifindex. Never rejects. */
  readonly serversOf: (upstream: PerFamily<number | null>) => Promise<readonly string[]>;
}

/** What the keeper tells of its work. The first four are events for the machines, but for their time. */
export type HotspotReport =
  | { readonly type: 'hotspot.opened'; readonly opening: number; readonly network: HotspotNetwork }
  | { readonly type: 'hotspot.failed'; readonly opening: number; readonly problem: Problem }
  | { readonly type: 'hotspot.closed'; readonly opening: number }
  | { readonly type: 'hotspot.clients'; readonly opening: number; readonly clients: number }
  | { readonly type: 'operation.executed'; readonly operation: HotspotOperation; readonly problem: Problem | null }
  | { readonly type: 'noted' | 'solved'; readonly problem: Problem };

/** One opening of the access point, from the wish for it until nothing of it is left. */
export interface Opening {
  readonly intent: HotspotIntent;
  phy: string | null;
  client: ClientNetwork | null;
  /** As it was told when it opened; empty: it has not opened yet. */
  openedAs: string;
  phase: 'new' | 'wanted' | 'failed' | 'closed';
  clients: number;
  readonly noted: Map<string, Problem>;
}

export const newOpening = (intent: HotspotIntent): Opening => ({
  intent,
  phy: null,
  client: null,
  openedAs: '',
  phase: 'new',
  clients: 0,
  noted: new Map(),
});

/** Problems of the same kind and subject are one. */
export const problemKey = ({ code, subject }: Problem): string => `${code} ${subject ?? ''}`;
