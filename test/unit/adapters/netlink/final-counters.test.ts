import { describe, expect, test } from 'vitest';
import { concatenate, encodeAttribute } from '../../../../src/adapters/netlink/codec/attribute.codec.ts';
import type { NetlinkMessage } from '../../../../src/adapters/netlink/codec/message.codec.ts';
import { FinalCounters } from '../../../../src/adapters/netlink/final-counters.ts';

const [newLink, deleteLink] = [16, 17];

/** A message of a link with IFLA_STATS64, as the kernel writes it. */
function about(type: number, index: number, counters: readonly number[] | null, family = 0): NetlinkMessage {
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  view.setUint8(0, family);
  view.setInt32(4, index, true);
  const values = new BigUint64Array((counters ?? []).map(BigInt));
  const statistics = counters === null ? new Uint8Array() : encodeAttribute(23, new Uint8Array(values.buffer));
  return { type, flags: 0, sequence: 0, payload: concatenate(header, statistics) };
}

function heard(...messages: readonly NetlinkMessage[]): FinalCounters {
  const final = new FinalCounters();
  for (const message of messages) final.hear(message);
  return final;
}

describe('TETH-4: what a link had carried when it was deleted', () => {
  test('is known from the news of it', () => {
    expect(heard(about(deleteLink, 7, [11, 22, 5_000_000_000, 44, 0])).get(7)).toEqual({
      receivedPackets: 11,
      sentPackets: 22,
      receivedBytes: 5_000_000_000,
      sentBytes: 44,
    });
  });

  test('is not known of others, where the kernel does not say, or of a port that leaves its bridge', () => {
    expect(heard(about(deleteLink, 7, [1, 2, 3, 4])).get(8)).toBeNull();
    expect(heard(about(deleteLink, 7, null)).get(7)).toBeNull();
    expect(heard(about(deleteLink, 7, [1, 2, 3])).get(7)).toBeNull();
    expect(heard(about(deleteLink, 7, [1, 2, 3, 4], 7)).get(7)).toBeNull();
    expect(heard({ ...about(deleteLink, 7, null), payload: new Uint8Array(3) }).get(7)).toBeNull();
  });

  test('is forgotten when another link has the index, and bounded in number', () => {
    expect(heard(about(deleteLink, 7, [1, 2, 3, 4]), about(newLink, 7, [9, 9, 9, 9])).get(7)).toBeNull();
    const many = Array.from({ length: 100 }, (_, i) => about(deleteLink, i + 1, [1, 2, 3, 4]));
    const final = heard(...many);
    expect([final.get(1), final.get(36), final.get(100)?.sentBytes]).toEqual([null, null, 4]);
  });
});
