import { expect, test } from 'vitest';
import { run } from '../../../../src/adapters/process/run.ts';

const shell = (script: string, options: Partial<Parameters<typeof run>[2]> = {}) =>
  run('sh', ['-c', script, 'S3cret'], { timeout: 5000, ...options });

test('what a program wrote and how it ended is a value', async () => {
  expect(await shell('cat; echo err >&2', { input: 'hello' })).toEqual({
    ok: true,
    stdout: 'hello',
    stderr: 'err\n',
    exitCode: 0,
  });
  expect(await shell('exit 3')).toMatchObject({ ok: false, code: 'tool.failed', exitCode: 3 });
  expect(await shell('kill -9 $$')).toMatchObject({ ok: false, code: 'tool.failed', exitCode: null });
});

test('a program that is not there, may not be run or cannot be given its arguments is a value too', async () => {
  const timeout = 1000;
  expect(await run('no-such-program', [], { timeout })).toMatchObject({ ok: false, code: 'tool.missing' });
  expect(await run('/etc/passwd', [], { timeout })).toMatchObject({ ok: false, code: 'tool.failed' });
  expect(await run('true', ['S3cret\0'], { timeout })).toMatchObject({ ok: false, code: 'tool.failed' });
  expect(await run('true\0', [], { timeout })).toMatchObject({ ok: false, code: 'tool.failed' });
});

test('one that does not end is ended, by force when it does not listen', async () => {
  const deaf = await shell('trap "" TERM; while :; do sleep 0.05; done', { timeout: 50 });
  expect(deaf).toMatchObject({ ok: false, code: 'tool.timeout', exitCode: null });
});

test('a grandchild that holds the pipes does not hold us', async () => {
  const startedAt = performance.now();
  expect(await shell('sleep 5 & echo hi')).toMatchObject({ ok: true, stdout: 'hi\n' });
  expect(await shell('sleep 5 & sleep 5', { timeout: 50 })).toMatchObject({ code: 'tool.timeout' });
  expect(performance.now() - startedAt).toBeLessThan(3000);
});

test('the signal ends it, also before it starts', async () => {
  expect(await shell('sleep 5', { signal: AbortSignal.timeout(20) })).toMatchObject({ ok: false, isAborted: true });
  expect(await shell('sleep 5', { signal: AbortSignal.abort() })).toMatchObject({ ok: false, isAborted: true });
});

test('one that writes without end is ended', async () => {
  expect(await shell('yes', { maxBuffer: 1000 })).toMatchObject({ ok: false, code: 'tool.failed' });
});

test('a child gets a PATH and the language of messages, and nothing else of ours', async () => {
  const { stdout } = await run('env', [], { timeout: 1000 });
  const names = stdout
    .trim()
    .split('\n')
    .map((line) => line.split('=')[0]);
  expect(new Set(names)).toEqual(new Set(['LANG', 'PATH']));
  expect(stdout).toContain('/usr/sbin');
});

test('SECU-4: no message holds an argument, an input or an output', async () => {
  const failures = await Promise.all([
    shell('echo S3cret; echo S3cret >&2; exit 1', { input: 'S3cret' }),
    shell('sleep 5', { timeout: 20 }),
    shell('yes S3cret', { maxBuffer: 100 }),
    run('no-such-program', ['S3cret'], { timeout: 1000 }),
    run('true', ['S3cret\0'], { timeout: 1000 }),
  ]);
  for (const failure of failures) expect(failure).toHaveProperty('message', expect.not.stringContaining('S3cret'));
});
