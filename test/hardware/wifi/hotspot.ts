import type { HotspotState } from '../../../src/model/hotspot.ts';
import { GuestNode, quick } from '../guest/node.ts';

export const ssid = 'Lab Node';
export const channel = 6;
/** Beyond the configured delay: what there may be until the beacon is on air, or gone. */
export const allowanceMs = 8000;

export interface HotspotSetup {
  readonly uplinks: readonly string[];
  /** The delays that users have, of 30 s and 60 s, and not 1 s and 2 s. */
  readonly delays?: 'short' | 'defaults';
  readonly maxClients?: number;
  readonly overlap?: string;
  /** Further lines of the group `[hotspot]`. */
  readonly more?: string;
}

/** A node whose first radio is the hotspot's. */
export function hotspotNode(setup: HotspotSetup): HotspotNode {
  const { uplinks, delays = 'short', maxClients = 10, overlap = '10m', more = '' } = setup;
  return new HotspotNode(`
${quick}
[interfaces]
include = ${JSON.stringify(uplinks)}
[hotspot]
enabled = true
interface = "wlan0"
ssid = "${ssid}"
channel = ${channel}
country = "DE"
${delays === 'short' ? 'startAfter = "1s"\nstopAfter = "2s"' : ''}
${more}
[hotspot.security]
maxClients = ${maxClients}
pskRotation = { overlap = "${overlap}" }
`);
}

export class HotspotNode extends GuestNode {
  async untilHotspot(state: HotspotState, timeoutMs = 20_000): Promise<void> {
    await this.until(({ hotspot }) => hotspot?.state === state, `the hotspot is ${state}`, timeoutMs);
  }

  async untilClients(clients: number): Promise<void> {
    await this.until(({ hotspot }) => hotspot?.clients === clients, `it has ${clients} clients`);
  }

  /** The key that is on the QR code. */
  async key(): Promise<string> {
    const { passphrase } = JSON.parse(await this.command('hotspot', 'qr', '--json')) as { readonly passphrase: string };
    return passphrase;
  }
}
