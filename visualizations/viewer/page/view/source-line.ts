import type { Connection } from '../sources/live.ts';
import type { SourceData } from '../sources/source.ts';
import { byId, setAttribute, setText } from './dom.ts';

const words: Readonly<Record<Connection, string>> = {
  live: 'live',
  waiting: 'waiting for the daemon',
  connecting: 'connecting',
};

export function showConnection(connection: Connection): void {
  const place = byId('connection');
  setText(place, words[connection]);
  setAttribute(place, 'data-connection', connection);
  document.body.dataset['connection'] = connection;
}

/** Says what is looked at. */
export function showSource(source: SourceData): void {
  const place = byId('source');
  if (source === null) setText(place, 'charts');
  else if (source.kind === 'live') setText(place, source.name);
  else {
    const { name, omitted } = source;
    const left = omitted === 0 ? '' : `; ${omitted.toLocaleString('en')} steps that changed nothing are left out`;
    setText(place, `recording ${name}${left}`);
  }
}
