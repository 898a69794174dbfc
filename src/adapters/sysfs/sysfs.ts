import { basename, join } from 'node:path';
import type { Problem } from '../../model/errors.ts';
import { noDeviceFacts, type DeviceFacts, type UsbFacts } from '../../model/interface.ts';
import type { Link } from '../../model/kernel.ts';
import type { DeviceReader } from '../../streams/ports.ts';
import { closeSync } from 'node:fs';
import { namesIn } from '../files/readings.ts';
import {
  ancestors,
  follow,
  linkedName,
  openAttribute,
  readAttribute,
  readDeviceText,
  readOpenAttribute,
} from './files.ts';
import { isPathSafeName } from './link-name.ts';

/** /sys as a source of facts about network devices. */
export interface Sysfs extends DeviceReader {
  /** False where /sys shows another machine's devices, or another namespace's; then it tells nothing. */
  readonly isOurs: boolean;
  /** Compares /sys anew with what netlink says now; the problem when they differ. */
  compare(links: Iterable<Link>): Problem | null;
  /**
   * Carrier as the driver has it at this moment; null where /sys cannot tell. False while the link is down.
   *
   * Reading it also makes the kernel send a link event that it holds back: it sends about one a second.
   */
  readCarrier(name: string): boolean | null;
  /** Names have passed from link to link, or links have gone: nothing is kept open of those that were read. */
  release(): void;
}

/**
 * Looks at /sys for the links that netlink reports.
 *
 * A process that entered a network namespace without mounting a sysfs of its own sees the devices of where it came from
 * (sysfs shows the namespace of its mount, not of its reader). So nothing is believed before index, name and hardware
 * address of every link have been compared. `root` is another place for tests.
 */
export function createSysfs(links: Iterable<Link>, root = '/sys'): Sysfs {
  const net = join(root, 'class/net');
  let isOurs = false;
  // Carrier is read up to fifty times a second: one system call where opening and closing make it three.
  const carriers = new Map<string, number>();

  const carrierOf = (name: string): string | null => {
    const descriptor = carriers.get(name) ?? openAttribute(`${net}/${name}`, 'carrier');
    if (descriptor === null) return null;
    carriers.set(name, descriptor);
    const text = readOpenAttribute(descriptor);
    if (text !== null) return text;
    carriers.delete(name);
    closeSync(descriptor);
    return null;
  };

  const sysfs: Sysfs = {
    get isOurs() {
      return isOurs;
    },
    compare(current) {
      sysfs.release();
      const difference = differenceBetween(net, [...current]);
      isOurs = difference === null;
      return difference === null ? null : foreign(root, difference);
    },
    read(link) {
      // The name may have passed to another link since netlink spoke of it.
      return isOurs && isPathSafeName(link.name) && indexOf(net, link.name) === link.index
        ? readFacts(root, link.name)
        : noDeviceFacts;
    },
    readCarrier(name) {
      if (!isOurs || !isPathSafeName(name)) return null;
      const carrier = carrierOf(name);
      if (carrier !== null) return carrier === '1';
      // The kernel refuses to tell (EINVAL) while the link is administratively down; a link that is gone has no index.
      return indexOf(net, name) === null ? null : false;
    },
    release() {
      for (const descriptor of carriers.values()) closeSync(descriptor);
      carriers.clear();
    },
  };
  sysfs.compare(links);
  return sysfs;
}

const indexOf = (net: string, name: string): number | null => {
  const text = readAttribute(join(net, name), 'ifindex');
  return text !== null && /^\d{1,10}$/u.test(text) ? Number(text) : null;
};

/** The first thing on which /sys and netlink disagree, in words; null when there is none. */
function differenceBetween(net: string, links: readonly Link[]): string | null {
  const shown = new Map<string, number>();
  for (const name of namesIn(net)) {
    // `bonding_masters` stands there too, and is no link.
    const index = indexOf(net, name);
    if (index !== null) shown.set(name, index);
  }
  for (const { name, index, macAddress } of links) {
    if (shown.get(name) !== index) return `netlink has ${name} with index ${index}, /sys ${shown.get(name) ?? 'none'}`;
    const address = readAttribute(join(net, name), 'address');
    if (macAddress !== null && address !== null && address !== '' && address !== macAddress) {
      return `netlink has ${name} with address ${macAddress}, /sys ${address}`;
    }
    shown.delete(name);
  }
  const [extra] = shown.keys();
  return extra === undefined ? null : `/sys has ${extra}, netlink none`;
}

const foreign = (root: string, difference: string): Problem => ({
  code: 'sysfs.foreign',
  subject: root,
  message: `shows the devices of another namespace or machine (${difference})`,
  remedy: 'drivers are unknown and carrier is taken from netlink; mount a sysfs in this namespace to have both',
});

function readFacts(root: string, name: string): DeviceFacts {
  const directory = follow(root, join(root, 'class/net', name));
  if (directory === null) return noDeviceFacts;
  const deviceType = /^DEVTYPE=(\w+)$/mu.exec(readAttribute(directory, 'uevent') ?? '')?.[1] ?? null;
  const device = follow(root, join(directory, 'device'));
  if (device === null) return { ...noDeviceFacts, deviceType };
  const bus = linkedName(root, device, 'subsystem');
  return {
    driver: linkedName(root, device, 'driver'),
    deviceType,
    bus,
    usb: bus === 'usb' ? readUsb(root, device) : null,
  };
}

/** A network device hangs on an interface (`1-1.4:1.0`) of a USB device (`1-1.4`), which is its parent directory. */
function readUsb(root: string, device: string): UsbFacts | null {
  let interfaceClass: string | null = null;
  for (const directory of ancestors(root, device)) {
    interfaceClass ??= readDeviceText(directory, 'bInterfaceClass');
    const vendorId = readDeviceText(directory, 'idVendor');
    if (vendorId !== null) {
      return {
        serial: readDeviceText(directory, 'serial'),
        port: basename(directory),
        vendorId,
        productId: readDeviceText(directory, 'idProduct'),
        interfaceClass,
      };
    }
  }
  return null;
}
