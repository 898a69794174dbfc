import type { Namespace } from './namespace.ts';
import { nativeTool } from './native.ts';
import type { Service } from './process.ts';
import { farHost, type UplinkPlan } from './topology.ts';

/** What the traffic went through since the last `reset`. Times are on CLOCK_MONOTONIC, in milliseconds. */
export interface MeterReport {
  readonly atMs: number;
  readonly sent: number;
  readonly received: number;
  /** Sent, and not answered within a second. */
  readonly lost: number;
  /** Refused by the node's own kernel, for want of a route; part of `lost`. */
  readonly sendErrors: number;
  /** How often the answers began to come by another provider. */
  readonly switches: number;
  /** The longest time from the last answer by one provider to the first by the next. */
  readonly switchGapMs: number;
  /** The longest time from one answer to the next, and when it began: the outage people see. */
  readonly outageMs: number;
  readonly outageAtMs: number;
  /** Since the last answer; -1 before the first. */
  readonly silentMs: number;
  /** The longest time without an answer since the report before this one. */
  readonly recentMs: number;
  /** The longest the meter itself was late: no outage below it is to be believed. */
  readonly ownDelayMs: number;
  /** Times without an answer of over 5 ms, the first 256 of them. */
  readonly gaps: readonly { readonly atMs: number; readonly ms: number }[];
  /** The uplink that carries the traffic now, as the far host sees it. */
  readonly uplink: string | null;
}

type RawReport = Omit<MeterReport, 'uplink'> & { readonly path: number };

/** Someone on the node who talks to the far host all the time and notices everything. */
export class Meter {
  readonly #service: Service;
  readonly #uplinks: readonly UplinkPlan[];
  /** Reports come in the order they were asked for. */
  #last: Promise<unknown> = Promise.resolve();
  readonly kind: 'C' | 'Node';

  private constructor(service: Service, uplinks: readonly UplinkPlan[], kind: 'C' | 'Node') {
    this.#service = service;
    this.#uplinks = uplinks;
    this.kind = kind;
  }

  /** Starts the traffic. Resolves at once: whether there is a way to the far host is what it shall find out. */
  static async start(
    node: Namespace,
    uplinks: readonly UplinkPlan[],
    family: 'ipv4' | 'ipv6' = 'ipv4',
    intervalMs = 1,
  ): Promise<Meter> {
    const { file, args, kind } = await nativeTool('stream');
    const far = [farHost[family], String(farHost.port), String(Math.round(intervalMs * 1000))];
    const service = node.spawn(file, [...args, 'send', ...far]);
    await service.line((line) => line === 'ready');
    return new Meter(service, uplinks, kind);
  }

  /** Starts a new measurement. */
  reset(): void {
    this.#service.write('reset\n');
  }

  /** The measurement so far, without waiting for what is still under way. */
  async peek(): Promise<MeterReport> {
    return this.#ask('peek');
  }

  /** The measurement when every datagram sent so far is answered or given up: it takes up to a second. */
  async report(): Promise<MeterReport> {
    return this.#ask('report');
  }

  async #ask(command: 'peek' | 'report'): Promise<MeterReport> {
    const answer = this.#last.then(async () => {
      const line = this.#service.line((text) => text.startsWith('{'), 10_000);
      this.#service.write(`${command}\n`);
      return line;
    });
    this.#last = answer.catch(() => undefined);
    const { path, ...report } = JSON.parse(await answer) as RawReport;
    return { ...report, uplink: this.#uplinks.find(({ number }) => number === path)?.name ?? null };
  }

  /** Resolves when a report meets the condition; rejects after `timeoutMs`. */
  async until(condition: (report: MeterReport) => boolean, what: string, timeoutMs = 10_000): Promise<MeterReport> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const report = await this.peek();
      if (condition(report)) return report;
      if (performance.now() > deadline) {
        throw new Error(`${what}: not within ${timeoutMs} ms; the meter says ${JSON.stringify(report)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async close(): Promise<void> {
    await this.#service.end();
  }
}
