import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { NodeEvent, NodeIntent } from '../model/events.ts';
import type { LeaseHolding, LeaseHoldingOptions } from './lease-holding.ts';

export interface Leases {
  /** Takes the newest intent; what it needs is loaded with the first lease that is wanted. */
  want(intent: Pick<NodeIntent, 'leases'>): void;
  /** Tells which leases the former run held, of links that are there still. */
  tellRemembered(): void;
  /** Sees what enters the machines, after they have. */
  see(event: NodeEvent): void;
  /** Gives all leases up: to be called while their addresses are still there. */
  close(): Promise<void>;
}

export interface LeasesOptions extends LeaseHoldingOptions {
  /** False: nothing is asked for. */
  readonly execute: boolean;
}

export async function openLeases({ execute, ...options }: LeasesOptions): Promise<Leases> {
  const open = async (): Promise<LeaseHolding> => (await import('./lease-holding.ts')).openLeaseHolding(options);
  const hasMemory = execute && existsSync(join(options.stateDirectory, 'leases.json'));
  let holding: LeaseHolding | null = hasMemory ? await open() : null;
  let opening: Promise<void> | null = null;
  let intents: NodeIntent['leases'] = [];
  let isClosed = false;
  const begin = async (): Promise<void> => {
    holding = await open();
    if (!isClosed) holding.want(intents);
  };
  return {
    want({ leases }) {
      if (!execute || isClosed || leases === intents) return;
      intents = leases;
      if (holding !== null) holding.want(leases);
      else if (leases.length > 0) {
        opening ??= begin();
      }
    },
    tellRemembered: () => holding?.tellRemembered(),
    see: (event) => holding?.see(event),
    async close() {
      isClosed = true;
      await opening;
      await holding?.close();
    },
  };
}
