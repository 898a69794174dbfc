import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultMeteredPolicy } from '../../../src/model/config.ts';
import type { LinkCounters } from '../../../src/model/kernel.ts';
import { milliseconds } from '../../../src/model/units.ts';
import type { UsageRecord } from '../../../src/model/usage.ts';
import { UsageLedger, type Continuity } from '../../../src/streams/usage-ledger.ts';

type Step =
  | { readonly type: 'carry'; readonly received: number; readonly sent: number }
  | { readonly type: 'look' | 'save' | 'plugAgain' | 'restart' | 'kill' | 'reboot' }
  /** The wall clock is set, to one of three months. */
  | { readonly type: 'setClock'; readonly to: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant('carry' as const),
        received: fc.nat(2 ** 31),
        sent: fc.nat(2 ** 31),
      }),
    },
    { weight: 4, arbitrary: fc.constant<Step>({ type: 'look' }) },
    {
      weight: 5,
      arbitrary: fc
        .constantFrom('save', 'plugAgain', 'restart', 'kill', 'reboot')
        .map((type): Step => ({ type: type as 'save' })),
    },
    { weight: 2, arbitrary: fc.nat(2).map((to): Step => ({ type: 'setClock', to })) },
  ),
  { maxLength: 40 },
);

const identity = 'usb serial R58M123';
const metering = { identity, policy: { ...defaultMeteredPolicy, timeZone: 'UTC' } } as const;
const nothing = { received: 0, sent: 0 };

/** A phone that carries, and a daemon that counts it and is now and then not there. */
class Node {
  /** What the phone has carried, in truth, less what nobody can know. */
  carried = 0;
  wall = Date.UTC(2026, 10, 5);
  #index = 3;
  #counters = nothing;
  /** What the current link had carried when the record was written that stands on disk. */
  #savedOn = { index: 0, bytes: 0 };
  #saved: UsageRecord | null = null;
  #bootHasChanged = false;
  ledger = new UsageLedger(null, 'unrelated');

  constructor() {
    this.ledger.attach(this.#index, 'usb0', metering, this.#shown(), false, this.wall);
    this.save();
  }

  #shown(): LinkCounters {
    const { received, sent } = this.#counters;
    return { receivedPackets: 0, sentPackets: 0, receivedBytes: received, sentBytes: sent };
  }

  get #bytes(): number {
    return this.#counters.received + this.#counters.sent;
  }

  look(): void {
    this.ledger.count(this.#index, this.#shown(), milliseconds(1000), this.wall);
  }

  save(): void {
    this.#saved = this.ledger.record();
    // What was not counted when it was written is counted by whoever reads it, as long as the link lives.
    this.#savedOn = { index: this.#index, bytes: this.#countedBytes };
    this.#unsavedOfGone = 0;
  }

  #countedBytes = 0;
  #unsavedOfGone = 0;

  carry(received: number, sent: number): void {
    this.#counters = { received: this.#counters.received + received, sent: this.#counters.sent + sent };
    this.carried += received + sent;
  }

  noteCounted(): void {
    this.#countedBytes = this.#bytes;
  }

  plugAgain(): void {
    this.look();
    this.noteCounted();
    this.#unsavedOfGone += this.#savedOn.index === this.#index ? this.#bytes - this.#savedOn.bytes : this.#bytes;
    this.ledger.detach(this.#index, true);
    this.#index += 1;
    this.#counters = nothing;
    this.#countedBytes = 0;
    this.ledger.attach(this.#index, 'usb0', metering, this.#shown(), true, this.wall);
  }

  restart(how: 'restart' | 'kill' | 'reboot'): void {
    let continuity: Continuity = 'continued';
    if (how === 'restart') {
      this.look();
      this.noteCounted();
      this.save();
    } else {
      // What a link carried that went after the last write is known to nobody any more.
      this.carried -= this.#unsavedOfGone;
      this.#unsavedOfGone = 0;
    }
    if (how === 'reboot') {
      const isSame = this.#savedOn.index === this.#index;
      this.carried -= this.#bytes - (isSame ? this.#savedOn.bytes : 0);
      this.#counters = nothing;
      this.#bootHasChanged = true;
    }
    if (this.#bootHasChanged) continuity = 'restarted';
    this.#bootHasChanged = false;
    this.ledger = new UsageLedger(this.#saved, continuity);
    this.ledger.attach(this.#index, 'usb0', metering, this.#shown(), false, this.wall);
    this.noteCounted();
    this.save();
  }

  get counted(): number {
    const { receivedBytes = 0, sentBytes = 0 } = this.ledger.accountAt(identity, this.wall) ?? {};
    return receivedBytes + sentBytes;
  }

  get countedInPeriods(): number {
    const { periods = [] } = this.ledger.accountAt(identity, this.wall) ?? {};
    return periods.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
  }
}

function play(node: Node, step: Step): void {
  switch (step.type) {
    case 'carry':
      node.carry(step.received, step.sent);
      break;
    case 'look':
      node.look();
      node.noteCounted();
      break;
    case 'save':
      node.save();
      break;
    case 'plugAgain':
      node.plugAgain();
      break;
    case 'restart':
    case 'kill':
    case 'reboot':
      node.restart(step.type);
      break;
    case 'setClock':
      node.wall = Date.UTC(2026, 9 + step.to, 5);
      break;
  }
}

describe('TETH-4: no byte is lost or counted twice', () => {
  test('over re-pluggings, restarts, kills, reboots and clocks that are set', () => {
    fc.assert(
      fc.property(steps, (story) => {
        const node = new Node();
        for (const step of story) play(node, step);
        node.look();
        expect(node.counted).toBe(node.carried);
        expect(node.countedInPeriods).toBe(node.carried);
      }),
      { numRuns: 400 },
    );
  });

  test('a record that was written and read again says the same', () => {
    fc.assert(
      fc.property(steps, (story) => {
        const node = new Node();
        for (const step of story) play(node, step);
        const record = node.ledger.record();
        const again = new UsageLedger(JSON.parse(JSON.stringify(record)) as UsageRecord, 'continued');
        expect(again.record().accounts).toEqual(record.accounts);
      }),
      { numRuns: 50 },
    );
  });
});
