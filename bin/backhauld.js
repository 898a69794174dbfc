#!/usr/bin/env node
// Old Node parses this file too: no top-level await, nothing that is not there in Node 12.
import { existsSync } from 'node:fs';

const cli = new URL('../dist/cli.js', import.meta.url);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`backhauld needs Node 22.18 or newer; this is ${process.versions.node} (${process.execPath})`);
  process.exitCode = 2;
} else if (!existsSync(cli)) {
  console.error('backhauld is not built yet: npm run build');
  process.exitCode = 2;
} else {
  void import(cli.href);
}
