import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openViewerServer, type ViewerServer } from '../../../../src/adapters/viewer/server.ts';

const markup = '<meta http-equiv="content-security-policy" content="default-src \'none\'; script-src \'sha256-x\'" />';
let server: ViewerServer;

beforeEach(async () => {
  server = await openViewerServer({ markup, stream: (response) => response.end('streamed') }, 0);
});
afterEach(() => server.close());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function ask(path: string, { method = 'GET', host = `127.0.0.1:${server.port}` } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port: server.port, host: '127.0.0.1', path, method, headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

const tokenPath = (): string => new URL(server.url).pathname;

describe('the server of the page', () => {
  test('gives the page and the stream to who knows the path, and nothing to others', async () => {
    expect(await ask(tokenPath())).toMatchObject({ status: 200, text: markup });
    expect(await ask(`${tokenPath()}live`)).toMatchObject({ status: 200, text: 'streamed' });
    const other = tokenPath().replace(/.\/$/u, (end) => (end === 'A/' ? 'Q/' : 'A/'));
    for (const path of [
      '/',
      '/live',
      '/index.html',
      other,
      `${tokenPath()}other`,
      `${tokenPath()}../`,
      tokenPath().slice(0, -1),
    ]) {
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    }
  });

  test('makes up another path each time, too long to be guessed', async () => {
    const other = await openViewerServer({ markup, stream: null }, 0);
    await other.close();
    expect(new URL(other.url).pathname).not.toBe(tokenPath());
    expect(tokenPath()).toMatch(/^\/[\w-]{22}\/$/u);
  });

  test.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost@evil.example'])(
    'refuses who came by the name %j, though the path is right (DNS rebinding)',
    async (host) => {
      const { status, text } = await ask(tokenPath(), { host });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain(markup);
    },
  );

  test.each(['127.0.0.1:8080', 'localhost', 'localhost:9'])(
    'takes %s: forwarded by ssh the port may be another',
    async (host) => {
      expect((await ask(tokenPath(), { host })).status).toBe(200);
    },
  );

  test.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])('does not take %s', async (method) => {
    expect((await ask(tokenPath(), { method })).status).toBe(405);
  });

  test('forbids the page everything but what is its own, and others to frame or read it', async () => {
    const { headers } = await ask(tokenPath());
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'sha256-x'; frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('listens on the loopback address alone', async () => {
    const outcome = await new Promise((resolve) => {
      const socket = connect({ port: server.port, host: '127.0.0.2' });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      socket.once('connect', () => resolve('connected'));
    });
    expect(outcome).toBe('ECONNREFUSED');
  });

  test('a port that is taken is said to be', async () => {
    await expect(openViewerServer({ markup, stream: null }, server.port)).rejects.toMatchObject({
      code: 'control.inUse',
      message: expect.stringContaining(`127.0.0.1:${server.port}: the port is taken`) as unknown,
    });
  });
});
