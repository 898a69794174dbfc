import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Builds the bundle, for that is what users run, and returns a copy of its command that nobody rebuilds while it is
 * measured; it goes when this process does. Null when it cannot be built.
 */
export function buildBundle(): string | null {
  const project = fileURLToPath(new URL('..', import.meta.url));
  const build = spawnSync(process.execPath, ['scripts/build.ts'], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (build.status !== 0) return null;
  // Within the project: the bundle leaves native packages to node_modules.
  const copy = `${project}node_modules/.cache/backhauld/bundle-${process.pid}`;
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
  cpSync(`${project}dist`, copy, { recursive: true });
  return `${copy}/cli.js`;
}
