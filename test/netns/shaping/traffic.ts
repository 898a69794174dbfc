/**
 * Traffic of UDP at a given rate, and what arrives of it: run by itself inside a network namespace.
 *
 *   receive PORT…                           tells "ready"; for a line "PORT COUNT" it counts anew, and reports when so
 *                                           many packets have come to that port
 *   send HOST PORT SOURCE_PORT KBIT_S SIZE  sends until it is ended; SIZE is that of the payload in bytes
 */
import dgram from 'node:dgram';
import { createInterface } from 'node:readline';

/** One port in a report. Rates count the headers of UDP, IP and Ethernet, as the kernel's shaper does. */
export interface Arrived {
  readonly packets: number;
  readonly kbitPerSecond: number;
  /** How much of what was sent meanwhile has arrived; of one sender. */
  readonly arrivedPercent: number;
  readonly medianDelayMs: number;
  readonly p95DelayMs: number;
}

const nowNs = (): bigint => process.hrtime.bigint();
const headers = (address: string): number =>
  8 + (address.includes(':') && !address.startsWith('::ffff:') ? 40 : 20) + 14;
const quantile = (sorted: readonly number[], share: number): number => sorted[Math.floor(share * sorted.length)] ?? -1;

function receive(ports: readonly number[]): void {
  const arrived = new Map(ports.map((port) => [port, { bytes: 0, delays: [] as number[], first: -1, last: -1 }]));
  let since = nowNs();
  let until = { port: 0, packets: Infinity };
  let waiting = ports.length;
  const report = (): void => {
    const now = nowNs();
    const lines = [...arrived].map(([port, { bytes, delays, first, last }]): [number, Arrived] => {
      const sorted = delays.toSorted((a, b) => a - b);
      const kbitPerSecond = Math.round((bytes * 8e6) / Number(now - since));
      return [
        port,
        {
          packets: sorted.length,
          kbitPerSecond,
          arrivedPercent: Math.round((1000 * sorted.length) / (last - first + 1)) / 10,
          medianDelayMs: quantile(sorted, 0.5),
          p95DelayMs: quantile(sorted, 0.95),
        },
      ];
    });
    console.log(JSON.stringify(Object.fromEntries(lines)));
    until = { port: 0, packets: Infinity };
  };
  for (const [port, counts] of arrived) {
    const socket = dgram.createSocket({ type: 'udp6', ipv6Only: false, recvBufferSize: 4_000_000 });
    socket.on('message', (message, from) => {
      counts.last = Number(message.readBigUInt64LE(8));
      if (counts.first < 0) counts.first = counts.last;
      counts.bytes += message.length + headers(from.address);
      counts.delays.push(Number(nowNs() - message.readBigUInt64LE(0)) / 1e6);
      if (port === until.port && counts.delays.length >= until.packets) report();
    });
    socket.bind(port, '::', () => {
      waiting -= 1;
      if (waiting === 0) console.log('ready');
    });
  }
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [port = 0, packets = 0] = line.split(' ').map(Number);
    for (const counts of arrived.values()) {
      counts.bytes = 0;
      counts.delays = [];
      counts.first = -1;
    }
    since = nowNs();
    until = { port, packets };
  });
}

function send(host: string, port: number, sourcePort: number, kbitPerSecond: number, size: number): void {
  const socket = dgram.createSocket(host.includes(':') ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
  const message = Buffer.alloc(size);
  const intervalNs = ((size + headers(host)) * 8e6) / kbitPerSecond;
  let sent = 0;
  socket.on('error', () => undefined);
  socket.bind(sourcePort, () => {
    const startedAt = nowNs();
    console.log('sending');
    setInterval(() => {
      for (const due = Number(nowNs() - startedAt) / intervalNs; sent < due; sent += 1) {
        message.writeBigUInt64LE(nowNs());
        message.writeBigUInt64LE(BigInt(sent), 8);
        socket.send(Buffer.from(message), port, host);
      }
    }, 1);
  });
}

const [role, ...rest] = process.argv.slice(2);
if (role === 'receive') receive(rest.map(Number));
else if (role === 'send') send(rest[0] ?? '', Number(rest[1]), Number(rest[2]), Number(rest[3]), Number(rest[4]));
