import { formatAddress } from '../../model/address.ts';
import type { Family } from '../../model/family.ts';

/** The little of DNS (RFC 1035 section 4) that asks for an address and recognises the answer. */

export interface DnsQuestion {
  /** Random, so that only who saw the question can answer it. */
  readonly id: number;
  readonly name: string;
  /** The family whose address is asked for; IPv4 where none is given. */
  readonly family?: Family;
}

/** What an answer says of a name: its addresses in the order given, none of them twice, and for how long they hold. */
export interface DnsAddresses {
  /** 0: no error; 3: no such name (NXDOMAIN). */
  readonly code: number;
  /** In the text form of its family, canonical. */
  readonly addresses: readonly string[];
  /** Seconds: the least of all records that led there. */
  readonly timeToLive: number;
}

/** `foreign`: not an answer to this question. `refused`: the server answered that it cannot or will not. */
export type DnsReply = 'foreign' | 'answer' | 'malformed' | 'refused';

const types: Readonly<Record<Family, number>> = { ipv4: 1, ipv6: 28 };
const typeCname = 5;
const classIn = 1;
const headerLength = 12;
/** QR: this is a response. */
const isResponse = 0x8000;
const opcodeMask = 0x7800;
const recursionDesired = 0x0100;
/** NXDOMAIN says as much of the way as an address does. */
const goodCodes: ReadonlySet<number> = new Set([0, 3]);

/** A query for the name's address, with recursion. The name is checked: labels of 1 to 63 ASCII characters. */
export function encodeDnsQuery({ id, name, family = 'ipv4' }: DnsQuestion): Uint8Array {
  const header = Buffer.alloc(headerLength);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(recursionDesired, 2);
  header.writeUInt16BE(1, 4);
  const labels = name.split('.').flatMap((label) => [Buffer.of(label.length), Buffer.from(label, 'latin1')]);
  return Buffer.concat([header, ...labels, Buffer.of(0, 0, types[family], 0, classIn)]);
}

/** Judges a datagram. Only one that repeats id and question is taken for an answer, and then its records must be whole. */
export function judgeDnsReply(message: Uint8Array, question: DnsQuestion): DnsReply {
  if (message.length < headerLength) return 'foreign';
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const flags = view.getUint16(2);
  if (view.getUint16(0) !== question.id || (flags & isResponse) === 0 || (flags & opcodeMask) !== 0) return 'foreign';
  const code = flags & 0x000f;
  const questions = view.getUint16(4);
  // Servers that do not even parse a query (FORMERR) may leave the question out.
  if (questions === 0 && code !== 0) return 'refused';
  const afterQuestion = questions === 1 ? endOfQuestion(message, question) : null;
  if (afterQuestion === null) return 'foreign';
  if (!goodCodes.has(code)) return 'refused';
  const records = view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
  return areRecordsWhole(view, afterQuestion, records) ? 'answer' : 'malformed';
}

/**
 * The addresses in a message that was judged an answer. Aliases (CNAME) are followed by the server that was asked with
 * recursion: whatever address of the family is in the answer is one of the name. TTLs are below 2³¹ (RFC 2181 section 8).
 */
export function readDnsAddresses(message: Uint8Array, question: DnsQuestion): DnsAddresses {
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const { family = 'ipv4' } = question;
  const size = family === 'ipv4' ? 4 : 16;
  const addresses = new Set<string>();
  let timeToLive = 2 ** 31 - 1;
  let position: number | null = endOfQuestion(message, question);
  for (let left = view.getUint16(6); left > 0 && position !== null; left -= 1) {
    const fields = endOfName(view, position);
    if (fields === null) break;
    const [type, recordClass] = [view.getUint16(fields), view.getUint16(fields + 2)];
    const length = view.getUint16(fields + 8);
    const isAddress = type === types[family] && length === size;
    if (recordClass === classIn && (isAddress || type === typeCname)) {
      timeToLive = Math.min(timeToLive, view.getUint32(fields + 4) % 2 ** 31);
    }
    if (recordClass === classIn && isAddress) addresses.add(addressText(message, fields + 10, family));
    position = fields + 10 + length;
  }
  return { code: view.getUint16(2) & 0x000f, addresses: [...addresses], timeToLive };
}

function addressText(message: Uint8Array, start: number, family: Family): string {
  const bytes = message.subarray(start, start + (family === 'ipv4' ? 4 : 16));
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return formatAddress({ family, value });
}

/** Where the records begin, null when the question is another. Servers may change the case of letters. */
function endOfQuestion(message: Uint8Array, question: DnsQuestion): number | null {
  const expected = encodeDnsQuery(question).subarray(headerLength);
  const found = message.subarray(headerLength, headerLength + expected.length);
  const isEqual =
    found.length === expected.length && expected.every((byte, position) => lower(byte) === lower(found[position] ?? 0));
  return isEqual ? headerLength + expected.length : null;
}

/** Lengths of labels are below 64 and stay as they are. */
const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);

function areRecordsWhole(view: DataView, start: number, count: number): boolean {
  let position = start;
  for (let record = 0; record < count; record += 1) {
    const name = endOfName(view, position);
    if (name === null || name + 10 > view.byteLength) return false;
    position = name + 10 + view.getUint16(name + 8);
  }
  return position <= view.byteLength;
}

/** A name ends with an empty label or with a pointer; pointers are not followed, nobody needs the names. */
function endOfName(view: DataView, start: number): number | null {
  let position = start;
  while (position < view.byteLength) {
    const length = view.getUint8(position);
    if (length === 0) return position + 1;
    if (length >= 0xc0) return position + 2 <= view.byteLength ? position + 2 : null;
    if (length >= 0x40) return null;
    position += 1 + length;
  }
  return null;
}
