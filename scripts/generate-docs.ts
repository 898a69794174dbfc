/** `npm run generate`: writes the documents that are made from the sources. A test compares them with what is there. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { configJsonSchema, configReference } from './config-docs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** File name, from the project's root → text. */
export const documents = (): ReadonlyMap<string, string> =>
  new Map(
    [
      ['docs/config.schema.json', configJsonSchema()] as const,
      ['docs/configuration.md', configReference()] as const,
    ].map(([file, text]) => [file, formatted(file, text)]),
  );

const formatted = (file: string, input: string): string =>
  execFileSync('node_modules/.bin/biome', ['format', '--stdin-file-path', file], {
    cwd: root,
    input,
    encoding: 'utf8',
  });

if (import.meta.main) {
  for (const [file, text] of documents()) {
    writeFileSync(`${root}${file}`, text);
    console.log(file);
  }
}
