/** Why an uplink that has a way out may not carry traffic. */
import type { NodeContext } from './node.context.ts';
import { withheldAtFirst } from './tether.decisions.ts';

/** In half a sentence; null: nothing keeps it back. */
export const withheldBecause = (context: NodeContext, index: number): string | null => byTether(context, index);

/** Before its tether's actor has said a word, what is known of the interface tells. */
function byTether({ config, uplinks, tethers }: NodeContext, index: number): string | null {
  const tether = tethers.get(index);
  if (tether !== undefined) return tether.withheldBecause;
  const uplink = uplinks.get(index);
  return uplink === undefined ? null : withheldAtFirst({ config, ...uplink });
}
