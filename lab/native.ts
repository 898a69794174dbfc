import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CommandFailed, run } from './process.ts';

const projectFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

export interface Tool {
  readonly file: string;
  /** What stands before the tool's own arguments. */
  readonly args: readonly string[];
  readonly kind: 'C' | 'Node';
}

/**
 * Compiles bench/NAME.c, once for each version of it. Null when there is no gcc.
 */
export async function compile(name: string): Promise<string | null> {
  const source = projectFile(`bench/${name}.c`);
  const hash = createHash('sha256')
    .update(readFileSync(source))
    .update(readFileSync(projectFile('bench/netlink.h')));
  const version = hash.digest('hex').slice(0, 12);
  const directory = projectFile('node_modules/.cache/backhauld');
  const program = `${directory}/${name}-${version}`;
  if (existsSync(program)) return program;
  mkdirSync(directory, { recursive: true });
  // Two runs may compile at the same time: each writes its own file, and the last rename wins.
  const own = `${program}.${randomUUID()}`;
  try {
    await run('gcc', ['-O2', '-Wall', '-Wextra', '-o', own, source]);
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    return null;
  }
  renameSync(own, program);
  return program;
}

/** The traffic meter: in C where there is a compiler, else its Node twin, which is itself a source of jitter. */
export async function nativeTool(name: 'stream'): Promise<Tool> {
  const program = await compile(name);
  return program === null
    ? { file: process.execPath, args: [projectFile(`lab/${name}.ts`)], kind: 'Node' }
    : { file: program, args: [], kind: 'C' };
}
