/** Why an uplink that has a way out may not carry traffic. */
import type { NodeContext } from './node.context.ts';
import { withheldAtFirst } from '../tether/tether.decisions.ts';

/** In half a sentence; null: nothing keeps it back. */
export const withheldBecause = (context: NodeContext, index: number): string | null =>
  isAccessPoint(context, index) ? "it is the hotspot's access point" : byTether(context, index);

/**
 * The radio was taken from its station. In that place it has carrier, and still the station's address, but there is no way
 * out behind it.
 */
export const isAccessPoint = (
  { hotspot, uplinks, config }: Pick<NodeContext, 'hotspot' | 'uplinks' | 'config'>,
  index: number,
): boolean => hotspot?.view?.holdsRadio === true && uplinks.get(index)?.facts.name === config.hotspot.interface;

/** Before its tether's actor has said a word, what is known of the interface tells. */
function byTether({ config, uplinks, tethers }: NodeContext, index: number): string | null {
  const tether = tethers.get(index);
  if (tether !== undefined) return tether.withheldBecause;
  const uplink = uplinks.get(index);
  return uplink === undefined ? null : withheldAtFirst({ config, ...uplink });
}
