import * as v from 'valibot';

import { formatPrefix, isInNetwork, parseAddress, parsePrefix } from '../../model/address.ts';
import { defaultConfig, type QosClass } from '../../model/config.ts';
import {
  bitsPerSecond,
  bytes,
  formatBytes,
  formatRate,
  hours,
  minutes,
  seconds,
  type BitsPerSecond,
} from '../../model/units.ts';
import { durationSetting, setting } from './setting.ts';
import { dataRate, dataSize, domainName, flag, group, integer, interfaceName, ipAddress, oneOf } from './values.ts';

const { hotspot, relayQos, recorder, api } = defaultConfig;
const { security, qos } = hotspot;

const rate = (fallback: BitsPerSecond, description: string) =>
  setting(dataRate(bitsPerSecond(8000), bitsPerSecond(1e12)), formatRate(fallback), description);

const qosClass = (fallback: QosClass) =>
  v.optional(
    group({
      dscp: setting(integer(0, 63), fallback.dscp, 'DSCP that packets of the class are marked with.'),
      ports: setting(
        v.array(integer(1, 65_535), 'a list of ports'),
        [...fallback.ports],
        'Ports whose traffic is of the class.',
      ),
      rate: rate(fallback.rate, 'Rate that the class is sure of.'),
    }),
    {},
  );

const passphraseExpected = 'a passphrase of 8 to 63 printable ASCII characters, or a key of 64 hexadecimal digits';
/** Both of IEEE 802.11, annex J.4. */
const passphrasePattern = /^(?:[\x20-\x7e]{8,63}|[\da-fA-F]{64})$/u;

const securityGroup = v.pipe(
  group({
    mode: setting(oneOf(['open', 'wpa2Psk', 'wpa3Sae', 'wpa2Wpa3Mixed']), security.mode, 'How clients authenticate.'),
    allowOpen: setting(flag(), security.allowOpen, 'Must be true for an open hotspot.'),
    passphrase: v.optional(
      v.pipe(
        v.string(passphraseExpected),
        v.regex(passphrasePattern, passphraseExpected),
        v.description('A key that never changes; without it keys are made, kept and shown by "backhauld hotspot qr".'),
      ),
    ),
    pskRotation: v.optional(
      group({
        enabled: setting(flag(), security.pskRotation.enabled, 'Whether the key changes by itself.'),
        interval: durationSetting(minutes(1), hours(24 * 365), security.pskRotation.interval, 'How often.'),
        overlap: durationSetting(
          seconds(0),
          hours(24),
          security.pskRotation.overlap,
          'How long the old key still works.',
        ),
      }),
      {},
    ),
    enableClientIsolation: setting(flag(), security.enableClientIsolation, 'Whether clients are kept from each other.'),
    maxClients: setting(integer(1, 2007), security.maxClients, 'Clients at the same time.'),
    onboardingTokens: v.optional(
      group({
        enabled: setting(flag(), security.onboardingTokens.enabled, 'Whether tokens are handed out.'),
        lifetime: durationSetting(
          seconds(10),
          hours(24),
          security.onboardingTokens.lifetime,
          'How long a token is good.',
        ),
      }),
      {},
    ),
  }),
  v.forward(
    v.partialCheck(
      [['mode'], ['allowOpen']],
      ({ mode, allowOpen }) => mode !== 'open' || allowOpen,
      'allowOpen = true beside mode = "open"',
    ),
    ['mode'],
  ),
  v.forward(
    v.partialCheck(
      [['mode'], ['passphrase']],
      ({ mode, passphrase = '' }) => passphrase.length < 64 || mode === 'wpa2Psk',
      'a passphrase of 8 to 63 characters: of the key itself SAE can make nothing, only mode = "wpa2Psk" can',
    ),
    ['passphrase'],
  ),
  v.forward(
    v.partialCheck(
      [['passphrase'], ['pskRotation']],
      ({ passphrase, pskRotation }) => passphrase === undefined || !pskRotation.enabled,
      'none beside pskRotation.enabled = true: it would never change',
    ),
    ['passphrase'],
  ),
  v.transform(({ passphrase, ...read }) => ({ ...read, passphrase: passphrase ?? null })),
);

const serviceExpected = 'a protocol and a port such as "tcp/22"';

const isService = (text: string): boolean => {
  const port = Number(/^(?:tcp|udp)\/([1-9]\d{0,4})$/u.exec(text)?.[1] ?? 0);
  return port >= 1 && port <= 65_535;
};

const networkExpected = 'a network such as "192.168.1.0/24"';

/** As the kernel writes it, without bits beyond its length. */
const networkText = (text: string): string => {
  const prefix = parsePrefix(text);
  return prefix === undefined ? text : formatPrefix(prefix);
};

const ssidExpected = 'an SSID of 1 to 32 bytes, without control characters';

export const hotspotGroup = v.pipe(
  group({
    enabled: setting(flag(), hotspot.enabled, 'Whether a hotspot opens when there is no way out.'),
    interface: setting(interfaceName(), hotspot.interface, 'The radio.'),
    ssid: setting(
      v.pipe(
        v.string(ssidExpected),
        v.check((ssid) => {
          const { length } = new TextEncoder().encode(ssid);
          return length >= 1 && length <= 32 && !/[\p{Cc}\p{Cs}]/u.test(ssid);
        }, ssidExpected),
      ),
      hotspot.ssid,
      'The name of the network.',
    ),
    channel: setting(integer(1, 196), hotspot.channel, 'The radio channel.'),
    country: v.optional(
      v.pipe(
        v.string('a country code of two capital letters'),
        v.regex(/^[A-Z]{2}$/u, 'a country code of two capital letters'),
        v.description('Regulatory domain; without one no hotspot starts.'),
      ),
    ),
    ipAddress: setting(ipAddress('ipv4'), hotspot.ipAddress, "The node's address on the hotspot."),
    prefixLength: setting(integer(8, 30), hotspot.prefixLength, 'Length of its prefix.'),
    dhcpStart: setting(ipAddress('ipv4'), hotspot.dhcpStart, 'First address handed out.'),
    dhcpEnd: setting(ipAddress('ipv4'), hotspot.dhcpEnd, 'Last address handed out.'),
    enableNat: setting(flag(), hotspot.enableNat, 'Whether clients reach the internet through the node.'),
    natUpstream: setting(interfaceName(), hotspot.natUpstream, '"auto": whichever uplink is active.'),
    localDomain: setting(domainName(), hotspot.localDomain, 'Domain under which the node answers.'),
    services: setting(
      v.array(
        v.pipe(
          v.string(serviceExpected),
          v.check((text) => isService(text), serviceExpected),
        ),
        `a list of services, each ${serviceExpected}`,
      ),
      [...hotspot.services],
      'Services of the node that clients reach, besides DHCP, DNS and captive-portal checks.',
    ),
    privateNetworks: setting(
      v.array(
        v.pipe(
          v.string(networkExpected),
          v.check((text) => parsePrefix(text) !== undefined, networkExpected),
          v.transform((text) => networkText(text)),
        ),
        `a list of networks, each ${networkExpected}`,
      ),
      [...hotspot.privateNetworks],
      'Networks behind an uplink that clients reach although they are private or the own network of a link.',
    ),
    startAfter: durationSetting(
      seconds(1),
      hours(24),
      hotspot.startAfter,
      'How long no uplink must have been reachable.',
    ),
    stopAfter: durationSetting(seconds(1), hours(24), hotspot.stopAfter, 'How long one must be again.'),
    searchInterval: durationSetting(
      seconds(10),
      hours(24),
      hotspot.searchInterval,
      'How long nobody may be connected before a radio that is an uplink itself looks for its network again.',
    ),
    searchFor: durationSetting(
      seconds(5),
      hours(1),
      hotspot.searchFor,
      'How long it looks for it; the hotspot is gone meanwhile.',
    ),
    security: v.optional(securityGroup, {}),
    qos: v.optional(
      group({
        enabled: setting(flag(), qos.enabled, 'Whether traffic of clients is shared out by class.'),
        maxBandwidth: rate(qos.maxBandwidth, 'Ceiling of all classes together.'),
        control: qosClass(qos.control),
        interactive: qosClass(qos.interactive),
        bulk: qosClass(qos.bulk),
      }),
      {},
    ),
  }),
  v.check(
    ({ ipAddress: own, prefixLength, dhcpStart, dhcpEnd }) =>
      isInNetwork(dhcpStart, own, prefixLength) && isInNetwork(dhcpEnd, own, prefixLength),
    'dhcpStart and dhcpEnd within the network of ipAddress',
  ),
  v.check(
    ({ dhcpStart, dhcpEnd }) => (parseAddress(dhcpStart)?.value ?? 0n) <= (parseAddress(dhcpEnd)?.value ?? 0n),
    'dhcpStart no higher than dhcpEnd',
  ),
  v.transform(({ country, ...read }) => ({ ...read, country: country ?? null })),
);

export const relayQosGroup = group({
  enabled: setting(flag(), relayQos.enabled, 'Whether relayed traffic is shared out on the way out.'),
  relayMin: rate(relayQos.relayMin, 'Rate that relayed traffic is sure of.'),
  relayMax: rate(relayQos.relayMax, 'Ceiling of relayed traffic.'),
  nodeMin: rate(relayQos.nodeMin, "Rate that the node's own traffic is sure of."),
  dscp: setting(integer(0, 63), relayQos.dscp, "DSCP of the node's own traffic."),
});

export const recorderGroup = group({
  enabled: setting(flag(), recorder.enabled, 'Whether what enters the state machines is recorded.'),
  maxSize: setting(dataSize(bytes(65_536), bytes(1e12)), formatBytes(recorder.maxSize), 'Size of the record at most.'),
  maxAge: durationSetting(minutes(1), hours(24 * 365), recorder.maxAge, 'Age of what is recorded at most.'),
});

const socketModeExpected = 'file permissions in octal such as "0660"';

export const apiGroup = group({
  socketMode: setting(
    v.pipe(
      v.string(socketModeExpected),
      v.regex(/^0?[0-7]{3}$/u, socketModeExpected),
      v.transform((octal) => Number.parseInt(octal, 8)),
    ),
    api.socketMode.toString(8).padStart(4, '0'),
    'Permissions of the control socket.',
  ),
});
