import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { callControl, type ControlCall } from '../../../../src/adapters/control/client.ts';
import { BackhaulError } from '../../../../src/model/errors.ts';
import type { Status } from '../../../../src/model/status.ts';
import { connected, emptyStatus, fakeDaemon, rawExchange, temporaryFolder } from './control-fixture.ts';

async function problemOf(path: string, call: ControlCall): Promise<string | null> {
  try {
    await callControl(path, call);
    return null;
  } catch (error) {
    if (error instanceof BackhaulError) return `${error.code}: ${error.problems[0]?.message}`;
    throw error;
  }
}

const statusLineOf = (answer: string): string | undefined => answer.split('\r\n')[0];

describe('questions', () => {
  test('API-4: status, plan and explanations come as JSON', async () => {
    const { path } = await fakeDaemon();
    expect(await callControl(path, { method: 'GET', path: '/status' })).toEqual(emptyStatus);
    expect(await callControl(path, { method: 'GET', path: '/plan' })).toEqual([]);
    expect(await callControl(path, { method: 'GET', path: '/explain?interface=eth0' })).toEqual({ uplinks: [] });
  });

  test('SEL-4: a pin is set by name and taken back', async () => {
    const { path, pins } = await fakeDaemon();
    expect(await callControl(path, { method: 'PUT', path: '/pin', body: { name: 'eth0' } })).toEqual({
      pinned: 'eth0',
    });
    expect(await callControl(path, { method: 'DELETE', path: '/pin' })).toEqual({ pinned: null });
    expect(pins).toEqual(['eth0', null]);
  });

  test("the daemon's own problem comes through with its code", async () => {
    const { path } = await fakeDaemon();
    const expected = 'usage.invalid: there is no interface "nope"';
    expect(await problemOf(path, { method: 'GET', path: '/explain?interface=nope' })).toBe(expected);
    expect(await problemOf(path, { method: 'PUT', path: '/pin', body: { name: 'nope' } })).toBe(expected);
  });

  test.each<readonly [string, ControlCall]>([
    ['an unknown path', { method: 'GET', path: '/nothing' }],
    ['a method that the path does not take', { method: 'DELETE', path: '/status' }],
    ['a body without a name', { method: 'PUT', path: '/pin', body: { nome: 'eth0' } }],
    ['a name that is no text', { method: 'PUT', path: '/pin', body: { name: 5 } }],
    ['a body of the wrong kind', { method: 'PUT', path: '/pin', body: [] }],
  ])('%s is answered with what is wrong', async (_, call) => {
    const { path, pins } = await fakeDaemon();
    expect(await problemOf(path, call)).toMatch(/^control\.protocol: /u);
    expect(pins).toEqual([]);
  });

  test('a fault while answering is an answer, and the next question is answered again', async () => {
    const status = vi
      .fn<() => Status>(() => emptyStatus)
      .mockImplementationOnce(() => {
        throw new Error('broken');
      });
    const { path } = await fakeDaemon({ status });
    expect(await problemOf(path, { method: 'GET', path: '/status' })).toBe(
      'actor.failed: the daemon could not answer: broken',
    );
    expect(await callControl(path, { method: 'GET', path: '/status' })).toEqual(emptyStatus);
  });
});

describe('rude peers', () => {
  const close = 'host: x\r\nconnection: close\r\n';

  test.each([
    ['bad JSON', `PUT /pin HTTP/1.1\r\n${close}content-length: 3\r\n\r\n{"n`, 'HTTP/1.1 400 Bad Request'],
    ['a path that is no path', `GET // HTTP/1.1\r\n${close}\r\n`, 'HTTP/1.1 400 Bad Request'],
    ['no HTTP', 'hello\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    [
      'a huge header',
      `GET /status HTTP/1.1\r\n${close}x: ${'x'.repeat(100_000)}\r\n\r\n`,
      'HTTP/1.1 431 Request Header Fields Too Large',
    ],
    [
      'a body over 64 KiB',
      `PUT /pin HTTP/1.1\r\n${close}content-length: 70000\r\n\r\n${' '.repeat(70_000)}`,
      'HTTP/1.1 413 Payload Too Large',
    ],
  ])('SECU-4: %s is refused, and others are served', async (_, bytes, expected) => {
    const { path, pins } = await fakeDaemon();
    expect(statusLineOf(await rawExchange(path, bytes))).toBe(expected);
    expect(pins).toEqual([]);
    expect(await callControl(path, { method: 'GET', path: '/plan' })).toEqual([]);
  });

  test('a body without end is cut off', async () => {
    const { path } = await fakeDaemon();
    const endless = `PUT /pin HTTP/1.1\r\n${close}content-length: 99999999\r\n\r\n${' '.repeat(2_000_000)}`;
    expect(await rawExchange(path, endless)).toBe('');
    expect(await callControl(path, { method: 'GET', path: '/plan' })).toEqual([]);
  });

  test('a peer that goes away in the middle of its request is forgotten', async () => {
    const { path } = await fakeDaemon();
    const rejections: unknown[] = [];
    const note = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', note);
    onTestFinished(() => void process.off('unhandledRejection', note));
    const peer = await connected(path);
    const gone = new Promise((resolve) => peer.once('close', resolve));
    peer.write('PUT /pin HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"na', () => peer.destroy());
    await gone;
    expect(await callControl(path, { method: 'GET', path: '/plan' })).toEqual([]);
    await new Promise(setImmediate);
    expect(rejections).toEqual([]);
  });
});

describe('events', () => {
  test('API-4: arrive as server-sent events, from the subscription on', async () => {
    const daemon = await fakeDaemon();
    const peer = await connected(daemon.path);
    peer.setEncoding('utf8');
    let received = '';
    const enough = new Promise<void>((resolve) => {
      peer.on('data', (chunk: string) => {
        if (received === '') daemon.emit({ type: 'switch', data: { to: 'wlan0', because: 'a\nb' } });
        received += chunk;
        if (received.includes('wlan0')) resolve();
      });
    });
    peer.write('GET /events HTTP/1.1\r\nhost: x\r\n\r\n');
    await enough;
    expect(received).toContain('content-type: text/event-stream');
    expect(received).toContain(
      String.raw`event: switch` + '\n' + String.raw`data: {"to":"wlan0","because":"a\nb"}` + '\n\n',
    );
    peer.destroy();
  });

  test('a reader that does not read is let go, and the daemon keeps nothing for it', async () => {
    const daemon = await fakeDaemon();
    const peer = await connected(daemon.path);
    const began = new Promise((resolve) => peer.once('data', resolve));
    peer.write('GET /events HTTP/1.1\r\nhost: x\r\n\r\n');
    await began;
    peer.pause();
    const data = 'x'.repeat(100_000);
    // More than the socket's buffer and the backlog hold together; each turn lets the daemon notice.
    for (let sent = 0; sent < 100 && daemon.subscribers() > 0; sent++) {
      daemon.emit({ type: 'state', data });
      daemon.emit({ type: 'state', data });
      await new Promise(setImmediate);
    }
    expect(daemon.subscribers()).toBe(0);
    peer.destroy();
    expect(await callControl(daemon.path, { method: 'GET', path: '/plan' })).toEqual([]);
  });
});

describe('the client', () => {
  /** Answers every connection with these bytes and closes it. */
  async function speaks(bytes: string): Promise<string> {
    const path = join(temporaryFolder(), 'odd.sock');
    const server = createServer((socket) => void socket.once('data', () => socket.end(bytes)));
    server.listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => void server.close());
    return path;
  }
  const ask: ControlCall = { method: 'GET', path: '/status' };

  test('says that nobody answers, and what to do', async () => {
    expect(await problemOf(join(temporaryFolder(), 'none.sock'), ask)).toBe(
      'control.notRunning: no daemon answers (ENOENT)',
    );
  });

  test.each([
    ['an answer that is no JSON', 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<html>'],
    [
      'an error without a known code',
      'HTTP/1.1 500 Oops\r\nconnection: close\r\n\r\n{"error":{"code":"new.code","message":"x"}}',
    ],
    ['an answer that breaks off', 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"acti'],
  ])('%s is a mistake of the protocol, and never waited for', async (_, bytes) => {
    expect(await problemOf(await speaks(bytes), ask)).toMatch(/^control\.protocol: /u);
  });

  test('no HTTP at all counts as nobody answering', async () => {
    expect(await problemOf(await speaks('SSH-2.0-OpenSSH\r\n'), ask)).toMatch(/^control\.notRunning: /u);
  });
});
