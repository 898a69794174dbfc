import { defaultConfig, type UplinkPolicy } from '../../../src/model/config.ts';
import type { InterfaceType } from '../../../src/model/interface.ts';
import type { BudgetLevel } from '../../../src/model/usage.ts';

/** TETH-5, in so far as there are budgets: phones are metered, everything else is not. */
export const policyModel = (type: InterfaceType): UplinkPolicy['kind'] =>
  type === 'usbTether' || type === 'bluetoothPan' ? 'metered' : 'unrestricted';

/** TETH-5: a budget that is used up blocks, where the policy says nothing else. */
export const isBlockedModel = (type: InterfaceType, level: BudgetLevel): boolean =>
  policyModel(type) === 'metered' && level === 'exhausted';

/**
 * HLTH-8, TETH-6: how often an uplink is probed. Money is spent by the uplink, not by the family: on a metered one that
 * stands by the families share the rounds.
 */
export function intervalModel(
  policy: UplinkPolicy['kind'],
  isActive: boolean,
  { families, onBattery }: { readonly families: number; readonly onBattery: boolean | null },
): number {
  const { interval, meteredInterval, meteredActiveInterval } = defaultConfig.probe;
  const factor = onBattery === true ? defaultConfig.battery.probeReduction : 1;
  if (policy !== 'metered') return interval * factor;
  return (isActive ? meteredActiveInterval : meteredInterval * families) * factor;
}
