import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { openControlServer } from '../../../../src/adapters/control/server.ts';
import { socketStateAt } from '../../../../src/adapters/control/socket-state.ts';
import { BackhaulError, type ErrorCode } from '../../../../src/model/errors.ts';
import { callControl } from '../../../../src/adapters/control/client.ts';
import { connected, fakeDaemon, noHotspot, temporaryFolder } from './control-fixture.ts';

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | null> {
  try {
    await promise;
    return null;
  } catch (error) {
    if (error instanceof BackhaulError) return error.code;
    throw error;
  }
}

/** Leaves a socket behind that nobody listens on, as a killed daemon does. */
async function leaveStale(path: string): Promise<void> {
  const server = createServer().listen(`${path}.new`);
  await new Promise((resolve) => server.once('listening', resolve));
  // Renamed, so that closing the server cannot find it to remove it.
  const { renameSync } = await import('node:fs');
  renameSync(`${path}.new`, path);
  await new Promise((resolve) => server.close(resolve));
}

describe('the socket', () => {
  test('API-4: has mode 0660, whatever the mask of the process', async () => {
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    const { path } = await fakeDaemon();
    expect(statSync(path).mode & 0o7777).toBe(0o660);
    expect(process.umask()).toBe(0o077);
  });

  test('its folder is made where it is missing', async () => {
    const path = join(temporaryFolder(), 'run/backhauld/c.sock');
    await fakeDaemon({}, path);
    expect(await socketStateAt(path)).toBe('answers');
  });

  test('API-2: a stale one is replaced', async () => {
    const path = join(temporaryFolder(), 'c.sock');
    await leaveStale(path);
    expect(await socketStateAt(path)).toBe('stale');
    await fakeDaemon({}, path);
    expect(await callControl(path, { method: 'GET', path: '/plan' })).toEqual([]);
  });

  test('API-2: one that answers is left alone, and the first daemon goes on answering', async () => {
    const first = await fakeDaemon();
    expect(await codeOf(fakeDaemon({}, first.path))).toBe('control.inUse');
    expect(await callControl(first.path, { method: 'GET', path: '/plan' })).toEqual([]);
  });

  test('SECU-4: a file that is no socket is an error, and is not removed', async () => {
    const path = join(temporaryFolder(), 'precious');
    writeFileSync(path, 'data');
    expect(await codeOf(fakeDaemon({}, path))).toBe('control.inUse');
    expect(readFileSync(path, 'utf8')).toBe('data');
  });

  test('a folder in its place is an error, and is not removed', async () => {
    const path = join(temporaryFolder(), 'folder');
    mkdirSync(path);
    expect(await codeOf(fakeDaemon({}, path))).toBe('control.inUse');
    expect(lstatSync(path).isDirectory()).toBe(true);
  });

  test('a path too long for a socket is named as that, not cut off', async () => {
    const path = join(temporaryFolder(), 'x'.repeat(108));
    expect(await codeOf(fakeDaemon({}, path))).toBe('usage.invalid');
  });

  test('a folder that cannot be made is a problem with a code', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(await codeOf(fakeDaemon({}, join(folder, 'file/c.sock')))).toBe('state.unwritable');
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written is a missing privilege', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    expect(await codeOf(fakeDaemon({}, join(folder, 'c.sock')))).toBe('privilege.missing');
  });
});

describe('closing', () => {
  test('removes the socket, ends open connections, and may be done twice', async () => {
    const daemon = await fakeDaemon();
    const peer = await connected(daemon.path);
    const ended = new Promise((resolve) => peer.once('close', resolve));
    await Promise.all([daemon.close(), daemon.close()]);
    await daemon.close();
    await ended;
    expect(existsSync(daemon.path)).toBe(false);
  });

  test('does not wait for those who listen to events', async () => {
    const daemon = await fakeDaemon();
    const peer = await connected(daemon.path);
    const answered = new Promise((resolve) => peer.once('data', resolve));
    peer.write('GET /events HTTP/1.1\r\nhost: x\r\n\r\n');
    await answered;
    await daemon.close();
    expect(daemon.subscribers()).toBe(0);
  });

  test('the same path can be used again at once', async () => {
    const daemon = await fakeDaemon();
    await daemon.close();
    const { path } = daemon;
    const again = await openControlServer(path, 0o600, unusedApi().api);
    await again.close();
    expect(await socketStateAt(path)).toBe('none');
  });
});

function unusedApi() {
  const never = (): never => {
    throw new Error('not asked');
  };
  return {
    api: {
      status: never,
      explain: never,
      plan: never,
      pin: never,
      budgets: never,
      resetBudget: never,
      setBudget: never,
      hotspot: noHotspot,
      subscribe: never,
      inspect: never,
    },
  };
}
