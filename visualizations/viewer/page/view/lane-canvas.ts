import type { Lane, Stretch } from '../model/lanes.ts';

/** How tall a state stands in its lane: shape tells what colour tells, for those who see no difference in colours. */
const heights: Readonly<Record<string, number>> = {
  up: 1,
  settled: 1,
  running: 1,
  degraded: 0.66,
  challenged: 0.66,
  probing: 0.42,
  provisional: 0.42,
  observing: 0.42,
  down: 0.18,
  waiting: 0.18,
  ended: 0.18,
};

export interface Span {
  readonly from: number;
  readonly to: number;
}

export const laneHeight = 16;
export const laneGap = 6;

/** Draws lanes over a span of time. Colours are those of the style sheet. */
export function drawLanes(
  canvas: HTMLCanvasElement,
  lanes: readonly Lane[],
  span: Span,
  marks: readonly number[],
  matches: readonly number[],
): void {
  const ratio = devicePixelRatio;
  const [width, height] = [canvas.clientWidth, lanes.length * (laneHeight + laneGap)];
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const style = getComputedStyle(canvas);
  const colours = new Map<string, string>();
  const colour = (name: string): string => {
    const known =
      colours.get(name) ?? (style.getPropertyValue(`--${name}`).trim() || style.getPropertyValue('--tone-other'));
    colours.set(name, known);
    return known;
  };
  const scale = width / Math.max(1, span.to - span.from);
  const x = (time: number): number => (time - span.from) * scale;

  lanes.forEach((lane, index) => {
    const bottom = index * (laneHeight + laneGap) + laneGap / 2 + laneHeight;
    context.fillStyle = colour('lane');
    context.fillRect(0, bottom - laneHeight, width, laneHeight);
    const first = Math.max(0, lastBefore(lane.stretches, span.from));
    for (let at = first; at < lane.stretches.length; at++) {
      const { from, state } = lane.stretches[at] as Stretch;
      if (from > span.to) break;
      if (state === null) continue;
      const left = Math.max(0, x(from));
      const right = Math.min(width, x(lane.stretches[at + 1]?.from ?? span.to));
      const tall = laneHeight * (heights[state] ?? 0.8);
      context.fillStyle = colour(`tone-${state}`);
      context.fillRect(left, bottom - tall, Math.max(1, right - left), tall);
    }
  });
  context.font = `11px ${style.fontFamily}`;
  context.textBaseline = 'middle';
  lanes.forEach(({ choices }, index) => {
    const middle = index * (laneHeight + laneGap) + laneGap / 2 + laneHeight / 2 + 0.5;
    choices.forEach(({ from, name }, at) => {
      const left = Math.max(0, x(from)) + 5;
      const right = Math.min(width, x(choices[at + 1]?.from ?? span.to)) - 5;
      const wide = context.measureText(name).width;
      if (wide > right - left) return;
      context.fillStyle = colour('panel');
      context.fillRect(left - 3, middle - 7, wide + 6, 13);
      context.fillStyle = style.color;
      context.fillText(name, left, middle);
    });
  });
  context.fillStyle = colour('match');
  for (const time of matches) context.fillRect(x(time) - 0.5, 0, 1, height);
  context.fillStyle = colour('switch');
  for (const time of marks) {
    const left = x(time);
    if (left < -4 || left > width + 4) continue;
    context.fillRect(left - 0.75, 0, 1.5, height);
    context.beginPath();
    context.moveTo(left - 4, 0);
    context.lineTo(left + 4, 0);
    context.lineTo(left, 6);
    context.fill();
  }
}

function lastBefore(stretches: readonly Stretch[], time: number): number {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[middle]?.from ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
