/**
 * `npm run build`: src/ as one bundle in dist/, its declarations in dist/types, and the page of `visualize` beside it.
 *
 * A bundle starts twice as fast as separate files. What is loaded by `import()` stays a chunk of its own, so
 * that what is rarely used costs neither time nor memory until then.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildPage } from '../visualizations/viewer/build.ts';
import { picturedMachines } from '../visualizations/viewer/machines.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };

rmSync('dist', { recursive: true, force: true });

const { metafile } = await build({
  entryPoints: { main: 'src/main.ts', cli: 'src/commands/cli.ts' },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // Under the condition "node" rxjs is CommonJS, of which nothing can be left out: 300 KiB that are never used.
  alias: { rxjs: fileURLToPath(new URL('../node_modules/rxjs/dist/esm/index.js', import.meta.url)) },
  // V8 keeps the source in memory. Names stay, so that stack traces can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  // koffi finds its prebuilt binary beside its own files.
  external: ['koffi'],
  define: { BACKHAULD_VERSION: JSON.stringify(version) },
  // pino is CommonJS and calls require('node:…'), which an ES module has to make for itself.
  banner: {
    js: "import { createRequire as createBundleRequire } from 'node:module'; const require = createBundleRequire(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
});

execFileSync('node_modules/.bin/tsc', ['--project', 'tsconfig.build.json'], { stdio: 'inherit' });

// The DHCP client calls it: it has to be a file of its own that may be run.
copyFileSync('src/adapters/dhcp/udhcpc-hook.sh', 'dist/udhcpc-hook.sh');
chmodSync('dist/udhcpc-hook.sh', 0o755);

const page = await buildPage(await picturedMachines());
writeFileSync('dist/viewer.html', page);

for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
  show(file, bytes);
}
show('dist/viewer.html', Buffer.byteLength(page));

function show(file: string, bytes: number): void {
  console.log(`${String(Math.ceil(bytes / 1024)).padStart(6)} KiB  ${file}`);
}
