import { takeLease } from '../guest/dhcp.ts';
import { Internet } from '../guest/internet.ts';
import { AccessPoint } from './access-point.ts';
import { createRadios } from './radios.ts';
import { Station, type Network } from './station.ts';

const plan = { ssid: 'Home', key: 'home-password', channel: 6, network: '10.5.0' } as const;

/** Somebody's home: the node's own radio is a station of its access point, and that is its only uplink. */
export interface Home {
  readonly accessPoint: AccessPoint;
  /** The node's own supplicant. */
  readonly station: Station;
  /** On which channels the node looks for it. */
  readonly channels: readonly number[];
}

/** Radio 0 is the node's, radio 1 the access point's. Resolves when the node has its address. */
export async function moveInto(radios: number): Promise<Home> {
  await createRadios(radios, 'DE');
  const internet = await Internet.create();
  const accessPoint = await AccessPoint.create('home', 1, plan);
  await internet.giveWayOut(accessPoint.namespace, 5);
  await accessPoint.open();
  const station = new Station('node', null, 'wlan0');
  const channels = [plan.channel, 1];
  const network: Network = { ssid: plan.ssid, key: plan.key, security: 'wpa2', channels };
  await station.join(network);
  await takeLease(null, 'wlan0', 200);
  return { accessPoint, station, channels };
}
