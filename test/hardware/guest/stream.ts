import { Service } from '../../../lab/process.ts';

/** Packets to a far host at a steady rate, and what became of them. */
export class PacketStream {
  readonly #ping: Service;
  readonly #answered: number[] = [];
  readonly #intervalMs: number;

  /** Resolves when the first packet is answered. */
  static async start(to: string, intervalMs = 50): Promise<PacketStream> {
    const stream = new PacketStream(to, intervalMs);
    await stream.#ping.line((line) => line.includes('icmp_seq='));
    return stream;
  }

  private constructor(to: string, intervalMs: number) {
    this.#intervalMs = intervalMs;
    this.#ping = new Service('ping', ['-n', '-i', String(intervalMs / 1000), to], {
      onLine: (line) => {
        const sequence = /icmp_seq=(\d+) ttl/u.exec(line)?.[1];
        if (sequence !== undefined) this.#answered.push(Number(sequence));
      },
    });
  }

  /** Ends it. Resolves with the longest time without an answered packet, in milliseconds. */
  async end(): Promise<{ readonly gapMs: number; readonly lost: number }> {
    await this.#ping.end();
    const gaps = this.#answered.slice(1).map((sequence, at) => sequence - (this.#answered[at] ?? sequence));
    const lost = gaps.reduce((sum, gap) => sum + Math.max(0, gap - 1), 0);
    return { gapMs: Math.max(1, ...gaps) * this.#intervalMs, lost };
  }
}
