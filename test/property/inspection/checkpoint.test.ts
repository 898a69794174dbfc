import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkpointOf } from '../../../src/inspection/checkpoint.ts';
import { decodeGraph } from '../../../src/inspection/object-graph.ts';
import type { Checkpoint, RecordingEntry } from '../../../src/model/recording.ts';
import { RecordedNode } from '../../fakes/recorded-node.ts';
import { steps } from './steps.ts';

/** A checkpoint after it has been in a file. */
const written = (node: RecordedNode): Checkpoint =>
  JSON.parse(JSON.stringify(checkpointOf(node.actor, node.clock))) as Checkpoint;

/** Everything that the machines know, and what they wait for. */
const stateOf = (node: RecordedNode) => {
  const { snapshot, ...timers } = written(node);
  return { snapshot: decodeGraph(snapshot, node.config), timers };
};

/** The root has no name of its own but a number. */
const nameOf = (actor: object | undefined): string =>
  actor === undefined ? 'outside' : 'id' in actor ? String(actor.id).replace(/^x:.*/u, 'node') : '?';

/** What the actors say among themselves, in order. */
function talkOf({ actor }: RecordedNode): string[] {
  const said: string[] = [];
  actor.system.inspect((told) => {
    if (told.type !== '@xstate.event') return;
    said.push(`${nameOf(told.sourceRef)} → ${nameOf(told.actorRef)}: ${told.event.type}`);
  });
  return said;
}

function enter({ clock, actor }: RecordedNode, entry: RecordingEntry): void {
  if (entry.type === 'event') {
    clock.moveTo(entry.event.at);
    actor.send(entry.event);
  } else if (entry.type === 'timer') {
    clock.moveTo(entry.at);
    clock.fire(entry.timer);
  }
}

test('from any checkpoint the machines go on as those do that were never stopped, down to each word among them', () => {
  fc.assert(
    fc.property(steps(40), fc.nat({ max: 44 }), (all, cutAt) => {
      const node = new RecordedNode();
      for (const take of all.slice(0, cutAt)) take(node);
      node.entries.length = 0;
      const checkpoint = written(node);
      const copy = new RecordedNode({ config: structuredClone(node.config), now: node.clock.now, checkpoint });
      expect(written(copy)).toEqual(checkpoint);
      const [talk, talkOfCopy] = [talkOf(node), talkOf(copy)];
      for (const take of all.slice(cutAt)) {
        take(node);
        // The same things happen to the copy: what a step does depends on where the node stands.
        for (const entry of node.entries) enter(copy, entry);
        copy.clock.moveTo(node.clock.now);
        expect(talkOfCopy.splice(0)).toEqual(talk.splice(0));
        expect(copy.entries.splice(0)).toEqual(
          node.entries.splice(0).filter(({ type }) => type === 'told' || type === 'wanted'),
        );
        expect(stateOf(copy)).toEqual(stateOf(node));
      }
    }),
    { numRuns: 30 },
  );
});
