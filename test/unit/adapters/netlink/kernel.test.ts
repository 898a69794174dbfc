import { beforeEach, expect, test, vi } from 'vitest';
import type { LibcResult } from '../../../../src/adapters/libc/libc.ts';
import type { Kernel, OpenResult } from '../../../../src/adapters/netlink/driver.ts';
import { openKernel } from '../../../../src/adapters/netlink/kernel.ts';
import type { Problem } from '../../../../src/model/errors.ts';

const openers = vi.hoisted(() => ({
  loadLibc: vi.fn<() => Promise<LibcResult>>(),
  openFfiKernel: vi.fn<() => OpenResult>(),
  openCommandKernel: vi.fn<() => Promise<OpenResult>>(),
}));
vi.mock('../../../../src/adapters/libc/libc.ts', () => ({ loadLibc: openers.loadLibc }));
vi.mock('../../../../src/adapters/netlink/ffi/ffi-kernel.ts', () => ({ openFfiKernel: openers.openFfiKernel }));
vi.mock('../../../../src/adapters/netlink/command/command-kernel.ts', () => ({
  openCommandKernel: openers.openCommandKernel,
}));

const opened = (driver: 'ffi' | 'command'): OpenResult => ({ ok: true, kernel: { driver } as Kernel });
const noKoffi: Problem = { code: 'tool.missing', subject: 'koffi', message: 'it is not there' };
const noIp: Problem = { code: 'tool.missing', subject: 'ip', message: 'it is not there' };

beforeEach(() => {
  openers.loadLibc.mockReset().mockResolvedValue({ ok: true, libc: {} } as LibcResult);
  openers.openFfiKernel.mockReset().mockReturnValue(opened('ffi'));
  openers.openCommandKernel.mockReset().mockResolvedValue(opened('command'));
});

test('the kernel is opened by FFI where that works, and the other way is not even tried', async () => {
  expect((await openKernel()).driver).toBe('ffi');
  expect(openers.openCommandKernel).not.toHaveBeenCalled();
});

test('where koffi is missing the ip command serves, and that is said', async () => {
  openers.loadLibc.mockResolvedValue({ ok: false, problem: noKoffi });
  const problems: Problem[] = [];
  expect((await openKernel({ onProblem: (problem) => problems.push(problem) })).driver).toBe('command');
  expect(problems).toEqual([noKoffi]);
});

test('where the sockets are refused the ip command serves', async () => {
  openers.openFfiKernel.mockReturnValue({ ok: false, problem: { code: 'privilege.missing', message: 'no' } });
  expect((await openKernel()).driver).toBe('command');
});

test('the driver that is asked for is the one that serves, or none', async () => {
  expect((await openKernel({ driver: 'command' })).driver).toBe('command');
  expect(openers.loadLibc).not.toHaveBeenCalled();
  openers.loadLibc.mockResolvedValue({ ok: false, problem: noKoffi });
  await expect(openKernel({ driver: 'ffi' })).rejects.toMatchObject({ code: 'tool.missing', problems: [noKoffi] });
});

test('DISC-1: where the kernel cannot be read at all, that is an error that names both reasons', async () => {
  openers.loadLibc.mockResolvedValue({ ok: false, problem: noKoffi });
  openers.openCommandKernel.mockResolvedValue({ ok: false, problem: noIp });
  await expect(openKernel()).rejects.toMatchObject({ name: 'BackhaulError', problems: [noKoffi, noIp] });
});
