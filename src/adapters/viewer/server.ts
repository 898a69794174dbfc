import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { BackhaulError } from '../../model/errors.ts';
import { policyIn } from './page.ts';

export interface ViewerServer {
  /** Where the page is, with the secret that opens it. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface Served {
  /** The page, ready to be sent. */
  readonly markup: string;
  /** Answers `/live`; null where there is nothing live. */
  readonly stream: ((response: ServerResponse) => void) | null;
}

/** How many may look at once. */
const mostConnections = 64;

/**
 * Serves one page to the browsers of this machine: on the loopback address, under a path that nobody can guess, and to
 * nobody who came by another name (DNS rebinding: a foreign page that has its name point here).
 *
 * @param port 0 for any that is free
 * @throws BackhaulError `control.inUse` when the port is taken, `privilege.missing` when it may not be used.
 */
export async function openViewerServer(served: Served, port: number): Promise<ViewerServer> {
  const token = randomBytes(16).toString('base64url');
  const headers = {
    'cache-control': 'no-store',
    'content-security-policy': `${policyIn(served.markup)}; frame-ancestors 'none'`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  const server = createServer((request, response) => {
    response.on('error', () => response.destroy());
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const place = placeOf(request, token, portOf(server.address()));
    if (place === 'page') response.setHeader('content-type', 'text/html; charset=utf-8').end(served.markup);
    else if (place === 'live' && served.stream !== null) served.stream(response);
    else refuse(response, place === 'foreign' ? 403 : 404, request.method === 'GET');
  });
  server.maxConnections = mostConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(problemOf(port, error)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const actual = portOf(server.address());
  return {
    url: `http://127.0.0.1:${actual}/${token}/`,
    port: actual,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function placeOf(request: IncomingMessage, token: string, port: number): 'page' | 'live' | 'none' | 'foreign' {
  const { host = '' } = request.headers;
  // Forwarded by ssh the port may be another one, the name is still this machine's.
  if (!/^(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/u.test(host) || port === 0) return 'foreign';
  if (request.method !== 'GET') return 'none';
  const [, given = '', rest, ...more] = (request.url ?? '').split('/');
  if (!isSame(given, token) || more.length > 0) return 'none';
  if (rest === '') return 'page';
  return rest === 'live' ? 'live' : 'none';
}

/** In a time that tells nothing of how much was right. */
function isSame(given: string, token: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(token)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function refuse(response: ServerResponse, status: number, isRead: boolean): void {
  const answer = isRead || status === 403 ? status : 405;
  response.writeHead(answer, { 'content-type': 'text/plain', connection: 'close' });
  response.end(answer === 403 ? 'not by this name\n' : 'nothing is here\n');
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0;

function problemOf(port: number, error: NodeJS.ErrnoException): BackhaulError {
  const isTaken = error.code === 'EADDRINUSE';
  return new BackhaulError({
    code: isTaken ? 'control.inUse' : 'privilege.missing',
    subject: `127.0.0.1:${port}`,
    message: isTaken ? 'the port is taken' : `the port cannot be used (${error.code ?? error.message})`,
    remedy: 'name another one, or none to get any that is free',
  });
}
