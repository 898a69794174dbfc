/** A phone that shares its way out, by USB or by Bluetooth. */
import type { Problem } from './errors.ts';
import type { InterfaceType } from './interface.ts';

export type TetherState = 'detected' | 'initializing' | 'validating' | 'ready' | 'failed' | 'released';

/** What `status` tells of a tether. */
export interface TetherStatus {
  readonly iface: string;
  readonly type: Extract<InterfaceType, 'usbTether' | 'bluetoothPan'>;
  readonly state: TetherState;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** One sentence: what it waits for, or why it failed. */
  readonly because: string;
  /** `usb serial …`, `usb port …`, `bluetooth …`: the device, whatever its interface is called. */
  readonly identity: string;
  readonly driver: string | null;
  /** Who holds its address. */
  readonly managedBy: 'backhauld' | 'another' | null;
  readonly retryInMs: number | null;
  readonly problem: Problem | null;
}
