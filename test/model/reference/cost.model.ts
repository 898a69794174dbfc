import { defaultConfig, type UplinkPolicy } from '../../../src/model/config.ts';
import type { InterfaceType } from '../../../src/model/interface.ts';

/** TETH-5, in so far as there are budgets: phones are metered, everything else is not. */
export const policyModel = (type: InterfaceType): UplinkPolicy['kind'] =>
  type === 'usbTether' || type === 'bluetoothPan' ? 'metered' : 'unrestricted';

/** HLTH-8: how often an uplink is probed. */
export function intervalModel(policy: UplinkPolicy['kind'], isActive: boolean): number {
  const { interval, meteredInterval, meteredActiveInterval } = defaultConfig.probe;
  if (policy !== 'metered') return interval;
  return isActive ? meteredActiveInterval : meteredInterval;
}
