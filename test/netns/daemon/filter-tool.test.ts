import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { quick, Site } from './site.ts';

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
