import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { createClock } from '../src/adapters/clock.ts';
import { createRecorder, type Recorder, type RecorderOptions } from '../src/adapters/recorder/recorder.ts';
import { defaultConfig } from '../src/model/config.ts';
import type { NodeEvent } from '../src/model/events.ts';
import { families, type Family } from '../src/model/family.ts';
import { noDeviceFacts, type InterfaceFacts } from '../src/model/interface.ts';
import { instant, milliseconds, toMicrosecond, type Instant } from '../src/model/units.ts';
import type { Result } from './results.ts';

const uplinks = ['eth0', 'wlan0', 'wwan0'];
const targets: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ['1.1.1.1:443', '8.8.8.8:443'],
  ipv6: ['[2606:4700:4700::1111]:443', '[2001:4860:4860::8888]:443'],
};
const probesADay = (24 * 3600) / 5;
const linkEventsADay = Math.ceil(200 / 7);

/** Digits as clocks give them. */
const noisy = (base: number, spread: number): Instant => toMicrosecond(instant(base + Math.random() * spread));

function probeFinished(number: number, at: number): NodeEvent {
  const place = number % uplinks.length;
  const family = families[Math.floor(number / uplinks.length) % families.length] ?? 'ipv4';
  const path = family === 'ipv4' ? `192.168.${place}.2 via 192.168.${place}.1` : `2001:db8:${place}::2 via fe80::1`;
  const samples = targets[family].map((target) => ({
    target,
    rtt: milliseconds(noisy(12, 30)),
    failure: null,
    retransmitted: false,
  }));
  const round = { id: number, startedAt: noisy(at, 1), cause: 'interval', samples } as const;
  return { type: 'probe.finished', index: place + 2, family, path, round, at: noisy(at + 40, 5) };
}

function linkChanged(number: number, at: number): NodeEvent {
  const facts: InterfaceFacts = {
    index: 2 + (number % uplinks.length),
    name: uplinks[number % uplinks.length] ?? '',
    kind: null,
    hardwareType: 1,
    isLoopback: false,
    isPointToPoint: false,
    isEnslaved: false,
    isUp: true,
    hasCarrier: number % 2 === 0,
    mtu: 1500,
    macAddress: '02:00:00:00:00:01',
    addresses: {
      ipv4: [{ address: '192.168.0.2', prefixLength: 24, peer: null }],
      ipv6: [{ address: '2001:db8::2', prefixLength: 64, peer: null }],
    },
    defaultRoutes: [{ family: 'ipv4', gateway: '192.168.0.1', table: 254, metric: 100, protocol: 3 }],
    device: noDeviceFacts,
  };
  return { type: 'interface.changed', facts, at: noisy(at, 1) };
}

async function withRecorder<T>(
  options: Pick<RecorderOptions, 'delays'>,
  use: (recorder: Recorder, directory: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'backhauld-bench-'));
  const recorder = createRecorder({
    directory,
    limits: defaultConfig.recorder,
    about: () => ({ program: 'bench', machines: '' }),
    config: defaultConfig,
    clock: createClock(),
    checkpoint: () => ({ snapshot: null, timers: [], lastTimer: 0 }),
    digest: () => '',
    onProblem: (problem) => console.error(problem),
    onSolved: () => {},
    ...options,
  });
  try {
    return await use(recorder, directory);
  } finally {
    await recorder.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Load {
  /** Processor time of all threads, in milliseconds. */
  readonly cpuMs: number;
  readonly elapsedMs: number;
  /** What the loop worked at most between two turns, in milliseconds of its own: others may have the processor, too. */
  readonly longestMs: number;
}

/** 1,000 events a second, ten at a time. */
async function load(seconds: number, take: (event: NodeEvent) => void): Promise<Load> {
  const events = Array.from({ length: 1000 }, (_, number) => probeFinished(number, 1000));
  const before = process.cpuUsage();
  const began = performance.now();
  let longestMs = 0;
  for (let sent = 0; sent < seconds * 1000; ) {
    await wait(5);
    const due = Math.floor(performance.now() - began) - sent;
    for (const event of events.slice(0, Math.max(0, due))) take({ ...event });
    sent += Math.max(0, due);
    const from = process.threadCpuUsage();
    await turn();
    const worked = process.threadCpuUsage(from);
    longestMs = Math.max(longestMs, (worked.user + worked.system) / 1000);
  }
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000, elapsedMs: performance.now() - began, longestMs };
}

/** What a number of days takes on the disk, in bytes, with each minute written as one block. */
async function sizeOf(days: number): Promise<{ readonly bytes: number; readonly events: number }> {
  return withRecorder({ delays: { flush: 0, incident: 0, retry: 1000 } }, async (recorder, directory) => {
    const each = uplinks.length * families.length * probesADay;
    const minutes = days * 24 * 60;
    let events = 0;
    for (let minute = 0; minute < minutes; minute += 1) {
      for (let number = 0; number < each / 1440; number += 1) {
        recorder.event(probeFinished(events, minute * 60_000 + number * 833));
        events += 1;
      }
      if (minute % Math.floor(1440 / linkEventsADay) === 0) {
        recorder.event(linkChanged(minute, minute * 60_000));
        events += 1;
      }
      await wait(3);
    }
    await recorder.close();
    const sizes = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
    return { bytes: sizes.reduce((sum, size) => sum + size, 0), events };
  });
}

/** What the flight recorder takes of the processor, the loop and the disk. */
export async function recorderCost(runs: number, seconds: number): Promise<Result> {
  const shares: number[] = [];
  const holds: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const idle = await load(seconds, () => {});
    const busy = await withRecorder({}, async (recorder) => load(seconds, (event) => recorder.event(event)));
    shares.push((100 * (busy.cpuMs - idle.cpuMs)) / busy.elapsedMs);
    holds.push(busy.longestMs);
  }
  const { bytes, events } = await sizeOf(1);
  return {
    cell: 'recorder',
    contender: 'backhauld',
    series: [
      { what: 'of a core', unit: '%', values: shares },
      { what: 'longest block', unit: 'ms', values: holds },
      { what: 'an event', unit: 'bytes', values: [bytes / events] },
      { what: 'a week', unit: 'MB', values: [(bytes * 7) / 1024 ** 2] },
    ],
  };
}
