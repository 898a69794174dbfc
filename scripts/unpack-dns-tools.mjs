/**
 * Unpacks, and does not install, the Debian packages whose programs manage name servers, for the tests that try them in
 * namespaces: installed, each would take over this machine's own /etc/resolv.conf. They come by apt's own lists and keys.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectDir } from './children.mjs';

const packages = ['openresolv', 'resolvconf', 'systemd-resolved'];
const place = join(projectDir, 'node_modules/.cache/dns-tools');

mkdirSync(place, { recursive: true });
for (const name of packages) {
  if (readdirSync(place).includes(name)) continue;
  const work = mkdtempSync(join(tmpdir(), 'backhauld-'));
  try {
    execFileSync('apt-get', ['--quiet', 'download', name], { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
    const [archive = ''] = readdirSync(work);
    // Beside its place first: a run that is cut short leaves nothing half done there.
    const half = mkdtempSync(join(place, '.half-'));
    execFileSync('dpkg-deb', ['--extract', join(work, archive), half]);
    renameSync(half, join(place, name));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
