import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { HotspotKey } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import type { AccessPointPart } from '../../model/hotspot-parts.ts';

/** What hostapd is started with. */
export interface HostapdFiles {
  readonly config: string;
  /** The file that `wpa_psk_file` names; null where no client joins by WPA2. */
  readonly pskFile: string | null;
}

export interface HostapdPlaces {
  /** Where hostapd makes its control socket. */
  readonly control: string;
  readonly pskFile: string;
}

/** A client that is known to have the key before. */
export interface KnownClient {
  readonly macAddress: string;
  readonly passphrase: string;
}

export const usesPsk = ({ security }: Pick<AccessPointPart, 'security'>): boolean =>
  security === 'wpa2Psk' || security === 'wpa2Wpa3Mixed';
export const usesSae = ({ security }: Pick<AccessPointPart, 'security'>): boolean =>
  security === 'wpa3Sae' || security === 'wpa2Wpa3Mixed';

const hexOf = (text: string): string => Buffer.from(text, 'utf8').toString('hex');

/**
 * What hostapd is started with (hostapd.conf(5)).
 *
 * The name of the network is written as hexadecimal digits, so that quotes and whatever else is in it mean nothing.
 * PMF as each mode needs it (IEEE 802.11, 12.6): none where there is no key, for whom can do it with WPA2, for all with
 * SAE alone; in the mixed mode SAE requires it and WPA2 offers it.
 *
 * @param keys the newest first
 * @param upcoming the key after the newest: hostapd cannot learn one by one, so it knows it in advance
 */
export function hostapdFiles(
  part: AccessPointPart,
  keys: readonly HotspotKey[],
  places: HostapdPlaces,
  known: readonly KnownClient[] = [],
  upcoming: HotspotKey | null = null,
): HostapdFiles {
  const { interface: name, ssid, country, channel, maxClients, isIsolated } = part;
  const isLow = channel <= 14;
  const lines = [
    `interface=${name}`,
    'driver=nl80211',
    `ctrl_interface=${places.control}`,
    // Only what clients do: their joining is told apart from failures, and counted.
    'logger_stdout=1',
    'logger_stdout_level=1',
    'logger_syslog=0',
    `ssid2=${hexOf(ssid)}`,
    'utf8_ssid=1',
    `country_code=${country}`,
    'ieee80211d=1',
    `hw_mode=${isLow ? 'g' : 'a'}`,
    `channel=${channel}`,
    'ieee80211n=1',
    'wmm_enabled=1',
    'auth_algs=1',
    `max_num_sta=${maxClients}`,
    `ap_isolate=${isIsolated ? 1 : 0}`,
    ...securityLines(part, keys, places, known),
  ];
  return {
    config: `${lines.join('\n')}\n`,
    pskFile: usesPsk(part) ? pskFile(upcoming === null ? keys : [...keys, upcoming]) : null,
  };
}

function securityLines(
  part: AccessPointPart,
  keys: readonly HotspotKey[],
  { pskFile: path }: HostapdPlaces,
  known: readonly KnownClient[],
): readonly string[] {
  const wpa = ['wpa=2', 'rsn_pairwise=CCMP'];
  switch (part.security) {
    case 'open':
      return [];
    case 'wpa2Psk':
      return [...wpa, 'wpa_key_mgmt=WPA-PSK WPA-PSK-SHA256', 'ieee80211w=1', `wpa_psk_file=${path}`];
    case 'wpa3Sae':
      return [...wpa, 'wpa_key_mgmt=SAE', 'ieee80211w=2', 'sae_require_mfp=1', 'sae_pwe=2', ...saeLines(keys, known)];
    case 'wpa2Wpa3Mixed':
      return [
        ...wpa,
        'wpa_key_mgmt=WPA-PSK WPA-PSK-SHA256 SAE',
        'ieee80211w=1',
        'sae_require_mfp=1',
        'sae_pwe=2',
        `wpa_psk_file=${path}`,
        ...saeLines(keys, known),
      ];
    default:
      return part.security satisfies never;
  }
}

/**
 * Passwords for SAE. Of several that fit a client hostapd 2.10 tries one only: the one for its address, if there is one,
 * else everyone's, which is the newest key. So those that are known to have the key before keep it for their address.
 */
const saeLines = (keys: readonly HotspotKey[], known: readonly KnownClient[]): readonly string[] => [
  ...keys.slice(0, 1).map(({ passphrase }) => `sae_password=${passphrase}`),
  ...known.map((client) => `sae_password=${saePassword(client)}`),
];

export const saePassword = ({ macAddress, passphrase }: KnownClient): string => `${passphrase}|mac=${macAddress}`;

/** Keys for WPA2, each for any client. */
export const pskFile = (keys: readonly HotspotKey[]): string =>
  keys.map(({ number, passphrase }) => `keyid=key-${number} 00:00:00:00:00:00 ${passphrase}\n`).join('');

/** Whether hostapd can be given such a key: none of its configuration's own marks may be in it. */
export function checkKeys(part: AccessPointPart, keys: readonly HotspotKey[]): Problem | null {
  if (part.security === 'open') return null;
  const bad = keys.find(
    ({ passphrase }) => !/^[\x20-\x7e]{8,63}$/u.test(passphrase) && !/^[\da-f]{64}$/iu.test(passphrase),
  );
  const [first] = keys;
  const saeRefuses = usesSae(part) && keys.some(({ passphrase }) => passphrase.includes('|') || passphrase.length > 63);
  if (first !== undefined && bad === undefined && !saeRefuses) return null;
  return {
    code: 'config.invalid',
    subject: 'key of the hotspot',
    message:
      first === undefined
        ? 'there is none'
        : 'it is none of 8 to 63 printable ASCII characters (for SAE without "|"), nor 64 hexadecimal digits',
  };
}

/** The key that a passphrase stands for in a network, as hexadecimal digits (IEEE 802.11, J.4.1). */
export async function pskOf(passphrase: string, ssid: string): Promise<string> {
  if (passphrase.length === 64) return passphrase;
  const derived = await promisify(pbkdf2)(passphrase, Buffer.from(ssid, 'utf8'), 4096, 32, 'sha1');
  return derived.toString('hex');
}
