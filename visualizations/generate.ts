/** `npm run visualize`: draws the charts of all machines. A test compares them with what is there. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { visualDocuments } from './documents.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

mkdirSync(`${root}visualizations/charts`, { recursive: true });
for (const [file, text] of await visualDocuments()) {
  writeFileSync(root + file, text);
  console.log(file);
}
