/** The colours and faces of the pictures, as a style sheet that follows the reader's theme. */

type Palette = Readonly<Record<string, string>>;

/** Text on its ground has a contrast of at least 4.5 : 1 in both. */
const light: Palette = {
  paper: '#ffffff',
  panel: '#fbfcfb',
  box: '#ffffff',
  line: '#b9c1c7',
  faint: '#dfe4e7',
  wire: '#5d6a74',
  ink: '#1b2125',
  soft: '#56616a',
  label: '#ffffff',
  delay: '#7a3d00',
  guard: '#5b3aa8',
  'good-bar': '#dcf1e7',
  'good-ink': '#0f5f42',
  'good-line': '#5fb08e',
  'good-wire': '#2c8763',
  'trial-bar': '#dfe9fb',
  'trial-ink': '#1f4f9f',
  'trial-line': '#7fa3de',
  'trial-wire': '#3e72c9',
  'trouble-bar': '#fbecc9',
  'trouble-ink': '#774a00',
  'trouble-line': '#d0a44b',
  'trouble-wire': '#a87512',
  'lost-bar': '#fadfdc',
  'lost-ink': '#962821',
  'lost-line': '#d88c85',
  'lost-wire': '#bf453c',
  'plain-bar': '#eef1f2',
  'plain-ink': '#1b2125',
  'plain-line': '#b9c1c7',
  'plain-wire': '#5d6a74',
};

const dark: Palette = {
  paper: '#14181b',
  panel: '#181d21',
  box: '#1d2328',
  line: '#4a555e',
  faint: '#2c343a',
  wire: '#96a3ad',
  ink: '#e4e8ea',
  soft: '#a3aeb6',
  label: '#14181b',
  delay: '#f0b775',
  guard: '#c3aef7',
  'good-bar': '#173a2d',
  'good-ink': '#7fdcb4',
  'good-line': '#2f7d5e',
  'good-wire': '#4cc494',
  'trial-bar': '#1a2f52',
  'trial-ink': '#a5c7ff',
  'trial-line': '#3f649f',
  'trial-wire': '#7fb0ff',
  'trouble-bar': '#43330f',
  'trouble-ink': '#f0c66c',
  'trouble-line': '#8a6a24',
  'trouble-wire': '#e0ac48',
  'lost-bar': '#4a1f1c',
  'lost-ink': '#ffaaa1',
  'lost-line': '#914841',
  'lost-wire': '#ff8a7d',
  'plain-bar': '#262d33',
  'plain-ink': '#e4e8ea',
  'plain-line': '#4a555e',
  'plain-wire': '#96a3ad',
};

export const palettes = { light, dark };

const declared = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--chart-${name}:${colour}`)
    .join(';');

const toned = ['good', 'trial', 'trouble', 'lost', 'plain']
  .map(
    (tone) =>
      `.chart .${tone}{--tone-bar:var(--chart-${tone}-bar);--tone-ink:var(--chart-${tone}-ink);--tone-line:var(--chart-${tone}-line);--tone-wire:var(--chart-${tone}-wire)}`,
  )
  .join('\n');

/** Fonts of Helvetica's measures first: the widths of all texts come from its table. */
export const fontStack = `"Helvetica Neue",Helvetica,Arial,"Liberation Sans","Nimbus Sans",Roboto,sans-serif`;

export const styleSheet = `
.chart{${declared(light)};font-family:${fontStack}}
@media (prefers-color-scheme:dark){.chart{${declared(dark)}}}
[data-theme=light] .chart,.chart[data-theme=light]{${declared(light)}}
[data-theme=dark] .chart,.chart[data-theme=dark]{${declared(dark)}}
${toned}
.chart .paper{fill:var(--chart-paper)}
.chart .ground{fill:var(--chart-panel);stroke:var(--chart-line)}
.chart .region{fill:none}
.chart .separator{stroke:var(--chart-line);stroke-width:1.25;stroke-dasharray:6 5}
.chart .box{fill:var(--chart-box);stroke:var(--tone-line);stroke-width:1.25}
.chart .bar{fill:var(--tone-bar)}
.chart .rule{stroke:var(--chart-faint)}
.chart .wire{fill:none;stroke:var(--tone-wire);stroke-width:1.4}
.chart .head{fill:var(--tone-wire)}
.chart .initial{fill:var(--chart-wire)}
.chart .label{fill:var(--chart-label);stroke:var(--chart-line)}
.chart .clock{fill:none;stroke:var(--chart-delay);stroke-width:1.2;stroke-linecap:round;stroke-linejoin:round}
.chart .root{font-size:17px;font-weight:700;fill:var(--chart-ink)}
.chart .title{font-size:14px;font-weight:700;fill:var(--tone-ink)}
.chart .event{font-size:12px;fill:var(--chart-ink)}
.chart .delay{font-size:12px;fill:var(--chart-delay)}
.chart .duration{font-size:12px;font-weight:700;fill:var(--chart-delay)}
.chart .clocked{font-size:10.5px;fill:var(--chart-delay)}
.chart .guard{font-size:11.5px;font-style:italic;fill:var(--chart-guard)}
.chart .action,.chart .keyword{font-size:10.5px;fill:var(--chart-soft)}
`;
