import { describe } from '../../model/errors.ts';
import type { HotspotStatus } from '../../model/hotspot.ts';
import type { HotspotAccess } from '../../model/wifi-uri.ts';
import { printable, type Paint } from './printable.ts';
import { shortDuration } from './short-duration.ts';
import { dueWords, hotspotTones } from './side-rows.ts';

/** What `hotspot status`, `on`, `off` and `auto` show to people. `now` is the time that durations end at. */
export function renderHotspot(status: HotspotStatus, now: Date, paint: Paint): string {
  const { state, mode, since, because, ssid, security, clients, maxClients, due, key, problem } = status;
  const lasts = shortDuration(now.getTime() - Date.parse(since));
  const byWhom = mode === 'auto' ? '' : `, switched ${mode} by command`;
  return [
    `hotspot   ${paint(hotspotTones[state], state)} for ${lasts}${byWhom}`,
    `          ${paint('faint', printable(because))}`,
    ...(due === null ? [] : [`next      ${dueWords[due.what]} in ${shortDuration(due.inMs)}`]),
    `network   ${paint('strong', printable(ssid))}, ${printable(security)}${whereText(status)}`,
    ...(status.address === null ? [] : [`address   ${printable(status.address)}`]),
    `clients   ${clients} of at most ${maxClients}`,
    `key       ${keyText(key)}`,
    ...(problem === null ? [] : [`${paint('warning', '!')} ${printable(describe(problem))}`]),
  ].join('\n');
}

const placementWords = {
  alone: '',
  beside: ' beside the station',
  bridge: ', a bridge in the place of a radio',
} as const satisfies Record<NonNullable<HotspotStatus['placement']>, string>;

function whereText({ interface: name, placement, channel }: HotspotStatus): string {
  if (name === null) return '';
  const kind = placement === null ? '' : placementWords[placement];
  const air = channel === null || placement === 'bridge' ? '' : `, channel ${channel}`;
  return `, on ${printable(name)}${kind}${air}`;
}

function keyText({ number, rotatesInMs, previousEndsInMs }: HotspotStatus['key']): string {
  const next = rotatesInMs === null ? '' : `, the next one in ${shortDuration(rotatesInMs)}`;
  const before = previousEndsInMs === null ? '' : `; the one before works for ${shortDuration(previousEndsInMs)}`;
  return `number ${number}${next}${before}`;
}

/** What `hotspot qr` shows: the code, and the same to be typed. */
export const renderAccess = ({ ssid, passphrase }: HotspotAccess, code: readonly string[]): string =>
  [...code, '', `network  ${printable(ssid)}`, `key      ${passphrase ?? 'none: the network is open'}`].join('\n');

export const renderToken = (
  { token, expiresInMs, url }: { readonly token: string; readonly expiresInMs: number; readonly url: string | null },
  code: readonly string[],
): string =>
  [
    ...(code.length === 0 ? [] : [...code, '']),
    `token    ${token}`,
    `good     once, within ${shortDuration(expiresInMs)}`,
    ...(url === null ? [] : [`page     ${url}`]),
  ].join('\n');
