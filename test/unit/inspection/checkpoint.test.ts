import { describe, expect, test } from 'vitest';
import { checkpointOf } from '../../../src/inspection/checkpoint.ts';
import { Replay } from '../../../src/inspection/replay.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import type { Checkpoint, RecordingEntry } from '../../../src/model/recording.ts';
import type { TraceItem } from '../../../src/model/trace.ts';
import { instant, seconds } from '../../../src/model/units.ts';
import { RecordedNode } from '../../fakes/recorded-node.ts';
import { answered, facts, lost, round, targets } from '../machines/examples.ts';

let rounds = 0;

function probe(node: RecordedNode, isGood: boolean): void {
  const path = node.context.ways.get(2)?.pathIds.ipv4;
  if (path === null || path === undefined) throw new Error('eth0 has no way out');
  const samples = targets.map((target) => (isGood ? answered(target) : lost(target)));
  node.send({ type: 'probe.finished', index: 2, family: 'ipv4', path, round: round(++rounds, samples) });
}

/** eth0, healthy for 4 s of the 10 s that it has to be before it is up. */
function rising(): RecordedNode {
  const node = new RecordedNode();
  node.send({ type: 'interface.found', facts: facts() });
  node.send({ type: 'network.observed', incumbents: { ipv4: null, ipv6: null } });
  probe(node, true);
  node.pass(4000);
  return node;
}

const checkpointIn = (node: RecordedNode): Checkpoint =>
  JSON.parse(JSON.stringify(checkpointOf(node.actor, node.clock))) as Checkpoint;

const restored = (node: RecordedNode): RecordedNode =>
  new RecordedNode({ now: node.clock.now, checkpoint: checkpointIn(node) });

const lifecycles = ({ entries }: RecordedNode): readonly string[] =>
  entries.flatMap((entry) =>
    entry.type === 'told' && entry.emission.type === 'state' ? `${entry.emission.to} at ${entry.emission.at}` : [],
  );

describe('a checkpoint', () => {
  test('names each running delay with its actor, its number, and when it began', () => {
    const { timers, lastTimer } = checkpointIn(rising());
    expect(timers).toEqual([
      {
        timer: 1,
        actor: 'interface.2',
        id: expect.stringContaining('probingToUp') as string,
        event: { type: 'xstate.after.probingToUp.interface.lifecycle.probing.rising' },
        startedAt: 0,
        delay: 10_000,
      },
    ]);
    expect(lastTimer).toBe(1);
  });

  test('holds no configuration: what is secret in it is not written again', () => {
    const ssid = 'the name of my network';
    const node = new RecordedNode({ config: { ...defaultConfig, hotspot: { ...defaultConfig.hotspot, ssid } } });
    node.send({ type: 'interface.found', facts: facts() });
    expect(JSON.stringify(checkpointIn(node))).not.toContain(ssid);
  });

  test('cannot be taken of timers that are not the actors’: that is a defect', () => {
    const node = rising();
    expect(() => checkpointOf(node.actor, { running: [], lastTimer: 0 })).toThrow('the clock runs 0 timers');
  });
});

describe('machines that go on from a checkpoint', () => {
  test('wait what is left of a delay, in the actor that waited', () => {
    const node = restored(rising());
    expect(Object.keys(node.actor.getSnapshot().children)).toEqual(['interface 2', 'selection ipv4', 'selection ipv6']);
    node.pass(5999);
    expect(lifecycles(node)).toEqual([]);
    node.pass(1);
    expect(lifecycles(node)).toEqual(['up at 10000']);
  });

  test('cancel a delay that was running when a contrary event comes', () => {
    const node = restored(rising());
    probe(node, false);
    probe(node, false);
    expect(node.clock.running.map(({ timer }) => timer)).not.toContain(1);
    node.pass(60_000);
    expect(lifecycles(node).join()).not.toContain('up');
  });

  test('tell and want nothing by that', () => {
    expect(restored(rising()).entries).toEqual([]);
  });

  test('go on under another configuration, where one is asked for', () => {
    const node = rising();
    const header = node.header(checkpointIn(node));
    const lifecycle = { ...defaultConfig.lifecycle, upToDegraded: seconds(1), minStateDuration: seconds(1) };
    const told: RecordingEntry[] = [];
    const replay = new Replay({ config: { ...defaultConfig, lifecycle }, onOutcome: (outcome) => told.push(outcome) });
    replay.enter(header);
    expect([replay.mode, replay.actor?.getSnapshot().context.config.lifecycle]).toEqual(['byTime', lifecycle]);
    node.entries.length = 0;
    node.pass(10_000);
    probe(node, false);
    node.pass(2000);
    node.send({ type: 'command.unpin' });
    for (const entry of node.entries) replay.feed(entry);
    const statesOf = (entries: readonly RecordingEntry[]) =>
      entries.flatMap((entry) => (entry.type === 'told' && entry.emission.type === 'state' ? entry.emission.to : []));
    // As recorded it would have been degraded after 15 s.
    expect([statesOf(node.entries), statesOf(told)]).toEqual([['up'], ['up', 'degraded']]);
  });
});

describe('a replay', () => {
  test('shows every step of the machines, as the running daemon does', () => {
    const node = rising();
    node.pass(6000);
    const items: TraceItem[] = [];
    const replay = new Replay({ onTrace: (item) => items.push(item) });
    replay.enter(new RecordedNode().header());
    for (const entry of node.entries) replay.feed(entry);
    replay.stop();
    expect(items[0]).toMatchObject({ type: 'actors', at: 0, wallTime: '2026-01-01T00:00:00.000Z' });
    const steps = items.flatMap((item) => (item.type === 'step' ? `${item.step.actor} ${item.step.at}` : []));
    expect(steps).toEqual(expect.arrayContaining(['node 0', 'selection.ipv4 0', 'interface.2 10000']));
  });

  test('whose machines do not have a timer that had fired says so, and goes on by time', () => {
    const missing: number[] = [];
    const replay = new Replay({ onMissingTimer: ({ timer }) => missing.push(timer) });
    const node = rising();
    replay.enter(new RecordedNode().header());
    for (const entry of node.entries) replay.feed(entry);
    expect(replay.mode).toBe('exact');
    replay.feed({ type: 'timer', at: instant(5000), timer: 7 });
    replay.feed({ type: 'event', event: { type: 'command.unpin', at: instant(12_000) } });
    expect([missing, replay.mode, replay.actor?.getSnapshot().context.views.get(2)?.lifecycle]).toEqual([
      [7],
      'byTime',
      'up',
    ]);
  });
});
