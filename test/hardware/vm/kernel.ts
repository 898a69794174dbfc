import { existsSync } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { spawnSync } from 'node:child_process';
import { newestOf, unpackPackage } from './debian-package.ts';
import { LabUnavailable } from './unavailable.ts';

/** A stock kernel of Debian, unpacked and not installed. */
export interface Kernel {
  /** What `uname -r` says in it. */
  readonly release: string;
  /** What qemu boots. */
  readonly image: string;
  /** The folder that `lib/modules` is in. */
  readonly tree: string;
}

/** Best first: bookworm's is older than what most nodes run by now, so its newer one is asked for. */
const names = ['linux-image-6.12-amd64', 'linux-image-amd64'] as const;

/** What is in the cache is used as it is: the lab then needs nothing from outside. */
export async function fetchKernel(cache: string): Promise<Kernel> {
  const folder = join(cache, 'kernels');
  const cached = (existsSync(folder) ? await readdir(folder) : []).filter((name) => name.startsWith('linux-image-'));
  const name = cached.toSorted().at(-1) ?? (await newest());
  const tree = join(folder, name);
  await unpackPackage(name, tree);
  const [release] = await readdir(join(tree, 'lib/modules'));
  if (release === undefined) throw new LabUnavailable(`${name} holds no modules`);
  return { release, tree, image: await uncompressed(tree) };
}

async function newest(): Promise<string> {
  for (const name of names) {
    const found = await newestOf(name);
    if (found !== null) return found;
  }
  throw new LabUnavailable(`apt knows none of the kernels ${names.join(', ')}`);
}

/** Under software emulation inflating the kernel takes seconds, so it is done once, out here. */
async function uncompressed(tree: string): Promise<string> {
  const boot = join(tree, 'boot');
  const packed = (await readdir(boot)).find((name) => name.startsWith('vmlinuz-'));
  if (packed === undefined) throw new LabUnavailable(`${basename(tree)} holds no kernel`);
  const target = join(boot, 'vmlinux');
  if (existsSync(target)) return target;
  const elf = payloadOf(await readFile(join(boot, packed)));
  if (elf === null) return join(boot, packed);
  await writeFile(`${target}.part`, elf);
  await rename(`${target}.part`, target);
  return target;
}

/** The ELF file within a bzImage (Documentation/arch/x86/boot.rst, protocol 2.08); null where its packing is unknown. */
function payloadOf(image: Buffer): Buffer | null {
  const setupSectors = image.readUInt8(0x1f1) || 4;
  const start = (setupSectors + 1) * 512 + image.readUInt32LE(0x248);
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c));
  // The kernel's build appends the inflated size to what these two write.
  const withoutSize = payload.subarray(0, -4);
  const magic = payload.readUInt32BE(0);
  const elf =
    magic === 0x28b5_2ffd
      ? zstdDecompressSync(withoutSize)
      : magic === 0xfd37_7a58
        ? spawnSync('xz', ['--decompress', '--stdout'], { input: withoutSize, maxBuffer: 2 ** 30 }).stdout
        : magic >>> 16 === 0x1f8b
          ? gunzipSync(payload)
          : null;
  return elf?.readUInt32BE(0) === 0x7f45_4c46 ? elf : null;
}
