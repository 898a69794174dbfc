import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { readConfigObject, readConfigText } from '../../../../src/adapters/config/read-config.ts';
import type { ConfigInput } from '../../../../src/adapters/config/schema.ts';
import { leastTimeout, defaultConfig, type Config } from '../../../../src/model/config.ts';
import { describe as lineOf } from '../../../../src/model/errors.ts';

async function mistakesIn(text: string): Promise<readonly string[]> {
  const reading = await readConfigText(text, 'c.toml');
  return reading.ok ? [] : reading.problems.map(lineOf);
}

async function configOf(text: string): Promise<Config> {
  const reading = await readConfigText(text, 'c.toml');
  if (!reading.ok) throw new Error(reading.problems.map(lineOf).join('\n'));
  return reading.config;
}

describe('defaults', () => {
  test('API-3: an empty file is the default configuration', async () => {
    expect(await configOf('')).toEqual(defaultConfig);
  });

  test('API-3: empty groups are the default configuration', async () => {
    expect(await configOf('[probe]\n[scoring.bias]\n[hotspot.security.pskRotation]\n[usbTether]\n')).toEqual(
      defaultConfig,
    );
  });

  test('the library takes an object with the same meaning', () => {
    expect(readConfigObject({})).toEqual({ ok: true, config: defaultConfig });
  });
});

describe('what a file may say', () => {
  test('API-3: the example of the documentation is read, every setting of it', async () => {
    const config = await configOf(`
profile = "default"                    # or "fast"
[probe]
targets = ["tcp://1.1.1.1:53", "tcp://8.8.8.8:53"]
[lifecycle]
upToDegraded = "15s"
[interfaces]
include = ["eth*", "wlan0", "wwan0"]
[[uplink]]
match = "eth*"                         # name glob; or mac, driver, usbSerial
type = "ethernet"
gateway = "192.168.101.1"              # only where it cannot be found out
dhcp = false                           # true: backhauld holds the lease
policy = { kind = "metered", budget = "1 GB", period = "monthly", startDay = 1 }
[dns]
mode = "none"
`);
    expect(config).toEqual({
      ...defaultConfig,
      interfaces: { include: ['eth*', 'wlan0', 'wwan0'], exclude: [] },
      dns: { mode: 'none' },
      uplinks: [
        {
          match: { name: 'eth*' },
          type: 'ethernet',
          gateway: { ipv4: '192.168.101.1', ipv6: null },
          dhcp: false,
          policy: {
            kind: 'metered',
            budget: 1e9,
            period: 'monthly',
            startDay: 1,
            days: 30,
            atLimit: 'block',
            throttleRate: 128_000,
          },
        },
      ],
    });
  });

  test.each([
    ['"250ms"', 250],
    ['"15s"', 15_000],
    ['"1.5s"', 1500],
    ['"5 m"', 300_000],
    ['"1h"', 3_600_000],
  ])('a duration %s is %i ms', async (written, expected) => {
    expect((await configOf(`[probe]\ninterval = ${written}`)).probe.interval).toBe(expected);
  });

  test('HLTH-1: targets of one family leave the defaults of the other', async () => {
    const { targets } = (await configOf('[probe]\ntargets = ["icmp://9.9.9.9"]')).probe;
    expect(targets.ipv4.map(({ text }) => text)).toEqual(['icmp://9.9.9.9']);
    expect(targets.ipv6).toEqual(defaultConfig.probe.targets.ipv6);
  });

  test('HLTH-9: with the fast profile half of the default targets are asked by ICMP; what is configured stays', async () => {
    const texts = async (toml: string) =>
      Object.values((await configOf(toml)).probe.targets).map((targets) => targets.map(({ text }) => text));
    expect(await texts('profile = "fast"')).toEqual([
      ['icmp://1.1.1.1', 'tcp://8.8.8.8:53'],
      ['icmp://[2606:4700:4700::1111]', 'tcp://[2001:4860:4860::8888]:53'],
    ]);
    expect(await texts('profile = "fast"\n[probe]\ntargets = ["tcp://9.9.9.9:53"]')).toEqual([
      ['tcp://9.9.9.9:53'],
      ['icmp://[2606:4700:4700::1111]', 'tcp://[2001:4860:4860::8888]:53'],
    ]);
  });

  test('HLTH-9: with the fast profile an answer is waited for 100 ms at least, else 200 ms', async () => {
    expect(leastTimeout(await configOf('profile = "fast"'))).toBe(100);
    expect(leastTimeout(await configOf(''))).toBe(200);
  });

  test('an uplink is matched by hardware address in lower case, with a gateway for each family', async () => {
    const { uplinks } = await configOf(`[[uplink]]
match = { mac = "02:00:5E:10:00:AB" }
gateway = ["192.168.1.1", "fe80::1"]
policy = "emergencyOnly"`);
    expect(uplinks).toEqual([
      {
        match: { mac: '02:00:5e:10:00:ab' },
        type: null,
        gateway: { ipv4: '192.168.1.1', ipv6: 'fe80::1' },
        dhcp: false,
        policy: { kind: 'emergencyOnly' },
      },
    ]);
  });

  test('names that interfaces have in the wild are taken', async () => {
    const names = [
      'eth0',
      'enp0s31f6',
      'enx001122334455',
      'wlan0.100',
      'br-1a2b3c4d5e6f',
      'tailscale0',
      'wg_home',
      'a'.repeat(15),
    ];
    const { interfaces } = await configOf(
      `[interfaces]\ninclude = ${JSON.stringify([...names, '*', 'e?h*', `${'a'.repeat(15)}*`])}`,
    );
    expect(interfaces.include).toHaveLength(names.length + 3);
  });
});

describe('mistakes', () => {
  test('API-3: seven mistakes are seven messages, each with line, column, what was found and what was expected', async () => {
    const mistakes = await mistakesIn(`profile = "turbo"
[probe]
interval = "5 parsecs"
targets = ["tcp://1.1.1.1:53", "tcp://my router:53"]
retries = 3

[lifecycle]
  upToDegraded = 15

[[uplink]]
match = "eth 0"
gateway = "router"
`);
    expect(mistakes).toEqual([
      'c.toml:1:11: profile is "turbo"; expected one of "default", "fast" [config.invalid]',
      'c.toml:3:12: probe.interval is "5 parsecs"; expected a duration such as "15s", from 100ms to 1h [config.invalid]',
      expect.stringMatching(
        /^c\.toml:4:32: probe\.targets\[1\] is "tcp:\/\/my router:53"; expected a target: "my router" is no address, and no host name/u,
      ),
      expect.stringMatching(/^c\.toml:5:1: probe\.retries is no setting; expected one of the known settings/u),
      'c.toml:8:18: lifecycle.upToDegraded is 15; expected a duration such as "15s", from 0s to 1d [config.invalid]',
      expect.stringMatching(/^c\.toml:11:9: uplink\[0\]\.match is "eth 0"; expected a pattern of names/u),
      expect.stringMatching(/^c\.toml:12:11: uplink\[0\]\.gateway is "router"; expected the IP address of a router/u),
    ]);
  });

  test('a misspelt setting brings the right one as a hint', async () => {
    expect(await mistakesIn('[selection]\nswitchMargni = 5')).toEqual([
      'c.toml:2:1: selection.switchMargni is no setting; expected one of the known settings; did you mean "switchMargin"? [config.invalid]',
    ]);
  });

  test('a setting that is far from any brings the list instead of a hint', async () => {
    expect((await mistakesIn('[dns]\nx = 1')).join('')).toContain('expected one of the known settings (mode)');
  });

  test('a mistake within an inline table is found where it stands', async () => {
    expect(await mistakesIn('[[uplink]]\nmatch = "a"\npolicy = { kind = "metered", budget = "lots" }')).toEqual([
      'c.toml:3:39: uplink[0].policy.budget is "lots"; expected an amount of data such as "1 GB", from 1 B to 1000 TB [config.invalid]',
    ]);
  });

  test('mistakes of the second of two [[uplink]] tables are found in the second', async () => {
    const text = '[[uplink]]\nmatch = "a"\n[[uplink]]\nmatch = "b"\ndhcp = "yes"';
    expect(await mistakesIn(text)).toEqual([
      'c.toml:5:8: uplink[1].dhcp is "yes"; expected true or false [config.invalid]',
    ]);
  });

  test('what is missing is reported at the head of its table', async () => {
    expect(await mistakesIn('\n[[uplink]]\ndhcp = true')).toEqual([
      'c.toml:2:1: uplink[0].match is missing; it has no default and must be given [config.invalid]',
    ]);
  });

  test('a syntax error names the place where reading ended', async () => {
    expect(await mistakesIn('[probe]\ninterval = "5s\n')).toEqual([
      expect.stringMatching(/^c\.toml:2:\d+: this is no TOML: .*\[config\.syntax\]$/u),
    ]);
  });

  test('nothing found in a file can move the cursor of a terminal', async () => {
    const lines = await mistakesIn(
      '"\\u001b[2J" = 1\nprofile = "\\u001b[2J\\u009b\\u202e"\n[interfaces]\ninclude = ["\\u0007"]',
    );
    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('values that are no JSON are named all the same', async () => {
    expect((await mistakesIn('[scoring]\nweightLoss = nan')).join('')).toContain('scoring.weightLoss is NaN');
    expect((await mistakesIn('[scoring]\nweightLoss = inf')).join('')).toContain('scoring.weightLoss is Infinity');
    expect((await mistakesIn('profile = 1979-05-27')).join('')).toContain('profile is a date');
  });

  test.each([
    ['a space', 'eth 0'],
    ['a double quote', 'eth"0'],
    ['a single quote', "eth'0"],
    ['a slash', '../etc'],
    ['a colon', 'eth0:1'],
    ['a newline', 'eth0\nrm'],
    ['a command substitution', '$(id)'],
    ['backticks', '`id`'],
    ['a semicolon', 'a;b'],
    ['a NUL', 'a\0b'],
    ['16 characters', 'a'.repeat(16)],
    ['16 bytes', 'ä'.repeat(8)],
    ['nothing', ''],
    ['one dot', '.'],
    ['two dots', '..'],
  ])('SECU-4: the name of an interface with %s is refused wherever names are taken', async (_, name) => {
    const written = JSON.stringify(name);
    const places = [
      `[interfaces]\ninclude = [${written}]`,
      `[interfaces]\nexclude = [${written}]`,
      `[[uplink]]\nmatch = ${written}`,
      `[[uplink]]\nmatch = { name = ${written} }`,
      `[hotspot]\ninterface = ${written}`,
      `[hotspot]\nnatUpstream = ${written}`,
      `[usbTether]\ninterfacePatterns = [${written}]`,
    ];
    const accepted: string[] = [];
    for (const place of places) if ((await mistakesIn(place)).length !== 1) accepted.push(place);
    expect(accepted).toEqual([]);
  });

  test.each(['all', 'default'])(
    'SECU-4: the hotspot cannot be told to use %s, which is every interface to the kernel',
    async (name) => {
      expect(await mistakesIn(`[hotspot]\ninterface = "${name}"`)).toHaveLength(1);
    },
  );

  test.each([
    '',
    'router',
    '192.168.1',
    '192.168.1.256',
    '192.168.01.1',
    '0.0.0.0',
    '127.0.0.1',
    '224.0.0.1',
    '::',
    '::1',
    'ff02::1',
    'fe80::1%eth0',
    '192.168.1.1/24',
  ])('a gateway "%s" is refused', async (gateway) => {
    expect(await mistakesIn(`[[uplink]]\nmatch = "a"\ngateway = ${JSON.stringify(gateway)}`)).toHaveLength(1);
    expect(await mistakesIn(`[[uplink]]\nmatch = "a"\ngateway = [${JSON.stringify(gateway)}]`)).toHaveLength(1);
  });

  test('two gateways of one family are refused: the second would be passed over in silence', async () => {
    expect(await mistakesIn('[[uplink]]\nmatch = "a"\ngateway = ["10.0.0.1", "10.0.0.2"]')).toHaveLength(1);
  });

  test.each([
    ['[probe]\nquorum = 3', 'probe.quorum is 3; expected at most 2'],
    ['[probe]\ntargets = []', 'at least one target'],
    ['[probe]\ntargets = ["icmp://9.9.9.9", "icmp://9.9.9.9"]', 'differ from each other'],
    ['[routing]\nfirstTable = 150\nlastTable = 150', 'firstTable < lastTable'],
    ['[selection.damping]\nreuseBelow = 3000', 'reuseBelow ≤ suppressAbove ≤ ceiling'],
    ['[hotspot]\ndhcpStart = "10.0.0.1"', 'within the network of ipAddress'],
    ['[hotspot]\ndhcpStart = "192.168.50.210"', 'dhcpStart no higher than dhcpEnd'],
    ['[hotspot.security]\nmode = "open"', 'allowOpen = true beside mode = "open"'],
    ['[hotspot]\nlocalDomain = "a\\nb"', 'a domain name'],
    ['[hotspot]\nssid = "a\\nb"', 'without control characters'],
    ['[hotspot]\nssid = "ääääääääääääääääü"', 'an SSID of 1 to 32 bytes'],
    ['[[uplink]]\nmatch = {}', 'a pattern of names'],
    ['[[uplink]]\nmatch = { mac = "02:00" }', 'a MAC address'],
    ['[[uplink]]\nmatch = { serial = "x" }', 'uplink[0].match.serial is no setting'],
    ['[[uplink]]\nmatch = "a"\npolicy = "free"', 'uplink[0].policy is "free"'],
    ['[[uplink]]\nmatch = "a"\npolicy = { kind = "free" }', '"unrestricted"'],
    ['[uplink]\nmatch = "a"', 'a list of [[uplink]] tables'],
    ['[api]\nsocketMode = 432', 'file permissions in octal'],
    ['probe = 5', 'a table of settings'],
    ['probe = []', 'probe is []; expected a table of settings'],
    ['probe = 1979-05-27', 'probe is a date; expected a table of settings'],
    ['hotspot.qos = []', 'a table of settings'],
  ])('%j is refused', async (text, expected) => {
    const mistakes = await mistakesIn(text);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain(expected);
  });
});

const loop: Record<string, unknown> = {};
loop['loop'] = loop;

test.each<readonly [string, unknown]>([
  ['null', null],
  ['a number', 5],
  ['a list', []],
  ['a bigint', { profile: 5n }],
  ['a table that holds itself', { profile: loop }],
  ['a list of such tables', { probe: { targets: [loop] } }],
  ['a symbol', { profile: Symbol('x') }],
])('API-1: the library refuses %s as a file is refused, and does not throw', (_, odd) => {
  const reading = readConfigObject(odd as ConfigInput);
  expect(reading.ok ? [] : reading.problems.map(({ code }) => code)).toEqual(['config.invalid']);
});

describe('any text at all', () => {
  const words = fc.constantFrom(
    '[probe]',
    '[[uplink]]',
    '[uplink]',
    '[hotspot.qos.bulk]',
    'match',
    'interval',
    'targets',
    'policy',
    'profile',
    '=',
    '.',
    ',',
    '"',
    "'",
    '"""',
    '\n',
    '\r\n',
    '[',
    ']',
    '{',
    '}',
    '#',
    ' ',
    '\t',
    '"15s"',
    '"eth*"',
    '15',
    '-1',
    '1e400',
    'nan',
    'true',
    '1979-05-27T07:32:00Z',
    '\\u0000',
    '\\',
    '\u{FEFF}',
    'ä',
    '\u{1F600}',
    '\0',
    '__proto__',
    'constructor',
  );
  const text = fc.oneof(
    fc.array(words, { maxLength: 30 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );

  test('is read or refused with a place, never thrown at', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (any) => {
        const reading = await readConfigText(any, 'c.toml');
        if (reading.ok) return;
        for (const { subject } of reading.problems) expect(subject).toMatch(/^c\.toml:[1-9]\d*:[1-9]\d*$/u);
      }),
      { numRuns: 2000 },
    );
  });
});
