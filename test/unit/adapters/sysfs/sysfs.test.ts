import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSysfs } from '../../../../src/adapters/sysfs/sysfs.ts';
import { noDeviceFacts } from '../../../../src/model/interface.ts';
import type { Link } from '../../../../src/model/kernel.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'backhaul-sysfs-'));
  mkdirSync(join(root, 'class/net'), { recursive: true });
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), `${text}\n`);
};
const point = (path: string, target: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  mkdirSync(join(root, target), { recursive: true });
  symlinkSync(relative(dirname(join(root, path)), join(root, target)), join(root, path));
};

const mac = '02:00:00:00:00:01';
const linkOf = (name: string, index: number): Link => ({
  index,
  name,
  kind: null,
  hardwareType: 1,
  isUp: true,
  hasCarrier: true,
  isLoopback: false,
  isPointToPoint: false,
  mtu: 1500,
  macAddress: mac,
  lowerIndex: index,
  masterIndex: null,
});

interface Device {
  readonly path: string;
  readonly bus: string;
  readonly driver: string | null;
}

/** A network device as the kernel shows it; `device` null for a virtual one. */
function addLink(name: string, index: number, device: Device | null, deviceType: string | null = null): Link {
  const directory = `devices/${device?.path ?? 'virtual'}/net/${name}`;
  put(`${directory}/ifindex`, String(index));
  put(`${directory}/address`, mac);
  put(`${directory}/carrier`, '1');
  put(
    `${directory}/uevent`,
    `${deviceType === null ? '' : `DEVTYPE=${deviceType}\n`}INTERFACE=${name}\nIFINDEX=${index}`,
  );
  point(`class/net/${name}`, directory);
  if (device !== null) {
    point(`${directory}/device`, `devices/${device.path}`);
    point(`devices/${device.path}/subsystem`, `bus/${device.bus}`);
    if (device.driver !== null) point(`devices/${device.path}/driver`, `bus/${device.bus}/drivers/${device.driver}`);
  }
  return linkOf(name, index);
}

const host = 'pci0000:00/0000:00:14.0/usb1';
function addUsb(
  name: string,
  options: { port: string; driver: string; class: string; serial?: string; deviceType?: string },
): Link {
  const usb = `${host}/${options.port}`;
  const path = `${usb}/${options.port}:1.0`;
  put(`devices/${usb}/idVendor`, '18d1');
  put(`devices/${usb}/idProduct`, '4eeb');
  if (options.serial !== undefined) put(`devices/${usb}/serial`, options.serial);
  put(`devices/${path}/bInterfaceClass`, options.class);
  return addLink(name, 7, { path, bus: 'usb', driver: options.driver }, options.deviceType ?? null);
}
const read = (link: Link) => createSysfs([link], root).read(link);
const usbFacts = { vendorId: '18d1', productId: '4eeb', serial: null };

describe('DISC-3: the facts of a device', () => {
  test('a phone that shares its connection by RNDIS', () => {
    const link = addUsb('usb0', { port: '1-1.4', driver: 'rndis_host', class: 'e0', serial: 'R58M1234' });
    expect(read(link)).toEqual({
      driver: 'rndis_host',
      deviceType: null,
      bus: 'usb',
      usb: { ...usbFacts, serial: 'R58M1234', port: '1-1.4', interfaceClass: 'e0' },
    });
  });

  test('an iPhone that is called eth0', () => {
    const link = addUsb('eth0', { port: '1-2', driver: 'ipheth', class: 'ff' });
    expect(read(link)).toMatchObject({ driver: 'ipheth', usb: { ...usbFacts, port: '1-2', interfaceClass: 'ff' } });
  });

  test('a USB Ethernet adapter', () => {
    const link = addUsb('enx0200000001', { port: '2-1', driver: 'r8152', class: 'ff', serial: '000001' });
    expect(read(link)).toMatchObject({ driver: 'r8152', deviceType: null, usb: { serial: '000001' } });
  });

  test('a modem', () => {
    const link = addUsb('wwan0', { port: '1-3', driver: 'qmi_wwan', class: 'ff', deviceType: 'wwan' });
    expect(read(link)).toMatchObject({ driver: 'qmi_wwan', deviceType: 'wwan', usb: { port: '1-3' } });
  });

  test('a radio on a bus of its own', () => {
    const link = addLink('wlan0', 3, { path: 'platform/mmc1/mmc1:0001:1', bus: 'sdio', driver: 'brcmfmac' }, 'wlan');
    expect(read(link)).toEqual({ driver: 'brcmfmac', deviceType: 'wlan', bus: 'sdio', usb: null });
  });

  test('a personal area network, whose adapter is on USB and is not its device', () => {
    const path = `${host}/1-4/1-4:1.0/bluetooth/hci0`;
    put(`devices/${host}/1-4/idVendor`, '0a12');
    const link = addLink('bnep0', 4, { path, bus: 'bluetooth', driver: null }, 'bluetooth');
    expect(read(link)).toEqual({ driver: null, deviceType: 'bluetooth', bus: 'bluetooth', usb: null });
  });

  test('a virtual link', () => {
    expect(read(addLink('veth0', 5, null))).toEqual(noDeviceFacts);
  });

  test('what a device says of itself is cut to what can be shown', () => {
    const link = addUsb('usb0', {
      port: '1-1',
      driver: 'cdc_ether',
      class: '02',
      serial: `\u001b[31m${'x'.repeat(500)}`,
    });
    const { usb } = read(link);
    expect(usb?.serial).toMatch(/^\[31mx+$/u);
    expect(usb?.serial?.length).toBeLessThan(200);
  });
});

describe('what cannot be trusted is not told', () => {
  test.each(['..', '.', '', '../net/eth0', 'eth0/../eth0', 'a/b', 'name-of-sixteen-'])(
    'SECU-4: a link called %j',
    (name) => {
      addLink('eth0', 2, { path: 'pci0/1', bus: 'pci', driver: 'e1000e' });
      const sysfs = createSysfs([linkOf('eth0', 2)], root);
      put('ifindex', '2');
      put('class/net/ifindex', '2');
      expect(sysfs.read(linkOf(name, 2))).toEqual(noDeviceFacts);
      expect(sysfs.readCarrier(name)).toBeNull();
    },
  );

  test('a link that leads out of sysfs is not followed', () => {
    const link = addLink('eth0', 2, null);
    const outside = mkdtempSync(join(tmpdir(), 'backhaul-outside-'));
    mkdirSync(join(outside, 'driver'));
    symlinkSync(outside, join(root, 'devices/virtual/net/eth0/device'));
    expect(read(link)).toEqual(noDeviceFacts);
    rmSync(outside, { recursive: true });
  });

  test('a name that has passed to another link tells nothing of the first', () => {
    const link = addLink('eth0', 2, { path: 'pci0/1', bus: 'pci', driver: 'e1000e' });
    const sysfs = createSysfs([link], root);
    expect(sysfs.read({ ...link, index: 3 })).toEqual(noDeviceFacts);
  });

  test('a device that goes while it is read leaves what was still there', () => {
    const link = addUsb('usb0', { port: '1-1', driver: 'cdc_ether', class: '02' });
    const sysfs = createSysfs([link], root);
    rmSync(join(root, 'devices', host), { recursive: true });
    expect(sysfs.read(link)).toEqual(noDeviceFacts);
    expect(sysfs.readCarrier('usb0')).toBeNull();
  });
});

describe('DISC-7: a /sys that shows other devices than netlink', () => {
  const cases: readonly (readonly [what: string, links: readonly Link[], message: RegExp])[] = [
    ['has another index', [linkOf('eth0', 9)], /netlink has eth0 with index 9, \/sys 2/u],
    ['lacks a link', [linkOf('eth0', 2), linkOf('eth1', 3)], /netlink has eth1 with index 3, \/sys none/u],
    ['has one more link', [], /\/sys has eth0, netlink none/u],
    [
      'has another machine’s device under the same name and index',
      [{ ...linkOf('eth0', 2), macAddress: '02:00:00:00:00:99' }],
      /with address 02:00:00:00:00:99, \/sys 02:00:00:00:00:01/u,
    ],
  ];
  test.each(cases)('one that %s is told, and nothing is read from it', (_what, links, message) => {
    const link = addLink('eth0', 2, { path: 'pci0/1', bus: 'pci', driver: 'e1000e' });
    const sysfs = createSysfs(links, root);
    expect(sysfs.isOurs).toBe(false);
    expect(sysfs.compare(links)).toMatchObject({
      code: 'sysfs.foreign',
      message: expect.stringMatching(message) as unknown,
    });
    expect(sysfs.read(link)).toEqual(noDeviceFacts);
    expect(sysfs.readCarrier('eth0')).toBeNull();
    expect(sysfs.compare([link])).toBeNull();
    expect(sysfs.readCarrier('eth0')).toBe(true);
  });

  test('files that are no links do not count', () => {
    const link = addLink('eth0', 2, null);
    put('class/net/bonding_masters', '');
    expect(createSysfs([link], root).isOurs).toBe(true);
  });
});

test('carrier is what the driver says; false where it says nothing, null where there is no such link', () => {
  const link = addLink('eth0', 2, null);
  const sysfs = createSysfs([link], root);
  expect(sysfs.readCarrier('eth0')).toBe(true);
  put('devices/virtual/net/eth0/carrier', '0');
  expect(sysfs.readCarrier('eth0')).toBe(false);
  // A driver that says nothing is one whose attribute cannot be read.
  rmSync(join(root, 'devices/virtual/net/eth0/carrier'));
  sysfs.release();
  expect(sysfs.readCarrier('eth0')).toBe(false);
  expect(sysfs.readCarrier('eth1')).toBeNull();
});

test('carrier is that of the link which has the name now, once it is told that names have passed on', () => {
  const first = addLink('eth0', 2, null);
  const sysfs = createSysfs([first], root);
  expect(sysfs.readCarrier('eth0')).toBe(true);
  rmSync(join(root, 'devices/virtual/net/eth0'), { recursive: true });
  rmSync(join(root, 'class/net/eth0'));
  addLink('eth0', 3, null);
  put('devices/virtual/net/eth0/carrier', '0');
  sysfs.release();
  expect(sysfs.readCarrier('eth0')).toBe(false);
});
