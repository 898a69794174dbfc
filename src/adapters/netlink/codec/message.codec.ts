/**
 * Framing of netlink (linux/netlink.h): a header of 16 bytes, a payload, padding to 4 bytes. Numbers are in the byte
 * order of the machine, which is little-endian on everything this runs on.
 */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

export const messageFlags = {
  request: 0x1,
  multi: 0x2,
  ack: 0x4,
  dumpInterrupted: 0x10,
  /** On a GET request. */
  dump: 0x300,
  /** On a NEW request, and on what announces it. */
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  append: 0x800,
  /** On an acknowledgement: the request's payload was left out of it; attributes follow. */
  capped: 0x100,
  ackAttributes: 0x200,
} as const;

/** Types that every netlink family has. */
export const controlTypes = { error: 2, done: 3, overrun: 4 } as const;

const headerLength = 16;
export const align = (length: number): number => (length + 3) & ~3;
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The messages of one datagram. Reading stops at the first header that does not fit: nothing behind it can be found. */
export function decodeMessages(datagram: Uint8Array): readonly NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  const view = viewOf(datagram);
  for (let at = 0; at + headerLength <= datagram.length; ) {
    const length = view.getUint32(at, true);
    if (length < headerLength || at + length > datagram.length) break;
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      payload: datagram.subarray(at + headerLength, at + length),
    });
    at += align(length);
  }
  return messages;
}

export function encodeMessage({ type, flags, sequence, payload }: NetlinkMessage): Uint8Array {
  const bytes = new Uint8Array(align(headerLength + payload.length));
  const view = viewOf(bytes);
  view.setUint32(0, headerLength + payload.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  bytes.set(payload, headerLength);
  return bytes;
}
