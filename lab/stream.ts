/**
 * The twin of bench/stream.c for machines without a compiler: the same arguments, the same lines. Its timer is
 * coarser and its garbage collection shows as gaps.
 */
import dgram from 'node:dgram';
import { createInterface } from 'node:readline';

const giveUpMs = 1000;
const gapMs = 5;
const maxGaps = 256;
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The provider's number: 10.0.NUMBER.2 after NAT, or 2001:db8:NUMBER::/64, whose digits read as decimal. */
const pathOf = (address: string): number => Number(address.split(/[.:]/u)[2]);
const typeOf = (address: string): 'udp4' | 'udp6' => (address.includes(':') ? 'udp6' : 'udp4');

function echo(endpoints: readonly string[]): void {
  let missing = endpoints.length / 2;
  for (let position = 0; position < endpoints.length; position += 2) {
    const address = endpoints[position] ?? '';
    const socket = dgram.createSocket(typeOf(address));
    socket.on('message', (message, from) => {
      if (message.length === 16) message.writeUInt32LE(pathOf(from.address), 8);
      socket.send(message, from.port, from.address);
    });
    socket.bind(Number(endpoints[position + 1]), address, () => {
      missing -= 1;
      if (missing === 0) console.log('ready');
    });
  }
}

function send(address: string, port: number, intervalMs: number): void {
  const socket = dgram.createSocket(typeOf(address));
  /** When each datagram that is neither answered nor given up was sent. Maps keep the order of insertion. */
  const open = new Map<number, number>();
  let next = 0;
  let first = 0;
  let path = 0;
  let lastReply = 0;
  let recentGap = 0;
  let due = nowMs();
  let reportAt: number | undefined;
  let counts = {
    received: 0,
    lost: 0,
    sendErrors: 0,
    switches: 0,
    switchGapMs: 0,
    outageMs: 0,
    outageAtMs: 0,
    ownDelayMs: 0,
  };
  let gaps: { atMs: number; ms: number }[] = [];

  socket.on('message', (message) => {
    const sequence = message.length === 16 ? Number(message.readBigUInt64LE(0)) : -1;
    if (!open.delete(sequence)) return;
    const now = nowMs();
    if (sequence >= first) counts.received += 1;
    const answered = message.readUInt32LE(8);
    const gap = lastReply === 0 ? 0 : now - lastReply;
    if (path !== 0 && answered !== path) {
      counts.switches += 1;
      counts.switchGapMs = Math.max(counts.switchGapMs, gap);
    }
    path = answered;
    recentGap = Math.max(recentGap, gap);
    if (gap > counts.outageMs) counts = { ...counts, outageMs: gap, outageAtMs: lastReply };
    if (gap > gapMs && gaps.length < maxGaps) gaps.push({ atMs: lastReply, ms: gap });
    lastReply = now;
  });

  const settle = (now: number) => {
    for (const [sequence, sentAt] of open) {
      if (now - sentAt < giveUpMs) break;
      open.delete(sequence);
      if (sequence >= first) counts.lost += 1;
    }
    const oldest = open.keys().next().value ?? next;
    if (reportAt !== undefined && oldest >= reportAt) report(now);
  };

  const report = (now: number) => {
    reportAt = undefined;
    const silentMs = lastReply === 0 ? -1 : now - lastReply;
    const recentMs = Math.max(recentGap, silentMs);
    recentGap = 0;
    console.log(JSON.stringify({ atMs: now, sent: next - first, path, silentMs, recentMs, ...counts, gaps }));
  };

  setInterval(() => {
    const now = nowMs();
    counts.ownDelayMs = Math.max(counts.ownDelayMs, now - due - intervalMs);
    for (; due <= now; due += intervalMs) {
      const message = Buffer.alloc(16);
      message.writeBigUInt64LE(BigInt(next));
      open.set(next, now);
      next += 1;
      socket.send(message, port, address, (error) => {
        if (error !== null) counts.sendErrors += 1;
      });
    }
    settle(now);
  }, intervalMs);

  const commands: Readonly<Record<string, () => void>> = {
    reset() {
      first = next;
      counts = {
        received: 0,
        lost: 0,
        sendErrors: 0,
        switches: 0,
        switchGapMs: 0,
        outageMs: 0,
        outageAtMs: 0,
        ownDelayMs: 0,
      };
      gaps = [];
    },
    peek: () => report(nowMs()),
    report() {
      reportAt = next;
    },
  };
  createInterface({ input: process.stdin })
    .on('line', (line) => commands[line]?.())
    .on('close', () => process.exit(0));
  console.log('ready');
}

const [mode, ...rest] = process.argv.slice(2);
if (mode === 'echo') echo(rest);
else if (mode === 'send') send(rest[0] ?? '', Number(rest[1]), Number(rest[2]) / 1000);
else process.exit(2);
