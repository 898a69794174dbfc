/** Holds src/ to its import rules: `node scripts/check-imports.ts`. Exits 1 and names each place that breaks one. */
import { globSync, readFileSync } from 'node:fs';
import { importViolations } from './import-rules.ts';

const sources = new Map(globSync('src/**/*.ts').map((file) => [file, readFileSync(file, 'utf8')]));
const violations = importViolations(sources);

for (const { file, line, message } of violations) console.error(`${file}:${line}: ${message}`);
if (violations.length > 0) {
  console.error(`${violations.length} import rule violation${violations.length === 1 ? '' : 's'}`);
  process.exitCode = 1;
} else {
  console.log(`${sources.size} files keep the import rules`);
}
