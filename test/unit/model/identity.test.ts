import { describe, expect, test } from 'vitest';
import { identityOf } from '../../../src/model/identity.ts';
import { noDeviceFacts, type UsbFacts } from '../../../src/model/interface.ts';

const usb: UsbFacts = { serial: null, port: '1-1.4', vendorId: '04e8', productId: '6863', interfaceClass: 'e0' };

const identity = (serial: string | null, macAddress = '02:11:22:33:44:55', name = 'usb0'): string =>
  identityOf({ name, macAddress, device: { ...noDeviceFacts, bus: 'usb', usb: { ...usb, serial } } });

describe('TETH-3: a tether is known by its USB device, whatever its interface is called', () => {
  test('the serial number stays when name, address and port are others', () => {
    expect(identity('R58M12ABCDE')).toBe('usb serial R58M12ABCDE');
    expect(identity('R58M12ABCDE', '00:11:22:33:44:55', 'enx001122334455')).toBe('usb serial R58M12ABCDE');
  });

  test.each([[null], [''], ['1'], ['0000000000'], ['000001000000'], ['0123456789ABCDEF'], ['1234567890'], ['ffffff']])(
    'the port stands for a device whose serial number is %j',
    (serial) => {
      expect(identity(serial)).toBe('usb port 1-1.4');
    },
  );

  test('what a device puts in its serial number is one printable word', () => {
    expect(identity('a b\u0000c\nd\u202ee')).toBe('usb serial abcde');
  });
});

describe('TETH-3: what is no USB device is known by an address that its maker gave it, else by its name', () => {
  const other = (macAddress: string | null): string => identityOf({ name: 'wwan0', macAddress, device: noDeviceFacts });

  test('a universal address is lower case', () => {
    expect(other('00:1A:2B:3C:4D:5E')).toBe('mac 00:1a:2b:3c:4d:5e');
  });

  test.each([
    [null],
    [''],
    ['02:11:22:33:44:55'],
    ['01:00:5e:00:00:01'],
    ['00:00:00:00:00:00'],
    ['00:11:22:33:44:55:66'],
  ])('%j is no such address', (macAddress) => {
    expect(other(macAddress)).toBe('name wwan0');
  });
});
