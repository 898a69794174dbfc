/**
 * What an interface is, and whether it is looked at as an uplink at all.
 *
 * Evidence is asked in this order, and the first that answers decides: the configuration, the device and its driver,
 * the name. A name is the weakest: a phone and a USB network adapter can both be called `enx…`, and either `eth0`.
 */
import { defaultPolicy, type Config, type UplinkConfig, type UplinkPolicy } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import { besideName } from '../../model/hotspot.ts';
import type { InterfaceFacts, InterfaceType } from '../../model/interface.ts';
import { describeMatch, matchesAnyGlob, matchesGlob, uplinkConfigOf } from './uplink-match.decisions.ts';

export interface Classification {
  readonly type: InterfaceType;
  /** One sentence: what the type rests on. */
  readonly evidence: string;
  /** What decided: a name alone says little. */
  readonly basis: 'configuration' | 'device' | 'name';
  readonly isIgnored: boolean;
  /** Why it is not looked at; null when it is. */
  readonly ignoredBecause: string | null;
  /** The `[[uplink]]` entry that applies. */
  readonly configured: UplinkConfig | null;
  readonly policy: UplinkPolicy;
  readonly problem: Problem | null;
}

interface Finding {
  readonly type: InterfaceType;
  readonly evidence: string;
}

/** Drivers by which phones offer their connection over USB. */
const tetherDrivers = ['rndis_host', 'cdc_ether', 'cdc_ncm', 'ipheth'];
const modemDrivers = ['qmi_wwan', 'cdc_mbim'];
/** Makers of network adapters (Realtek, ASIX) whose chips also answer to the class drivers that phones use. */
const adapterVendors = ['0bda', '0b95'];
/** bInterfaceClass of a phone: communications, wireless controller (RNDIS), miscellaneous (RNDIS of newer ones). */
const phoneClasses = ['02', 'e0', 'ef'];

const typeOfDeviceType: Readonly<Record<string, InterfaceType>> = {
  wlan: 'wifi',
  wwan: 'lteModem',
  bluetooth: 'bluetoothPan',
};

const typeOfName: readonly (readonly [glob: string, type: InterfaceType])[] = [
  ['eth*', 'ethernet'],
  ['eno*', 'ethernet'],
  ['enp*', 'ethernet'],
  ['ens*', 'ethernet'],
  ['wlan*', 'wifi'],
  ['wlp*', 'wifi'],
  ['wwan*', 'lteModem'],
  ['ppp*', 'lteModem'],
  ['usb*', 'usbTether'],
  ['enx*', 'usbTether'],
  ['bnep*', 'bluetoothPan'],
];

/** Virtual links that carry other people's traffic. A veth is not among them: in a container it is the way out. */
const ignoredKinds = ['bridge', 'tun', 'tap', 'wireguard'];
const ignoredNames = ['docker*', 'br-*', 'veth*', 'virbr*', 'tailscale*'];
/** Directories of /proc/sys/net/…/conf that mean every interface: settings of a link so named cannot be addressed. */
const reservedNames = ['all', 'default'];

const ethernetHardware = 1;

export function classify(facts: InterfaceFacts, config: Config): Classification {
  const configured = uplinkConfigOf(facts, config.uplinks);
  const byConfiguration = typeByConfiguration(configured);
  const byDevice = typeByDevice(facts);
  const { type, evidence } = byConfiguration ??
    byDevice ??
    typeByName(facts.name) ?? { type: 'unknown', evidence: `nothing tells what ${facts.name} is` };
  const ignoredBecause = whyIgnored(facts, config, configured);
  return {
    type,
    evidence,
    basis: byConfiguration !== null ? 'configuration' : byDevice !== null ? 'device' : 'name',
    isIgnored: ignoredBecause !== null,
    ignoredBecause,
    configured,
    policy: configured?.policy ?? defaultPolicy(type),
    problem: reservedNames.includes(facts.name) ? reservedName(facts.name) : null,
  };
}

function typeByConfiguration(entry: UplinkConfig | null): Finding | null {
  if (entry === null || entry.type === null) return null;
  return { type: entry.type, evidence: `the configuration says so (match: ${describeMatch(entry.match)})` };
}

function typeByDevice({ device, hardwareType }: InterfaceFacts): Finding | null {
  const { driver, deviceType, bus } = device;
  const byDeviceType = deviceType === null ? undefined : typeOfDeviceType[deviceType];
  if (byDeviceType !== undefined) return { type: byDeviceType, evidence: `its device type is ${deviceType}` };
  if (driver !== null && modemDrivers.includes(driver)) {
    return { type: 'lteModem', evidence: `its driver is ${driver}` };
  }
  if (bus === 'usb') return typeByUsb(device);
  // A network card by whatever name: those that are something else have a device type (wlan, wwan, dsa …).
  if (driver !== null && bus !== null && deviceType === null && hardwareType === ethernetHardware) {
    return { type: 'ethernet', evidence: `its driver is ${driver}, on ${bus}` };
  }
  return null;
}

function typeByUsb({ driver, usb }: InterfaceFacts['device']): Finding | null {
  const usbClass = usb?.interfaceClass ?? null;
  const isAdapterVendor = usb?.vendorId !== null && usb !== null && adapterVendors.includes(usb.vendorId);
  if (driver !== null) {
    const evidence = `its driver is ${driver}, on USB${usbClass === null ? '' : ` (class ${usbClass})`}`;
    const isPhone = tetherDrivers.includes(driver) && !(isAdapterVendor && driver !== 'ipheth');
    return { type: isPhone ? 'usbTether' : 'ethernet', evidence };
  }
  if (usbClass === null) return null;
  const isPhone = phoneClasses.includes(usbClass) && !isAdapterVendor;
  if (!isPhone && usbClass !== 'ff') return null;
  return { type: isPhone ? 'usbTether' : 'ethernet', evidence: `its USB class is ${usbClass}` };
}

function typeByName(name: string): Finding | null {
  const match = typeOfName.find(([glob]) => matchesGlob(glob, name));
  return match === undefined ? null : { type: match[1], evidence: `its name matches ${match[0]}` };
}

function whyIgnored(
  facts: InterfaceFacts,
  { interfaces, hotspot }: Config,
  configured: UplinkConfig | null,
): string | null {
  const { name, kind } = facts;
  if (reservedNames.includes(name)) return `${name} is a reserved name`;
  if (facts.isLoopback) return 'it is the loopback';
  if (hotspot.enabled && name === besideName(hotspot.interface)) return 'it is the hotspot';
  if (matchesAnyGlob(interfaces.exclude, name)) return 'the configuration excludes it';
  if (interfaces.include.length > 0) {
    return matchesAnyGlob(interfaces.include, name) ? null : 'the configuration does not include it';
  }
  if (facts.isEnslaved) return 'it is a port of another device';
  // Only an entry that says what it is: a policy for everything (`match = "*"`) is no word about docker0.
  if (configured !== null && configured.type !== null) return null;
  if (kind !== null && ignoredKinds.includes(kind)) return `it is a ${kind}`;
  const byName = ignoredNames.find((glob) => matchesGlob(glob, name));
  return byName === undefined ? null : `its name matches ${byName}`;
}

const reservedName = (name: string): Problem => ({
  code: 'uplink.reservedName',
  message: `an interface is called ${name}, which the kernel reserves for settings of every interface`,
  remedy: 'rename it; it is not used as an uplink until then',
  subject: name,
});
