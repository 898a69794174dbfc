import { align, viewOf } from './message.codec.ts';

/** The attributes of a message by type; the last of a type wins, as in the kernel. */
export type Attributes = ReadonlyMap<number, Uint8Array>;

const headerLength = 4;
/** NLA_F_NESTED and NLA_F_NET_BYTEORDER are flags in the type. */
const typeMask = 0x3fff;

/** Reads attributes to the end, or to the first that does not fit. */
export function decodeAttributes(bytes: Uint8Array): Attributes {
  const attributes = new Map<number, Uint8Array>();
  const view = viewOf(bytes);
  for (let at = 0; at + headerLength <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < headerLength || at + length > bytes.length) break;
    attributes.set(view.getUint16(at + 2, true) & typeMask, bytes.subarray(at + headerLength, at + length));
    at += align(length);
  }
  return attributes;
}

/** Where the last attribute of a type begins between two offsets, -1 for nowhere: for what is read too often for a map. */
export function findAttribute(view: DataView, type: number, from: number, to: number): number {
  let found = -1;
  for (let at = from; at + headerLength <= to; ) {
    const length = view.getUint16(at, true);
    if (length < headerLength || at + length > to) break;
    if ((view.getUint16(at + 2, true) & typeMask) === type) found = at;
    at += align(length);
  }
  return found;
}

export function encodeAttribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(align(headerLength + value.length));
  const view = viewOf(bytes);
  view.setUint16(0, headerLength + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, headerLength);
  return bytes;
}

export function encodeUint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, true);
  return bytes;
}

/** An attribute of four bytes, unsigned; undefined when there is none, or one too short. */
export function uint32(attributes: Attributes, type: number): number | undefined {
  const value = attributes.get(type);
  return value === undefined || value.length < 4 ? undefined : viewOf(value).getUint32(0, true);
}

export const uint8 = (attributes: Attributes, type: number): number | undefined => attributes.get(type)?.[0];

export function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A name of the kernel's as text. Names are bytes: those that are no UTF-8 come as lone surrogates U+DC80 to U+DCFF, one
 * a byte, so that different names stay different and `encodeName` gives the very bytes back.
 */
export function decodeName(value: Uint8Array): string {
  const end = value.indexOf(0);
  const bytes = end === -1 ? value : value.subarray(0, end);
  try {
    return utf8.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join('');
  }
}

/** The bytes of a name, with the zero at its end. */
export function encodeName(name: string): Uint8Array {
  const escaped = /[\udc80-\udcff]/u.test(name);
  const bytes = escaped
    ? Uint8Array.from(name, (character) => character.charCodeAt(0) & 0xff)
    : new TextEncoder().encode(name);
  return concatenate(bytes, new Uint8Array(1));
}
