import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import type { Problem } from '../../model/errors.ts';
import type { ControlApi } from './api.ts';
import type { ControlAnswer } from './answers.ts';
import { answer } from './routes.ts';
import { streamEvents, streamInspection } from './server-sent-events.ts';

const maxBody = 64 * 1024;
/** A connection on which nothing moves for so long is ended; streams of events are quiet for longer. */
const idleTimeout = 10_000;

/** The HTTP side of the control API. It listens nowhere itself: connections are handed to it. */
export function openHttp(api: ControlApi): Server {
  const server = createServer((request, response) => {
    // A peer that goes away in the middle of an answer is no event for the daemon.
    response.on('error', () => response.destroy());
    respond(api, request, response).catch(() => response.destroy());
  });
  // The time-outs of node:http are checked by a server that listens; this one holds for handed-over connections too.
  return server.setTimeout(idleTimeout);
}

async function respond(api: ControlApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = URL.parse(request.url ?? '/', 'http://backhauld');
  if (request.method === 'GET' && url?.pathname === '/events') {
    streamEvents(api, request, response);
    return;
  }
  if (request.method === 'GET' && url?.pathname === '/inspection') {
    streamInspection(api, request, response);
    return;
  }
  const body = await readBody(request);
  const { status, value } = ((): ControlAnswer => {
    if (url === null) return { status: 400, value: { error: problem('the path of the request is none') } };
    if (body === null) {
      return { status: 413, value: { error: problem(`a request body of more than ${maxBody} bytes`) } };
    }
    return guarded(() =>
      answer(api, { method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, body }),
    );
  })();
  // What is left of a body that was too long is not worth reading for the next request.
  const headers = body === null ? { connection: 'close' } : {};
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(`${JSON.stringify(value)}\n`);
}

/** A fault in answering is an answer too: the daemon's work goes on. */
function guarded(make: () => ControlAnswer): ControlAnswer {
  try {
    return make();
  } catch (error) {
    const message = `the daemon could not answer: ${error instanceof Error ? error.message : String(error)}`;
    return { status: 500, value: { error: { code: 'actor.failed', message } satisfies Problem } };
  }
}

/**
 * The body as text; null when it is too long: it is read on and thrown away then, so that the answer arrives, but not
 * without end.
 */
function readBody(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBody) chunks = [];
      else chunks.push(chunk);
      if (length > 16 * maxBody) request.destroy();
    });
    request.once('end', () => resolve(length > maxBody ? null : Buffer.concat(chunks).toString('utf8')));
    request.once('error', reject);
    request.once('close', () => reject(new Error('the request was broken off')));
  });
}

const problem = (message: string): Problem => ({ code: 'control.protocol', message });
