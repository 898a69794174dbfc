/** Holds leases. Loaded only where one is wanted, or where a former run has held one. */
import type { SchedulerLike } from 'rxjs';

import { openLeaseMemory } from '../adapters/dhcp/lease.memory.ts';
import { createUdhcpcTarget } from '../adapters/dhcp/udhcpc.target.ts';
import type { Log } from '../adapters/log/log.ts';
import { LeaseHolder, type LeaseEvent } from '../effects/leases/lease-holder.ts';
import { describe, type Problem } from '../model/errors.ts';
import type { NodeEvent } from '../model/events.ts';
import type { Lease, LeaseIntent } from '../model/lease.ts';
import { instant, milliseconds } from '../model/units.ts';

export interface LeaseHoldingOptions {
  readonly stateDirectory: string;
  readonly scheduler: SchedulerLike;
  readonly log: Log;
  /** The name of a link; null when there is none. */
  readonly nameOf: (index: number) => string | null;
  readonly onEvent: (event: NodeEvent) => void;
  readonly onProblem: (problem: Problem) => void;
}

export interface LeaseHolding {
  want(intents: readonly LeaseIntent[]): void;
  /** Tells which leases the former run held, of links that are there still. */
  tellRemembered(): void;
  /** Sees what enters the machines, after they have. */
  see(event: NodeEvent): void;
  /** Gives all leases up. */
  close(): Promise<void>;
}

interface Held {
  readonly name: string;
  readonly lease: Lease;
  /** On the scheduler's clock; null: for ever. */
  readonly until: number | null;
}

export function openLeaseHolding(options: LeaseHoldingOptions): LeaseHolding {
  const { stateDirectory, scheduler, log, nameOf, onEvent, onProblem } = options;
  const memory = openLeaseMemory({ directory: stateDirectory, onProblem });
  const remembered = memory.remembered.filter(({ index, name }) => nameOf(index) === name);
  const held = new Map<number, Held>();
  const hold = (index: number, name: string, lease: Lease): void => {
    const { duration } = lease;
    held.set(index, { name, lease, until: duration === null ? null : scheduler.now() + duration });
  };
  const tellHeld = (index: number): void => {
    const its = held.get(index);
    if (its === undefined) return;
    const now = scheduler.now();
    const duration = its.until === null ? null : milliseconds(Math.max(1, its.until - now));
    onEvent({ type: 'lease.remembered', index, lease: { ...its.lease, duration }, at: instant(now) });
  };
  for (const { index, name, lease } of remembered) hold(index, name, lease);

  const audit = (operation: string, target: string, because: string): void =>
    log.info({ component: 'audit', operation, target, because }, `${operation} ${target}`);

  const forget = (index: number): void => {
    held.delete(index);
    memory.forget(index);
  };
  const note = (event: LeaseEvent): void => {
    const { index } = event;
    const name = nameOf(index) ?? `if${index}`;
    if (event.type === 'lease.bound') {
      const { address, prefixLength, server } = event.lease;
      const isRenewed = JSON.stringify(held.get(index)?.lease) === JSON.stringify(event.lease);
      hold(index, name, event.lease);
      memory.note({ index, name, lease: event.lease });
      const target = `${address}/${prefixLength} on ${name}`;
      if (isRenewed) log.debug({ index }, `lease of ${target} renewed`);
      else audit('lease.hold', target, `${server ?? 'a server'} has granted it`);
    } else if (event.type === 'lease.lost') {
      if (event.because !== 'clientEnded') forget(index);
      log.warn({ index, because: event.because }, `the lease of ${name} is lost: ${event.because}`);
    } else log.warn({ problem: event.problem }, describe(event.problem));
    onEvent(event);
  };
  const holder = new LeaseHolder(
    { target: createUdhcpcTarget(), scheduler, onEvent: note, onLeftOut: onProblem },
    remembered,
  );
  let wanted: readonly LeaseIntent[] = [];
  let newest: readonly LeaseIntent[] = [];
  const follow = (): void => {
    const intents = newest;
    if (intents === wanted) return;
    for (const { index, name, request } of intents) {
      const before = wanted.find((one) => one.index === index);
      if (before?.request !== request || before.name !== name) audit('lease.ask', name, `request ${request}`);
    }
    for (const { index, name } of wanted) {
      if (intents.some((one) => one.index === index)) continue;
      forget(index);
      audit('lease.release', name, 'nobody wants it any more');
    }
    wanted = intents;
    holder.want(intents);
  };
  return {
    want(intents) {
      newest = intents;
      // What is wanted no more and again within one turn, as when an interface is renamed, is not given up meanwhile.
      queueMicrotask(follow);
    },
    tellRemembered() {
      for (const index of held.keys()) tellHeld(index);
    },
    see(event) {
      if (event.type !== 'interface.changed') return;
      const { index, name } = event.facts;
      const its = held.get(index);
      if (its === undefined || its.name === name) return;
      // Renamed it is another interface to the machines, and its address no one else's.
      held.set(index, { ...its, name });
      tellHeld(index);
    },
    async close() {
      newest = wanted;
      for (const { index } of wanted) forget(index);
      await holder.close();
      await memory.settled();
    },
  };
}
