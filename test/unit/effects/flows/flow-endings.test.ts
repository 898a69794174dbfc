import { describe, expect, test } from 'vitest';
import { FlowEndings, type EndingReport } from '../../../../src/effects/flows/flow-endings.ts';
import type { EndedFlows, FlowSelection, FlowTarget } from '../../../../src/effects/ports.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import type { StrandedFlows } from '../../../../src/model/flows.ts';
import { routeKey, type KernelState, type Link, type Route } from '../../../../src/model/kernel.ts';
import { ownProtocol } from '../../../../src/model/network.ts';
import { instant } from '../../../../src/model/units.ts';
import { linkOf } from '../../../fakes/kernel/initial-content.ts';
import { foreignRoute, routing } from '../support.ts';

const order = (since: number, index = 2): StrandedFlows => ({
  index,
  name: `eth${index}`,
  family: 'ipv4',
  path: { addresses: [{ address: '192.168.1.2', prefixLength: 24, peer: null }], gateway: '192.168.1.1' },
  since: instant(since),
  because: 'it is dead',
});

class Bench implements FlowTarget {
  readonly reports: EndingReport[] = [];
  readonly problems: Problem[] = [];
  readonly asked: FlowSelection[] = [];
  readonly endings: FlowEndings;
  readonly #routes = new Map<string, Route>();
  /** What the next endings come to. */
  outcome: EndedFlows = { tcp: 1, udp: 2, forwarded: 3, problems: [] };
  /** Resolves what is asked; null: at once. */
  hold: Promise<void> | null = null;

  constructor(rules: Partial<typeof routing> = {}) {
    const link = (index: number): Link => ({ ...linkOf(index, `eth${index}`, {}), isUp: true, hasCarrier: true });
    const state: KernelState = {
      links: new Map([2, 3].map((index) => [index, link(index)])),
      addresses: new Map(),
      routes: this.#routes,
      rules: new Map(),
      neighbours: new Map(),
    };
    this.leadBy(2);
    this.endings = new FlowEndings({
      kernel: { state },
      target: this,
      routing: { ...routing, ...rules },
      now: () => instant(1000),
      onReport: (report) => this.reports.push(report),
      onProblem: (problem) => this.problems.push(problem),
    });
  }

  /** The kernel's ranking begins with this uplink from now on; null: there is none. */
  leadBy(index: number | null): void {
    this.#routes.clear();
    if (index === null) return;
    const route = foreignRoute({
      destination: '0.0.0.0/0',
      table: routing.firstTable,
      linkIndex: index,
      metric: 10,
      protocol: ownProtocol,
    });
    this.#routes.set(routeKey(route), route);
  }

  async end(selection: FlowSelection): Promise<EndedFlows> {
    this.asked.push(selection);
    await this.hold;
    return this.outcome;
  }
}

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('an order to end flows', () => {
  test('waits until the kernel begins with another uplink, and is carried out once', async () => {
    const bench = new Bench();
    const orders = [order(900)];
    bench.endings.want(orders);
    bench.endings.check();
    await turn();
    expect(bench.asked).toEqual([]);
    bench.leadBy(null);
    bench.endings.check();
    await turn();
    expect(bench.asked).toEqual([]);
    bench.leadBy(3);
    bench.endings.check();
    await turn();
    expect(bench.asked[0]?.sources).toEqual(['192.168.1.2']);
    expect(bench.reports).toEqual([{ flows: orders[0], ended: bench.outcome, took: 100 }]);
    bench.endings.want([...orders]);
    bench.endings.check();
    await turn();
    expect(bench.asked).toHaveLength(1);
  });

  test('is carried out again when it is given anew', async () => {
    const bench = new Bench();
    bench.leadBy(3);
    bench.endings.want([order(100)]);
    await turn();
    bench.endings.want([]);
    bench.endings.want([order(200)]);
    await turn();
    expect(bench.asked).toHaveLength(2);
  });

  test('is dropped when it is withdrawn before its turn', async () => {
    const bench = new Bench();
    bench.endings.want([order(100)]);
    bench.endings.want([]);
    bench.leadBy(3);
    bench.endings.check();
    await turn();
    expect(bench.asked).toEqual([]);
  });

  test('waits for the one before it, and the end waits for the one under way', async () => {
    const bench = new Bench();
    bench.leadBy(3);
    const { promise, resolve } = Promise.withResolvers<void>();
    bench.hold = promise;
    bench.endings.want([order(100), order(200)]);
    await turn();
    expect(bench.asked).toHaveLength(1);
    const closed = bench.endings.close();
    resolve();
    await closed;
    expect([bench.asked.length, bench.reports.length]).toEqual([1, 1]);
  });

  test.each([
    ['execute', { execute: false }],
    ['monitorOnly', { monitorOnly: true }],
  ])('ends nothing and says so where %s forbids it', async (_, rules) => {
    const bench = new Bench(rules);
    bench.endings.want([order(100)]);
    await turn();
    expect(bench.asked).toEqual([]);
    expect(bench.reports.map(({ ended }) => ended)).toEqual([null]);
  });

  test('tells a problem once, however often it comes', async () => {
    const bench = new Bench();
    bench.leadBy(3);
    const problem: Problem = { code: 'tool.missing', subject: 'ss', message: 'ss is not installed' };
    bench.outcome = { tcp: 0, udp: 0, forwarded: 0, problems: [problem, problem] };
    bench.endings.want([order(100)]);
    await turn();
    bench.endings.want([order(200)]);
    await turn();
    expect(bench.problems).toEqual([problem]);
  });
});
