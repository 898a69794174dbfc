import { assert, constantFrom, oneof, property, string, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeOperation, lineOf } from '../../../../../src/adapters/netlink/command/ip-command.codec.ts';
import { resultOfAnswer } from '../../../../../src/adapters/netlink/command/ip-answer.codec.ts';
import { failuresIn } from '../../../../../src/adapters/netlink/command/ip-batch.ts';
import { countersIn } from '../../../../../src/adapters/netlink/command/proc-net-dev.ts';
import { kindOf } from '../../../../../src/adapters/netlink/command/ip-monitor.ts';
import type { KernelOperation } from '../../../../../src/effects/ports.ts';
import {
  addRule,
  deleteRoute,
  deleteRule,
  replaceRoute,
  reportedRoute,
  reportedRule,
  resolveNeighbour,
  wantedRoute,
  wantedRule,
} from '../../../../contract/kernel-world.ts';

const lineFor = (operation: KernelOperation, placement?: 'create' | 'replace'): string | null => {
  const encoded = encodeOperation(operation, placement);
  return encoded.ok ? lineOf(encoded.command) : `refused: ${encoded.message}`;
};

describe('Operations in the words of ip', () => {
  test.each([
    [
      replaceRoute(wantedRoute('ipv4', 5)),
      'route replace unicast 0.0.0.0/0 via 192.0.2.1 dev if5 table 150 metric 7 proto 144 scope 0',
    ],
    [
      replaceRoute(wantedRoute('ipv4', 5, { gateway: null })),
      'route replace unicast 0.0.0.0/0 dev if5 table 150 metric 7 proto 144 scope 253',
    ],
    [
      replaceRoute(wantedRoute('ipv6', 5, { metric: 0, isOnLink: true })),
      'route replace unicast ::/0 via 2001:db8:1::1 dev if5 table 150 onlink proto 144',
    ],
    [
      deleteRoute(reportedRoute('ipv4', 5, { gateway: 'fe80::1' })),
      'route delete unicast 0.0.0.0/0 via inet6 fe80::1 dev if5 table 150 metric 7 proto 4 scope 0',
    ],
    [
      addRule(wantedRule('ipv4', { from: '192.0.2.2', outputInterface: 'wan0' })),
      'rule add priority 1005 from 192.0.2.2/32 oif wan0 table 150 protocol 144',
    ],
    [
      deleteRule(reportedRule('ipv6', { suppressPrefixLength: 0 })),
      'rule delete priority 1005 table 150 suppress_prefixlength 0 protocol 144',
    ],
    [resolveNeighbour('ipv6', 5, 'FE80::1'), 'neigh replace fe80::1 dev if5 use'],
  ])('%#: as one line', (operation, line) => {
    expect(lineFor(operation)).toBe(line);
  });

  test('a place where nothing stands is not replaced', () => {
    expect(lineFor(replaceRoute(wantedRoute('ipv4', 5)), 'create')).toMatch(/^route add /u);
  });

  test('SECU-4: nothing but harmless words gets into a line, whatever the texts', () => {
    const text = oneof(
      string(),
      string({ unit: 'binary' }),
      constantFrom('192.0.2.1', '::1', 'a b', '"', '#', 'x\ny', '\\', '-h', "'", '$(x)'),
    );
    const operation = oneof(
      tuple(text, text).map(([gateway, destination]) => replaceRoute(wantedRoute('ipv4', 5, { gateway, destination }))),
      tuple(text, text).map(([from, outputInterface]) => addRule(wantedRule('ipv4', { from, outputInterface }))),
      text.map((outputInterface) => deleteRule(reportedRule('ipv6', { outputInterface }))),
      text.map((address) => resolveNeighbour('ipv4', 5, address)),
      tuple(text, text).map(([type, destination]) => deleteRoute(reportedRoute('ipv4', 5, { type, destination }))),
    );
    assert(
      property(operation, (one) => {
        const encoded = encodeOperation(one);
        if (!encoded.ok) return;
        const line = lineOf(encoded.command);
        expect(line === null || /^[\w.:@/+ -]+$/u.test(line)).toBe(true);
        expect(line?.split(' ').length ?? encoded.command.words.length).toBe(encoded.command.words.length);
        expect(encoded.command.words.every((word) => word !== '' && !/[ \t-\r]/u.test(word))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test.each([1.5, -1, Number.NaN, 2 ** 32])('a table of number %d is refused', (table) => {
    expect(lineFor(replaceRoute(wantedRoute('ipv4', 5, { table })))).toMatch(/^refused/u);
  });
});

test.each([
  ['route.delete', 'RTNETLINK answers: No such process', 'satisfied', 'kernel.vanished'],
  ['route.delete', 'Error: FIB table does not exist.', 'satisfied', 'kernel.vanished'],
  ['rule.add', 'RTNETLINK answers: File exists', 'satisfied', 'kernel.refused'],
  ['rule.delete', 'RTNETLINK answers: No such file or directory', 'satisfied', 'kernel.vanished'],
  ['route.replace', 'Error: Nexthop has invalid gateway.', 'retryable', 'kernel.refused'],
  ['route.replace', 'Error: Device for nexthop is not up.', 'retryable', 'kernel.refused'],
  ['route.replace', 'Cannot find device "if7"', 'retryable', 'kernel.vanished'],
  ['route.replace', 'RTNETLINK answers: Operation not permitted', 'permanent', 'privilege.missing'],
  ['route.replace', 'Error: Gateway can not be a local address.', 'permanent', 'kernel.refused'],
  ['route.replace', 'Error: Words of a kernel to come.', 'retryable', 'kernel.refused'],
  ['route.replace', '', 'retryable', 'kernel.refused'],
] as const)('%s answered with "%s" is %s, %s', (type, text, retry, code) => {
  expect(resultOfAnswer(type, text)).toMatchObject({ ok: false, retry, code });
});

test('what ip says of each line of a batch is told apart, the marker left out', () => {
  const errors =
    'RTNETLINK answers: File exists\nCommand failed -:7\nError: one.\ntwo\nCommand failed -:9\nObject "end-of-group" is unknown, try "ip help".\nCommand failed -:10\n';
  expect(failuresIn(errors, 7, 3)).toEqual(
    new Map([
      [0, 'RTNETLINK answers: File exists'],
      [2, 'Error: one. two'],
    ]),
  );
});

test.each([
  ['[LINK]2: u0: <UP>', 'link'],
  ['[NEIGH]Deleted 10.0.0.1 dev u0', 'neighbour'],
  ['[NEXTHOP]id 5', 'nextHop'],
  ['    RX: bytes', 'unknown'],
])('the monitor’s line "%s" is about a %s', (line, kind) => {
  expect(kindOf(line)).toBe(kind);
});

test('the counters of a link are read by its name', () => {
  const text =
    'Inter-|   Receive  |  Transmit\n face |bytes    packets errs\n    lo:     100       1    0    0    0     0          0         0      200       2    0    0    0     0       0          0\n  wan0:1234567    8901    0    0    0     0          0         0 7654321 1098    0    0    0     0       0          0\n';
  expect(countersIn(text, 'wan0')).toEqual({
    receivedBytes: 1_234_567,
    receivedPackets: 8901,
    sentBytes: 7_654_321,
    sentPackets: 1098,
  });
  expect(countersIn(text, 'wan')).toBeNull();
});
