import type { Namespace } from '../lab/namespace.ts';
import { compile } from '../lab/native.ts';
import type { Service } from '../lab/process.ts';
import { farHost } from '../lab/topology.ts';

interface Path {
  readonly atMs: number;
  readonly name: string;
}

const everyMicroseconds = 5000;

/** Follows where a packet to the far host would go, without sending one. */
export class PathWatch {
  readonly #service: Service;
  #latest: Path = { atMs: 0, name: '' };

  private constructor(node: Namespace, program: string) {
    this.#service = node.spawn(program, [farHost.ipv4, String(everyMicroseconds)], {
      onLine: (line) => {
        if (line.startsWith('{')) this.#latest = JSON.parse(line) as Path;
      },
    });
  }

  /** Resolves when it knows the path. Null when there is no compiler. */
  static async start(node: Namespace): Promise<PathWatch | null> {
    const program = await compile('path');
    if (program === null) return null;
    const watch = new PathWatch(node, program);
    await watch.#service.line((line) => line.startsWith('{'));
    return watch;
  }

  /** When the path began to lead by another interface, on the clock of `performance.now()`; null if it never does. */
  async leaves(name: string, timeoutMs: number): Promise<number | null> {
    const isElsewhere = (path: Path) => path.name !== name && path.name !== '';
    if (!isElsewhere(this.#latest)) {
      const moved = this.#service.line((line) => isElsewhere(JSON.parse(line) as Path), timeoutMs);
      if ((await moved.catch(() => null)) === null) return null;
    }
    const { atMs } = this.#latest;
    // Both clocks are CLOCK_MONOTONIC, counted from different beginnings.
    return atMs - (Number(process.hrtime.bigint()) / 1e6 - performance.now());
  }
}
