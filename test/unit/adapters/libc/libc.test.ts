import { afterEach, expect, test } from 'vitest';
import { errnoName, errnos, type Libc, loadLibc, sockets } from '../../../../src/adapters/libc/libc.ts';

const AF_UNIX = 1;
let open: (() => void)[] = [];
let count = 0;

afterEach(() => {
  for (const close of open.toReversed()) close();
  open = [];
});

async function libcHere(): Promise<Libc> {
  const loaded = await loadLibc();
  if (!loaded.ok) throw new Error(loaded.problem.message);
  return loaded.libc;
}

/** A datagram socket with a name that only this machine's kernel knows: no file, no network. */
function socketOf(libc: Libc): { readonly fd: number; readonly address: Uint8Array } {
  count += 1;
  const name = new TextEncoder().encode(`backhauld-test-${process.pid}-${count}`);
  const address = new Uint8Array([AF_UNIX, 0, 0, ...name]);
  const fd = libc.socket(AF_UNIX, sockets.SOCK_DGRAM, 0);
  open.push(() => libc.close(fd));
  expect(libc.bind(fd, address)).toBe(0);
  return { fd, address };
}

test('it is loaded once, however often it is asked for', async () => {
  expect(await loadLibc()).toBe(await loadLibc());
});

test('what fails returns the negative error number, and nothing is thrown', async () => {
  const libc = await libcHere();
  const { fd, address } = socketOf(libc);
  expect(libc.close(1_000_000)).toBe(-errnos.EBADF);
  expect(libc.bind(fd, address)).toBe(-errnos.EINVAL);
  expect(libc.receiveFrom(fd, new Uint8Array(8), 0)).toBe(-errnos.EAGAIN);
  expect(libc.setIntegerOption(fd, 12_345, 1, 1)).toBe(-errnos.EOPNOTSUPP);
  expect([errnoName(-errnos.EAGAIN), errnoName(4095)]).toEqual(['EAGAIN', 'errno 4095']);
});

test('a datagram arrives with its sender', async () => {
  const libc = await libcHere();
  const [a, b] = [socketOf(libc), socketOf(libc)];
  expect(libc.sendTo(a.fd, new Uint8Array([1, 2, 3]), 0, b.address)).toBe(3);
  const [buffer, sender] = [new Uint8Array(8), new Uint8Array(a.address.length)];
  expect(libc.receiveFrom(b.fd, buffer, 0, sender)).toBe(3);
  expect([...buffer.subarray(0, 3)]).toEqual([1, 2, 3]);
  expect(sender).toEqual(a.address);
});

test('options are read back as they were set', async () => {
  const libc = await libcHere();
  const { fd } = socketOf(libc);
  const value = new Uint8Array(8);
  expect(libc.setIntegerOption(fd, sockets.SOL_SOCKET, sockets.SO_MARK + 1000, 1)).toBeLessThan(0);
  expect(libc.setIntegerOption(fd, sockets.SOL_SOCKET, sockets.SO_RCVBUF, 65_536)).toBe(0);
  expect(libc.getOption(fd, sockets.SOL_SOCKET, sockets.SO_RCVBUF, value)).toBe(4);
  // The kernel doubles it, for its own book-keeping.
  expect(new DataView(value.buffer).getInt32(0, true)).toBe(131_072);
});

test('a descriptor closes on exec and never waits', async () => {
  const libc = await libcHere();
  const { fd } = socketOf(libc);
  const [F_GETFD, F_GETFL, FD_CLOEXEC, O_NONBLOCK] = [1, 3, 1, 0o4000];
  expect(libc.control(fd, F_GETFD, 0) & FD_CLOEXEC).toBe(FD_CLOEXEC);
  expect(libc.control(fd, F_GETFL, 0) & O_NONBLOCK).toBe(O_NONBLOCK);
});

test('a watcher calls when there is something to read, again while there is, and never after it was closed', async () => {
  const libc = await libcHere();
  const [a, b] = [socketOf(libc), socketOf(libc)];
  const statuses: number[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const watcher = libc.watch(b.fd, { readable: true }, (status) => {
    statuses.push(status);
    if (statuses.length === 2) {
      libc.receiveFrom(b.fd, new Uint8Array(8), 0);
      // Promises run as everywhere.
      queueMicrotask(() => {
        resolve(undefined);
      });
    }
  });
  open.push(() => {
    watcher.close();
  });
  libc.sendTo(a.fd, new Uint8Array([1]), 0, b.address);
  await promise;
  expect(statuses).toEqual([0, 0]);
  watcher.close();
  watcher.close();
  libc.sendTo(a.fd, new Uint8Array([1]), 0, b.address);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(statuses).toEqual([0, 0]);
});
