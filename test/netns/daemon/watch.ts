import type { Namespace } from '../../../lab/namespace.ts';
import type { Service } from '../../../lab/process.ts';

/** A table that nobody uses, for changes that only show that somebody listens. */
const spareTable = 'table 251';

/** Every change of a route or a rule in a namespace, as the kernel tells of it. */
export class RoutingWatch {
  readonly #lines: string[] = [];
  readonly #service: Service;

  private constructor(node: Namespace) {
    this.#service = node.spawn('ip', ['-o', 'monitor', 'route', 'rule'], { onLine: (line) => this.#lines.push(line) });
  }

  /** Resolves when it listens. */
  static async start(node: Namespace): Promise<RoutingWatch> {
    const watch = new RoutingWatch(node);
    // `ip monitor` gives no other sign that it listens than a notification: cause one until it is seen.
    const heard = watch.#service.line((line) => line.includes(spareTable));
    while (watch.#lines.length === 0) await provoke(node);
    await heard;
    return watch;
  }

  /** Changes of what is not backhauld's, so far. */
  async foreign(node: Namespace): Promise<readonly string[]> {
    const heard = this.#service.line((line) => line.startsWith('Deleted') && line.includes(spareTable));
    await provoke(node);
    await heard;
    return this.#lines.filter((line) => !line.includes(spareTable) && !/proto(?:col)? 144\b/u.test(line));
  }
}

const provoke = async (node: Namespace): Promise<void> =>
  node.ip(`route add blackhole 203.0.113.255 ${spareTable}`, `route delete blackhole 203.0.113.255 ${spareTable}`);
