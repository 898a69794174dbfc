/** Wires what keeps phones connected by Bluetooth. */
import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';

import { connectPan, type PanOutcome } from '../adapters/bluetooth/bluez.ts';
import type { Problem } from '../model/errors.ts';
import type { ProblemBoard } from './problem-board.ts';

/** How often a phone that is connected is looked after, and how soon one that is not is called again. In milliseconds. */
const lookEvery = 30_000;
const firstRetry = 15_000;
const longestRetry = 5 * 60_000;

export interface BluetoothConnecting {
  close(): void;
}

export interface BluetoothConnectingOptions {
  /** Of phones that are paired. */
  readonly addresses: readonly string[];
  readonly problems: Pick<ProblemBoard, 'note' | 'solve'>;
  readonly scheduler?: SchedulerLike;
  readonly connect?: (address: string) => Promise<PanOutcome>;
}

/** Each phone is called by itself, more rarely each time that it does not answer: calling costs its battery and ours. */
export function connectPhones({
  addresses,
  problems,
  scheduler = asyncScheduler,
  connect = connectPan,
}: BluetoothConnectingOptions): BluetoothConnecting {
  let isOpen = true;
  const waiting = new Set<Subscription>();

  const follow = (address: string): void => {
    let trouble: Problem | null = null;
    let retry = firstRetry;
    const settle = (outcome: PanOutcome): number => {
      const before = trouble;
      trouble = outcome.kind === 'connected' ? null : notConnected(address, outcome.message);
      // Said once, however often it is tried.
      if (before === null && trouble !== null) problems.note(trouble);
      if (before !== null && trouble === null) problems.solve(before);
      if (trouble === null) {
        retry = firstRetry;
        return lookEvery;
      }
      const delay = retry;
      retry = Math.min(longestRetry, 2 * retry);
      return delay;
    };
    const call = async (): Promise<void> => {
      const delay = settle(await connect(address));
      if (isOpen) wait(delay);
    };
    const wait = (delay: number): void => {
      const next = scheduler.schedule(() => {
        waiting.delete(next);
        void call();
      }, delay);
      waiting.add(next);
    };
    wait(0);
  };
  for (const address of addresses) follow(address);

  return {
    close() {
      isOpen = false;
      for (const each of waiting) each.unsubscribe();
      waiting.clear();
    },
  };
}

const notConnected = (address: string, why: string): Problem => ({
  code: 'tether.notConnected',
  subject: address,
  message: `the phone cannot be connected by Bluetooth: ${why}`,
  remedy: 'pair it (`bluetoothctl pair`, `trust`), and switch Bluetooth tethering on; it is called again',
});
