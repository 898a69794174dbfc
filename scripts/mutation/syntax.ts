/** What the operators need of the syntax tree of oxc-parser. */
import {
  parseSync,
  visitorKeys,
  type Node,
  type ObjectExpression,
  type ObjectProperty,
  type Program,
} from 'oxc-parser';

export function parse(file: string, source: string): Program {
  const { program, errors } = parseSync(file, source, { preserveParens: false });
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  return program;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'start' in value;

/** Types around an expression that stays when they are erased. */
const wrappers: readonly string[] = ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'];

/** The nodes within one that exist at run time: no types, no imports, no names of properties. */
export function childrenOf(node: Node): readonly Node[] {
  const keys = visitorKeys[node.type] ?? [];
  return keys
    .filter((key) => !(isNamed(node) && (key === 'key' || key === 'property')))
    .flatMap((key): unknown => Reflect.get(node, key))
    .filter(isNode)
    .filter((child) => wrappers.includes(child.type) || !/^(?:TS|Import)/u.test(child.type));
}

const isNamed = (node: Node): boolean => 'computed' in node && !node.computed;

/** The properties of an object that have a name of their own. */
export const propertiesOf = (object: ObjectExpression): readonly ObjectProperty[] =>
  object.properties.filter((property) => property.type === 'Property');

/** A name as written: `up`, 'up'; undefined for a computed one. */
export function nameOf({ key, computed }: Extract<Node, { type: 'Property' }>): string | undefined {
  if (computed) return undefined;
  if (key.type === 'Identifier') return key.name;
  return key.type === 'Literal' ? String(key.value) : undefined;
}

export const propertyOf = (object: ObjectExpression, name: string): ObjectProperty | undefined =>
  propertiesOf(object).find((property) => nameOf(property) === name);

export const isFunction = (node: Node): boolean =>
  node.type === 'ArrowFunctionExpression' || node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression';

/** The `types` of a machine's `setup` are erased by hand: XState looks at none of them. */
export const isErased = (node: Node): boolean => node.type === 'Property' && nameOf(node) === 'types';
