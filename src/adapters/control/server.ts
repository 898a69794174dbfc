import { chmod, mkdir, unlink } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';

import { BackhaulError, type Problem } from '../../model/errors.ts';
import type { ControlApi } from './api.ts';
import { codeOf, socketStateAt } from './socket-state.ts';

export interface ControlServer {
  /** Stops listening, ends open connections and removes the socket. Idempotent. */
  close(): Promise<void>;
}

/** sun_path holds 108 bytes, the last of them 0 (unix(7)). */
const longestPath = 107;

/** More connections at once than people and programs of one node need: what is beyond is refused, not served slowly. */
const mostConnections = 64;

/**
 * Serves the control API as HTTP on a Unix socket with the given permissions.
 *
 * node:http costs about 9 MB of memory, so it is loaded by the first connection: a daemon that nobody asks anything
 * goes without.
 *
 * @throws BackhaulError `control.inUse` when another daemon answers on the socket, or when what stands at its path is
 * no socket; `privilege.missing` where the socket may not be made; `usage.invalid` for a path that is too long. A stale
 * socket is replaced.
 */
export async function openControlServer(path: string, mode: number, api: ControlApi): Promise<ControlServer> {
  if (Buffer.byteLength(path) > longestPath) {
    throw new BackhaulError({
      code: 'usage.invalid',
      subject: path,
      message: `the path of a socket has at most ${longestPath} bytes, this one has ${Buffer.byteLength(path)}`,
      remedy: 'name a shorter one with --socket',
    });
  }
  await claim(path);
  const connections = new Set<Socket>();
  let http: Promise<HttpServer> | null = null;
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    http ??= import('./http.ts').then(({ openHttp }) => openHttp(api));
    void http.then((ready) => socket.destroyed || ready.emit('connection', socket));
  });
  server.maxConnections = mostConnections;
  await listen(server, path, mode);
  // A connection that cannot be accepted (no descriptors left) concerns that connection alone.
  server.on('error', () => {});
  let closing: Promise<void> | null = null;
  return { close: () => (closing ??= closeAll(server, connections)) };
}

/** Resolves once every connection has ended, and with it whatever was kept for it. */
async function closeAll(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  const stopped = new Promise<void>((resolve) => void server.close(() => resolve()));
  const ended = [...connections].map(
    (socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve())),
  );
  for (const socket of connections) socket.destroy();
  await Promise.all([stopped, ...ended]);
}

async function listen(server: Server, path: string, mode: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // The socket exists before its permissions can be set: nobody else may connect in between. It is bound within
      // this very call, so that no other file of the process is made under this mask.
      const before = process.umask(0o177);
      try {
        server.listen(path, () => {
          server.off('error', reject);
          resolve();
        });
      } finally {
        process.umask(before);
      }
    });
    await chmod(path, mode);
  } catch (error) {
    throw new BackhaulError(problemOf(path, error));
  }
}

/** Makes way for the socket: its folder exists afterwards, a stale socket is gone. */
async function claim(path: string): Promise<void> {
  const state = await socketStateAt(path);
  if (state === 'answers' || state === 'foreign') {
    throw new BackhaulError({
      code: 'control.inUse',
      subject: path,
      message:
        state === 'answers'
          ? 'a daemon answers on this control socket'
          : 'something that is no socket stands here, and is not replaced',
      remedy:
        state === 'answers'
          ? 'stop the other daemon, or name another socket with --socket'
          : 'remove it, or name another socket with --socket',
    });
  }
  try {
    if (state === 'stale') await unlink(path);
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  } catch (error) {
    throw new BackhaulError(problemOf(path, error));
  }
}

function problemOf(path: string, error: unknown): Problem {
  const code = codeOf(error);
  const message = `the control socket cannot be made: ${error instanceof Error ? error.message : String(error)}`;
  const remedy = 'name another one with --socket';
  if (code === 'EADDRINUSE') return { code: 'control.inUse', subject: path, message, remedy };
  if (code === 'EACCES' || code === 'EPERM') {
    return { code: 'privilege.missing', subject: path, message, remedy: `be root, or ${remedy}` };
  }
  return { code: 'state.unwritable', subject: path, message, remedy };
}
