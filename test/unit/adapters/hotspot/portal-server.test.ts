import { once } from 'node:events';
import { request, type Server } from 'node:http';
import { connect, Socket, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPortalServer } from '../../../../src/adapters/hotspot/portal.part.ts';

let server: Server;
let port = 0;
const sockets: Socket[] = [];
beforeEach(async () => {
  server = await createPortalServer(async () => ({ status: 200, headers: {}, body: 'the page' }));
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** Opens a connection as the client 127.0.0.NUMBER, and says nothing. Resolves when the server has taken it. */
async function hold(client: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: `127.0.0.${client}` });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
  return socket;
}

async function ask(
  client: number,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Promise<number | string> {
  return new Promise((resolve) => {
    const method = body === '' ? 'GET' : 'POST';
    const path = body === '' ? '/generate_204' : '/join';
    const asked = request(
      { host: '127.0.0.1', port, localAddress: `127.0.0.${client}`, method, path, headers, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    asked.end(body);
  });
}

const isOpen = (socket: Socket): boolean => !socket.closed && !socket.readableEnded;

test('SECU-3: one client that holds connections open keeps nobody else out', async () => {
  for (let count = 0; count < 80; count += 1) {
    // oxlint-disable-next-line no-await-in-loop
    await hold(1);
  }
  await expect.poll(() => sockets.filter(isOpen).length).toBe(8);
  expect(await ask(2)).toBe(204);
  expect(await ask(1)).toBe('ECONNRESET');
});

test('SECU-3: nor does one with many addresses: who has waited longest makes room', async () => {
  for (let count = 0; count < 80; count += 1) {
    // oxlint-disable-next-line no-await-in-loop
    await hold(10 + count);
  }
  await expect.poll(() => sockets.filter(isOpen).length).toBe(64);
  expect(isOpen(sockets.at(-1) ?? new Socket())).toBe(true);
  expect(await ask(2)).toBe(204);
});

test('SECU-3: headers and bodies beyond a few kilobytes are refused', async () => {
  expect(await ask(1, { 'x-long': 'x'.repeat(7000) })).toBe(204);
  expect(await ask(1, { 'x-long': 'x'.repeat(9000) })).toBe(431);
  expect(await ask(1, {}, 'token=x')).toBe(200);
  expect(await ask(1, {}, 'x'.repeat(5000))).toBe(413);
});
