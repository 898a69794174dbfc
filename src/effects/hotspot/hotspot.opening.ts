import type { HotspotConfig } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import type { PerFamily } from '../../model/family.ts';
import type { HotspotOperation } from '../../model/hotspot-parts.ts';
import type { HotspotIntent, HotspotNetwork } from '../../model/hotspot.ts';
import type { SchedulerLike } from 'rxjs';
import type { HotspotPorts } from './hotspot.execute.ts';
import type { ClientNetwork } from './hotspot.subnet.ts';
import type { RadioSource } from '../ports.ts';

export interface HotspotKeeperOptions extends HotspotPorts {
  readonly config: HotspotConfig;
  /** False: a dry run; plans are made and nothing is done. */
  readonly execute: boolean;
  readonly scheduler: SchedulerLike;
  readonly radio: RadioSource;
  /** The networks of all links but this one, of both families, as `address/length`. */
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

/** One opening of the access point, from the wish for it until nothing of it is left: what is known of it, and told. */
export class Opening {
  readonly intent: HotspotIntent;
  readonly #tell: (report: HotspotReport) => void;
  readonly #noted = new Map<string, Problem>();
  phy: string | null = null;
  client: ClientNetwork | null = null;
  /** `failed`: it is taken down, and stays down. */
  phase: 'new' | 'wanted' | 'failed' | 'closed' = 'new';
  #openedAs = '';
  #clients = 0;

  constructor(intent: HotspotIntent, tell: (report: HotspotReport) => void) {
    this.intent = intent;
    this.#tell = tell;
  }

  get hasOpened(): boolean {
    return this.#openedAs !== '';
  }

  /** Everything stands. */
  open(network: HotspotNetwork): void {
    for (const problem of this.#noted.values()) if (problem.code === 'hotspot.serviceFailed') this.#solve(problem);
    const text = JSON.stringify(network);
    if (text === this.#openedAs) return;
    this.#openedAs = text;
    const { opening } = this.intent;
    this.#tell({ type: 'hotspot.opened', opening, network });
    this.#tell({ type: 'hotspot.clients', opening, clients: this.#clients });
  }

  fail(problem: Problem): void {
    if (this.phase === 'failed' || this.phase === 'closed') return;
    this.phase = 'failed';
    this.#tell({ type: 'hotspot.failed', opening: this.intent.opening, problem });
  }

  /** Nothing of it is left. */
  close(): void {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    for (const problem of this.#noted.values()) this.#solve(problem);
    this.#tell({ type: 'hotspot.closed', opening: this.intent.opening });
  }

  countClients(clients: number): void {
    if (this.#clients === clients) return;
    this.#clients = clients;
    if (!this.hasOpened || this.phase !== 'wanted') return;
    this.#tell({ type: 'hotspot.clients', opening: this.intent.opening, clients });
  }

  /** It holds until its end, or until everything stands again. Problems of the same kind and subject are one. */
  note(problem: Problem): void {
    this.#noted.set(keyOf(problem), problem);
    this.#tell({ type: 'noted', problem });
  }

  #solve(problem: Problem): void {
    this.#noted.delete(keyOf(problem));
    this.#tell({ type: 'solved', problem });
  }
}

const keyOf = ({ code, subject }: Problem): string => `${code} ${subject ?? ''}`;
