/** The changes that are tried on ordinary code: each a slip that a person might make. */
import type { CallExpression, Node } from 'oxc-parser';
import type { Edit } from './mutant.ts';
import { withoutItem } from './list-operators.ts';
import { isErased, isFunction } from './syntax.ts';

const binary: Readonly<Record<string, readonly string[]>> = {
  '===': ['!=='],
  '!==': ['==='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
};

const methods: Readonly<Record<string, string>> = {
  every: 'some',
  some: 'every',
  find: 'findLast',
  findLast: 'find',
  findIndex: 'findLastIndex',
  findLastIndex: 'findIndex',
  min: 'max',
  max: 'min',
  ceil: 'floor',
  floor: 'ceil',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};

/** Without these a value goes on as it was. */
const removable: readonly string[] = [
  'filter',
  'slice',
  'sort',
  'toSorted',
  'reverse',
  'toReversed',
  'toLowerCase',
  'toUpperCase',
  'trim',
];
const rounding: readonly string[] = ['abs', 'ceil', 'floor', 'round', 'trunc'];

export function codeEdits(node: Node, parent: Node | undefined, source: string): readonly Edit[] {
  const text = ({ start, end }: Node): string => source.slice(start, end);
  const put = (replacement: string, { start, end }: { start: number; end: number } = node): Edit => ({
    start,
    end,
    text: replacement,
  });
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- what is not named here is not changed
  switch (node.type) {
    case 'LogicalExpression': {
      const [left, right] = [`(${text(node.left)})`, `(${text(node.right)})`];
      const sides = [put(left), put(right)];
      return node.operator === '??'
        ? sides
        : [put(`(${left} ${node.operator === '&&' ? '||' : '&&'} ${right})`), ...sides];
    }
    case 'ConditionalExpression':
      return [put(`(${text(node.consequent)})`), put(`(${text(node.alternate)})`)];
    case 'IfStatement':
      return [put('true', node.test), put('false', node.test)];
    case 'WhileStatement':
      return [put('false', node.test)];
    case 'UnaryExpression':
      return node.operator === '!' || node.operator === '-' ? [put(`(${text(node.argument)})`)] : [];
    case 'BinaryExpression': {
      if (node.operator === 'in' || node.operator === 'instanceof') return [put('true'), put('false')];
      if (node.operator === '+' && (isText(node.left) || isText(node.right))) return [];
      return (binary[node.operator] ?? []).map((other) => put(`(${text(node.left)} ${other} ${text(node.right)})`));
    }
    case 'AssignmentExpression': {
      const other = { '+=': '-=', '-=': '+=' }[node.operator as string];
      return other === undefined ? [] : [put(`${text(node.left)} ${other} ${text(node.right)}`)];
    }
    case 'UpdateExpression':
      return [put(text(node).replace(node.operator, node.operator === '++' ? '--' : '++'))];
    case 'Literal':
      return literals(node.value).map((literal) => put(literal));
    case 'TemplateLiteral':
      return parent?.type === 'TaggedTemplateExpression' ? [] : [put('``')];
    case 'ArrayExpression':
      if (node.elements.length === 0) return [put('[null]')];
      return [
        put('[]'),
        ...(node.elements.length === 1
          ? []
          : node.elements.flatMap((element, position) =>
              element === null || isText(element) ? [] : [withoutItem(node.elements, position)],
            )),
      ];
    case 'ObjectExpression':
      return node.properties.flatMap((property, position) =>
        isErased(property) ? [] : [withoutItem(node.properties, position)],
      );
    case 'MemberExpression': {
      if (!node.optional) return [];
      const between = { start: node.object.end, end: node.property.start };
      const written = source.slice(between.start, between.end);
      return [put(written.replace(node.computed ? '?.' : '?', ''), between)];
    }
    case 'CallExpression':
      return callEdits(node, text, put);
    case 'ArrowFunctionExpression':
      return node.body.type === 'BlockStatement' ? [] : [put('undefined', node.body)];
    case 'BlockStatement': {
      const isBody = parent !== undefined && (isFunction(parent) || parent.type.startsWith('For'));
      return isBody && node.body.length > 1 ? [put('{}')] : [];
    }
    case 'ExpressionStatement':
    case 'ContinueStatement':
    case 'BreakStatement':
      return [put(';')];
    default:
      return [];
  }
}

function callEdits(
  { callee, arguments: given }: CallExpression,
  text: (node: Node) => string,
  put: (replacement: string, place?: { start: number; end: number }) => Edit,
): readonly Edit[] {
  if (callee.type !== 'MemberExpression' || callee.computed || callee.property.type !== 'Identifier') return [];
  const { name } = callee.property;
  const edits: Edit[] = [];
  const other = methods[name];
  if (other !== undefined) edits.push(put(other, callee.property));
  if (removable.includes(name)) edits.push(put(text(callee.object)));
  const [first] = given;
  if (rounding.includes(name) && first !== undefined) edits.push(put(`(${text(first)})`));
  return edits;
}

const isText = ({ type, ...node }: Node): boolean =>
  type === 'TemplateLiteral' || (type === 'Literal' && 'value' in node && typeof node.value === 'string');

function literals(value: unknown): readonly string[] {
  if (typeof value === 'boolean') return [String(!value)];
  if (typeof value === 'string') return [value === '' ? "'mutant'" : "''"];
  if (typeof value !== 'number') return [];
  return value === 0 ? ['1'] : [...new Set([value + 1, value < 1 ? 0 : value - 1, 0])].map(String);
}
