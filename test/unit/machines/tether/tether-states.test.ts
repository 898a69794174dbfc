import { describe, expect, test } from 'vitest';
import { defaultConfig, type Config } from '../../../../src/model/config.ts';
import { lease, managedFacts, noAddresses, phone, pluggedIn, readyPhone, type PhoneBench } from '../phone-bench.ts';

const trusting: Config = { ...defaultConfig, usbTether: { ...defaultConfig.usbTether, validateRoute: false } };
const switchedOff: Config = { ...defaultConfig, usbTether: { ...defaultConfig.usbTether, enabled: false } };

function asking(config?: Config): PhoneBench {
  const node = pluggedIn(config);
  node.raise();
  return node;
}
function validating(): PhoneBench {
  const node = asking();
  node.bind();
  return node;
}
function failed(): PhoneBench {
  const node = validating();
  node.wait(15_000);
  return node;
}

describe('TETH-2: another manager that takes a phone', () => {
  test.each([
    ['a lease is asked for', asking, ['initializing']],
    ['it is validated', validating, ['initializing', 'validating']],
    ['it has failed', failed, ['initializing', 'validating', 'failed']],
    ['it is ready', readyPhone, ['initializing', 'validating', 'ready']],
  ] as const)('while %s has it at once, and nothing else comes between', (_, before, states) => {
    const node = before();
    expect(node.tetherStates).toEqual(states);
    node.change(5, managedFacts);
    expect(node.tetherStates).toEqual([...states, 'released']);
    expect(node.candidate()).toBe(true);
    expect(node.tether).toMatchObject({ problem: null, retryInMs: null });
  });

  test('that gives it up has failures of before forgotten', () => {
    const node = failed();
    node.change(5, managedFacts);
    node.change(5, noAddresses);
    node.wait(30_000);
    expect(node.tether).toMatchObject({ state: 'initializing', problem: null });
    node.wait(30_000);
    expect(node.tether).toMatchObject({ state: 'failed', retryInMs: 5000 });
  });
});

describe('TETH-1: a phone', () => {
  test('that loses its way out while it is validated begins anew, with all its time', () => {
    const node = validating();
    node.wait(10_000);
    node.unbind();
    expect(node.tetherStates).toEqual(['initializing', 'validating', 'initializing']);
    node.wait(29_999);
    expect(node.tether?.state).toBe('initializing');
    node.wait(1);
    expect(node.tether?.state).toBe('failed');
  });

  test.each([
    ['is validated', undefined, 'validating'],
    ['is ready, where it is trusted', trusting, 'ready'],
  ] as const)('that has failed and gets a way out %s without being set up again', (_, config, state) => {
    const node = asking(config);
    node.wait(30_000);
    node.bind();
    expect(node.tetherStates).toEqual(['initializing', 'failed', state]);
  });

  test('is told of with the instant at which it came to stand so, deadlines included', () => {
    const node = validating();
    node.wait(20_000);
    const told = node.emissions.flatMap((one) => (one.type === 'tether' ? [`${one.to} at ${one.at}`] : []));
    expect(told).toEqual([
      'initializing at 0',
      'validating at 0',
      'failed at 15000',
      'initializing at 20000',
      'validating at 20000',
    ]);
  });

  test('that is switched off is never tried, whoever has it', () => {
    for (const overrides of [{}, managedFacts]) {
      const node = pluggedIn(switchedOff, overrides);
      expect(node.tetherStates).toEqual(['released']);
      node.change(5, noAddresses);
      node.wait(60_000);
      expect(node.tetherStates).toEqual(['released']);
      expect(node.clock.pending).toBe(0);
    }
  });
});

describe('TETH-1: a tether whose actor fails', () => {
  const failTether = ({ actor }: PhoneBench): void => {
    const actorId = 'tether 5';
    actor.send({ type: `xstate.error.actor.${actorId}`, actorId, error: new Error('broken on purpose') });
  };

  test('before it was ready has to prove itself still', () => {
    const node = validating();
    failTether(node);
    node.wait(100);
    expect(node.tether?.state).toBe('validating');
    expect(node.candidate()).toBe(false);
  });

  test('when it was ready, and has lost its way out by then, begins anew', () => {
    const node = readyPhone();
    failTether(node);
    node.unbind();
    node.wait(100);
    expect(node.tether?.state).toBe('initializing');
    node.send({ type: 'lease.bound', index: 5, lease: lease() });
    expect(node.candidate()).toBe(false);
  });

  test('and is pulled out before it is started again is not missed, nor taken for the next', () => {
    const node = readyPhone();
    failTether(node);
    node.lose(5);
    node.wait(1000);
    expect([node.tethers, [...node.context.failures.keys()], node.clock.pending]).toEqual([[], [], 0]);
    node.find(phone());
    expect(node.tether?.state).toBe('initializing');
  });
});
