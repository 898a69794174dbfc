/**
 * The page: a history of trace items, live or recorded, a position in it, and views of how things stand there.
 *
 *   source ──► session (history, position) ──► views, once per frame, only what has changed
 */
import { Charts, type MachineData } from './model/charts.ts';
import { History } from './model/history.ts';
import { Lanes } from './model/lanes.ts';
import { Player } from './model/player.ts';
import { Search } from './model/search.ts';
import { Session } from './model/session.ts';
import { LiveSource } from './sources/live.ts';
import { readRecording } from './sources/recording.ts';
import type { SourceData } from './sources/source.ts';
import { Announcer } from './view/announcer.ts';
import { byId, carried } from './view/dom.ts';
import { EventList } from './view/event-list.ts';
import { listenToKeys } from './view/keyboard.ts';
import { type Actions, shortcutsOf } from './view/shortcuts.ts';
import { Stage } from './view/stage.ts';
import { SearchBox } from './view/search-box.ts';
import { showConnection, showSource } from './view/source-line.ts';
import { SwitchList } from './view/switch-list.ts';
import { Timeline } from './view/timeline.ts';
import { Transport } from './view/transport.ts';

/** What a live page keeps of the past. */
const liveLimit = 40_000;
/** How often what runs down is drawn, and lists and lanes follow what is live. */
const tickMs = 100;
const lanesMs = 500;
/** What is live is drawn no more often than that. */
const liveFrameMs = 60;

const openedWith = carried('opened-with') as SourceData;
const isLive = openedWith?.kind === 'live';
const charts = new Charts(carried('machines') as MachineData[]);
const session = new Session(charts, new History(isLive ? liveLimit : Infinity));
const lanes = new Lanes(charts);
const player = new Player(session);
const search = new Search(session);

const stage = new Stage(session, byId('stage'));
const events = new EventList(session, byId('event-scroller'));
const switches = new SwitchList(session, byId('switch-list'), byId('switch-count'));
const timeline = new Timeline(session, lanes, byId('timeline'));
const transport = new Transport(session, player, isLive);
const announcer = new Announcer();
const searchBox = new SearchBox(search);
const live = new LiveSource(append, showConnection);

let isFrameDue = false;
let isListDue = false;
let lanesDrawn = 0;
let drawn = 0;
let ticks = 0;

function append(item: Parameters<Session['append']>[0]): void {
  const position = session.history.end;
  session.append(item);
  lanes.append(item, position, session.history.timeOf(position));
}

/** The moment that is shown: of the page's wall clock, or of the recording. */
const shownTime = (): number => (isLive && session.isFollowing ? session.time : player.time);
const shownAt = (): number => (isLive && session.isFollowing ? live.now() : player.at());

function requestFrame(): void {
  if (isFrameDue) return;
  isFrameDue = true;
  requestAnimationFrame(frame);
}

function frame(now: number): void {
  // Of a busy node many items come within one look: they are drawn together.
  if (isLive && session.isFollowing && now - drawn < liveFrameMs) {
    requestAnimationFrame(frame);
    return;
  }
  drawn = now;
  isFrameDue = false;
  player.advance(now);
  const change = session.take();
  stage.show(change);
  if (session.isFollowing && isLive) announcer.tell(change.told);
  isListDue = true;
  if (!session.isFollowing) showLists(now);
  if (player.isPlaying) requestFrame();
}

function showLists(now: number): void {
  isListDue = false;
  switches.show();
  events.show();
  byId('no-switches').hidden = byId('switch-list').childElementCount > 0;
  transport.show();
  searchBox.show();
  if (session.isFollowing && now - lanesDrawn < lanesMs) return;
  if (session.isFollowing || lanesDrawn === 0) {
    lanesDrawn = now;
    lanes.letGo(session.history.timeOf(session.history.first));
    timeline.draw(shownTime());
  } else {
    timeline.placeCursor(shownTime());
  }
}

function seek(time: number): void {
  session.follow(false);
  player.seek(time);
  redraw();
}

const actions: Actions = {
  stride: (stride, direction) => session.stride(stride, direction),
  play: () => {
    if (isLive && session.isFollowing) session.follow(false);
    else player.play(!player.isPlaying, performance.now());
    redraw();
  },
  faster: (by) => {
    player.faster(by);
    transport.show();
  },
  zoom: (factor) => timeline.zoom(factor),
  start: () => seek(session.history.timeOf(session.history.first)),
  end: () => {
    if (isLive) session.follow(true);
    else session.moveTo(session.history.end);
    redraw();
  },
  search: () => byId('search').focus(),
  match: (direction) => search.step(direction),
  toggleCompact: () => {
    stage.toggleCompact();
    byId('compact').setAttribute('aria-pressed', String(stage.isCompact));
  },
  toggleQuiet: () => {
    events.showAll(!events.showsAll);
    (byId('all-events') as HTMLInputElement).checked = events.showsAll;
  },
  toggleFit: () => stage.toggleFit(),
  close: () => stage.close(),
};

function redraw(): void {
  lanesDrawn = 0;
  requestFrame();
}

session.onChange = requestFrame;
timeline.onSeek = seek;
searchBox.onMatches = (positions) => {
  timeline.matches = positions.map((position) => session.history.timeOf(position));
  redraw();
};
listenToKeys(shortcutsOf(actions), [
  ['↑  ↓  ←  →', 'from chart to chart, from event to event, along the time line'],
  ['enter', 'show the chart that has the focus large; go to an event'],
]);
byId('compact').addEventListener('click', actions.toggleCompact);
byId('all-events').addEventListener('change', actions.toggleQuiet);
setInterval(() => {
  if (document.hidden) return;
  const now = performance.now();
  // Many cards are no reason to be busy: theirs run down in larger steps.
  if (!stage.isCompact || ++ticks % 5 === 0) stage.tick(shownAt(), now);
  if (isListDue) showLists(now);
  if (search.go(() => performance.now())) searchBox.show();
}, tickMs);

showSource(openedWith);
document.body.dataset['source'] = openedWith?.kind ?? 'charts';
if (openedWith?.kind === 'live') live.open();
if (openedWith?.kind === 'recording') {
  await readRecording(openedWith.packed, append);
  session.follow(false);
  session.moveTo(session.history.first + 1);
  redraw();
}
