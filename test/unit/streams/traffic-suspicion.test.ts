import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../../src/model/config.ts';
import type { Traffic } from '../../../src/streams/ports.ts';
import { TrafficSuspicion } from '../../../src/streams/traffic-suspicion.ts';

const nothing: Traffic = { sent: 0, received: 0, dnsAsked: 0, dnsAnswered: 0 };

/** Counters that are read each 250 ms, and what is suspected of them. */
class Counters {
  readonly #suspicion = new TrafficSuspicion(defaultConfig.stall);
  #traffic = nothing;
  #at = 1000;
  readonly told: string[] = [];

  /** Reads the counters `times` times, each time after so much more. */
  read(times: number, more: Partial<Traffic> = {}): this {
    for (let count = 0; count < times; count++) {
      const add = (key: keyof Traffic): number => this.#traffic[key] + (more[key] ?? 0);
      this.#traffic = {
        sent: add('sent'),
        received: add('received'),
        dnsAsked: add('dnsAsked'),
        dnsAnswered: add('dnsAnswered'),
      };
      this.#at += 250;
      const signal = this.#suspicion.note(this.#at, this.#traffic);
      if (signal !== null) this.told.push(`${this.#at} ${signal}`);
    }
    return this;
  }

  reset(): this {
    this.#traffic = nothing;
    return this;
  }
}

const talk = { sent: 10, received: 10 };
const silence = { sent: 10, received: 0 };

describe('HLTH-6: what the counters of traffic make suspicious', () => {
  test('traffic without an answer for half a second is a stall', () => {
    const counters = new Counters().read(4, talk).read(1, silence);
    expect(counters.told).toEqual([]);
    expect(counters.read(1, silence).told).toEqual(['2500 stalled']);
  });

  test('the time starts with the first packet that is not answered, not with the last answer', () => {
    const counters = new Counters().read(4, talk).read(40).read(1, silence);
    expect(counters.told).toEqual([]);
    expect(counters.read(1, silence).told).toHaveLength(1);
  });

  test('fewer packets than stall.minSent are no stall, however long it lasts', () => {
    expect(new Counters().read(4, talk).read(1, { sent: 2 }).read(40).told).toEqual([]);
    expect(new Counters().read(4, talk).read(1, { sent: 2 }).read(3).read(1, { sent: 1 }).told).toHaveLength(1);
  });

  test('one answer from beyond the link ends the suspicion', () => {
    const counters = new Counters().read(4, talk);
    for (let count = 0; count < 20; count++) counters.read(1, silence).read(1, { sent: 10, received: 1 });
    expect(counters.told).toEqual([]);
  });

  test('an idle link is not suspicious', () => {
    expect(new Counters().read(1000).told).toEqual([]);
  });

  test('a stream that only goes out is suspected ever more rarely', () => {
    const { told } = new Counters().read(4 * 3600, silence);
    // 2, 4, 8 … 256 s, and each 5 minutes from then on: an hour has 9 + 10 of them.
    expect(told.length).toBeGreaterThan(12);
    expect(told.length).toBeLessThan(22);
  });

  test('after a quiet minute a stall is told at once again', () => {
    const counters = new Counters()
      .read(4, talk)
      .read(400, silence)
      .read(4 * 61, talk);
    const before = counters.told.length;
    expect(counters.read(2, silence).told).toHaveLength(before + 1);
    expect(counters.read(9, silence).told).toHaveLength(before + 2);
  });

  test('counters that jump back tell nothing of the time in which they did', () => {
    const counters = new Counters().read(4, talk).read(1, silence).reset().read(1);
    expect(counters.told).toEqual([]);
    expect(counters.read(1, talk).read(1, silence).told).toEqual([]);
  });

  test('a third of the answers missing from steady traffic thins it', () => {
    const counters = new Counters().read(4 * 8, { sent: 250, received: 250 });
    expect(counters.told).toEqual([]);
    expect(counters.read(8, { sent: 250, received: 170 }).told[0]).toMatch(/thinned$/u);
  });

  test('a download is no loss: what is usual is learnt', () => {
    const download = { sent: 200, received: 400 };
    expect(new Counters().read(4 * 60, download).told).toEqual([]);
    expect(new Counters().read(4 * 60, { sent: 400, received: 200 }).told).toEqual([]);
  });

  test('the share of little traffic proves nothing', () => {
    expect(new Counters().read(4 * 8, { sent: 20, received: 20 }).read(40, { sent: 20, received: 10 }).told).toEqual(
      [],
    );
  });

  test('name servers that do not answer for 1.5 s are told, also when all else is quiet', () => {
    const counters = new Counters().read(4).read(1, { dnsAsked: 1 }).read(4);
    expect(counters.told).toEqual([]);
    expect(counters.read(1).told).toEqual(['3500 dnsSilent']);
  });

  test('a name server that answers late is not silent', () => {
    const counters = new Counters().read(4).read(1, { dnsAsked: 1 }).read(4).read(1, { dnsAnswered: 1 });
    expect(counters.read(20).told).toEqual([]);
  });
});
