import { namesIn } from '../files/readings.ts';
import { run } from '../process/run.ts';

/** `absent`: there is nobody or nothing to ask, or the phone is not paired. The message has no word of the phone's own, at most one of BlueZ's. */
export type PanOutcome =
  | { readonly kind: 'connected' }
  | { readonly kind: 'absent'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

export interface BluezOptions {
  readonly busctl?: string;
  /** The directory that lists the node's Bluetooth adapters. */
  readonly adapters?: string;
}

/** Network access point: whoever shares its way out (Bluetooth Assigned Numbers, section 3.3). */
const networkAccessPoint = '00001116-0000-1000-8000-00805f9b34fb';

/** BlueZ's own words for what went wrong (doc/device-api.txt): `br-connection-page-timeout`. */
const knownReason = /\bbr-connection-[a-z]{1,20}(?:-[a-z]{1,20}){0,3}(?![\w-])/u;

/** A phone that is out of reach is given up by the adapter after 5 to 10 s. In milliseconds. */
const patience = 20_000;

/**
 * Has BlueZ connect to the network of a paired phone, if it is not connected. By Device1.ConnectProfile
 * (doc/device-api.txt of BlueZ): a connection by Network1.Connect ends with the program that asked for it.
 *
 * @param address `AA:BB:CC:DD:EE:FF`
 */
export async function connectPan(
  address: string,
  { busctl = 'busctl', adapters = '/sys/class/bluetooth' }: BluezOptions = {},
): Promise<PanOutcome> {
  const call = (...args: readonly string[]) =>
    run(busctl, ['--system', '--auto-start=no', ...args], { timeout: patience, maxBuffer: 64 * 1024 });
  for (const adapter of namesIn(adapters).filter((name) => /^hci\d{1,4}$/u.test(name))) {
    const device = `/org/bluez/${adapter}/dev_${address.replaceAll(':', '_')}`;
    // One adapter after the other: a phone is paired with one of them.
    // oxlint-disable-next-line no-await-in-loop
    const known = await call('get-property', 'org.bluez', device, 'org.bluez.Network1', 'Connected');
    if (known.ok && known.stdout.trim() === 'b true') return { kind: 'connected' };
    if (!known.ok) {
      if (known.code === 'tool.failed') continue;
      return { kind: known.code === 'tool.missing' ? 'absent' : 'failed', message: known.message };
    }
    const profile = ['ConnectProfile', 's', networkAccessPoint];
    // oxlint-disable-next-line no-await-in-loop
    const connected = await call('call', 'org.bluez', device, 'org.bluez.Device1', ...profile);
    if (connected.ok) return { kind: 'connected' };
    const reason = knownReason.exec(connected.stderr)?.[0];
    return {
      kind: 'failed',
      message: `it does not answer, or shares nothing${reason === undefined ? '' : ` (${reason})`}`,
    };
  }
  return { kind: 'absent', message: 'BlueZ does not run, or knows no such phone that shares its way out' };
}
