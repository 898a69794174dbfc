/**
 * A DHCP server that says what it is told to, however odd: `node odd-dhcp-server.mjs '{"address": …}'`. It prints what it
 * hears, one message type a line, beginning with `ready`.
 */
import { createSocket } from 'node:dgram';

/** `options`: code → bytes in hexadecimal. `naks`: so many requests are refused first. */
const { address, server, options = {}, naks = 0, isSilent = false } = JSON.parse(process.argv[2] ?? '{}');
const names = ['', 'discover', 'offer', 'request', 'decline', 'ack', 'nak', 'release'];
const bytesOf = (text) => text.split('.').map(Number);
let refusals = naks;

const socket = createSocket({ type: 'udp4', reuseAddr: true });
socket.on('message', (query) => {
  const asked = optionsOf(query);
  const type = asked.get(53)?.[0] ?? 0;
  console.log(names[type] ?? type, [...asked.keys()].join(' '));
  if (isSilent || (type !== 1 && type !== 3)) return;
  const chosen = asked.get(54);
  if (type === 3 && chosen !== undefined && chosen.join('.') !== server) return;
  const isRefused = type === 3 && refusals > 0;
  if (isRefused) refusals -= 1;
  const ciaddr = query.subarray(12, 16).join('.');
  const to = ciaddr === '0.0.0.0' || isRefused ? '255.255.255.255' : ciaddr;
  socket.send(answer(query, type === 1 ? 2 : isRefused ? 6 : 5), 68, to);
});
socket.bind(67, () => {
  socket.setBroadcast(true);
  console.log('ready');
});

function answer(query, type) {
  const reply = Buffer.alloc(240);
  reply.set([2, 1, 6, 0]);
  query.copy(reply, 4, 4, 8);
  reply.set([0x80, 0], 10);
  query.copy(reply, 12, 12, 16);
  reply.set(type === 6 ? [0, 0, 0, 0] : bytesOf(address), 16);
  query.copy(reply, 28, 28, 44);
  reply.set([99, 130, 83, 99], 236);
  const said = type === 6 ? {} : options;
  const all = [
    [53, Buffer.from([type])],
    [54, Buffer.from(bytesOf(server))],
  ];
  for (const [code, hex] of Object.entries(said)) all.push([Number(code), Buffer.from(hex, 'hex')]);
  return Buffer.concat([
    reply,
    ...all.flatMap(([code, value]) => [Buffer.from([code, value.length]), value]),
    Buffer.from([255]),
    Buffer.alloc(60),
  ]);
}

function optionsOf(message) {
  const found = new Map();
  for (let at = 240; at < message.length && message[at] !== 255; ) {
    if (message[at] === 0) {
      at += 1;
      continue;
    }
    found.set(message[at], message.subarray(at + 2, at + 2 + message[at + 1]));
    at += 2 + message[at + 1];
  }
  return found;
}
