import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { givenBack, problemCodes, quick, Site } from './site.ts';

test('ROUT-8: killed while nft is at work, it leaves no file behind', async () => {
  await using site = await Site.create();
  const bin = join(site.lab.directory, 'bin');
  const temporary = join(site.lab.directory, 'tmp');
  const called = join(site.lab.directory, 'called');
  for (const directory of [bin, temporary]) mkdirSync(directory);
  // It takes its time.
  writeFileSync(join(bin, 'nft'), `#!/bin/sh\n: >${called}\nexec sleep 60\n`);
  chmodSync(join(bin, 'nft'), 0o755);
  await site.begin(quick, { wrapper: ['env', `PATH=${bin}:${process.env['PATH'] ?? ''}`, `TMPDIR=${temporary}`] });
  const isCalled = () => readdirSync(site.lab.directory).includes('called');
  await site.until(isCalled, 'nft is called');
  await site.daemon.kill();
  expect(readdirSync(temporary)).toEqual([]);
});

describe('nft that fails', () => {
  let site: Site;
  let mode: string;
  const does = (what: 'works' | 'fails') => writeFileSync(mode, what);
  const tables = async () => site.node.exec('nft', ['list', 'tables']);
  const wrapper = async () => {
    const bin = join(site.lab.directory, 'bin');
    mkdirSync(bin, { recursive: true });
    mode = join(site.lab.directory, 'mode');
    const path = process.env['PATH'] ?? '';
    const script = `#!/bin/sh\n[ "$(cat ${mode})" = works ] || exit 1\nPATH=${path}:/usr/sbin:/sbin exec nft "$@"\n`;
    writeFileSync(join(bin, 'nft'), script);
    chmodSync(join(bin, 'nft'), 0o755);
    return ['env', `PATH=${bin}:${path}`];
  };
  beforeEach(async () => {
    site = await Site.create();
  });
  afterEach(async () => {
    await site[Symbol.asyncDispose]();
  });

  test('HLTH-6: it is asked again, and the problem is over when it works', async () => {
    const programs = await wrapper();
    does('fails');
    await site.begin(quick, { wrapper: programs });
    await site.until((status) => problemCodes(status).includes('tool.failed'), 'nft fails');
    does('works');
    await site.until((status) => problemCodes(status).length === 0, 'nft works', 30_000);
    expect(await tables()).toContain('backhauld_traffic');
    expect(await site.stop()).toEqual(givenBack);
    expect(await tables()).toBe('');
  });

  test('ROUT-8: the table of a daemon that was killed goes at the end, also where it could not be replaced', async () => {
    const programs = await wrapper();
    does('works');
    await site.start(quick, { wrapper: programs });
    await site.daemon.kill();
    expect(await tables()).toContain('backhauld_traffic');
    does('fails');
    await site.daemon.start();
    await site.until((status) => problemCodes(status).includes('tool.failed'), 'nft fails');
    does('works');
    expect(await site.stop()).toEqual(givenBack);
    expect(await tables()).toBe('');
  });
});
