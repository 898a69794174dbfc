import { describe, expect, test } from 'vitest';
import { actorsUnder, viewOf } from '../../../src/inspection/actor-view.ts';
import { checkpointOf } from '../../../src/inspection/checkpoint.ts';
import { Replay } from '../../../src/inspection/replay.ts';
import { hotspotMachine } from '../../../src/machines/hotspot/hotspot.machine.ts';
import type { Checkpoint, RecordingEntry } from '../../../src/model/recording.ts';
import { hours, seconds } from '../../../src/model/units.ts';
import { RecordedNode } from '../../fakes/recorded-node.ts';
import { facts } from '../machines/examples.ts';
import { network, radio, withHotspot } from '../machines/hotspot-bench.ts';

const pskRotation = { ...withHotspot().hotspot.security.pskRotation, enabled: true, interval: hours(1) };
const config = withHotspot({ security: { ...withHotspot().hotspot.security, pskRotation } });

/** On air with a new key, while an uplink has been back for a while. */
function returning(): RecordedNode {
  const node = new RecordedNode({ config });
  node.send({ type: 'network.observed', incumbents: { ipv4: null, ipv6: null } });
  node.send({ type: 'radio.changed', radio });
  node.pass(30_000);
  node.send({ type: 'hotspot.opened', opening: 1, network });
  node.send({ type: 'hotspot.clients', opening: 1, clients: 1 });
  node.send({ type: 'command.rotateKey' });
  node.pass(10_000);
  node.send({ type: 'interface.found', facts: facts() });
  node.pass(20_000);
  return node;
}

const checkpointIn = (node: RecordedNode): Checkpoint =>
  JSON.parse(JSON.stringify(checkpointOf(node.actor, node.clock))) as Checkpoint;

const toldBy = (entries: readonly RecordingEntry[]): readonly string[] =>
  entries.flatMap((entry) =>
    entry.type === 'told' && entry.emission.type === 'hotspot' ? `${entry.emission.to} at ${entry.emission.at}` : [],
  );

describe('the hotspot in a checkpoint', () => {
  test('waits what is left of its delays, to the millisecond', () => {
    const node = returning();
    const restored = new RecordedNode({ config, now: node.clock.now, checkpoint: checkpointIn(node) });
    expect(restored.entries).toEqual([]);
    expect(restored.context.intent.hotspot).toEqual(node.context.intent.hotspot);
    for (const one of [node, restored]) {
      one.entries.length = 0;
      one.pass(3_600_000);
    }
    expect(toldBy(restored.entries)).toEqual(['stopping at 100000', 'error at 130000', 'inactive at 135000']);
    expect(restored.entries).toEqual(node.entries);
    expect(restored.context.hotspot).toEqual(node.context.hotspot);
    expect(restored.context.hotspot?.view).toMatchObject({ key: 3, previousKey: 2 });
  });

  test('goes on under another configuration, where one is asked for', () => {
    const node = returning();
    const told: RecordingEntry[] = [];
    const other = { ...config, hotspot: { ...config.hotspot, stopAfter: seconds(5) } };
    const replay = new Replay({ config: other, onOutcome: (outcome) => told.push(outcome) });
    replay.enter(node.header(checkpointIn(node)));
    node.entries.length = 0;
    node.send({ type: 'interface.lost', index: 2 });
    node.send({ type: 'interface.found', facts: facts() });
    node.pass(10_000);
    node.send({ type: 'command.unpin' });
    for (const entry of node.entries) replay.feed(entry);
    expect([toldBy(node.entries), toldBy(told)]).toEqual([[], ['stopping at 65000']]);
  });
});

test('the hotspot in a replay does what it did', () => {
  const node = returning();
  node.pass(3_600_000);
  const told: RecordingEntry[] = [];
  const replay = new Replay({ onOutcome: (outcome) => told.push(outcome) });
  replay.enter(new RecordedNode({ config }).header());
  for (const entry of node.entries) replay.feed(entry);
  expect(replay.mode).toBe('exact');
  expect(toldBy(told)).toEqual(toldBy(node.entries));
  expect(replay.actor?.getSnapshot().context.hotspot).toEqual(node.context.hotspot);
});

test('the hotspot shows what it knows and what it waits for', () => {
  const node = returning();
  const [view] = actorsUnder(node.actor).flatMap(({ actor, snapshot }) =>
    snapshot.machine.id === hotspotMachine.id ? [viewOf(node.actor, actor, snapshot)] : [],
  );
  expect(view).toMatchObject({ id: 'hotspot', machine: 'hotspot', label: 'wlan0' });
  expect(view?.states).toContain('hotspot.service.active.returning');
  expect(view?.timers).toEqual([
    { delay: 'overlap', state: 'hotspot.key.overlapping', startedAt: 30_000, duration: 600_000 },
    {
      delay: 'rotationInterval',
      state: 'hotspot.key.overlapping',
      startedAt: 30_000,
      duration: 3_600_000,
    },
    { delay: 'stopAfter', state: 'hotspot.service.active.returning', startedAt: 40_000, duration: 60_000 },
  ]);
  expect(Object.fromEntries(view?.facts.map(({ name, value }) => [name, value]) ?? [])).toEqual({
    because: 'eth0 is reachable; it closes when that has lasted 1m',
    mode: 'auto',
    'way out': 'eth0',
    radio: 'phy0',
    'access point': 'alone, channel 6',
    'on air': 'wlan0, 192.168.50.1',
    clients: '1',
    key: 'number 2, and 1 still works',
    failures: '0',
    problem: 'none',
  });
});
