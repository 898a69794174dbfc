import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../../lab/process.ts';
import type { Kernel } from './kernel.ts';
import { modules } from './modules.ts';

/** What process 1 calls before it has the machine's own programs. */
const applets = ['sh', 'mount', 'modprobe', 'mkdir', 'cat', 'chroot', 'base64', 'poweroff'];

const init = fileURLToPath(new URL('guest/init', import.meta.url));

/**
 * The guest's first file system: a shell, the modules, and `guest/init`, which goes on to the file system of the machine
 * out here. It is made once for each kernel and content.
 *
 * @param busybox a statically linked one
 */
export async function buildInitramfs(kernel: Kernel, busybox: string, cache: string): Promise<string> {
  const content = createHash('sha256').update(JSON.stringify([kernel.release, modules, applets]));
  content.update(await readFile(init)).update(await readFile(fileURLToPath(import.meta.url)));
  const target = join(cache, 'initramfs', `${content.digest('hex').slice(0, 16)}.cpio`);
  if (existsSync(target)) return target;

  await rm(dirname(target), { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(join(dirname(target), '.building-'));
  try {
    const root = join(work, 'root');
    for (const folder of ['bin', 'dev', 'proc', 'sys', 'lower', 'upper', 'root']) {
      await mkdir(join(root, folder), { recursive: true });
    }
    await copyModules(kernel, root);
    await copyFile(busybox, join(root, 'bin/busybox'));
    await chmod(join(root, 'bin/busybox'), 0o755);
    for (const applet of applets) await symlink('busybox', join(root, 'bin', applet));
    await copyFile(init, join(root, 'init'));
    await chmod(join(root, 'init'), 0o755);

    // Not compressed: qemu only copies it, and the guest need not inflate it.
    const names = ['.', ...(await readdir(root, { recursive: true }))].join('\0');
    const archive = 'cd "$1" && exec cpio --null --create --format newc --quiet --owner 0:0 >"$2"';
    const part = join(work, 'initramfs.cpio');
    await run('sh', ['-c', archive, 'sh', root, part], names);
    await rename(part, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return target;
}

/** Only the wanted modules, unpacked: `modprobe` in the guest then costs no emulated decompression. */
async function copyModules({ tree, release }: Kernel, root: string): Promise<void> {
  const from = join(tree, 'lib/modules', release);
  const to = join(root, 'lib/modules', release);
  await mkdir(to, { recursive: true });
  if (!existsSync(join(from, 'modules.dep'))) await run('depmod', ['-b', tree, release]);

  const dependencies = new Map<string, readonly string[]>();
  for (const line of (await readFile(join(from, 'modules.dep'), 'utf8')).split('\n')) {
    const [file = '', needed = ''] = line.split(':');
    if (file !== '') dependencies.set(moduleName(file), [file, ...needed.split(' ').filter(Boolean)]);
  }
  const wanted = new Set(modules.flatMap((name) => dependencies.get(name.replaceAll('-', '_')) ?? []));
  for (const file of wanted) {
    await mkdir(dirname(join(to, file)), { recursive: true });
    await copyFile(join(from, file), join(to, file));
  }
  const packed = [...wanted].filter((file) => file.endsWith('.xz')).map((file) => join(to, file));
  if (packed.length > 0) await run('xz', ['--decompress', '--threads=0', ...packed]);
  for (const name of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order']) {
    if (existsSync(join(from, name))) await copyFile(join(from, name), join(to, name));
    else await writeFile(join(to, name), '');
  }
  await run('depmod', ['-b', root, release]);
}

const moduleName = (file: string): string =>
  basename(file)
    .replace(/\.ko.*$/u, '')
    .replaceAll('-', '_');
