/**
 * What answers the probes: `node peer.ts KEY CERTIFICATE ADDRESS…`. What it answers is asked for by path (HTTP), by
 * name (DNS) and by port (TCP). Prints `ready` when all of it listens.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

const [key = '', certificate = '', ...addresses] = process.argv.slice(2);

const pages: Readonly<Record<string, string>> = {
  '/generate_204': 'HTTP/1.1 204 No Content\r\n\r\n',
  '/ok': 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell',
  '/chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nwe\r\n2\r\nll\r\n0\r\n\r\n',
  '/portal': 'HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/login\r\nContent-Length: 0\r\n\r\n',
  '/ill': 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n',
  '/garbage': 'SSH-2.0-OpenSSH_9.2\r\n',
  '/cut': 'HTTP/1.1 200 OK\r\nContent-Le',
  '/endless': `HTTP/1.1 200 OK\r\n\r\n${'never what is expected '.repeat(20_000)}`,
};

function serve(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.once('data', (request) => {
    const path = /^GET (\/[^ ?]*)/u.exec(request.toString())?.[1] ?? '';
    const asked = /^Host: (.*)$/imu.exec(request.toString())?.[1]?.trim() ?? '';
    // A connection by TLS has to name the same host.
    const told = 'servername' in socket ? `${String(socket.servername)} ` : '';
    const page = path === '/host' ? `HTTP/1.1 200 OK\r\n\r\n${told}${asked}` : pages[path];
    if (path === '/reset') socket.resetAndDestroy();
    else if (path === '') socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    else if (page !== undefined) socket.end(page);
  });
}

function answerDns(query: Buffer): readonly Buffer[] {
  const name = query.toString('latin1', 12);
  const header = (code: number, id = query.readUInt16BE(0)) => {
    const reply = Buffer.from(query);
    reply.writeUInt16BE(id, 0);
    reply.writeUInt16BE(0x8180 | code, 2);
    return reply;
  };
  /** One record about the name that was asked for: its address, as the type of the question wants it. */
  const address = (ipv4: readonly number[], ipv6: readonly number[]) => {
    const isIpv4 = query.at(-3) === 1;
    const data = isIpv4 ? ipv4 : ipv6;
    const reply = header(0);
    reply.writeUInt16BE(1, 6);
    return Buffer.concat([
      reply,
      Buffer.from([0xc0, 12, 0, isIpv4 ? 1 : 28, 0, 1, 0, 0, 0, 60, 0, data.length, ...data]),
    ]);
  };
  const prefix = [0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  if (name.includes('known')) return [Buffer.from('noise'), address([192, 0, 2, 1], [...prefix, 1])];
  if (name.includes('private')) return [address([10, 1, 2, 1], [...prefix, 1])];
  if (name.includes('loop')) return [address([127, 0, 0, 1], [...Array.from({ length: 15 }, () => 0), 1])];
  if (name.includes('silent')) return [];
  if (name.includes('nowhere')) return [header(3)];
  if (name.includes('servfail')) return [header(2)];
  if (name.includes('refused')) return [header(5)];
  if (name.includes('foreign')) return [header(0, (query.readUInt16BE(0) + 1) % 0x1_0000)];
  return [Buffer.from('noise'), header(0)];
}

const listening: Promise<unknown>[] = [];
const listen = (server: Server, port: number, address: string) => {
  server.listen(port, address, 4096);
  listening.push(once(server, 'listening'));
};
for (const address of addresses) {
  const dns = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  dns.on('message', (query, from) => {
    for (const reply of answerDns(query)) dns.send(reply, from.port, from.address);
  });
  dns.bind(53, address);
  listening.push(once(dns, 'listening'));
  for (const port of [53, 56])
    listen(
      createServer((socket) => socket.on('error', () => socket.destroy())),
      port,
      address,
    );
  listen(createServer(serve), 80, address);
  const tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, serve);
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  listen(tls, 443, address);
  listen(
    createServer((socket) => socket.resetAndDestroy()),
    58,
    address,
  );
}
await Promise.all(listening);
console.log('ready');
