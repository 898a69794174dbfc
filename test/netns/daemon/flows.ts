import { fileURLToPath } from 'node:url';
import type { Namespace } from '../../../lab/namespace.ts';
import type { Service } from '../../../lab/process.ts';

/** A line of the program with connections. */
export interface FlowNews {
  readonly what: 'ready' | 'ended' | 'again' | 'alive';
  readonly atMs: number;
  readonly code?: string;
  readonly from?: string;
  readonly answers?: number;
}

const program = fileURLToPath(new URL('flow-client.ts', import.meta.url));

/** A program with connections, in a namespace. */
export class Flows {
  readonly news: readonly FlowNews[];
  readonly #service: Service;

  private constructor(service: Service, news: readonly FlowNews[]) {
    this.#service = service;
    this.news = news;
  }

  /** Resolves when all its connections stand, or when it listens. */
  static async start(node: Namespace, ...args: readonly string[]): Promise<Flows> {
    const news: FlowNews[] = [];
    const onLine = (line: string): void => {
      if (line.startsWith('{')) news.push(JSON.parse(line) as FlowNews);
    };
    const service = node.spawn(process.execPath, [program, ...args], { onLine });
    await service.line((line) => line.includes('"ready"'));
    return new Flows(service, news);
  }

  get ended(): readonly FlowNews[] {
    return this.news.filter(({ what }) => what === 'ended');
  }

  /** Resolves with the first news of a kind from now on. */
  async next(what: FlowNews['what'], timeoutMs = 15_000): Promise<FlowNews> {
    return JSON.parse(await this.#service.line((line) => line.includes(`"${what}"`), timeoutMs)) as FlowNews;
  }

  /** Resolves when so many have ended. */
  async untilEnded(count: number): Promise<void> {
    while (this.ended.length < count) await this.next('ended');
  }

  async stop(): Promise<void> {
    await this.#service.end();
  }
}
