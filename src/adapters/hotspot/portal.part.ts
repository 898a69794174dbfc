import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Problem } from '../../model/errors.ts';
import { captiveAnswer } from './captive-checks.ts';
import { limitConnections } from './connection-limits.ts';
import { portTaken } from './names.part.ts';
import { onboardingPath, type Onboarding } from './onboarding-page.ts';
import type { PartMaker } from './part-maker.ts';
import { listenerOn } from './sockets-in-use.ts';

const port = 80;
/** Of a request, in bytes. */
const longestBody = 4096;
const connections = { perClient: 8, total: 64 } as const;
/** Node looks only every 30 s whether a time-out is over, unless it is told otherwise. */
const limits = {
  requestTimeout: 5000,
  headersTimeout: 5000,
  keepAliveTimeout: 2000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 8192,
} as const;

export interface PortalOptions {
  /** Exchanges tokens for the key; null: none are handed out. */
  readonly onboarding: Onboarding | null;
  readonly noted: (problem: Problem) => void;
}

/**
 * The web server on the access point's own addresses. Where the port is another program's the hotspot goes on without
 * it: phones may then leave.
 */
export function createPortal({ onboarding, noted }: PortalOptions): PartMaker<'portal'> {
  const servers = new Set<Server>();
  return {
    async start({ address: { ipv4, ipv6 } }) {
      for (const address of [ipv4, ipv6].filter((one) => one !== null)) {
        // oxlint-disable-next-line no-await-in-loop
        const server = await createPortalServer(onboarding);
        // oxlint-disable-next-line no-await-in-loop
        const refusal = await listen(server, address);
        if (refusal === null) servers.add(server);
        else noted(refusal === 'EADDRINUSE' ? taken(ipv4) : cannotListen(address, refusal));
      }
      return null;
    },
    async stop() {
      const open = [...servers];
      servers.clear();
      await Promise.all(
        open.map(async (server) => {
          server.closeAllConnections();
          await new Promise((resolve) => server.close(resolve));
        }),
      );
      return null;
    },
  };
}

/** The web server, which listens nowhere yet. How much anyone may ask of it is bounded. */
export async function createPortalServer(onboarding: Onboarding | null): Promise<Server> {
  const { createServer } = await import('node:http');
  const server = createServer(limits, (request, response) => {
    void answer(request, response, onboarding);
  });
  limitConnections(server, connections);
  return server;
}

/** The code of the error; null when it listens. */
const listen = async (server: Server, address: string): Promise<string | null> =>
  new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown error'));
    server.listen({ port, host: address, ipv6Only: true }, () => {
      server.on('error', () => undefined);
      resolve(null);
    });
  });

async function answer(request: IncomingMessage, response: ServerResponse, onboarding: Onboarding | null) {
  const { method = 'GET', url = '/', headers } = request;
  const { pathname, searchParams } = URL.parse(url, 'http://node') ?? new URL('http://node/');
  if (pathname === onboardingPath && onboarding !== null) {
    const body = await bodyOf(request);
    if (body === null) return send(response, 413, 'text/plain', 'too much\n');
    const made = await onboarding({
      method,
      path: pathname,
      query: searchParams,
      body,
      contentType: headers['content-type'] ?? '',
      accept: headers.accept ?? '',
      from: request.socket.remoteAddress ?? '',
    });
    response.writeHead(made.status, { ...made.headers, connection: 'close' }).end(method === 'HEAD' ? '' : made.body);
    return undefined;
  }
  const host = (headers.host ?? '').replace(/:\d+$/u, '').toLowerCase();
  const known = captiveAnswer(host, pathname);
  if (known !== null) return send(response, known.status, known.type, method === 'HEAD' ? '' : known.body);
  return send(response, 404, 'text/plain', 'This node has no way to the internet at the moment, or no such page.\n');
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) };
  response
    .writeHead(status, { 'content-type': type, 'cache-control': 'no-store', connection: 'close', ...length })
    .end(body);
}

/** Null when it is too long, or does not come to its end. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of request) {
      if (!Buffer.isBuffer(part)) continue;
      length += part.length;
      if (length > longestBody) return null;
      parts.push(part);
    }
  } catch {
    return null;
  }
  return Buffer.concat(parts).toString('utf8');
}

const taken = (ipv4: string | null): Problem => ({
  ...portTaken(`tcp port ${port}`, listenerOn(port, ipv4 ?? '')?.program ?? null),
  remedy: 'phones may leave the hotspot while there is no way out, for nobody answers their checks',
});

const cannotListen = (address: string, code: string): Problem => ({
  code: 'hotspot.portTaken',
  subject: `${address} port ${port}`,
  message: `nobody can listen there (${code}); phones may leave the hotspot while there is no way out`,
});
