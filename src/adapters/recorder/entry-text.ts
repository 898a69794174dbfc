import type { NetworkIntent } from '../../model/network.ts';
import type { RecordingEntry } from '../../model/recording.ts';
import type { Instant } from '../../model/units.ts';
import { concealedJson } from '../log/conceal.ts';

/** An entry before it is text: a network that is wanted is digested only then. */
export type LateEntry =
  | RecordingEntry
  | { readonly type: 'network'; readonly at: Instant; readonly network: NetworkIntent };

/** Entries as the text of a block to be. Secrets are concealed. */
export class EntryText {
  readonly #digest: (network: NetworkIntent) => string;
  #lines: string[] = [];
  #length = 0;

  constructor(digest: (network: NetworkIntent) => string) {
    this.#digest = digest;
  }

  /** In characters. */
  get length(): number {
    return this.#length;
  }

  add(entry: LateEntry): void {
    const line = concealedJson(entry.type === 'network' ? this.#wanted(entry) : entry);
    this.#lines.push(line);
    this.#length += line.length + 1;
  }

  #wanted({ at, network }: LateEntry & { readonly type: 'network' }): RecordingEntry {
    return { type: 'wanted', at, digest: this.#digest(network) };
  }

  /** Takes out what is there. */
  take(): { readonly entries: number; readonly text: string } {
    const lines = this.#lines;
    this.#lines = [];
    this.#length = 0;
    return { entries: lines.length, text: lines.join('\n') };
  }
}
