import { errnos, loadLibc, sockets } from '../libc/libc.ts';
import { viewOf } from '../netlink/codec/message.codec.ts';
import { subsystemOf } from './uevent.codec.ts';

/** NETLINK_KOBJECT_UEVENT (linux/netlink.h), and the group by which the kernel itself speaks: udev uses another. */
const protocol = 15;
const kernelGroup = 1;

/**
 * Calls back whenever the kernel announces something of a power supply, until the returned function is called. Null
 * where it cannot be heard: without native code, or where sockets of this kind are not allowed. Then it has to be looked at.
 */
export async function followPowerEvents(onEvent: () => void): Promise<(() => void) | null> {
  const loaded = await loadLibc();
  if (!loaded.ok) return null;
  const { libc } = loaded;
  const fd = libc.socket(sockets.AF_NETLINK, sockets.SOCK_DGRAM, protocol);
  if (fd < 0) return null;
  const address = new Uint8Array(12);
  viewOf(address).setUint16(0, sockets.AF_NETLINK, true);
  viewOf(address).setUint32(8, kernelGroup, true);
  if (libc.bind(fd, address) < 0) {
    libc.close(fd);
    return null;
  }
  const buffer = new Uint8Array(8192);
  const sender = new Uint8Array(12);
  const watcher = libc.watch(fd, { readable: true }, (status) => {
    let isConcerned = status < 0;
    for (;;) {
      const length = libc.receiveFrom(fd, buffer, 0, sender);
      // Announcements that were lost may have been of a power supply.
      if (length === -errnos.ENOBUFS) isConcerned = true;
      else if (length < 0) break;
      // Only the kernel has port 0.
      else if (viewOf(sender).getUint32(4, true) === 0) {
        isConcerned ||= subsystemOf(buffer.subarray(0, length)) === 'power_supply';
      }
    }
    if (status < 0) watcher.restart();
    if (isConcerned) onEvent();
  });
  watcher.unref();
  return () => {
    watcher.close();
    libc.close(fd);
  };
}
