import type { AnyActorRef } from 'xstate';

/** Who is told: the parent. An actor that has none, in a test or a search through its states, tells itself in vain. */
export function parentOf(self: AnyActorRef): AnyActorRef {
  const { _parent: parent } = self;
  return parent ?? self;
}
