import type { Lab } from './lab.ts';
import { compile } from './native.ts';
import type { Service } from './process.ts';
import { farHost } from './topology.ts';

/** What has become of a connection since the last reset. Times are in milliseconds since 1970; 0: it has not been. */
export interface ConnectionReport {
  /** It is MPTCP on both sides. */
  readonly multipath: boolean;
  readonly received: number;
  /** The longest time without an answer, and when it ended. */
  readonly gapMs: number;
  readonly gapEndMs: number;
  readonly silentMs: number;
  /** What the program was told: `ECONNABORTED`. */
  readonly error: string;
  readonly errorAtMs: number;
  /** The first answer on a new connection. */
  readonly againAtMs: number;
}

/** Where the far host echoes what comes by TCP and MPTCP. */
const port = '77';

/** A program on the node with one connection to the far host that is to last. */
export class LastingConnection {
  readonly #client: Service;

  private constructor(client: Service) {
    this.#client = client;
  }

  /** Resolves when it stands; null where no program can be compiled. It sends each `intervalUs` microseconds. */
  static async start(
    lab: Pick<Lab, 'node' | 'internet'>,
    protocol: 'mptcp' | 'tcp',
    intervalUs = 2000,
  ): Promise<LastingConnection | null> {
    const program = await compile('connection');
    if (program === null) return null;
    await lab.internet.spawn(program, ['echo', farHost.ipv4, port]).line((line) => line === 'ready');
    const client = lab.node.spawn(program, [protocol, farHost.ipv4, port, String(intervalUs)]);
    await client.line((line) => line === 'ready');
    return new LastingConnection(client);
  }

  reset(): void {
    this.#client.write('reset\n');
  }

  async report(): Promise<ConnectionReport> {
    const answer = this.#client.line((line) => line.startsWith('{'));
    this.#client.write('report\n');
    return JSON.parse(await answer) as ConnectionReport;
  }

  /** Resolves with the first report that meets the condition. */
  async until(
    condition: (report: ConnectionReport) => boolean,
    what: string,
    timeoutMs = 15_000,
  ): Promise<ConnectionReport> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const report = await this.report();
      if (condition(report)) return report;
      if (performance.now() > deadline)
        throw new Error(`${what}: not within ${timeoutMs} ms: ${JSON.stringify(report)}`);
    }
  }

  async end(): Promise<void> {
    await this.#client.end();
  }
}
