import type { Namespace } from '../../lab/namespace.ts';
import type { Service } from '../../lab/process.ts';
import type { Family } from '../../src/model/family.ts';

/** From one look at the table to the next, in milliseconds. */
const pace = 8;
/** What every answer ends with, for an empty table has nothing to say. */
const marker = { command: 'link show lo', line: /^1: lo:/u } as const;

/** Looks at the defaults of the ranked table all the time: whoever routes by it never finds it empty. */
export class RankedTableWatch {
  readonly #service: Service;
  readonly #onLook: (defaults: number) => void;
  #table = 0;
  #defaults = 0;
  #isClosed = false;

  constructor(node: Namespace, family: Family, onLook: (defaults: number) => void) {
    this.#onLook = onLook;
    this.#service = node.spawn('ip', [family === 'ipv4' ? '-4' : '-6', '-force', '-batch', '-'], {
      onLine: (line) => this.#take(line),
    });
  }

  /** Which table it is; begins to look at the first call. */
  follow(table: number): void {
    const isFirst = this.#table === 0;
    this.#table = table;
    if (isFirst) this.#ask();
  }

  #ask(): void {
    this.#defaults = 0;
    this.#service.write(`route show table ${this.#table}\n${marker.command}\n`);
  }

  #take(line: string): void {
    // What leads over a link without carrier is passed over by the kernel.
    if (line.startsWith('default ') && !/\b(?:dead|linkdown)\b/u.test(line)) this.#defaults += 1;
    if (!marker.line.test(line) || this.#isClosed) return;
    this.#onLook(this.#defaults);
    setTimeout(() => this.#ask(), pace);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#service.end();
  }
}
