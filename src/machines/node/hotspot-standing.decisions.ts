/** What the root knows of the hotspot: what it tells its actor, and what that has said. */
import type { Config } from '../../model/config.ts';
import { families } from '../../model/family.ts';
import type { RankedUplink } from '../../model/network.ts';
import type { HotspotInput, Surroundings } from '../hotspot/hotspot.context.ts';
import type { HotspotStanding, NodeContext } from './node.context.ts';
import { unlessSame } from '../unless-same.ts';
import { isAccessPoint } from './withheld.decisions.ts';

/** Null where the configuration has none. */
export const initialStanding = ({ hotspot }: Config): HotspotStanding | null =>
  hotspot.enabled
    ? { radio: undefined, mode: 'auto', remembered: null, told: { wayOut: null, isRadioUplink: false }, view: null }
    : null;

/** How things are with the uplinks; the same object as before where nothing is different. */
export const surroundingsOf = (context: NodeContext, { told }: HotspotStanding): Surroundings =>
  unlessSame(told, { wayOut: wayOut(context), isRadioUplink: isRadioUplink(context) });

function wayOut(context: NodeContext): string | null {
  const { selected, views } = context;
  for (const family of families) {
    const isWay = ({ index, isReachable }: RankedUplink): boolean => isReachable && !isAccessPoint(context, index);
    const reachable = selected[family]?.ranking.find(isWay);
    if (reachable !== undefined) return views.get(reachable.index)?.name ?? `interface ${reachable.index}`;
  }
  return null;
}

const isRadioUplink = ({ uplinks, config }: NodeContext): boolean =>
  [...uplinks.values()].some(({ facts }) => facts.name === config.hotspot.interface);

/** What its actor starts with: the first one, or one that takes the place of one that failed. */
export const hotspotInput = (context: NodeContext, standing: HotspotStanding): HotspotInput => ({
  config: context.config.hotspot,
  ...surroundingsOf(context, standing),
  radio: standing.radio,
  mode: standing.mode,
  memory: standing.view,
  at: context.now,
});
