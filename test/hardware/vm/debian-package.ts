import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandFailed, run } from '../../../lab/process.ts';
import { LabUnavailable } from './unavailable.ts';

/**
 * Unpacks a Debian package into a folder without installing it; nothing is done when the folder is there already.
 * Needs no privilege.
 */
export async function unpackPackage(name: string, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  // Only what is complete gets its name: a run that is killed here leaves no half kernel to the next.
  const work = await mkdtemp(join(parent, '.unpacking-'));
  try {
    await withPackageLists(async () => run('sh', ['-c', 'cd "$1" && apt-get --quiet download "$2"', 'sh', work, name]));
    const [file] = await readdir(work);
    if (file === undefined) throw new LabUnavailable(`apt-get has downloaded nothing for ${name}`);
    await run('dpkg-deb', ['--extract', join(work, file), join(work, 'unpacked')]);
    await rename(join(work, 'unpacked'), folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The package that another one, which is only a name for the newest, depends on; null where neither is known. */
export async function newestOf(name: string): Promise<string | null> {
  const depends = await withPackageLists(async () => run('apt-cache', ['depends', '--important', name])).catch(
    (error: unknown) => {
      if (error instanceof LabUnavailable) return '';
      throw error;
    },
  );
  return /^\s+Depends: (\S+)$/mu.exec(depends)?.[1] ?? null;
}

let hasUpdated = false;

/** Lists that are missing or out of date are fetched once, where root may. */
async function withPackageLists(act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (error) {
    if (hasUpdated || process.getuid?.() !== 0) throw unavailable(error);
  }
  hasUpdated = true;
  try {
    await run('apt-get', ['--quiet', '--option', 'DPkg::Lock::Timeout=120', 'update']);
    return await act();
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(error: unknown): LabUnavailable {
  const why = error instanceof CommandFailed ? error.message.split('\n').slice(0, 3).join('; ') : String(error);
  return new LabUnavailable(`no Debian packages to be had: ${why}`, { cause: error });
}
