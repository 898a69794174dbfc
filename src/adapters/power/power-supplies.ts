import { join } from 'node:path';
import { namesIn } from '../files/readings.ts';
import { readAttribute } from '../sysfs/files.ts';

/** What one power supply says of itself, in the kernel's words; null where it does not. */
interface Supply {
  readonly type: string | null;
  readonly isOnline: boolean | null;
  readonly status: string | null;
}

/** Whether there is any power supply to follow. */
export const hasPowerSupplies = (root = '/sys'): boolean => suppliesOf(root).length > 0;

/**
 * Whether the machine runs on its battery; null where it has none, or where that does not say (Documentation/ABI/testing/
 * sysfs-class-power).
 *
 * Power from outside, from a wall or by USB, counts whatever the battery does: a charger may be too weak, and a battery
 * that is kept below its fill discharges beside it. Without it a battery that is not being charged is what is lived on,
 * and a UPS says by itself what it lives on. Supplies of other devices (a mouse's battery has the scope Device) are passed over.
 */
export function readOnBattery(root = '/sys'): boolean | null {
  const supplies = suppliesOf(root);
  const outside = supplies.filter(({ type, isOnline }) => isOnline !== null && type !== 'Battery' && type !== 'UPS');
  const stores = supplies.filter(({ type }) => type === 'Battery' || type === 'UPS');
  if (stores.length === 0) return null;
  if (outside.some(({ isOnline }) => isOnline)) return false;
  if (stores.some(({ status }) => status === 'Discharging')) return true;
  if (stores.some(({ status }) => status !== null && fed.includes(status))) return false;
  return outside.length > 0 && stores.some(({ type }) => type === 'Battery') ? true : null;
}

/** Words of a battery that lives on something else. */
const fed = ['Charging', 'Full', 'Not charging'];

function suppliesOf(root: string): readonly Supply[] {
  const directory = join(root, 'class/power_supply');
  return namesIn(directory).flatMap((name) => {
    const supply = join(directory, name);
    if (readAttribute(supply, 'scope') === 'Device' || readAttribute(supply, 'present') === '0') return [];
    const online = readAttribute(supply, 'online');
    return [
      {
        type: readAttribute(supply, 'type'),
        // 2 is online too: at another voltage.
        isOnline: online === null ? null : online !== '0',
        status: readAttribute(supply, 'status'),
      },
    ];
  });
}
