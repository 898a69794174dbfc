import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAcknowledgement } from '../../../../src/adapters/netlink/codec/acknowledgement.codec.ts';
import {
  decodeAttributes,
  decodeName,
  encodeAttribute,
  encodeName,
} from '../../../../src/adapters/netlink/codec/attribute.codec.ts';
import { decodeCounters } from '../../../../src/adapters/netlink/codec/counters.codec.ts';
import { decodeIp, decodePrefix, encodeIp, encodePrefix } from '../../../../src/adapters/netlink/codec/ip.codec.ts';
import { decodeMessages, encodeMessage } from '../../../../src/adapters/netlink/codec/message.codec.ts';
import { encodeNeighbourResolve } from '../../../../src/adapters/netlink/codec/neighbour.codec.ts';
import {
  decodeRoute,
  encodeRouteDelete,
  encodeRouteReplace,
} from '../../../../src/adapters/netlink/codec/route.codec.ts';
import { decodeKernelMessage } from '../../../../src/adapters/netlink/codec/route-netlink.codec.ts';
import { decodeRule, encodeRuleAdd, encodeRuleDelete } from '../../../../src/adapters/netlink/codec/rule.codec.ts';
import { KernelMirror } from '../../../../src/adapters/netlink/mirror.ts';
import { networkOf } from '../../../../src/model/address.ts';
import type { Family } from '../../../../src/model/family.ts';
import type { Route, Rule } from '../../../../src/model/kernel.ts';
import { ownProtocol } from '../../../../src/model/network.ts';
import { bytesOf, capturedNames } from './captured.ts';

const bytes = fc.uint8Array({ maxLength: 200 });
const uint32 = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 300 }) },
  fc.integer({ min: 1, max: 2 ** 32 - 1 }),
);
const index = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const family = fc.constantFrom<Family>('ipv4', 'ipv6');
const address = (of: Family): fc.Arbitrary<string> => {
  const length = of === 'ipv4' ? 4 : 16;
  return fc.uint8Array({ minLength: length, maxLength: length }).map((value) => decodeIp(of, value) ?? '');
};
const prefix = (of: Family): fc.Arbitrary<string> =>
  fc
    .tuple(address(of), fc.integer({ min: 0, max: of === 'ipv4' ? 32 : 128 }))
    .map(([member, length]) => networkOf(member, length) ?? '');
const name = fc.uint8Array({ minLength: 1, maxLength: 15, min: 1 }).map((value) => decodeName(value));

const route: fc.Arbitrary<Route> = family.chain((of) =>
  fc.record({
    family: fc.constant(of),
    table: uint32,
    type: fc.constantFrom('unicast', 'blackhole', 'unreachable', 'prohibit', 'throw'),
    destination: prefix(of),
    gateway: fc.option(fc.oneof(address('ipv4'), address('ipv6'))),
    linkIndex: fc.option(index),
    metric: fc.oneof(fc.constant(0), uint32),
    protocol: fc.integer({ min: 0, max: 255 }),
    scope: fc.constantFrom('global', 'site', 'link', 'host', 'nowhere'),
    preferredSource: fc.constant(null),
    isOnLink: fc.boolean(),
  }),
);

const rule: fc.Arbitrary<Rule> = family.chain((of) =>
  fc.record({
    family: fc.constant(of),
    priority: fc.oneof(fc.constant(0), uint32),
    action: fc.constantFrom('lookup', 'goto', 'nop', 'blackhole', 'unreachable', 'prohibit'),
    table: uint32,
    from: fc.option(prefix(of)),
    to: fc.option(prefix(of)),
    inputInterface: fc.option(name),
    outputInterface: fc.option(name),
    mark: fc.option(uint32),
    mask: fc.option(uint32),
    suppressPrefixLength: fc.option(fc.integer({ min: 0, max: 128 })),
    protocol: fc.integer({ min: 0, max: 255 }),
    hasOtherSelectors: fc.constant(false),
  }),
);

describe('what is written is read back', () => {
  test('messages', () => {
    const message = fc.record({
      type: fc.nat(0xffff),
      flags: fc.nat(0xffff),
      sequence: fc.nat(),
      payload: bytes,
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), (messages) => {
        expect(decodeMessages(new Uint8Array(messages.flatMap((each) => [...encodeMessage(each)])))).toEqual(messages);
      }),
    );
  });

  test('attributes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.nat(0x3fff), bytes), { selector: ([type]) => type }), (attributes) => {
        const written = new Uint8Array(attributes.flatMap(([type, value]) => [...encodeAttribute(type, value)]));
        expect([...decodeAttributes(written)]).toEqual(attributes);
      }),
    );
  });

  test('the flags in the type of an attribute are no part of it', () => {
    const nested = encodeAttribute(0x8000 | 18, new Uint8Array([1]));
    expect([...decodeAttributes(nested).keys()]).toEqual([18]);
  });

  test('names of interfaces, whatever their bytes, and none becomes another', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 15, min: 1 }), (value) => {
        expect(encodeName(decodeName(value))).toEqual(new Uint8Array([...value, 0]));
      }),
    );
    expect(decodeName(new Uint8Array([0xff]))).not.toBe(decodeName(new TextEncoder().encode('ÿ')));
  });

  test('addresses and prefixes', () => {
    fc.assert(
      fc.property(
        family.chain((of) => fc.tuple(fc.constant(of), address(of), prefix(of))),
        ([of, one, many]) => {
          expect(decodeIp(of, encodeIp(one)?.bytes)).toBe(one);
          const parsed = encodePrefix(many);
          expect(decodePrefix(of, parsed?.bytes, parsed?.length ?? -1)).toBe(many);
        },
      ),
    );
  });

  test('routes to delete', () => {
    fc.assert(
      fc.property(route, (wanted) => {
        expect(decodeRoute(encodeRouteDelete(wanted) ?? new Uint8Array())).toEqual([wanted]);
      }),
    );
  });

  test('routes to install, and they bear our mark', () => {
    fc.assert(
      fc.property(route, index, ({ family, table, destination, gateway, metric, isOnLink }, linkIndex) => {
        const place = { family, table, destination, metric, linkIndex, gateway, isOnLink };
        expect(decodeRoute(encodeRouteReplace({ ...place, because: 'a test' }) ?? new Uint8Array())).toEqual([
          {
            ...place,
            type: 'unicast',
            protocol: ownProtocol,
            scope: gateway === null && family === 'ipv4' ? 'link' : 'global',
            preferredSource: null,
          },
        ]);
      }),
    );
  });

  test('rules to add and to delete', () => {
    fc.assert(
      fc.property(rule, (wanted) => {
        expect(decodeRule(encodeRuleDelete(wanted) ?? new Uint8Array())).toEqual(wanted);
        const { family, priority, table, from, outputInterface, suppressPrefixLength } = wanted;
        const desired = { family, priority, table, from, outputInterface, suppressPrefixLength };
        expect(decodeRule(encodeRuleAdd({ ...desired, because: 'a test' }) ?? new Uint8Array())).toEqual({
          ...desired,
          action: 'lookup',
          to: null,
          inputInterface: null,
          mark: null,
          mask: null,
          protocol: ownProtocol,
          hasOtherSelectors: false,
        });
      }),
    );
  });
});

describe('what makes no sense is refused, not sent', () => {
  test.each(['', 'default', '10.0.0.0/33', '10.0.0.0/8/8', '1.2.3', 'fe80::/129', '::1%eth0', '10.0.0.0/-1'])(
    'the destination %j',
    (destination) => {
      const place = { table: 100, metric: 1, linkIndex: 1, gateway: null, isOnLink: false, because: 'a test' };
      expect(encodeRouteReplace({ ...place, family: 'ipv4', destination })).toBeNull();
      expect(encodeRouteReplace({ ...place, family: 'ipv6', destination })).toBeNull();
    },
  );

  test('addresses of another family than the route, the rule or the neighbour is of', () => {
    const because = 'a test';
    const place = { table: 100, metric: 1, linkIndex: 1, gateway: null, isOnLink: false, because };
    expect(encodeRouteReplace({ ...place, family: 'ipv6', destination: '10.0.0.0/8' })).toBeNull();
    const selectors = { priority: 1, table: 100, outputInterface: null, suppressPrefixLength: null, because };
    expect(encodeRuleAdd({ ...selectors, family: 'ipv4', from: 'fe80::1/128' })).toBeNull();
    expect(encodeNeighbourResolve({ family: 'ipv6', linkIndex: 1, address: '10.0.0.1', because })).toBeNull();
  });
});

/** Reads a datagram in every way there is, and lets a mirror take it in; says how many messages it held. */
function readAll(datagram: Uint8Array): number {
  const messages = decodeMessages(datagram);
  const mirror = new KernelMirror();
  for (const message of messages) {
    const decoded = decodeKernelMessage(message);
    if (decoded !== null) mirror.apply(decoded);
    decodeCounters(message.payload);
    decodeAcknowledgement(message);
    decodeAcknowledgement(message, true);
  }
  return messages.length;
}

describe('no bytes whatever make the readers throw or go on for ever', () => {
  test('arbitrary datagrams', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (datagram) => {
        expect(readAll(datagram)).toBeLessThanOrEqual(datagram.length / 16);
      }),
    );
  });

  test('arbitrary payloads and attributes of every type of message', () => {
    const attributes = fc
      .array(fc.tuple(fc.nat(40), bytes), { maxLength: 8 })
      .map((list) => list.flatMap(([type, value]) => [...encodeAttribute(type, value)]));
    fc.assert(
      fc.property(
        fc.integer({ min: 16, max: 35 }),
        fc.constantFrom(0, 2, 10),
        fc.uint8Array({ minLength: 7, maxLength: 15 }),
        attributes,
        (type, first, header, rest) => {
          const payload = new Uint8Array([first, ...header, ...rest]);
          expect(readAll(encodeMessage({ type, flags: 0xffff, sequence: 1, payload }))).toBe(1);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('real messages cut short at every byte', () => {
    for (const message of capturedNames.flatMap((name) => decodeMessages(bytesOf(name)))) {
      for (let length = 0; length < message.payload.length; length++) {
        const payload = message.payload.subarray(0, length);
        const whole = encodeMessage({ ...message, payload });
        expect(readAll(whole)).toBe(1);
        expect(readAll(whole.subarray(0, 15 + length))).toBe(0);
      }
    }
  });

  test('real messages with any one byte of nothing, or of everything', () => {
    for (const message of capturedNames.flatMap((name) => decodeMessages(bytesOf(name)))) {
      for (let at = 0; at < message.payload.length; at++) {
        for (const value of [0, 3, 255]) {
          const payload = message.payload.with(at, value);
          expect(readAll(encodeMessage({ ...message, payload }))).toBe(1);
        }
      }
    }
  });

  test('real datagrams with any bytes changed', () => {
    const edits = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.constantFrom(...capturedNames), edits, (name, changes) => {
        const changed = bytesOf(name);
        for (const [at, value] of changes) changed[at % changed.length] = value;
        expect(readAll(changed)).toBeLessThanOrEqual(changed.length / 16);
      }),
      { numRuns: 1000 },
    );
  });

  test('an attribute of a later kernel is passed over, and makes a rule one that is not ours', () => {
    const [message] = decodeMessages(bytesOf('rule'));
    if (message === undefined) throw new Error('nothing was captured');
    const payload = new Uint8Array([...message.payload, ...encodeAttribute(999, new Uint8Array(4))]);
    expect(decodeKernelMessage({ ...message, payload })).toMatchObject({ value: { hasOtherSelectors: true } });
    const [route] = decodeMessages(bytesOf('ipv4Route'));
    if (route === undefined) throw new Error('nothing was captured');
    const longer = new Uint8Array([...route.payload, ...encodeAttribute(999, new Uint8Array(4))]);
    expect(decodeKernelMessage({ ...route, payload: longer })).toEqual(decodeKernelMessage(route));
  });

  test.each([
    ['that is inverted', 8, 2],
    ['for a type of service', 3, 0x10],
  ])('a rule %s has other selectors', (_, at, value) => {
    const [message] = decodeMessages(bytesOf('rule'));
    if (message === undefined) throw new Error('nothing was captured');
    const payload = message.payload.with(at, value);
    expect(decodeKernelMessage({ ...message, payload })).toMatchObject({ value: { hasOtherSelectors: true } });
  });

  test.each([
    ['by type of service', 3, 0x10],
    ['by source prefix', 2, 8],
    ['from the cache', 9, 2],
  ])('a route %s is none of the mirror', (_, at, value) => {
    const [message] = decodeMessages(bytesOf('ipv4Route'));
    if (message === undefined) throw new Error('nothing was captured');
    expect(decodeKernelMessage({ ...message, payload: message.payload.with(at, value) })).toBeNull();
  });
});
