/** Which interfaces are tethers, and which hold a lease of backhauld's. */
import type { Config, TetherConfig } from '../../model/config.ts';
import type { InterfaceFacts, InterfaceType } from '../../model/interface.ts';
import type { Classification } from './classification.decisions.ts';
import { matchesGlob } from './uplink-match.decisions.ts';

/** The settings of a kind of tether; null for what is none. */
export function tetherConfigOf({ usbTether, bluetoothPan }: Config, type: InterfaceType): TetherConfig | null {
  if (type === 'usbTether') return usbTether;
  return type === 'bluetoothPan' ? bluetoothPan : null;
}

type Sort = Pick<Classification, 'type' | 'basis' | 'configured'>;

/**
 * Whether an interface is looked after as a tether. Its device or the configuration decides; where neither says what it
 * is, its name may, if it begins with one of the patterns: a phone can be called `eth0`, and a cable `enx…`.
 */
export function isTether(config: Config, { type, basis }: Sort, { name }: Pick<InterfaceFacts, 'name'>): boolean {
  const settings = tetherConfigOf(config, type);
  if (settings === null) return false;
  return basis !== 'name' || settings.interfacePatterns.some((pattern) => matchesGlob(`${pattern}*`, name));
}

/** Whether backhauld holds the lease of an interface, unless another manager does. */
export function wantsLease(config: Config, sort: Sort, facts: Pick<InterfaceFacts, 'name'>): boolean {
  const settings = tetherConfigOf(config, sort.type);
  const isHeldTether = settings?.enabled === true && settings.enableDhcp && isTether(config, sort, facts);
  return isHeldTether || sort.configured?.dhcp === true;
}
