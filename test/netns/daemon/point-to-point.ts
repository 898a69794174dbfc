/**
 * A point-to-point link without a kernel module for tunnels: two tun devices, and this process as the wire between them.
 * Makes the interfaces that it is given the names of, and prints `ready`; they live as long as it does.
 */
import { openSync, read, writeSync } from 'node:fs';
import koffi from 'koffi';

/** linux/if_tun.h: TUNSETIFF, and IFF_TUN | IFF_NO_PI. */
const setInterface = 0x4004_54ca;
const bareIpPackets = 0x0001 | 0x1000;

const ioctl: unknown = koffi.load(null).func('int ioctl(int fd, unsigned long request, void *argument)');

function open(name: string): number {
  const descriptor = openSync('/dev/net/tun', 'r+');
  const request = Buffer.alloc(40);
  request.write(name, 'latin1');
  request.writeUInt16LE(bareIpPackets, 16);
  if (typeof ioctl !== 'function' || Reflect.apply(ioctl, undefined, [descriptor, setInterface, request]) !== 0) {
    throw new Error(`${name} could not be made`);
  }
  return descriptor;
}

function carry(from: number, to: number, buffer: Buffer): void {
  read(from, buffer, 0, buffer.length, null, (error, length) => {
    try {
      if (error === null) writeSync(to, buffer, 0, length);
    } catch {
      // The other end is down: a wire loses what nobody takes.
    }
    carry(from, to, buffer);
  });
}

const [near, far] = process.argv.slice(2).map(open);
if (near === undefined || far === undefined) throw new Error('usage: point-to-point NAME NAME');
carry(near, far, Buffer.alloc(65_536));
carry(far, near, Buffer.alloc(65_536));
console.log('ready');
