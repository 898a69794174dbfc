import { get, type IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';

import type { TraceItem } from '../../../../src/model/trace.ts';

interface Sent {
  readonly id: number;
  readonly item: TraceItem;
}

/** One who looks at the machines of a daemon through its socket. */
export class Viewer {
  readonly sent: Sent[] = [];
  text = '';
  readonly #response: IncomingMessage;
  #wake = (): void => {};

  constructor(response: IncomingMessage) {
    this.#response = response;
    let rest = '';
    response.setEncoding('utf8');
    response.on('error', () => {});
    response.on('data', (chunk: string) => {
      this.text += chunk;
      const blocks = `${rest}${chunk}`.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, id, data] = /^id: (\d+)\nevent: trace\ndata: (.+)$/u.exec(block) ?? [];
        if (id !== undefined && data !== undefined) {
          this.sent.push({ id: Number(id), item: JSON.parse(data) as TraceItem });
        }
      }
      this.#wake();
    });
  }

  get types(): readonly string[] {
    return this.sent.map(({ item }) => item.type);
  }
  get headers() {
    return this.#response.headers;
  }
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
  pause(): void {
    this.#response.pause();
  }
  resume(): void {
    this.#response.resume();
  }
  leave(): Promise<unknown> {
    const closed = new Promise((resolve) => this.#response.once('close', resolve));
    this.#response.destroy();
    return closed;
  }
}

/** Resolves when the first item is there. */
export async function viewerOf(path: string, headers = {}): Promise<Viewer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ socketPath: path, path: '/inspection', agent: false, headers }, resolve).once('error', reject);
  });
  const viewer = new Viewer(response);
  onTestFinished(() => void response.destroy());
  await viewer.until(() => viewer.sent.length > 0);
  return viewer;
}
