import { describe, expect, test } from 'vitest';
import type { Route, Rule } from '../../../../src/model/kernel.ts';
import { ownProtocol, type UplinkIntent } from '../../../../src/model/network.ts';
import { observeRouting } from '../../../../src/effects/network/observe.ts';
import { assignTables, noTables } from '../../../../src/effects/network/tables.ts';
import { FakeKernel } from '../../../fakes/kernel/fake-kernel.ts';
import { foreignRoute, foreignRule, routing } from '../support.ts';

const path = { addresses: [{ address: '192.0.2.2', prefixLength: 24, peer: null }], gateway: '192.0.2.1' };
const uplink = (index: number): UplinkIntent => ({ index, name: `eth${index}`, paths: { ipv4: path, ipv6: null } });

function viewOf({ routes = [], rules = [] }: { routes?: readonly Route[]; rules?: readonly Rule[] } = {}) {
  const kernel = new FakeKernel();
  return observeRouting(
    {
      ...kernel.state,
      routes: new Map(routes.map((route, at) => [String(at), route])),
      rules: new Map(rules.map((rule, at) => [String(at), rule])),
    },
    routing,
  );
}

describe('the assignment of tables', () => {
  test('ROUT-1: gives each uplink the first free id, and the ranking the last', () => {
    const { tables, problems } = assignTables(noTables, [uplink(3), uplink(2)], viewOf(), routing);
    expect(tables.uplinks).toEqual(
      new Map([
        [2, 100],
        [3, 101],
      ]),
    );
    expect(tables.ranked).toBe(200);
    expect(tables.families).toEqual({ ipv4: true, ipv6: false });
    expect(problems).toEqual([]);
  });

  test('ROUT-1: keeps what was assigned, and is the same object when nothing is different', () => {
    const first = assignTables(noTables, [uplink(2), uplink(3)], viewOf(), routing).tables;
    expect(assignTables(first, [uplink(3), uplink(2)], viewOf(), routing).tables).toBe(first);
    const second = assignTables(first, [uplink(3), uplink(4)], viewOf(), routing).tables;
    expect(second.uplinks).toEqual(
      new Map([
        [3, 101],
        [4, 100],
      ]),
    );
  });

  test('ROUT-1: running out is a problem that names who has none; the others have theirs', () => {
    const narrow = { ...routing, firstTable: 100, lastTable: 102 };
    const { tables, problems } = assignTables(noTables, [uplink(2), uplink(3), uplink(4)], viewOf(), narrow);
    expect([...tables.uplinks.values(), tables.ranked]).toEqual([100, 101, 102]);
    expect(problems.map(({ code, subject }) => `${code} ${subject}`)).toEqual(['routing.tablesExhausted eth4']);
  });

  test('ROUT-5: leaves ids that others have routes in, or look up', () => {
    const view = viewOf({
      routes: [foreignRoute({ table: 100, destination: '10.0.0.0/8' })],
      rules: [foreignRule({ priority: 500, table: 101 })],
    });
    const { tables, problems } = assignTables(noTables, [uplink(2)], view, routing);
    expect(tables.uplinks.get(2)).toBe(102);
    expect(problems.map(({ code, subject }) => `${code} ${subject}`)).toEqual(['routing.tableTaken table 100']);
  });

  test('ROUT-8: after a crash takes over what its own rules say', () => {
    const own = { protocol: ownProtocol };
    const view = viewOf({
      rules: [
        foreignRule({ ...own, priority: 1000, table: 117, outputInterface: 'eth2' }),
        foreignRule({ ...own, priority: 32_765, table: 150 }),
      ],
    });
    const { tables } = assignTables(noTables, [uplink(2)], view, routing);
    expect([tables.uplinks.get(2), tables.ranked]).toEqual([117, 150]);
  });

  test('ROUT-8: after a crash without rules takes over what its own routes say', () => {
    const own = { protocol: ownProtocol, destination: '0.0.0.0/0', linkIndex: 2 } as const;
    const view = viewOf({
      routes: [foreignRoute({ ...own, table: 150, metric: 10 }), foreignRoute({ ...own, table: 117, metric: 1 })],
    });
    const { tables } = assignTables(noTables, [uplink(2)], view, routing);
    expect([tables.uplinks.get(2), tables.ranked]).toEqual([117, 150]);
  });
});
