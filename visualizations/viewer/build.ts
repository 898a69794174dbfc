/**
 * The page as one file: markup, style, script and pictures together, so that it needs nobody while it is looked at.
 * What it may load is nothing, and it runs no other script and no other style than its own (by their digests).
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { MachineData } from './page/model/charts.ts';

const folder = import.meta.dirname;

/** A machine with its picture: an SVG whose states have `data-state` and whose transitions have `data-transition`. */
export interface PicturedMachine extends MachineData {
  readonly svg: string;
}

export async function buildPage(machines: readonly PicturedMachine[]): Promise<string> {
  const pictures = machines.map(({ machine, svg }) => ({ machine, ...withoutStyle(svg) }));
  const styles = [...new Set(pictures.map(({ style }) => style))];
  const style = `\n${await minified([...ownStyles(), ...styles].join('\n'))}`;
  const script = `\n${inScript(await bundled())}`;
  const parts: Readonly<Record<string, string>> = {
    policy: policyFor(script, style),
    style,
    script,
    pictures: pictures.map(({ machine, svg }) => `<template id="picture-${machine}">${svg}</template>`).join('\n'),
    machines: asJson(
      machines.map(({ machine, title, about, chart, prose }) => ({ machine, title, about, chart, prose })),
    ),
  };
  const markup = readFileSync(join(folder, 'page/index.html'), 'utf8');
  return markup.replace(/\{\{(\w+)\}\}/gu, (_, name: string) => parts[name] ?? '');
}

/** Scripts and styles by digest, no other origin at all; a live page asks its own for the stream. */
function policyFor(script: string, style: string): string {
  const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${digest(script)}`,
    `style-src ${digest(style)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'page/main.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    logLevel: 'warning',
  });
  return outputFiles[0]?.text ?? '';
}

async function minified(contents: string): Promise<string> {
  const stdin = { contents, loader: 'css' } as const;
  const { outputFiles } = await build({ stdin, write: false, minify: true, logLevel: 'warning' });
  return outputFiles[0]?.text ?? '';
}

function ownStyles(): string[] {
  const styles = join(folder, 'page/style');
  return readdirSync(styles)
    .toSorted()
    .map((name) => readFileSync(join(styles, name), 'utf8'));
}

/** A picture's own style sheet becomes the page's: within the picture the policy would refuse it. */
function withoutStyle(svg: string): { svg: string; style: string } {
  const sheets: string[] = [];
  const rest = svg
    .replace(/<style[^>]*>([\s\S]*?)<\/style>/gu, (_, sheet: string) => {
      sheets.push(sheet.replace(/<!\[CDATA\[|\]\]>/gu, ''));
      return '';
    })
    .replace(/<\?xml[^>]*>|<!--[\s\S]*?-->/gu, '');
  return { svg: rest, style: sheets.join('\n') };
}

/** Nothing within a script may look like its end. */
const inScript = (script: string): string =>
  script.replace(/<\/(script)/giu, String.raw`<\/$1`).replaceAll('<!--', String.raw`\x3c!--`);

const asJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
