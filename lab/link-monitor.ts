import type { Namespace } from './namespace.ts';
import type { Service } from './process.ts';

export interface LinkState {
  readonly isUp: boolean;
  readonly hasCarrier: boolean;
}

/**
 * Follows a namespace's links and addresses by the kernel's notifications. It never asks for the carrier, for asking
 * makes the kernel notice a lost one earlier than it would by itself, and that is what is measured.
 */
export class LinkMonitor {
  readonly #service: Service;
  readonly #links = new Map<string, LinkState>();
  readonly #listeners = new Set<() => void>();

  private constructor(namespace: Namespace) {
    this.#service = namespace.spawn('ip', ['-o', 'monitor', 'link', 'address', 'route'], {
      onLine: (line) => this.#take(line),
    });
  }

  /** Resolves when the monitor listens. */
  static async start(namespace: Namespace): Promise<LinkMonitor> {
    const monitor = new LinkMonitor(namespace);
    // There is no sign that `ip monitor` listens but a notification: cause one until it is seen.
    const route = 'blackhole 192.0.2.0';
    const seen = monitor.#service.line((line) => line.includes(route));
    const state = { isListening: false };
    void seen.then(() => (state.isListening = true)).catch(() => undefined);
    while (!state.isListening) await namespace.ip(`route add ${route}`, `route delete ${route}`);
    await seen;
    return monitor;
  }

  #take(line: string): void {
    const match = /^(?:\[LINK\])?(?<deleted>Deleted )?\d+: (?<name>[^:@ ]+)(?:@\S+)?: <(?<flags>[^>]*)>/u.exec(line);
    if (match?.groups !== undefined) {
      const { deleted, name = '', flags = '' } = match.groups;
      const isUp = /\bUP\b/u.test(flags.replace('LOWER_UP', ''));
      const hasCarrier = isUp && flags.includes('LOWER_UP') && !flags.includes('NO-CARRIER');
      if (deleted === undefined) this.#links.set(name, { isUp, hasCarrier });
      else this.#links.delete(name);
    }
    for (const listener of this.#listeners) listener();
  }

  link(name: string): LinkState | undefined {
    return this.#links.get(name);
  }

  /** Resolves as soon as the condition holds; it is tried now and after every notification. */
  async until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 15_000): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      let isTrying = false;
      let isStale = false;
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(attempt);
        settle();
      };
      const timer = setTimeout(() => finish(() => reject(new Error(`${what}: not within ${timeoutMs} ms`))), timeoutMs);
      const attempt = () => {
        isStale = true;
        if (isTrying) return;
        isTrying = true;
        tryIt().then(
          () => (isTrying = false),
          (error: unknown) => finish(() => reject(error instanceof Error ? error : new Error(String(error)))),
        );
      };
      const tryIt = async () => {
        while (isStale) {
          isStale = false;
          if (await condition()) finish(resolve);
        }
      };
      this.#listeners.add(attempt);
      attempt();
    });
  }
}
