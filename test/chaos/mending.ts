import { families } from '../../src/model/family.ts';
import type { Fault } from './fault.ts';
import { lanNumbers, usualNames, works, type World } from './world.ts';

/** The faults that make a world what it was at the start. */
export function mending({ uplinks, deadTargets, foreign, nft }: World): readonly Fault[] {
  return [
    { kind: 'pinned', name: null },
    ...foreign.map((key): Fault => ({ kind: 'foreign.removed', key })),
    ...deadTargets.map((address): Fault => ({ kind: 'target.back', address })),
    ...(nft === 'works' ? [] : [{ kind: 'nft.tool', does: 'works' } as const]),
    ...uplinks.flatMap((uplink): readonly Fault[] => {
      const { slot, router, exists, hasCarrier, isUp, name } = uplink;
      const isElsewhere = router.network !== lanNumbers[slot];
      return [
        // Without the interface there is no cable to the router either.
        ...(exists ? [] : [{ kind: 'created', slot } as const]),
        ...(router.gateway === 1 ? [] : [{ kind: 'gateway.moved', slot } as const]),
        ...(isElsewhere ? [{ kind: 'renumbered', slot } as const] : []),
        { kind: 'hole.closed', slot },
        { kind: 'loss.over', slot },
        ...(exists && !hasCarrier ? [{ kind: 'carrier.back', slot } as const] : []),
        ...(exists && !isUp ? [{ kind: 'admin.up', slot } as const] : []),
        ...(exists && name !== usualNames[slot] ? [{ kind: 'renamed', slot, isLive: true } as const] : []),
        ...(exists && !families.every((family) => works(uplink, family)) ? [{ kind: 'repair', slot } as const] : []),
        ...(isElsewhere || router.gateway !== 1 ? [{ kind: 'repair', slot } as const] : []),
      ];
    }),
  ];
}
