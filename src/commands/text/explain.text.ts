import type { Explanation, RuleComparison, UplinkExplanation } from '../../model/status.ts';
import { printable, type Paint } from './printable.ts';
import { table, type Cell } from './table.ts';

const familyNames = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/** Why uplinks are used, or are not, for people. */
export function renderExplanation({ uplinks }: Explanation, paint: Paint): string {
  if (uplinks.length === 0) return 'no uplink is active, so there is nothing to explain';
  return uplinks.map((uplink) => renderUplink(uplink, paint)).join('\n\n');
}

function renderUplink({ family, name, against, isActive, because, rules }: UplinkExplanation, paint: Paint): string {
  const opinion = isActive ? paint('good', 'is active') : paint('warning', 'is not active');
  const head = `${familyNames[family]} ${paint('strong', printable(name))} ${opinion}: ${printable(because)}`;
  if (against === null) return `${head}\n  there is no other uplink to compare it with`;
  const header: Cell[] = ['', 'RULE', name, against, ''].map((text) => ({ text, tone: 'faint' }));
  return `${head}\n${table([header, ...rules.map((rule) => row(rule, name, against))], paint)}`;
}

function row({ rule, left, right, prefers, decides }: RuleComparison, name: string, against: string): Cell[] {
  const preferred = prefers === null ? '' : prefers === 'left' ? name : against;
  const emphasis = decides ? { tone: 'strong' as const } : {};
  return [
    { text: decides ? '→' : ' ', tone: 'good' },
    { text: rule, ...emphasis },
    { text: left, ...emphasis },
    { text: right, ...emphasis },
    decides
      ? { text: `decides for ${preferred === '' ? name : preferred}`, tone: 'good' }
      : { text: preferred === '' ? '' : `would prefer ${preferred}`, tone: 'faint' },
  ];
}
