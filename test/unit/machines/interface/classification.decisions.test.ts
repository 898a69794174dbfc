import { describe, expect, test } from 'vitest';
import { classify } from '../../../../src/machines/interface/classification.decisions.ts';
import { defaultConfig, noGateways, type Config, type UplinkConfig } from '../../../../src/model/config.ts';
import { noDeviceFacts, type DeviceFacts, type InterfaceFacts } from '../../../../src/model/interface.ts';
import { facts } from '../examples.ts';

const usb = (driver: string | null, interfaceClass: string | null, vendorId: string | null = null): DeviceFacts => ({
  driver,
  deviceType: null,
  bus: 'usb',
  usb: { serial: 'S1', port: '1-1', vendorId, productId: null, interfaceClass },
});

const entry = (overrides: Partial<UplinkConfig>): UplinkConfig => ({
  match: {},
  type: null,
  gateway: noGateways,
  dhcp: false,
  policy: null,
  ...overrides,
});

const withUplinks = (...uplinks: UplinkConfig[]): Config => ({ ...defaultConfig, uplinks });
const typeOf = (overrides: Partial<InterfaceFacts>, config = defaultConfig) => classify(facts(overrides), config).type;
const isIgnored = (overrides: Partial<InterfaceFacts>, config = defaultConfig) =>
  classify(facts(overrides), config).isIgnored;

describe('DISC-3: the type of an interface', () => {
  test.each([
    ['eth0', 'ethernet'],
    ['eno1', 'ethernet'],
    ['enp3s0', 'ethernet'],
    ['ens18', 'ethernet'],
    ['wlan0', 'wifi'],
    ['wlp2s0', 'wifi'],
    ['wwan0', 'lteModem'],
    ['ppp0', 'lteModem'],
    ['usb0', 'usbTether'],
    ['enx001122334455', 'usbTether'],
    ['bnep0', 'bluetoothPan'],
    ['foo0', 'unknown'],
  ] as const)('%s is %s by its name, where nothing else is known', (name, type) => {
    expect(typeOf({ name })).toBe(type);
  });

  test.each([
    ['wlan', 'wifi'],
    ['wwan', 'lteModem'],
    ['bluetooth', 'bluetoothPan'],
  ] as const)('the device type %s makes it %s, whatever its name', (deviceType, type) => {
    expect(typeOf({ name: 'eth0', device: { ...noDeviceFacts, deviceType } })).toBe(type);
  });

  test.each(['rndis_host', 'cdc_ether', 'cdc_ncm', 'ipheth'])(
    'a phone by the driver %s called eth0 is a tether',
    (driver) => {
      expect(typeOf({ name: 'eth0', device: usb(driver, 'e0') })).toBe('usbTether');
    },
  );

  test.each([
    ['r8152', 'ff', null],
    ['ax88179_178a', 'ff', null],
    ['cdc_ether', '02', '0bda'],
    [null, 'ff', null],
  ])('a USB network adapter (driver %s, class %s, vendor %s) called enx… is Ethernet', (driver, usbClass, vendor) => {
    expect(typeOf({ name: 'enx001122334455', device: usb(driver, usbClass, vendor) })).toBe('ethernet');
  });

  test.each(['qmi_wwan', 'cdc_mbim'])('a modem by the driver %s is one, whatever its name', (driver) => {
    expect(classify(facts({ name: 'eth0', device: usb(driver, 'ff') }), defaultConfig)).toMatchObject({
      type: 'lteModem',
      evidence: `its driver is ${driver}`,
    });
  });

  test.each([
    ['02', null, 'usbTether'],
    ['e0', null, 'usbTether'],
    ['ef', null, 'usbTether'],
    ['e0', '18d1', 'usbTether'],
    ['e0', '0bda', null],
    ['ff', '0bda', 'ethernet'],
    ['ff', '0b95', 'ethernet'],
    ['08', null, null],
  ])('without a driver, USB class %s of the maker %s speaks for %s', (usbClass, vendor, type) => {
    const { type: found, evidence } = classify(
      facts({ name: 'foo0', device: usb(null, usbClass, vendor) }),
      defaultConfig,
    );
    expect([found, evidence]).toEqual(
      type === null ? ['unknown', 'nothing tells what foo0 is'] : [type, `its USB class is ${usbClass}`],
    );
  });

  test.each(['0bda', '0b95'])(
    'an adapter by the maker %s is Ethernet by the drivers of phones, but not by ipheth',
    (vendor) => {
      expect(typeOf({ device: usb('cdc_ncm', '02', vendor) })).toBe('ethernet');
      expect(typeOf({ device: usb('ipheth', 'ff', vendor) })).toBe('usbTether');
      expect(typeOf({ device: usb('cdc_ncm', '02', '05ac') })).toBe('usbTether');
    },
  );

  test('a device on USB of which nothing else is known is judged by its name', () => {
    const bare = { driver: null, deviceType: null, bus: 'usb', usb: null };
    expect([typeOf({ name: 'wlan0', device: bare }), typeOf({ name: 'foo0', device: bare })]).toEqual([
      'wifi',
      'unknown',
    ]);
    expect(typeOf({ name: 'usb0', device: { ...bare, driver: 'r8152' } })).toBe('ethernet');
  });

  test.each([
    ['without a driver', { driver: null, deviceType: null, bus: 'pci', usb: null }, 1],
    ['without a bus', { driver: 'bridge', deviceType: null, bus: null, usb: null }, 1],
    ['of another kind of device', { driver: 'dsa', deviceType: 'dsa', bus: 'pci', usb: null }, 1],
    ['of other hardware', { driver: 'ppp', deviceType: null, bus: 'pci', usb: null }, 512],
  ])('a link %s is no network card: its name decides', (_, device, hardwareType) => {
    expect(typeOf({ name: 'foo0', device, hardwareType })).toBe('unknown');
  });

  test.each([
    ['its device type is wwan', { device: { ...noDeviceFacts, deviceType: 'wwan' } }],
    ['its driver is e1000e, on pci', { device: { ...noDeviceFacts, driver: 'e1000e', bus: 'pci' } }],
    ['its driver is rndis_host, on USB (class e0)', { device: usb('rndis_host', 'e0') }],
    ['its driver is rndis_host, on USB', { device: usb('rndis_host', null) }],
    ['its driver is r8152, on USB', { device: { ...noDeviceFacts, driver: 'r8152', bus: 'usb' } }],
    ['its name matches enp*', { name: 'enp3s0' }],
    ['nothing tells what foo0 is', { name: 'foo0' }],
  ])('rests on something that is told: %s', (evidence, overrides) => {
    expect(classify(facts(overrides), defaultConfig).evidence).toBe(evidence);
  });

  test('an entry without a type leaves the type to the device and the name', () => {
    const only = entry({ match: { name: 'eth0' }, policy: { kind: 'emergencyOnly' } });
    const { type, policy, configured } = classify(facts(), withUplinks(only));
    expect([type, policy, configured]).toEqual(['ethernet', { kind: 'emergencyOnly' }, only]);
  });

  test('an entry is told with all that it matches by', () => {
    const config = withUplinks(entry({ match: { name: 'eth*', driver: 'r8152' }, type: 'wifi' }));
    expect(classify(facts({ device: usb('r8152', 'ff') }), config).evidence).toBe(
      'the configuration says so (match: name eth*, driver r8152)',
    );
  });

  test('a hardware address matches in capital and small letters alike', () => {
    const config = withUplinks(entry({ match: { mac: '02:00:00:00:00:AB' }, type: 'wifi' }));
    expect(typeOf({ macAddress: '02:00:00:00:00:aB' }, config)).toBe('wifi');
    expect(typeOf({ macAddress: null }, config)).toBe('ethernet');
  });

  test('an entry that names nothing, or a serial number where there is no USB device, fits nothing', () => {
    expect(typeOf({}, withUplinks(entry({ type: 'wifi' })))).toBe('ethernet');
    expect(typeOf({}, withUplinks(entry({ match: { usbSerial: 'S1' }, type: 'wifi' })))).toBe('ethernet');
  });

  test('a network card by an unusual name is Ethernet', () => {
    const device = { ...noDeviceFacts, driver: 'bcmgenet', bus: 'platform' };
    expect(typeOf({ name: 'end0', device })).toBe('ethernet');
  });

  test('the configuration outweighs the device and the name; its first match wins', () => {
    const config = withUplinks(
      entry({ match: { name: 'eth*' }, type: 'lteModem' }),
      entry({ match: { name: 'eth0' }, type: 'wifi' }),
    );
    const { type, evidence } = classify(facts({ name: 'eth0', device: usb('r8152', 'ff') }), config);
    expect([type, evidence]).toEqual(['lteModem', 'the configuration says so (match: name eth*)']);
  });

  test.each([
    ['mac', { mac: '02:00:00:00:00:01' }],
    ['driver', { driver: 'r8152' }],
    ['USB serial number', { usbSerial: 'S1' }],
  ])('an entry of the configuration may match by %s', (_, match) => {
    const config = withUplinks(entry({ match, type: 'wifi' }));
    expect(typeOf({ device: usb('r8152', 'ff') }, config)).toBe('wifi');
  });

  test('an entry that names two things needs both', () => {
    const config = withUplinks(entry({ match: { name: 'eth0', driver: 'r8152' }, type: 'wifi' }));
    expect([typeOf({ name: 'eth0' }, config), typeOf({ name: 'eth0', device: usb('r8152', 'ff') }, config)]).toEqual([
      'ethernet',
      'wifi',
    ]);
  });
});

describe('DISC-4: what is no uplink', () => {
  test.each([
    ['the loopback', { name: 'lo', isLoopback: true }],
    ['a bridge', { name: 'eth9', kind: 'bridge' }],
    ['a tunnel', { name: 'eth9', kind: 'tun' }],
    ['a tap', { name: 'eth9', kind: 'tap' }],
    ['WireGuard', { name: 'wg0', kind: 'wireguard' }],
    ['docker0', { name: 'docker0' }],
    ['br-1f2e3d', { name: 'br-1f2e3d' }],
    ['veth12ab', { name: 'veth12ab', kind: 'veth' }],
    ['virbr0', { name: 'virbr0' }],
    ['tailscale0', { name: 'tailscale0' }],
    ['a port of a bridge', { name: 'eth1', isEnslaved: true }],
    ['all', { name: 'all' }],
    ['default', { name: 'default' }],
  ])('%s is ignored', (_, overrides) => {
    expect(isIgnored(overrides)).toBe(true);
  });

  test('a veth called eth0 is Ethernet', () => {
    const { type, isIgnored: ignored } = classify(facts({ name: 'eth0', kind: 'veth' }), defaultConfig);
    expect([type, ignored]).toEqual(['ethernet', false]);
  });

  test('a bridge is looked at when an entry says what it is, and not for a mere policy for everything', () => {
    const bridge = { name: 'br0', kind: 'bridge' };
    expect(isIgnored(bridge, withUplinks(entry({ match: { name: 'br0' }, type: 'ethernet' })))).toBe(false);
    expect(isIgnored(bridge, withUplinks(entry({ match: { name: '*' }, policy: { kind: 'emergencyOnly' } })))).toBe(
      true,
    );
  });

  test('with `include` only those are looked at; `exclude` outweighs it', () => {
    const config = { ...defaultConfig, interfaces: { include: ['eth*', 'docker0'], exclude: ['eth1'] } };
    expect(['eth0', 'eth1', 'wlan0', 'docker0'].map((name) => isIgnored({ name }, config))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test.each([
    ['all is a reserved name', { name: 'all' }],
    ['it is the loopback', { name: 'lo', isLoopback: true }],
    ['it is a port of another device', { isEnslaved: true }],
    ['it is a wireguard', { name: 'wg0', kind: 'wireguard' }],
    ['its name matches docker*', { name: 'docker0' }],
  ])('is ignored for a reason that is told: %s', (reason, overrides) => {
    expect(classify(facts(overrides), defaultConfig).ignoredBecause).toBe(reason);
  });

  test('what the configuration leaves out is told to be left out by it', () => {
    const config = { ...defaultConfig, interfaces: { include: ['eth*'], exclude: ['eth1'] } };
    const reasons = ['eth1', 'wlan0', 'eth0'].map((name) => classify(facts({ name }), config).ignoredBecause);
    expect(reasons).toEqual(['the configuration excludes it', 'the configuration does not include it', null]);
  });

  test('the access point beside a station is no uplink, whatever the configuration includes', () => {
    const hotspot = { ...defaultConfig.hotspot, enabled: true, interface: 'wlp0s20f3abcd' };
    const config = { ...defaultConfig, hotspot, interfaces: { include: ['*'], exclude: [] } };
    const reasons = (given: typeof config) =>
      ['ap-wlp0s20f3abc', 'wlp0s20f3abcd'].map((name) => classify(facts({ name }), given).ignoredBecause);
    expect(reasons(config)).toEqual(['it is the hotspot', null]);
    expect(reasons({ ...config, hotspot: defaultConfig.hotspot })).toEqual([null, null]);
  });

  test('a reserved name is reported, and no other', () => {
    expect(classify(facts({ name: 'all' }), defaultConfig).problem?.code).toBe('uplink.reservedName');
    expect(classify(facts({ name: 'eth0' }), defaultConfig).problem).toBeNull();
  });
});
