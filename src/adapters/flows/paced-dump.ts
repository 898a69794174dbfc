import { setImmediate } from 'node:timers/promises';
import { errnos } from '../libc/libc.ts';
import { decodeAcknowledgement } from '../netlink/codec/acknowledgement.codec.ts';
import {
  controlTypes,
  decodeMessages,
  encodeMessage,
  messageFlags,
  type NetlinkMessage,
} from '../netlink/codec/message.codec.ts';
import type { NetlinkSocket } from '../netlink/ffi/netlink-socket.ts';

/** Datagrams read in one turn of the event loop: some hundreds of objects, about a millisecond. */
const turnLimit = 8;

/** Marks the answers of one dump; the answers of `Requests` on the same socket count from 1 upwards. */
const sequence = 0xffff_ffff;

/**
 * All objects of a kind, read in steps with the event loop in between: there may be a hundred thousand of them. What
 * changes meanwhile may be missing. Resolves to a positive errno where the kernel refuses.
 */
export async function pacedDump<T>(
  socket: NetlinkSocket,
  type: number,
  payload: Uint8Array,
  take: (message: NetlinkMessage) => T | null,
): Promise<readonly T[] | number> {
  const values: T[] = [];
  const flags = messageFlags.request | messageFlags.dump;
  const error = socket.send(encodeMessage({ type, flags, sequence, payload }));
  if (error !== 0) return error;
  for (let datagrams = 1; ; datagrams++) {
    const reading = socket.read();
    if (reading === 'empty' || reading === 'lost') return errnos.ENOBUFS;
    if (!(reading instanceof Uint8Array)) return reading.errno;
    for (const message of decodeMessages(reading)) {
      if (message.sequence !== sequence) continue;
      const isDone = message.type === controlTypes.done;
      if (isDone || message.type === controlTypes.error) {
        const { errno } = decodeAcknowledgement(message, isDone) ?? { errno: errnos.EIO };
        return errno === 0 ? values : errno;
      }
      const value = take(message);
      if (value !== null) values.push(value);
    }
    // The rest of a dump is made when it is read: there is nothing to wait for but our own turn.
    // oxlint-disable-next-line no-await-in-loop
    if (datagrams % turnLimit === 0) await setImmediate();
  }
}
