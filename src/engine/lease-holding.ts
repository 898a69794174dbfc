/** Holds leases. Loaded only where one is wanted, or where a former run has held one. */
import type { SchedulerLike } from 'rxjs';

import { openLeaseMemory } from '../adapters/dhcp/lease.memory.ts';
import { createUdhcpcTarget } from '../adapters/dhcp/udhcpc.target.ts';
import type { Log } from '../adapters/log/log.ts';
import { LeaseHolder, type LeaseEvent } from '../effects/lease-holder.ts';
import { describe, type Problem } from '../model/errors.ts';
import type { NodeEvent } from '../model/events.ts';
import type { LeaseIntent } from '../model/lease.ts';
import { instant } from '../model/units.ts';

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
  /** Gives all leases up. */
  close(): Promise<void>;
}

export function openLeaseHolding(options: LeaseHoldingOptions): LeaseHolding {
  const { stateDirectory, scheduler, log, nameOf, onEvent, onProblem } = options;
  const memory = openLeaseMemory({ directory: stateDirectory, onProblem });
  const remembered = memory.remembered.filter(({ index, name }) => nameOf(index) === name);
  const audit = (operation: string, target: string, because: string): void =>
    log.info({ component: 'audit', operation, target, because }, `${operation} ${target}`);

  const note = (event: LeaseEvent): void => {
    const { index } = event;
    const name = nameOf(index) ?? `if${index}`;
    if (event.type === 'lease.bound') {
      const { address, prefixLength, server } = event.lease;
      memory.note({ index, name, lease: event.lease });
      audit('lease.hold', `${address}/${prefixLength} on ${name}`, `${server ?? 'a server'} has granted it`);
    } else if (event.type === 'lease.lost') {
      if (event.because !== 'clientEnded') memory.forget(index);
      log.warn({ index, because: event.because }, `the lease of ${name} is lost: ${event.because}`);
    } else log.warn({ problem: event.problem }, describe(event.problem));
    onEvent(event);
  };
  const holder = new LeaseHolder(
    { target: createUdhcpcTarget(), scheduler, onEvent: note, onLeftOut: onProblem },
    remembered,
  );
  let wanted: readonly LeaseIntent[] = [];
  return {
    want(intents) {
      for (const { index, name, request } of intents) {
        const before = wanted.find((one) => one.index === index);
        if (before?.request !== request || before.name !== name) audit('lease.ask', name, `request ${request}`);
      }
      for (const { index, name } of wanted) {
        if (intents.some((one) => one.index === index)) continue;
        memory.forget(index);
        audit('lease.release', name, 'nobody wants it any more');
      }
      wanted = intents;
      holder.want(intents);
    },
    tellRemembered() {
      for (const { index, lease } of remembered) {
        onEvent({ type: 'lease.remembered', index, lease, at: instant(scheduler.now()) });
      }
    },
    async close() {
      for (const { index } of wanted) memory.forget(index);
      await holder.close();
      await memory.settled();
    },
  };
}
