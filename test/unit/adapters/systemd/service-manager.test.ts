import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadLibc, sockets, type Libc } from '../../../../src/adapters/libc/libc.ts';
import { openServiceManager } from '../../../../src/adapters/systemd/service-manager.ts';

/** systemd's end of the socket. */
class Listener {
  readonly #libc: Libc;
  readonly #fd: number;

  constructor(libc: Libc, path: string) {
    this.#libc = libc;
    this.#fd = libc.socket(sockets.AF_UNIX, sockets.SOCK_DGRAM, 0);
    const family = Buffer.from(Uint16Array.of(sockets.AF_UNIX).buffer);
    const bound = libc.bind(this.#fd, Buffer.concat([family, Buffer.from(path.replace(/^@/u, '\0'))]));
    if (bound < 0) throw new Error(`the test's own socket cannot be bound: ${bound}`);
  }

  heard(): string[] {
    const messages: string[] = [];
    const buffer = new Uint8Array(256);
    for (;;) {
      const length = this.#libc.receiveFrom(this.#fd, buffer, 0);
      if (length < 0) return messages;
      messages.push(Buffer.from(buffer.subarray(0, length)).toString());
    }
  }

  close(): void {
    this.#libc.close(this.#fd);
  }
}

describe('the service manager', () => {
  let libc: Libc;
  let directory: string;
  beforeEach(async () => {
    const loaded = await loadLibc();
    if (!loaded.ok) throw new Error(loaded.problem.message);
    libc = loaded.libc;
    directory = mkdtempSync(join(tmpdir(), 'backhauld-systemd-'));
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(directory, { recursive: true });
  });

  const places: readonly (readonly [string, () => string])[] = [
    ['a path', () => join(directory, 'notify')],
    ['an abstract name', () => `@backhauld-test-${process.pid}`],
  ];

  test.each(places)('is told at %s that the daemon is ready, alive, and stopping', async (_, place) => {
    const path = place();
    const listener = new Listener(libc, path);
    const manager = await openServiceManager({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '10000000' });
    vi.advanceTimersByTime(20_000);
    expect(listener.heard()).toEqual([]);
    manager.ready();
    expect(listener.heard()).toEqual(['READY=1']);
    vi.advanceTimersByTime(10_000);
    expect(listener.heard()).toEqual(['WATCHDOG=1', 'WATCHDOG=1']);
    manager.stopping();
    vi.advanceTimersByTime(20_000);
    expect(listener.heard()).toEqual(['STOPPING=1']);
    listener.close();
  });

  test.each([
    ['no watchdog is asked for', {}],
    ['the watchdog is another process’s', { WATCHDOG_USEC: '10000000', WATCHDOG_PID: String(process.pid + 1) }],
    ['the interval is no number', { WATCHDOG_USEC: 'soon' }],
    ['the interval is 0', { WATCHDOG_USEC: '0' }],
  ])('feeds nobody where %s', async (_, environment) => {
    const path = join(directory, 'notify');
    const listener = new Listener(libc, path);
    const manager = await openServiceManager({ NOTIFY_SOCKET: path, ...environment });
    manager.ready();
    vi.advanceTimersByTime(60_000);
    expect(listener.heard()).toEqual(['READY=1']);
    manager.stopping();
    listener.close();
  });

  test.each([
    ['nobody asked', undefined],
    ['nobody listens', '/nonexistent/socket'],
    ['the name is no path', 'relative'],
    ['the name is too long', `/${'x'.repeat(200)}`],
  ])('where %s, nothing happens', async (_, path) => {
    const manager = await openServiceManager(path === undefined ? {} : { NOTIFY_SOCKET: path });
    expect(() => {
      manager.ready();
      manager.stopping();
    }).not.toThrow();
  });
});
