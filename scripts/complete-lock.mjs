/**
 * After `npm install` of something new: `node scripts/complete-lock.mjs`.
 *
 * Tools with native binaries name one optional package per platform. A registry mirror may lack those of
 * platforms nobody here has; `npm install` then leaves them out of the lockfile without a word, and `npm ci`
 * refuses that lockfile. This adds them by the exact version their parent asks for, with no integrity hash,
 * since there is nothing here to take it from. They are never installed on Linux with glibc, x64 or arm64.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (path in lock.packages) continue;
    const os = systems.find((system) => name.includes(system));
    const cpu = processors.find((processor) => name.includes(`-${processor}`) || name.includes(`/${processor}`));
    const common = os === 'linux' && cpu === 'x64' && !name.includes('musl');
    if (!os || !cpu || common || !/^\d+\.\d+\.\d+/.test(version)) {
      throw new Error(`${name}@${version} is missing from the lockfile, and is no binary of a rare platform`);
    }
    const libc = name.includes('musl') ? { libc: ['musl'] } : {};
    lock.packages[path] = { version, cpu: [cpu], ...libc, ...(parent.dev && { dev: true }), optional: true, os: [os] };
    console.log(`added ${name}@${version}`);
  }
}

const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
