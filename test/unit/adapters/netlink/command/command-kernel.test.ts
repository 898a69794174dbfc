import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCommandKernel } from '../../../../../src/adapters/netlink/command/command-kernel.ts';
import { IpBatch } from '../../../../../src/adapters/netlink/command/ip-batch.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ip-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** A program that stands in for `ip`. */
function program(script: string): string {
  const path = join(directory, `ip${Math.abs(script.length)}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o700);
  return path;
}

test('without the program the kernel is not opened, and the tool that is missing is named', async () => {
  const opened = await openCommandKernel({ program: join(directory, 'nothing') });
  expect(opened).toMatchObject({ ok: false, problem: { code: 'tool.missing', remedy: 'install iproute2' } });
});

test('a program that knows no JSON makes the kernel unreadable', async () => {
  const opened = await openCommandKernel({ program: program('echo "ip: unrecognized option: json" >&2; exit 1') });
  expect(opened).toMatchObject({ ok: false, problem: { code: 'kernel.unreadable' } });
});

test('a batch whose program ends is answered as failed, and the next one gets a new program', async () => {
  const batch = new IpBatch(
    'ipv4',
    [],
    program(
      'read -r line; echo "told: $line" >&2; [ "$line" = die ] && exit 3; read -r line; echo "Command failed -:2" >&2; cat >/dev/null',
    ),
  );
  expect(await batch.run(['die'], 'quiet')).toMatchObject({ ok: false, message: 'it ended (3): told: die' });
  const answers = await Promise.all([batch.run(['live'], 'quiet'), batch.close()]);
  expect(answers[0].ok).toBe(false);
});

test('a batch that is closed answers whoever comes after', async () => {
  const batch = new IpBatch('ipv4', [], program('cat >/dev/null'));
  await batch.close();
  expect(await batch.run(['live'], 'quiet')).toMatchObject({ ok: false });
});
