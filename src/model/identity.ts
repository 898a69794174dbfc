import type { InterfaceFacts } from './interface.ts';

/**
 * What a device is called, however its interface is: by it its budget and its settings find it when it is plugged in again.
 *
 * - `usb serial R58M123`: the serial number of the USB device
 * - `usb port 1-1.4`: where it is plugged in, for a USB device that has no serial number of its own
 * - `mac 00:11:22:33:44:55`: the address that its maker gave it. One that is made up anew at each start is no identity
 * - `name wwan0`: nothing else tells it from others
 */
export function identityOf({
  name,
  macAddress,
  device: { usb },
}: Pick<InterfaceFacts, 'name' | 'macAddress' | 'device'>): string {
  if (usb !== null) {
    const serial = usb.serial === null ? '' : printable(usb.serial);
    return isOwnSerial(serial) ? `usb serial ${serial}` : `usb port ${usb.port}`;
  }
  return macAddress !== null && isUniversal(macAddress) ? `mac ${macAddress.toLowerCase()}` : `name ${name}`;
}

/** What makers leave where a serial number should be: nothing but zeros and a one, one character throughout, a series. */
const placeholders = [/^.{0,3}$/u, /^0*10*$/u, /^(.)\1*$/u, /^0?123456789(?:abcdef)?0?$/iu];

const isOwnSerial = (serial: string): boolean => !placeholders.some((placeholder) => placeholder.test(serial));

/** Spaces too: what stands in a line of text, and in a file's name, must be one word. */
const printable = (text: string): string => text.replaceAll(/[\p{C}\p{Z}]/gu, '');

/** An EUI-48 that a maker has assigned: neither locally administered nor a group's (IEEE 802, bits 1 and 0 of the first octet). */
const isUniversal = (mac: string): boolean =>
  /^[\da-f]{2}(?::[\da-f]{2}){5}$/iu.test(mac) &&
  (Number.parseInt(mac.slice(0, 2), 16) & 3) === 0 &&
  mac !== '00:00:00:00:00:00';
