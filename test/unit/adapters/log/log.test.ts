import { expect, test } from 'vitest';
import { concealedJson } from '../../../../src/adapters/log/conceal.ts';
import { createLog, logLevelOf, logLevels } from '../../../../src/adapters/log/log.ts';
import { run } from '../../../../src/adapters/process/run.ts';

function capture(level: Parameters<typeof createLog>[0]['level'] = 'info') {
  const lines: string[] = [];
  return { lines, log: createLog({ level, destination: { write: (line) => lines.push(line) } }) };
}

test('a line is one JSON object with time, level, component and text', () => {
  const { log, lines } = capture();
  log.child({ component: 'probes' }).info({ iface: 'eth0' }, 'hello\nworld');
  expect(lines).toHaveLength(1);
  expect(lines[0]?.match(/\n/gu)).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u) as unknown,
    component: 'probes',
    iface: 'eth0',
    msg: 'hello\nworld',
  });
});

class WithSecrets extends Error {
  readonly psk = 'S3cret';
  readonly config = { token: 'S3cret' };
}
const secretNames = [
  'psk',
  'passphrase',
  'password',
  'token',
  'secret',
  'apiKey',
  'network_key',
  'authorization',
  'wpa_passphrase',
  'Authorization',
  'apiToken',
];
const circle: Record<string, unknown> = { psk: 'S3cret' };
circle['self'] = circle;

test.each(secretNames)('SECU-4: the value of %s comes through nowhere', (name) => {
  const { log, lines } = capture('trace');
  const secret = { [name]: 'S3cret' };
  const deep = { a: { b: [{ c: { d: { e: { f: [secret] } } } }] } };
  for (const fields of [
    secret,
    deep,
    { list: [secret] },
    { map: new Map([['x', secret]]) },
    { like: { toJSON: () => secret } },
  ]) {
    log.info(fields, 'text');
    log.child(fields).warn('text');
    log.child({ component: 'x' }).child(fields).child({ y: 1 }).error({ z: 2 }, 'text');
  }
  expect(lines).toHaveLength(15);
  expect(lines.join('')).not.toContain('S3cret');
  expect(lines.join('')).toContain('[redacted]');
});

test('SECU-4: nor do those in errors, in circles and in bytes', () => {
  const { log, lines } = capture();
  log.error(new WithSecrets('failed'));
  log.error({ err: new WithSecrets('failed', { cause: new WithSecrets('cause') }) }, 'text');
  log.info(circle, 'text');
  log.info({ bytes: Buffer.from('S3cret'), big: 1n }, 'text');
  expect(lines).toHaveLength(4);
  expect(lines.join('')).not.toContain('S3cret');
  expect(lines.join('')).not.toContain(Buffer.from('S3cret').join());
  expect(lines[0]).toContain('"stack":');
});

test('the number of a key is no secret, and neither is that there is none', () => {
  const { log, lines } = capture();
  log.info({ key: 3, previousKey: 2, states: { key: 'steady' }, passphrase: null, onboardingTokens: false }, 'text');
  expect(lines.join('')).not.toContain('[redacted]');
});

test('SECU-4, API-5: what is recorded has no secret, and all that is needed to run it again', () => {
  const state = { value: { service: 'active', key: 'overlapping' }, key: 3, previousKey: 2, passphrase: null };
  expect(concealedJson(state)).toBe(JSON.stringify(state));
  const secret = {
    config: { security: { passphrase: 'S3cret' } },
    headers: [['authorization', 'S3cret']],
    apiKey: 'S3cret',
  };
  expect(concealedJson(secret)).toBe(JSON.stringify(secret).replaceAll('S3cret', '[redacted]'));
});

test('what is below the level is not written', () => {
  const { log, lines } = capture('warn');
  log.info('no');
  log.child({ component: 'x' }).debug('no');
  log.warn('yes');
  expect(lines).toHaveLength(1);
  expect(log.isLevelEnabled('info')).toBe(false);
});

test('the level is read from a text, or is the other one', () => {
  for (const level of logLevels) expect(logLevelOf(level)).toBe(level);
  expect(logLevelOf(undefined)).toBe('info');
  expect(logLevelOf('loud', 'debug')).toBe('debug');
});

test('stderr has every line when the process ends, even by process.exit, and no other thread writes them', async () => {
  const script = `import { createLog } from ${JSON.stringify(new URL('../../../../src/adapters/log/log.ts', import.meta.url).href)};
    const log = createLog({ level: 'info' });
    for (let line = 0; line < 500; line += 1) log.info({ line }, 'text');
    process.stdout.write(process.getActiveResourcesInfo().filter((name) => /Message|Worker/.test(name)).join());
    process.exit(0);`;
  const ended = await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 5000 });
  expect(ended.stderr.trim().split('\n')).toHaveLength(500);
  expect(ended).toMatchObject({ ok: true, stdout: '' });
});
