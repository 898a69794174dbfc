/** Everything that can go wrong, in words. */
import type { Family } from '../../src/model/family.ts';
import type { Slot, UplinkWorld, World } from './world.ts';

interface OfSlot {
  readonly slot: Slot;
}
interface OfFamilies extends OfSlot {
  readonly families: readonly Family[];
}
interface Absence {
  readonly forMs: number;
}

/** What there is to say of each kind of fault. */
interface Details {
  'carrier.lost': OfSlot;
  'carrier.back': OfSlot;
  flap: OfSlot & { readonly times: number; readonly everyMs: number };
  'admin.down': OfSlot;
  'admin.up': OfSlot;
  hole: OfFamilies;
  'hole.closed': OfSlot;
  loss: OfSlot & UplinkWorld['loss'];
  'loss.over': OfSlot;
  flush: OfFamilies;
  'gateway.moved': OfSlot;
  renumbered: OfSlot;
  repair: OfSlot;
  renamed: OfSlot & { readonly isLive: boolean };
  removed: OfSlot;
  created: OfSlot;
  'foreign.added': { readonly key: string };
  'foreign.removed': { readonly key: string };
  'ours.removed': { readonly what: OursRemoved; readonly family: Family };
  'nft.flushed': unknown;
  'nft.tool': { readonly does: World['nft'] };
  killed: Absence;
  stopped: Absence;
  restarted: unknown;
  clock: { readonly byMs: number };
  storm: { readonly events: number; readonly isDeaf: boolean };
  pinned: { readonly name: string | null };
  'target.dead': { readonly address: string };
  'target.back': { readonly address: string };
}

export type FaultKind = keyof Details;
export type FaultOf<K extends FaultKind> = { readonly kind: K } & Details[K];
export type Fault = { readonly [K in FaultKind]: FaultOf<K> }[FaultKind];
/** The kinds that befall one uplink. */
export type SlotKind = { readonly [K in FaultKind]: Details[K] extends OfSlot ? K : never }[FaultKind];
export const oursRemoved = ['rules', 'last rule', 'ranked routes', 'uplink routes'] as const;
export type OursRemoved = (typeof oursRemoved)[number];
