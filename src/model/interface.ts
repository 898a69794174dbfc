import type { Family, PerFamily } from './family.ts';

/** What a way to the internet is made of. */
export type InterfaceType = 'ethernet' | 'wifi' | 'lteModem' | 'usbTether' | 'bluetoothPan' | 'unknown';

/** What sysfs tells of the device behind a link; null where it does not say, or where sysfs shows another machine. */
export interface DeviceFacts {
  /** The kernel driver: the target of `device/driver` (`rndis_host`, `r8152`, `qmi_wwan` …). */
  readonly driver: string | null;
  /** DEVTYPE of the device's uevent: `wlan`, `wwan`, `bluetooth`, `ppp` … */
  readonly deviceType: string | null;
  /** The bus: `usb`, `pci`, `sdio`, `virtio` … */
  readonly bus: string | null;
  readonly usb: UsbFacts | null;
}

export interface UsbFacts {
  readonly serial: string | null;
  /** The port's path (`1-1.4`): the identity where there is no serial number. */
  readonly port: string;
  readonly vendorId: string | null;
  readonly productId: string | null;
  /** bInterfaceClass, two hexadecimal digits (`e0` wireless controller, `02` communications, `ff` vendor). */
  readonly interfaceClass: string | null;
}

export const noDeviceFacts: DeviceFacts = { driver: null, deviceType: null, bus: null, usb: null };

export interface InterfaceAddress {
  readonly address: string;
  readonly prefixLength: number;
  readonly peer: string | null;
}

/** A default route by this interface that someone else installed: evidence of a gateway. */
export interface DefaultRouteEvidence {
  readonly family: Family;
  /** Null on a link that needs no gateway. */
  readonly gateway: string | null;
  readonly table: number;
  readonly metric: number;
  readonly protocol: number;
}

/** Raw facts about one interface, as the streams assemble them from the kernel. No judgement is in them. */
export interface InterfaceFacts {
  readonly index: number;
  readonly name: string;
  readonly kind: string | null;
  readonly hardwareType: number;
  readonly isLoopback: boolean;
  readonly isPointToPoint: boolean;
  /** A port of a bridge or bond: it has no addresses of its own. */
  readonly isEnslaved: boolean;
  readonly isUp: boolean;
  readonly hasCarrier: boolean;
  readonly mtu: number;
  readonly macAddress: string | null;
  /** Usable addresses of global scope: not tentative, not link-local. Sorted, deprecated ones last. */
  readonly addresses: PerFamily<readonly InterfaceAddress[]>;
  /** Sorted by metric, best first. Routes with backhauld's own mark are not in it. */
  readonly defaultRoutes: readonly DefaultRouteEvidence[];
  readonly device: DeviceFacts;
}
