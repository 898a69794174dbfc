/** Each kind of fault as data: when it may happen, how often it does, and what it makes of the world. */
import { families, type Family } from '../../src/model/family.ts';
import { targets } from '../../lab/topology.ts';
import { oursRemoved, type Fault, type FaultKind, type FaultOf, type SlotKind } from './fault.ts';
import { foreignObjects } from './foreign.ts';
import { ills, initialUplink, isOffered, slots, uplinkOf, withUplink, works, type Slot, type World } from './world.ts';

/** Chance, as numbers in [0, 1). */
export type Dice = () => number;
export const among = <T>(dice: Dice, things: readonly T[]): T | undefined => things[Math.floor(dice() * things.length)];
const between = (dice: Dice, least: number, most: number): number => Math.round(least + dice() * (most - least));

interface Kind<K extends FaultKind> {
  readonly weight: number;
  /** It makes something good again: the more is wrong, the likelier. */
  readonly mends?: true;
  /** One such fault that may happen now; undefined where none can. */
  draw(world: World, dice: Dice): FaultOf<K> | undefined;
  /** Whether it still may happen, where what came before it was left out. */
  isPossible(world: World, fault: FaultOf<K>): boolean;
  apply(world: World, fault: FaultOf<K>): World;
}

/** A fault of one uplink that needs nothing else to be said. */
const ofSlot = <K extends SlotKind>(
  weight: number,
  isPossible: (world: World, slot: Slot) => boolean,
  about: (slot: Slot, dice: Dice) => FaultOf<K>,
  apply: (world: World, fault: FaultOf<K>) => World,
): Kind<K> => ({
  weight,
  draw(world, dice) {
    const slot = among(
      dice,
      slots.filter((one) => isPossible(world, one)),
    );
    return slot === undefined ? undefined : about(slot, dice);
  },
  isPossible: (world, fault) => isPossible(world, fault.slot),
  apply,
});

const mending = <K extends FaultKind>(kind: Kind<K>): Kind<K> => ({ ...kind, mends: true });
const isThere = (world: World, slot: Slot): boolean => uplinkOf(world, slot).exists;
const isOff = (world: World, slot: Slot): boolean => {
  const { node, router, isUp, exists } = uplinkOf(world, slot);
  const isLearnt = node.ipv4?.network === router.network && node.ipv4.gateway === router.gateway;
  return exists && isUp && !(isLearnt && node.ipv6);
};
const repaired = (world: World, slot: Slot): World =>
  withUplink(world, slot, { isUp: true, node: { ipv4: uplinkOf(world, slot).router, ipv6: true } });
const someFamilies = (dice: Dice): readonly Family[] =>
  among(dice, [families, families, ['ipv4'] as const, ['ipv6'] as const]) ?? families;
const without = (list: readonly string[], one: string): readonly string[] => list.filter((other) => other !== one);
const plain = <K extends FaultKind>(weight: number, draw: (dice: Dice) => FaultOf<K>): Kind<K> => ({
  weight,
  draw: (_world, dice) => draw(dice),
  isPossible: () => true,
  apply: (world) => world,
});
const otherName = (name: string): string => name.replace(/\d$/u, (digit) => (digit === '0' ? '7' : '0'));

const kinds: { readonly [K in FaultKind]: Kind<K> } = {
  'carrier.lost': ofSlot(
    8,
    (world, slot) => isThere(world, slot) && uplinkOf(world, slot).hasCarrier,
    (slot) => ({ kind: 'carrier.lost', slot }),
    (world, { slot }) => withUplink(world, slot, { hasCarrier: false }),
  ),
  'carrier.back': mending(
    ofSlot(
      8,
      (world, slot) => isThere(world, slot) && !uplinkOf(world, slot).hasCarrier,
      (slot) => ({ kind: 'carrier.back', slot }),
      (world, { slot }) => withUplink(world, slot, { hasCarrier: true }),
    ),
  ),
  flap: ofSlot(
    2,
    (world, slot) => isThere(world, slot) && uplinkOf(world, slot).hasCarrier,
    (slot, dice) => ({ kind: 'flap', slot, times: between(dice, 1, 6), everyMs: between(dice, 10, 250) }),
    (world) => world,
  ),
  'admin.down': ofSlot(
    4,
    (world, slot) => isThere(world, slot) && uplinkOf(world, slot).isUp,
    (slot) => ({ kind: 'admin.down', slot }),
    // The kernel drops the routes of both families, and the addresses of IPv6.
    (world, { slot }) => withUplink(world, slot, { isUp: false, node: { ipv4: null, ipv6: false } }),
  ),
  'admin.up': mending(
    ofSlot(
      6,
      (world, slot) => isThere(world, slot) && !uplinkOf(world, slot).isUp,
      (slot) => ({ kind: 'admin.up', slot }),
      (world, { slot }) => repaired(world, slot),
    ),
  ),
  hole: ofSlot(
    8,
    (world, slot) => families.some((family) => !uplinkOf(world, slot).isBlackHole[family]),
    (slot, dice) => ({ kind: 'hole', slot, families: someFamilies(dice) }),
    (world, { slot, families: which }) =>
      withUplink(world, slot, {
        isBlackHole: {
          ipv4: uplinkOf(world, slot).isBlackHole.ipv4 || which.includes('ipv4'),
          ipv6: uplinkOf(world, slot).isBlackHole.ipv6 || which.includes('ipv6'),
        },
      }),
  ),
  'hole.closed': mending(
    ofSlot(
      8,
      (world, slot) => families.some((family) => uplinkOf(world, slot).isBlackHole[family]),
      (slot) => ({ kind: 'hole.closed', slot }),
      (world, { slot }) => withUplink(world, slot, { isBlackHole: { ipv4: false, ipv6: false } }),
    ),
  ),
  loss: ofSlot<'loss'>(
    4,
    (world, slot) => uplinkOf(world, slot).loss.percent === 0,
    (slot, dice) => ({
      kind: 'loss',
      slot,
      percent: between(dice, 5, 60),
      direction: among(dice, ['up', 'down', 'both'] as const) ?? 'both',
    }),
    (world, { slot, percent, direction }) => withUplink(world, slot, { loss: { percent, direction } }),
  ),
  'loss.over': mending(
    ofSlot(
      5,
      (world, slot) => uplinkOf(world, slot).loss.percent > 0,
      (slot) => ({ kind: 'loss.over', slot }),
      (world, { slot }) => withUplink(world, slot, { loss: { percent: 0, direction: 'both' } }),
    ),
  ),
  flush: ofSlot(
    4,
    (world, slot) => families.some((family) => isOffered(uplinkOf(world, slot), family)),
    (slot, dice) => ({ kind: 'flush', slot, families: someFamilies(dice) }),
    (world, { slot, families: which }) => {
      const { node } = uplinkOf(world, slot);
      const left = { ipv4: which.includes('ipv4') ? null : node.ipv4, ipv6: node.ipv6 && !which.includes('ipv6') };
      return withUplink(world, slot, { node: left });
    },
  ),
  'gateway.moved': ofSlot(
    2,
    (world, slot) => works(uplinkOf(world, slot), 'ipv4'),
    (slot) => ({ kind: 'gateway.moved', slot }),
    (world, { slot }) => {
      const { router } = uplinkOf(world, slot);
      return withUplink(world, slot, { router: { ...router, gateway: 255 - router.gateway } });
    },
  ),
  renumbered: ofSlot(
    2,
    (world, slot) => works(uplinkOf(world, slot), 'ipv4'),
    (slot) => ({ kind: 'renumbered', slot }),
    (world, { slot }) => {
      const { router } = uplinkOf(world, slot);
      const network = router.network < 200 ? router.network + 100 : router.network - 100;
      return withUplink(world, slot, { router: { ...router, network } });
    },
  ),
  repair: mending(
    ofSlot(
      8,
      isOff,
      (slot) => ({ kind: 'repair', slot }),
      (world, { slot }) => repaired(world, slot),
    ),
  ),
  renamed: ofSlot(
    2,
    isThere,
    (slot, dice) => ({ kind: 'renamed', slot, isLive: dice() < 0.5 }),
    (world, { slot, isLive }) => {
      const { name, isUp } = uplinkOf(world, slot);
      const next = withUplink(world, slot, { name: otherName(name) });
      return isUp && !isLive ? repaired(next, slot) : next;
    },
  ),
  removed: ofSlot(
    2,
    isThere,
    (slot) => ({ kind: 'removed', slot }),
    (world, { slot }) =>
      withUplink(world, slot, { exists: false, isUp: false, hasCarrier: false, node: { ipv4: null, ipv6: false } }),
  ),
  created: mending(
    ofSlot(
      6,
      (world, slot) => !isThere(world, slot),
      (slot) => ({ kind: 'created', slot }),
      (world, { slot }) => {
        const { router } = uplinkOf(world, slot);
        const { isBlackHole, loss } = uplinkOf(world, slot);
        const made = { ...initialUplink(slot), router, node: { ipv4: router, ipv6: true }, isBlackHole, loss };
        return withUplink(world, slot, made);
      },
    ),
  ),
  'foreign.added': {
    weight: 3,
    draw(world, dice) {
      const key = among(
        dice,
        Object.keys(foreignObjects).filter((one) => !world.foreign.includes(one)),
      );
      return key === undefined ? undefined : { kind: 'foreign.added', key };
    },
    isPossible: ({ foreign }, { key }) => !foreign.includes(key),
    apply: (world, { key }) => ({ ...world, foreign: [...world.foreign, key] }),
  },
  'foreign.removed': {
    weight: 1,
    draw({ foreign }, dice) {
      const key = among(dice, foreign);
      return key === undefined ? undefined : { kind: 'foreign.removed', key };
    },
    isPossible: ({ foreign }, { key }) => foreign.includes(key),
    apply: (world, { key }) => ({ ...world, foreign: without(world.foreign, key) }),
  },
  'ours.removed': plain(4, (dice) => ({
    kind: 'ours.removed',
    what: among(dice, oursRemoved) ?? 'rules',
    family: among(dice, families) ?? 'ipv4',
  })),
  'nft.flushed': {
    weight: 2,
    draw: () => ({ kind: 'nft.flushed' }),
    isPossible: () => true,
    apply: (world) => ({ ...world, foreign: world.foreign.filter((key) => !key.startsWith('nft')) }),
  },
  'nft.tool': {
    weight: 1,
    draw: ({ nft }, dice) => ({
      kind: 'nft.tool',
      does: nft === 'works' ? (among(dice, ['fails', 'hangs'] as const) ?? 'fails') : 'works',
    }),
    isPossible: ({ nft }, { does }) => nft !== does,
    apply: (world, { does }) => ({ ...world, nft: does }),
  },
  killed: plain(4, (dice) => ({ kind: 'killed', forMs: between(dice, 0, 1500) })),
  stopped: plain(3, (dice) => ({ kind: 'stopped', forMs: between(dice, 100, 2000) })),
  restarted: plain(1, () => ({ kind: 'restarted' })),
  clock: plain(3, (dice) => ({
    kind: 'clock',
    byMs: (dice() < 0.5 ? -1 : 1) * (dice() < 0.5 ? 86_400_000 : between(dice, 1000, 7_200_000)),
  })),
  storm: plain(2, (dice) => ({
    kind: 'storm',
    events: among(dice, [500, 4000, 40_000]) ?? 500,
    isDeaf: dice() < 0.5,
  })),
  pinned: {
    weight: 3,
    draw({ uplinks }, dice) {
      const names = uplinks.filter(({ exists }) => exists).map(({ name }) => name);
      return { kind: 'pinned', name: among(dice, [null, ...names]) ?? null };
    },
    isPossible: ({ uplinks }, { name }) => name === null || uplinks.some((one) => one.exists && one.name === name),
    apply: (world, { name }) => ({ ...world, pinned: name }),
  },
  'target.dead': {
    weight: 2,
    draw({ deadTargets }, dice) {
      const address = among(
        dice,
        targets.filter((one) => !deadTargets.includes(one)),
      );
      return address === undefined ? undefined : { kind: 'target.dead', address };
    },
    isPossible: ({ deadTargets }, { address }) => !deadTargets.includes(address),
    apply: (world, { address }) => ({ ...world, deadTargets: [...world.deadTargets, address] }),
  },
  'target.back': {
    weight: 4,
    mends: true,
    draw({ deadTargets }, dice) {
      const address = among(dice, deadTargets);
      return address === undefined ? undefined : { kind: 'target.back', address };
    },
    isPossible: ({ deadTargets }, { address }) => deadTargets.includes(address),
    apply: (world, { address }) => ({ ...world, deadTargets: without(world.deadTargets, address) }),
  },
};

const kindOf = <K extends FaultKind>(kind: K): Kind<K> => kinds[kind];

/** How often a kind is drawn in such a world, beside the others. */
export const weightOf = (kind: FaultKind, world: World): number =>
  kinds[kind].mends === true ? kinds[kind].weight * (0.5 + ills(world) / 2) : kinds[kind].weight;
/** One fault of the kind that may happen now; undefined where none can. */
export const drawOf = (kind: FaultKind, world: World, dice: Dice): Fault | undefined => kinds[kind].draw(world, dice);

export const faultKinds = Object.keys(kinds) as readonly FaultKind[];
export const isPossible = <K extends FaultKind>(world: World, fault: FaultOf<K>): boolean =>
  kindOf<K>(fault.kind).isPossible(world, fault);
export const applied = <K extends FaultKind>(world: World, fault: FaultOf<K>): World =>
  kindOf<K>(fault.kind).apply(world, fault);
