import type {
  Reply,
  ExchangeOutcome,
  Peer,
  UplinkPath,
  UplinkSockets,
} from '../../../../src/adapters/sockets/uplink-sockets.ts';
import { failureOf } from '../../../../src/adapters/sockets/socket-failures.ts';
import { milliseconds } from '../../../../src/model/units.ts';

/** One datagram that was sent, and whose answer is awaited. */
export interface Asked {
  readonly path: UplinkPath;
  readonly peer: Peer;
  readonly datagram: Buffer;
  isEnded: boolean;
  /** Hands an answer in. */
  answer(datagram: Uint8Array): void;
  fail(outcome: Extract<ExchangeOutcome, { ok: false }>): void;
}

/** Sockets that send nothing: what was asked is answered by the test. */
export class FakeSockets implements UplinkSockets {
  readonly binding = 'device';
  readonly asked: Asked[] = [];
  readonly connected: { readonly path: UplinkPath; readonly peer: Peer }[] = [];

  /** As `Array.at` counts. */
  theAsked(position: number): Asked {
    const asked = this.asked.at(position);
    if (asked === undefined) throw new Error(`${this.asked.length} questions were asked`);
    return asked;
  }

  connect: UplinkSockets['connect'] = (path, peer, settle) => {
    this.connected.push({ path, peer });
    settle({ ok: false, failure: 'refused', rtt: milliseconds(5), message: 'reset' });
    return () => undefined;
  };

  exchange: UplinkSockets['exchange'] = (path, peer, datagram, judge, settle) => {
    const asked: Asked = {
      path,
      peer,
      datagram: Buffer.from(datagram),
      isEnded: false,
      answer(reply) {
        const meaning: Reply = judge(reply);
        if (meaning !== 'foreign') settle(meaning === 'answer' ? { ok: true, rtt: milliseconds(5) } : meaning);
      },
      fail: settle,
    };
    this.asked.push(asked);
    return () => {
      asked.isEnded = true;
    };
  };

  echo: UplinkSockets['echo'] = (_path, _address, _echo, settle) => {
    settle(failureOf('notPermitted', 'no ICMP'));
    return () => undefined;
  };
}

export interface AnswerRecord {
  readonly type: number;
  readonly ttl: number;
  readonly data: readonly number[];
}

export const a = (address: string, ttl = 300): AnswerRecord => ({ type: 1, ttl, data: address.split('.').map(Number) });
export const aaaa = (last: number, ttl = 300): AnswerRecord => ({
  type: 28,
  ttl,
  data: [0x20, 0x01, 0x0d, 0xb8, ...Array.from({ length: 11 }, () => 0), last],
});
/** An alias for the name at the start of the question. */
export const cname = (ttl: number): AnswerRecord => ({ type: 5, ttl, data: [1, 0x78, 0xc0, 0x0c] });

/** The answer to a query: its header and question again, and records about its name. */
export function answerTo(query: Buffer, records: readonly AnswerRecord[], code = 0): Buffer {
  const head = Buffer.from(query);
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(records.length, 6);
  const body = records.map(({ type, ttl, data }) => {
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(ttl, 6);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, Buffer.from(data)]);
  });
  return Buffer.concat([head, ...body]);
}
