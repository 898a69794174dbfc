import * as v from 'valibot';

import { parseAddress } from '../../model/address.ts';
import {
  defaultConfig,
  defaultMeteredPolicy,
  defaultThrottleRate,
  type UplinkConfig,
  type UplinkPolicy,
} from '../../model/config.ts';
import { perFamily } from '../../model/family.ts';
import { bitsPerSecond, bytes, formatBytes, formatRate, milliseconds, minutes } from '../../model/units.ts';
import { durationSetting, setting } from './setting.ts';
import {
  dataRate,
  dataSize,
  flag,
  gatewayAddress,
  group,
  integer,
  interfaceGlob,
  ipAddress,
  nameServerAddress,
  oneOf,
  text,
} from './values.ts';

const matchExpected = 'a pattern of names such as "eth*", or { mac = "…" }, { driver = "…" } or { usbSerial = "…" }';
const macExpected = 'a MAC address such as "02:00:5e:10:00:01"';

const match = v.union(
  [
    v.pipe(
      interfaceGlob(),
      v.transform((name) => ({ name })),
    ),
    v.pipe(
      group({
        name: v.optional(interfaceGlob()),
        mac: v.optional(
          v.pipe(
            v.string(macExpected),
            v.regex(/^[\da-f]{2}(?::[\da-f]{2}){5}$/iu, macExpected),
            v.transform((mac) => mac.toLowerCase()),
          ),
        ),
        driver: v.optional(text('the name of a kernel driver', 64)),
        usbSerial: v.optional(text('the serial number of a USB device')),
      }),
      v.check((given) => Object.keys(given).length > 0, matchExpected),
    ),
  ],
  matchExpected,
);

const timeZoneExpected = 'the name of a time zone such as "Europe/Berlin" or "UTC"';

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const meteredPolicy = group({
  kind: v.literal('metered'),
  budget: setting(
    dataSize(bytes(1), bytes(1e15)),
    formatBytes(defaultMeteredPolicy.budget),
    'Data that may be used in a period.',
  ),
  period: setting(oneOf(['monthly', 'days', 'prepaid']), defaultMeteredPolicy.period, 'When the count starts anew.'),
  startDay: setting(integer(1, 31), defaultMeteredPolicy.startDay, 'Day of the month on which a period starts.'),
  days: setting(integer(1, 3660), defaultMeteredPolicy.days, 'Length of a period of days.'),
  timeZone: v.optional(
    v.pipe(
      text(timeZoneExpected, 64),
      v.check(isTimeZone, timeZoneExpected),
      v.description('The time zone whose days are meant; left out: that of the machine.'),
    ),
  ),
  atLimit: setting(
    oneOf(['block', 'throttle', 'warn']),
    defaultMeteredPolicy.atLimit,
    'What happens when it is used up.',
  ),
  throttleRate: setting(
    dataRate(bitsPerSecond(32_000), bitsPerSecond(1e12)),
    formatRate(defaultThrottleRate),
    'What it is slowed down to then, in each direction, with atLimit = "throttle".',
  ),
});

const policyExpected = '"unrestricted", "emergencyOnly" or { kind = "metered", budget = "1 GB", … }';

const policy = v.union(
  [
    v.pipe(
      v.picklist(['unrestricted', 'emergencyOnly']),
      v.transform((kind): UplinkPolicy => ({ kind })),
    ),
    v.pipe(
      v.variant(
        'kind',
        [group({ kind: v.literal('unrestricted') }), group({ kind: v.literal('emergencyOnly') }), meteredPolicy],
        policyExpected,
      ),
      v.transform((given): UplinkPolicy => {
        if (given.kind !== 'metered') return given;
        const { timeZone, ...rest } = given;
        return timeZone === undefined ? rest : { ...rest, timeZone };
      }),
    ),
  ],
  policyExpected,
);

const gatewaysExpected = 'the IP address of a router, or a list of one for each family';

const isOneOfEach = (gateways: string[]): boolean =>
  new Set(gateways.map((each) => parseAddress(each)?.family)).size === gateways.length;

export const uplinkGroup = v.pipe(
  group({
    match: v.pipe(match, v.description('Which interfaces this entry is for; the first entry that matches applies.')),
    type: v.optional(
      v.pipe(
        oneOf(['ethernet', 'wifi', 'lteModem', 'usbTether', 'bluetoothPan', 'unknown']),
        v.description('What the interface is, where that cannot be found out.'),
      ),
    ),
    gateway: v.optional(
      v.pipe(
        v.union(
          [
            v.pipe(
              gatewayAddress(),
              v.transform((address) => [address]),
            ),
            v.pipe(v.array(gatewayAddress()), v.check(isOneOfEach, gatewaysExpected)),
          ],
          gatewaysExpected,
        ),
        v.description('The gateway, where it cannot be found out.'),
      ),
      [],
    ),
    dns: v.optional(
      v.pipe(
        v.array(nameServerAddress(), 'a list of IP addresses of name servers'),
        v.maxLength(8, 'at most 8 name servers'),
        v.description('Its name servers, best first, in place of those that other programs know.'),
      ),
      [],
    ),
    dhcp: setting(flag(), false, 'true: backhauld holds the lease.'),
    policy: v.optional(v.pipe(policy, v.description('What may be spent on it.'))),
  }),
  v.transform(
    (read): UplinkConfig => ({
      match: definedOnly(read.match),
      type: read.type ?? null,
      gateway: perFamily((family) => read.gateway.find((each) => parseAddress(each)?.family === family) ?? null),
      ...(read.dns.length === 0 ? {} : { dns: read.dns }),
      dhcp: read.dhcp,
      policy: read.policy ?? null,
    }),
  ),
);

function definedOnly(
  match: { [Key in keyof UplinkConfig['match']]: UplinkConfig['match'][Key] | undefined },
): UplinkConfig['match'] {
  return Object.fromEntries(Object.entries(match).filter(([, value]) => value !== undefined));
}

const tetherEntries = (fallback: typeof defaultConfig.usbTether) => ({
  enabled: setting(flag(), fallback.enabled, 'Whether tethers of this kind are used.'),
  interfacePatterns: setting(
    v.array(interfaceGlob(), 'a list of patterns of interface names'),
    [...fallback.interfacePatterns],
    'What their names begin with, where neither the device nor the configuration says that they are tethers.',
  ),
  enableDhcp: setting(flag(), fallback.enableDhcp, 'Whether a lease is asked for.'),
  dhcpTimeout: durationSetting(
    milliseconds(1000),
    minutes(10),
    fallback.dhcpTimeout,
    'How long a lease is waited for.',
  ),
  validateRoute: setting(flag(), fallback.validateRoute, 'Whether a tether is tried before it is used.'),
  validationTarget: setting(ipAddress(), fallback.validationTarget, 'What it is tried with.'),
});

/** A phone that is not there is called again and again: for more of them there is no time on the air. */
const mostPhones = 8;
const phone = () => {
  const expected = 'a Bluetooth address such as "AA:BB:CC:DD:EE:FF"';
  return v.pipe(v.string(expected), v.regex(/^[0-9A-F]{2}(:[0-9A-F]{2}){5}$/u, expected));
};

export const usbTetherGroup = group(tetherEntries(defaultConfig.usbTether));
export const bluetoothPanGroup = group({
  ...tetherEntries(defaultConfig.bluetoothPan),
  connect: setting(
    v.pipe(v.array(phone(), 'a list of Bluetooth addresses'), v.maxLength(mostPhones, `at most ${mostPhones} of them`)),
    [...defaultConfig.bluetoothPan.connect],
    'Addresses of paired phones that are kept connected by BlueZ.',
  ),
});
