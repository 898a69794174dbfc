import type { Namespace } from '../../../lab/namespace.ts';
import { until } from '../guest/suite.ts';
import { frequencyOf, linkOf, machineWithRadio } from './radios.ts';

/** Each look costs the emulated processor a quarter of a second, which who is looked for needs, too. */
const pauseMs = 500;
/** Seconds; it takes a third of one. */
const scanTakesAtMost = '2';

/** A radio that only listens for beacons. */
export class Air {
  readonly #namespace: Namespace;
  readonly #link: string;

  private constructor(namespace: Namespace, link: string) {
    this.#namespace = namespace;
    this.#link = link;
  }

  static async create(radio: number): Promise<Air> {
    const namespace = await machineWithRadio('air', radio);
    await namespace.ip(`link set ${linkOf(radio)} up`);
    return new Air(namespace, linkOf(radio));
  }

  /** Whether there is a beacon of this network now. */
  async has(ssid: string, channel: number): Promise<boolean> {
    const words = ['dev', this.#link, 'scan', 'freq', String(frequencyOf(channel)), 'flush', 'passive'];
    // `iw` asks first and listens afterwards, and waits for ever when the answer was there before: it can be read then.
    const heard = await this.#namespace
      .exec('timeout', [scanTakesAtMost, 'iw', ...words])
      .catch(async () => this.#namespace.exec('iw', ['dev', this.#link, 'scan', 'dump']));
    return heard.split('\n').some((line) => line.trim() === `SSID: ${ssid}`);
  }

  /** Resolves with the milliseconds until the first beacon. */
  async until(ssid: string, channel: number, timeoutMs: number): Promise<number> {
    return until(async () => this.has(ssid, channel), `a beacon of ${ssid} on channel ${channel}`, {
      timeoutMs,
      pauseMs,
    });
  }

  /** Resolves with the milliseconds until there is none any more. */
  async untilSilent(ssid: string, channel: number, timeoutMs: number): Promise<number> {
    const isSilent = async (): Promise<boolean> => !(await this.has(ssid, channel));
    return until(isSilent, `no beacon of ${ssid} on channel ${channel}`, { timeoutMs, pauseMs });
  }
}
