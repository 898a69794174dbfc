/**
 * What is true of the virtual node: which uplink leads anywhere, and why another does not. It follows from the faults
 * alone, in the order they happen, and from no clock: so the same seed always tells the same story.
 */
import { families, type Family, type PerFamily } from '../../src/model/family.ts';

/** The position of an uplink in the lab: its identity while its name changes. */
export type Slot = 0 | 1 | 2;
export const slots: readonly Slot[] = [0, 1, 2];

/** The LAN behind a cable as one of its ends has it. */
export interface Lan {
  /** Third byte of 192.168.NUMBER.0/24. */
  readonly network: number;
  /** Last byte of the gateway's address. */
  readonly gateway: number;
}

export interface UplinkWorld {
  readonly slot: Slot;
  readonly name: string;
  readonly exists: boolean;
  readonly isUp: boolean;
  readonly hasCarrier: boolean;
  /** What the node's administrator has configured; null without addresses and routes. */
  readonly node: { readonly ipv4: Lan | null; readonly ipv6: boolean };
  readonly router: Lan;
  /** The router forwards nothing of this family. */
  readonly isBlackHole: PerFamily<boolean>;
  /** Per cent of the packets beyond the link that are lost. */
  readonly loss: { readonly percent: number; readonly direction: 'up' | 'down' | 'both' };
}

export interface World {
  readonly uplinks: readonly UplinkWorld[];
  readonly deadTargets: readonly string[];
  /** What other programs have installed, by the keys of `foreignObjects`. */
  readonly foreign: readonly string[];
  readonly pinned: string | null;
  /** What calling nft does. */
  readonly nft: 'works' | 'fails' | 'hangs';
}

export const usualNames: readonly string[] = ['eth0', 'wlan0', 'wwan0'];
export const lanNumbers: readonly number[] = [101, 102, 103];

export const initialUplink = (slot: Slot): UplinkWorld => {
  const lan: Lan = { network: lanNumbers[slot] ?? 0, gateway: 1 };
  return {
    slot,
    name: usualNames[slot] ?? '',
    exists: true,
    isUp: true,
    hasCarrier: true,
    node: { ipv4: lan, ipv6: true },
    router: lan,
    isBlackHole: { ipv4: false, ipv6: false },
    loss: { percent: 0, direction: 'both' },
  };
};

export const initialWorld: World = {
  uplinks: slots.map(initialUplink),
  deadTargets: [],
  foreign: [],
  pinned: null,
  nft: 'works',
};

export const uplinkOf = (world: World, slot: Slot): UplinkWorld => world.uplinks[slot] ?? initialUplink(slot);

export const withUplink = (world: World, slot: Slot, change: Partial<UplinkWorld>): World => ({
  ...world,
  uplinks: world.uplinks.map((uplink) => (uplink.slot === slot ? { ...uplink, ...change } : uplink)),
});

/** The daemon may use it: there is a link with an address and a default route. */
export const isOffered = ({ exists, isUp, hasCarrier, node }: UplinkWorld, family: Family): boolean =>
  exists && isUp && hasCarrier && (family === 'ipv4' ? node.ipv4 !== null : node.ipv6);

const isSameLan = (a: Lan | null, b: Lan): boolean => a?.network === b.network && a.gateway === b.gateway;

/** The node still talks to a router that is no more. */
export const isMisled = ({ node, router }: UplinkWorld): boolean => node.ipv4 !== null && !isSameLan(node.ipv4, router);

/** Packets get through, be it not all of them. */
export const works = (uplink: UplinkWorld, family: Family): boolean =>
  isOffered(uplink, family) && !uplink.isBlackHole[family] && (family === 'ipv6' || !isMisled(uplink));

/** Nothing is lost on it. */
export const isGood = (uplink: UplinkWorld, family: Family): boolean =>
  works(uplink, family) && uplink.loss.percent === 0;

/** It looks as if it worked. */
export const isSilentlyDead = (uplink: UplinkWorld, family: Family): boolean =>
  isOffered(uplink, family) && !works(uplink, family);

/** How much is wrong: the more there is, the likelier something is mended next. */
export const ills = ({ uplinks, deadTargets, nft }: World): number =>
  deadTargets.length +
  Number(nft !== 'works') +
  uplinks.reduce(
    (sum, uplink) =>
      sum + Number(uplink.loss.percent > 0) + families.filter((family) => !works(uplink, family)).length / 2,
    0,
  );
