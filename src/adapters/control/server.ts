import { chmod, mkdir, unlink } from 'node:fs/promises';
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';

import { BackhaulError, type Problem } from '../../model/errors.ts';
import type { ControlApi } from './api.ts';
import { answer } from './routes.ts';

export interface ControlServer {
  /** Stops listening, ends open connections and removes the socket. Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves the control API as HTTP on a Unix socket with the given permissions.
 *
 * node:http costs about 9 MB of memory, so it is loaded by the first connection: a daemon that nobody asks anything
 * goes without.
 *
 * @throws BackhaulError `control.inUse` when another daemon answers on the socket. A stale socket is replaced.
 */
export async function openControlServer(path: string, mode: number, api: ControlApi): Promise<ControlServer> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await removeStale(path);
  const connections = new Set<Socket>();
  let http: Promise<HttpServer> | null = null;
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    http ??= openHttp(api);
    void http.then((ready) => ready.emit('connection', socket));
  });
  await listen(server, path, mode);
  let closing: Promise<void> | null = null;
  return {
    close: () =>
      (closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of connections) socket.destroy();
      })),
  };
}

async function openHttp(api: ControlApi): Promise<HttpServer> {
  const { createServer: createHttpServer } = await import('node:http');
  return createHttpServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
    void respond(api, request, response);
  });
}

const maxBody = 64 * 1024;

async function respond(api: ControlApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://backhauld');
  if (request.method === 'GET' && url.pathname === '/events') {
    streamEvents(api, response);
    return;
  }
  const body = await readBody(request);
  const { status, value } =
    body === null
      ? { status: 413, value: { error: problem(`a request body of more than ${maxBody} bytes`) } }
      : answer(api, { method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, body });
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}

/** Server-sent events (WHATWG HTML, section 9.2): one for each event of the manager. */
function streamEvents(api: ControlApi, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': backhauld\n\n');
  const unsubscribe = api.subscribe(({ type, data }) => {
    // A reader that does not read must not grow the daemon: it is let go.
    if (response.writableLength > 1024 * 1024) response.destroy();
    else response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  });
  response.once('close', unsubscribe);
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) continue;
    length += chunk.length;
    if (length > maxBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const problem = (message: string): Problem => ({ code: 'control.protocol', message });

async function listen(server: Server, path: string, mode: number): Promise<void> {
  // The socket exists before its permissions can be set: nobody else may connect in between.
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    });
    await chmod(path, mode);
  } catch (error) {
    throw new BackhaulError({
      code: 'control.inUse',
      subject: path,
      message: `the control socket cannot be made: ${error instanceof Error ? error.message : String(error)}`,
      remedy: 'name another one with --socket',
    });
  } finally {
    process.umask(before);
  }
}

async function removeStale(path: string): Promise<void> {
  const found = await new Promise<'answers' | 'stale' | 'none' | 'other'>((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('answers');
    });
    socket.once('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      resolve(code === 'ENOENT' ? 'none' : code === 'ECONNREFUSED' ? 'stale' : 'other');
    });
  });
  if (found === 'stale') await unlink(path);
  if (found === 'answers' || found === 'other') {
    throw new BackhaulError({
      code: 'control.inUse',
      subject: path,
      message:
        found === 'answers' ? 'a daemon answers on this control socket' : 'this is no socket that could be replaced',
      remedy: 'stop the other daemon, or name another socket with --socket',
    });
  }
}
