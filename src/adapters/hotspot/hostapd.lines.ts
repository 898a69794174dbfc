/** What hostapd tells on its standard output. */
export type HostapdEvent =
  | { readonly type: 'enabled' }
  | { readonly type: 'disabled' }
  /** `keyNumber`: null where hostapd does not say by which key it came. */
  | { readonly type: 'connected'; readonly macAddress: string; readonly keyNumber: number | null }
  | { readonly type: 'disconnected'; readonly macAddress: string }
  /** A client begins to join by WPA3. */
  | { readonly type: 'attempted'; readonly macAddress: string };

const attempt = /: STA ((?:[\da-f]{2}:){5}[\da-f]{2}) IEEE 802\.11: start SAE authentication/iu;
const station = /: AP-STA-(CONNECTED|DISCONNECTED) ((?:[\da-f]{2}:){5}[\da-f]{2})(?: .*?keyid=key-(\d{1,15}))?/iu;

/** A line of hostapd's as an event; null for one that means nothing here. Source: hostapd's wpa_ctrl.h. */
export function parseHostapdLine(line: string): HostapdEvent | null {
  if (/: AP-ENABLED\b/u.test(line)) return { type: 'enabled' };
  if (/: AP-DISABLED\b/u.test(line)) return { type: 'disabled' };
  const begun = attempt.exec(line)?.[1];
  if (begun !== undefined) return { type: 'attempted', macAddress: begun.toLowerCase() };
  const [, what, address, key] = station.exec(line) ?? [];
  if (what === undefined || address === undefined) return null;
  const macAddress = address.toLowerCase();
  return what === 'CONNECTED'
    ? { type: 'connected', macAddress, keyNumber: key === undefined ? null : Number(key) }
    : { type: 'disconnected', macAddress };
}

/** The version of `hostapd -v`, as 2.10 → [2, 10]; null when it says none. */
export function parseHostapdVersion(text: string): readonly [number, number] | null {
  const [, major, minor] = /hostapd v(\d+)\.(\d+)/u.exec(text) ?? [];
  return major === undefined || minor === undefined ? null : [Number(major), Number(minor)];
}

/** The middle of a channel in MHz (IEEE 802.11, 17.3.8.4 and annex E). */
export function frequencyOf(channel: number): number {
  if (channel === 14) return 2484;
  return channel < 14 ? 2407 + 5 * channel : 5000 + 5 * channel;
}
