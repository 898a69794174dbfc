import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };

/** Takes the place of the script itself: says that it is there, and stays. */
const stub = `console.log(process.pid); setInterval(() => {}, 60_000);`;

test.each(['start', 'test'] as const)('what `npm %s` started ends when npm is killed', async (name) => {
  const directory = await mkdtemp(join(tmpdir(), 'backhauld-npm-'));
  const script = packageJson.scripts[name].replace(`scripts/${name}.mjs`, 'stub.mjs');
  await writeFile(join(directory, 'package.json'), JSON.stringify({ scripts: { [name]: script } }));
  await writeFile(join(directory, 'stub.mjs'), stub);
  const npm = spawn('npm', ['run', '--silent', name], { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
  let pid = 0;
  try {
    const [said] = (await once(npm.stdout, 'data')) as [Buffer];
    pid = Number(String(said));
    expect(pid).toBeGreaterThan(0);
    npm.kill('SIGKILL');
    // The pipe is open for as long as anybody who was started holds it.
    await once(npm, 'close', { signal: AbortSignal.timeout(4000) });
    pid = 0;
  } finally {
    if (pid > 0) process.kill(pid, 'SIGKILL');
    npm.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
});
