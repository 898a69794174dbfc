import type { AnyActorRef } from 'xstate';

/** What an actor is called outside: `node`, `interface.3`, `selection.ipv4`. The root has no name of its own. */
export const actorId = ({ _parent: parent, id }: Pick<AnyActorRef, '_parent' | 'id'>): string =>
  parent === undefined ? 'node' : id.replace(' ', '.');

/** The root's name for a child that is called so outside. */
export const childKey = (id: string): string => id.replace('.', ' ');
