import { readFile } from 'node:fs/promises';

import { readConfigText } from '../adapters/config/read-config.ts';
import { codeOf } from '../adapters/control/socket-state.ts';
import type { Config } from '../model/config.ts';
import { BackhaulError } from '../model/errors.ts';
import { defaultConfigPath } from './options.ts';

export interface ConfigFile {
  /** What was read; null when there is no file and the defaults hold. */
  readonly path: string | null;
  readonly config: Config;
}

/**
 * Reads the configuration: the file that was named, else the default one, which need not exist.
 *
 * @throws BackhaulError `config.unreadable`, `config.syntax` or `config.invalid` with every mistake
 */
export async function readConfigFile(named: string | null): Promise<ConfigFile> {
  const path = named ?? defaultConfigPath;
  const text = await textOf(path, named === null);
  const reading = await readConfigText(text ?? '', path);
  if (!reading.ok) throw new BackhaulError(...reading.problems);
  return { path: text === null ? null : path, config: reading.config };
}

async function textOf(path: string, mayBeMissing: boolean): Promise<string | null> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' && mayBeMissing) return null;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      throw new BackhaulError({
        code: 'config.syntax',
        subject: path,
        message: 'this is no UTF-8 text',
        remedy: 'save it as UTF-8',
      });
    }
    throw new BackhaulError({
      code: 'config.unreadable',
      subject: path,
      message: code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? String(error)})`,
      remedy: 'name a file that can be read with --config',
    });
  }
}
