import type { Namespace } from '../lab/namespace.ts';
import { compile } from '../lab/native.ts';
import { ownProtocol } from '../src/model/network.ts';

type Notification =
  | { readonly atMs: number; readonly type: 'link'; readonly name: string; readonly carrier: boolean }
  | {
      readonly atMs: number;
      readonly type: 'route';
      readonly name: string;
      readonly isNew: boolean;
      readonly family: 'ipv4' | 'ipv6';
      readonly table: number;
      readonly protocol: number;
      readonly metric: number;
      readonly prefixLength: number;
    }
  | {
      readonly atMs: number;
      readonly type: 'rule';
      readonly isNew: boolean;
      readonly priority: number;
      readonly table: number;
      readonly protocol: number;
    };

/** A process beside the daemon that notes when the kernel told of what. */
export class KernelWatch {
  #notifications: Notification[] = [];
  readonly #listeners = new Set<(notification: Notification) => void>();

  private constructor() {}

  /** Null when there is no compiler. */
  static async start(namespace: Namespace): Promise<KernelWatch | null> {
    const program = await compile('monitor');
    if (program === null) return null;
    const watch = new KernelWatch();
    const service = namespace.spawn(program, [], { onLine: (line) => watch.#take(line) });
    await service.line((line) => line === 'ready');
    return watch;
  }

  #take(line: string): void {
    if (!line.startsWith('{')) return;
    const notification = JSON.parse(line) as Notification;
    this.#notifications.push(notification);
    for (const listener of this.#listeners) listener(notification);
  }

  forget(): void {
    this.#notifications = [];
  }

  /** Milliseconds from the notification that the carrier is lost to the first one of a route of backhauld's own. */
  firstOwnRouteAfterCarrierLoss(name: string, timeoutMs = 5000): Promise<number> {
    return new Promise<number>((resolve, reject) => {
      let lostAt: number | undefined;
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
        settle();
      };
      const timer = setTimeout(
        () =>
          finish(() =>
            reject(new Error(`${name}: no route changed within ${timeoutMs} ms after its carrier was lost`)),
          ),
        timeoutMs,
      );
      const listener = (seen: Notification) => {
        if (seen.type === 'link' && seen.name === name && !seen.carrier) lostAt ??= seen.atMs;
        if (seen.type !== 'route' || seen.protocol !== ownProtocol || lostAt === undefined) return;
        const delay = seen.atMs - lostAt;
        finish(() => resolve(delay));
      };
      this.#listeners.add(listener);
    });
  }

  /** When the last of backhauld's own rules and the first of its default routes stood, both of IPv4. */
  rankedRouteAt(): number {
    const own = this.#notifications.filter(
      (seen) => seen.type !== 'link' && seen.isNew && seen.protocol === ownProtocol,
    );
    const rules = own.filter(({ type }) => type === 'rule').map(({ atMs }) => atMs);
    const routes = own
      .filter((seen) => seen.type === 'route' && seen.family === 'ipv4' && seen.prefixLength === 0)
      .map(({ atMs }) => atMs);
    if (rules.length === 0 || routes.length === 0) return Number.NaN;
    return Math.max(Math.max(...rules), Math.min(...routes));
  }
}
