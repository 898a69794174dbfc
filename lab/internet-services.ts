/**
 * What listens in the namespace `internet`: port 53 on every target (TCP and UDP, every name has the far host's
 * address), and on the far host TCP echo on port 7. Prints `ready` when all of it listens.
 */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { farHost, targets } from './topology.ts';

const recordTypes = { 1: farHost.ipv4, 28: farHost.ipv6 } as const;

/** Answers A and AAAA with the far host's address and anything else with no data (RFC 1035 section 4). */
function answer(query: Buffer): Buffer {
  let end = 12;
  while (end < query.length && query[end] !== 0) end += (query[end] ?? 0) + 1;
  const question = query.subarray(12, end + 5);
  const type = question.length >= 5 ? question.readUInt16BE(question.length - 4) : 0;
  const address = type === 1 || type === 28 ? addressBytes(recordTypes[type]) : undefined;
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(address === undefined ? 0 : 1, 6);
  header.fill(0, 8, 12);
  if (address === undefined) return Buffer.concat([header, question]);
  const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, address.length]);
  return Buffer.concat([header, question, record, address]);
}

function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const before = groups(head);
  const after = groups(tail);
  const bytes = Buffer.alloc(16);
  for (const [position, group] of before.entries()) bytes.writeUInt16BE(group, 2 * position);
  for (const [position, group] of after.entries()) bytes.writeUInt16BE(group, 16 - 2 * (after.length - position));
  return bytes;
}

async function serveDns(address: string): Promise<void> {
  const udp = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
  udp.on('message', (query, from) => {
    if (query.length > 12) udp.send(answer(query), from.port, from.address);
  });
  udp.bind(53, address);
  // Whoever probes closes by RST: an error on a connection is the usual end of it.
  const tcp = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (message) => {
      if (typeof message === 'string' || message.length < 15) return;
      const reply = answer(message.subarray(2));
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.end(Buffer.concat([length, reply]));
    });
  });
  tcp.listen(53, address, 4096);
  await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]);
}

async function serveTcpEcho(address: string): Promise<void> {
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen(farHost.port, address);
  await once(server, 'listening');
}

await Promise.all([...targets.map(serveDns), serveTcpEcho(farHost.ipv4), serveTcpEcho(farHost.ipv6)]);
console.log('ready');
