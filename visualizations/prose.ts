/** What people say about the machines, state by state: `prose/*.md`, one heading for each state. */
import { readFileSync } from 'node:fs';

import type { MachineName } from '../src/model/trace.ts';

export interface Prose {
  readonly title: string;
  /** What the machine decides; Markdown. */
  readonly introduction: string;
  /** By the id of the state: what it means to an operator; Markdown. */
  readonly states: ReadonlyMap<string, string>;
}

export function proseOf(machine: MachineName): Prose {
  const source = readFileSync(new URL(`prose/${machine}.md`, import.meta.url), 'utf8');
  const [opening = '', ...sections] = source.split(/^## /mu);
  const { heading: title, body: introduction } = split(opening.replace(/^# /u, ''));
  return { title, introduction, states: new Map(sections.map(split).map(({ heading, body }) => [heading, body])) };
}

/** The first line, and all below it. */
function split(section: string): { heading: string; body: string } {
  const end = section.indexOf('\n');
  return { heading: section.slice(0, end).trim(), body: section.slice(end).trim() };
}
