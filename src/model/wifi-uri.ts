import type { HotspotConfig } from './config.ts';

/** What a device needs to join the hotspot. Holds a secret: it is given to those who ask for it, and to nothing else. */
export interface HotspotAccess {
  readonly ssid: string;
  readonly security: HotspotConfig['security']['mode'];
  /** Null: the hotspot is open. */
  readonly passphrase: string | null;
  /** The same as the text of a QR code: `WIFI:T:WPA;S:…;P:…;;`. */
  readonly uri: string;
}

const escaped = (text: string): string => text.replaceAll(/[\\;,:"]/gu, String.raw`\$&`);

/**
 * The text of a QR code by which phones join a network: `WPA` stands for WPA2 and for SAE alike (Wi-Fi Alliance, WPA3
 * Specification 3.4, section 7); what has a meaning in it is escaped as ZXing has it and all cameras read it.
 */
export function wifiUri({ ssid, passphrase }: Pick<HotspotAccess, 'ssid' | 'passphrase'>): string {
  const key = passphrase === null ? 'T:nopass;' : 'T:WPA;';
  return `WIFI:${key}S:${escaped(ssid)};${passphrase === null ? '' : `P:${escaped(passphrase)};`};`;
}
