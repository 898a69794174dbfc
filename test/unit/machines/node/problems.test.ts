import { describe, expect, test } from 'vitest';
import { interfaceMachine } from '../../../../src/machines/interface/interface.machine.ts';
import { nodeMachine } from '../../../../src/machines/node/node.machine.ts';
import { newProblems } from '../../../../src/machines/node/problem.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import { address, answered, facts, lost, targets } from '../examples.ts';
import { NodeBench, threeUplinks } from '../node-bench.ts';

const told = ({ emissions }: NodeBench) =>
  emissions.flatMap((one) =>
    one.type === 'problem' || one.type === 'problem.solved' ? [[one.type, one.problem.code, one.at]] : [],
  );

describe('a problem', () => {
  test('with a reserved name is told for as long as the interface is there', () => {
    const node = new NodeBench();
    node.clock.advance(10);
    node.find(facts({ index: 5, name: 'all' }));
    expect(node.status.problems).toEqual([
      {
        code: 'uplink.reservedName',
        message: 'an interface is called all, which the kernel reserves for settings of every interface',
        remedy: 'rename it; it is not used as an uplink until then',
        subject: 'all',
      },
    ]);
    node.clock.advance(10);
    node.lose(5);
    expect(told(node)).toEqual([
      ['problem', 'uplink.reservedName', 10],
      ['problem.solved', 'uplink.reservedName', 20],
    ]);
  });

  test('with a captive portal names the family that it answers in, and ends with it', () => {
    const node = threeUplinks();
    node.probe(3, [{ ...answered(targets[0]), failure: 'captivePortal' }, answered(targets[1])]);
    expect(node.status.problems).toEqual([
      {
        code: 'uplink.captivePortal',
        message: 'a captive portal answers in place of the internet behind wlan0 (ipv4)',
        remedy: 'sign in to that network; the uplink counts as degraded until then',
        subject: 'wlan0',
      },
    ]);
    node.good(3);
    expect(node.status.problems).toEqual([]);
  });

  test('with a pin that leads nowhere says why the pinned uplink is passed over', () => {
    const node = threeUplinks();
    const complaint = () => node.status.problems[0]?.message;
    node.send({ type: 'command.pin', name: 'eth7' });
    expect(node.status.problems).toEqual([
      {
        code: 'uplink.pinUnreachable',
        message: 'eth7 is pinned, but there is no such uplink',
        remedy: 'another uplink is used until it is reachable; `backhauld pin auto` ends the pinning',
        subject: 'eth7',
      },
    ]);
    node.send({ type: 'command.pin', name: 'eth0' });
    expect(complaint()).toBeUndefined();
    node.change(2, { hasCarrier: false });
    expect(complaint()).toBe('eth0 is pinned, but it has no carrier');
    node.change(2, { hasCarrier: true, addresses: { ipv4: [address('172.16.0.5')], ipv6: [] }, defaultRoutes: [] });
    expect(complaint()).toBe('eth0 is pinned, but it has no gateway');
    node.change(2, { ...facts(), defaultRoutes: facts().defaultRoutes });
    expect(complaint()).toBeUndefined();
    node.send({ type: 'command.unpin' });
    expect(node.status.pinned).toBeNull();
  });

  test('with a pin whose probes fail names every family in which they do', () => {
    const node = new NodeBench();
    const dual = (index: number, name: string) =>
      facts({
        index,
        name,
        addresses: { ipv4: [address(`10.0.${index}.5`)], ipv6: [address(`2001:db8:${index}::5`, 64)] },
        defaultRoutes: [
          { family: 'ipv4', gateway: `10.0.${index}.1`, table: 254, metric: 100, protocol: 16 },
          { family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 },
        ],
      });
    node.find(dual(2, 'eth0'));
    node.find(dual(3, 'wlan0'));
    node.observe();
    node.send({ type: 'command.pin', name: 'eth0' });
    for (let i = 0; i < 2; i++) {
      node.bad(2);
      node.probe(2, [lost('six')], 'ipv6');
    }
    expect(node.status.problems[0]?.message).toBe('eth0 is pinned, but its probes fail (ipv4, ipv6)');
    node.send({ type: 'command.unpin' });
    expect(node.status.problems).toEqual([]);
  });

  test('with a target names the uplink it is blamed on, or says that it is blamed on all', () => {
    const node = threeUplinks();
    node.send({ type: 'target.blamed', family: 'ipv4', target: targets[0], index: null });
    node.send({ type: 'target.blamed', family: 'ipv4', target: targets[1], index: 3 });
    node.send({ type: 'target.blamed', family: 'ipv4', target: targets[1], index: 77 });
    const rest = { code: 'probe.targetBlamed', remedy: 'configure another target if this lasts' };
    expect(node.status.problems).toEqual([
      {
        ...rest,
        message: `${targets[0]} does not answer through any uplink while others do (ipv4); it is not counted`,
        subject: targets[0],
      },
      {
        ...rest,
        message: `${targets[1]} does not answer through wlan0 while others do (ipv4); it is not counted`,
        subject: targets[1],
      },
      {
        ...rest,
        message: `${targets[1]} does not answer through interface 77 while others do (ipv4); it is not counted`,
        subject: targets[1],
      },
    ]);
  });

  test('with an actor tells its last words, how often it failed, and that it is started again', () => {
    const state = { error: new Error('broken on purpose') as unknown };
    const broken = interfaceMachine.provide({
      actions: {
        abandon: () => {
          throw state.error;
        },
      },
    });
    const node = new NodeBench(defaultConfig, nodeMachine.provide({ actors: { interface: broken } }));
    node.find(facts());
    expect(node.status.problems).toEqual([
      {
        code: 'actor.failed',
        message: 'the actor of interface 2 failed: broken on purpose',
        remedy: 'it is started again with the facts it had; please report this',
        subject: 'interface 2',
      },
    ]);
    state.error = 'a mere text';
    node.clock.advance(100);
    expect(node.status.problems.map(({ message }) => message)).toEqual([
      'the actor of interface 2 failed 2 times running: a mere text',
    ]);
  });

  test('with a gateway outside every network says what is done about it', () => {
    const route = { family: 'ipv4', gateway: '172.31.1.1', table: 254, metric: 100, protocol: 16 } as const;
    const node = new NodeBench();
    const addresses = { ipv4: [address('10.0.2.5'), address('10.0.9.5', 16)], ipv6: [] };
    node.find(facts({ addresses, defaultRoutes: [route] }));
    const outside = {
      code: 'uplink.gatewayOutsideSubnet',
      message: 'the gateway 172.31.1.1 of eth0 lies in none of its networks (10.0.2.5/24, 10.0.9.5/16)',
      subject: 'eth0',
    };
    expect(node.status.problems).toEqual([
      { ...outside, remedy: 'a route goes by it, so it is used as an on-link gateway' },
    ]);
    const gateway = { ipv4: '172.31.1.1', ipv6: null };
    const uplinks = [{ match: { name: 'eth0' }, type: null, gateway, dhcp: false, policy: null }];
    const configured = new NodeBench({ ...defaultConfig, uplinks });
    configured.find(facts({ addresses, defaultRoutes: [] }));
    expect(configured.status.problems).toEqual([
      { ...outside, remedy: 'correct `gateway` in the configuration; it is not used' },
    ]);
    configured.change(2, { addresses: { ipv4: [], ipv6: [] } });
    expect(configured.status.problems).toEqual([]);
  });

  test('with a shared address names both interfaces, and which of them uses it', () => {
    const node = new NodeBench();
    const addresses = { ipv4: [address('192.168.42.5')], ipv6: [] };
    node.find(facts({ index: 2, name: 'eth0', addresses, defaultRoutes: [] }));
    node.find(facts({ index: 3, name: 'wlan0', addresses, defaultRoutes: [] }));
    expect(node.status.problems).toEqual([
      {
        code: 'uplink.duplicateAddress',
        message: 'wlan0 and eth0 both have the address 192.168.42.5; only eth0 uses it',
        remedy: 'give one of the two networks another subnet',
        subject: 'wlan0',
      },
    ]);
  });
});

describe('what is told of problems', () => {
  const problem = (overrides: Partial<Problem> = {}): Problem => ({
    code: 'kernel.refused',
    message: 'no',
    subject: 'eth0',
    ...overrides,
  });

  test.each([
    ['code', { code: 'kernel.busy' }],
    ['subject', { subject: 'wlan0' }],
    ['message', { message: 'never' }],
  ] as const)('one with another %s is another one', (_, other) => {
    expect(newProblems([problem()], [problem(), problem(other)])).toEqual([problem(other)]);
  });

  test('is each only once, however often it is found', () => {
    const node = threeUplinks();
    const { length } = node.emissions;
    for (let i = 0; i < 2; i++) node.send({ type: 'operation.failed', object: 'a', problem: problem() });
    node.send({ type: 'operation.failed', object: 'b', problem: problem({ message: 'never' }) });
    node.clock.advance(7);
    node.send({ type: 'operation.recovered', object: 'a' });
    expect(node.emissions.slice(length)).toEqual([
      { type: 'problem', problem: problem(), at: 0 },
      { type: 'problem', problem: problem({ message: 'never' }), at: 0 },
      { type: 'problem.solved', problem: problem(), at: 7 },
    ]);
  });

  test('is nothing when they are as they were', () => {
    const node = threeUplinks();
    const { problems } = node.context;
    node.send({ type: 'operation.recovered', object: 'a' });
    expect(node.context.problems).toBe(problems);
  });

  test('is both what arose and what was solved, when one takes the place of another', () => {
    const node = threeUplinks();
    const { length } = node.emissions;
    node.send({ type: 'operation.failed', object: 'a', problem: problem() });
    node.send({ type: 'operation.failed', object: 'a', problem: problem({ message: 'never' }) });
    expect(node.emissions.slice(length).map(({ type }) => type)).toEqual(['problem', 'problem', 'problem.solved']);
  });
});
