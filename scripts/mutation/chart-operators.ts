/** The changes that are tried on a statechart: transitions, targets, guards, actions, delays and initial states. */
import type { Expression, Node, ObjectExpression, ObjectProperty } from 'oxc-parser';
import { withoutItem } from './list-operators.ts';
import type { Edit } from './mutant.ts';
import { nameOf, propertiesOf, propertyOf } from './syntax.ts';

/** An edit, and the state it belongs to: `lifecycle.up`. */
export interface ChartEdit extends Edit {
  readonly within: string;
}

export interface Chart {
  readonly root: ObjectExpression;
  /** The names of the delays that the machine's `setup` defines. */
  readonly delays: readonly string[];
}

/** The chart that a call builds, where it is a call of `setup({…}).createMachine({…})`. */
export function chartIn(node: Node): Chart | undefined {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return undefined;
  const { object, property } = node.callee;
  const [root] = node.arguments;
  if (property.type !== 'Identifier' || property.name !== 'createMachine' || root?.type !== 'ObjectExpression') {
    return undefined;
  }
  const [definitions] = object.type === 'CallExpression' ? object.arguments : [];
  const delays = definitions?.type === 'ObjectExpression' ? propertyOf(definitions, 'delays')?.value : undefined;
  return { root, delays: delays?.type === 'ObjectExpression' ? namesIn(delays) : [] };
}

const namesIn = (object: ObjectExpression): readonly string[] =>
  propertiesOf(object).flatMap((property) => nameOf(property) ?? []);

const objectAt = (object: ObjectExpression, name: string): ObjectExpression | undefined => {
  const value = propertyOf(object, name)?.value;
  return value?.type === 'ObjectExpression' ? value : undefined;
};

export function chartEdits({ root, delays }: Chart, source: string): readonly ChartEdit[] {
  const edits: ChartEdit[] = [];
  const words = paramsIn(root);
  let within = '';
  const add = (edit: Edit): void => void edits.push({ ...edit, within });
  const replace = ({ start, end }: Node, text: string): void => add({ start, end, text });
  const remove = (object: ObjectExpression, property: ObjectProperty): void =>
    add(withoutItem(object.properties, object.properties.indexOf(property)));

  const visitState = (state: ObjectExpression, path: readonly string[], siblings: readonly string[]): void => {
    const children = objectAt(state, 'states');
    const names = children === undefined ? [] : namesIn(children);
    for (const property of propertiesOf(state)) {
      within = path.join('.');
      const { value } = property;
      switch (nameOf(property) ?? '') {
        case 'entry':
        case 'exit':
          remove(state, property);
          visitActions(value);
          break;
        case 'initial':
          replaceEach(value, names);
          break;
        case 'on':
        case 'after':
          if (value.type === 'ObjectExpression') visitEvents(value, nameOf(property) === 'after', names, siblings);
          break;
        case 'always':
          remove(state, property);
          visitTransition(value, names, siblings);
          break;
        default:
      }
    }
    for (const child of children === undefined ? [] : propertiesOf(children)) {
      const name = nameOf(child);
      if (name !== undefined && child.value.type === 'ObjectExpression')
        visitState(child.value, [...path, name], names);
    }
  };

  const visitEvents = (
    events: ObjectExpression,
    isDelayed: boolean,
    children: readonly string[],
    siblings: readonly string[],
  ): void => {
    for (const property of propertiesOf(events)) {
      remove(events, property);
      if (isDelayed) for (const delay of delays) if (delay !== nameOf(property)) replace(property.key, delay);
      visitTransition(property.value, children, siblings);
    }
  };

  const visitTransition = (value: Expression, children: readonly string[], siblings: readonly string[]): void => {
    if (value.type === 'Literal') replaceTarget(value, children, siblings);
    if (value.type === 'ArrayExpression') {
      for (const [position, element] of value.elements.entries()) {
        if (value.elements.length > 1) add(withoutItem(value.elements, position));
        if (element !== null && element.type !== 'SpreadElement') visitTransition(element, children, siblings);
      }
    }
    if (value.type !== 'ObjectExpression') return;
    for (const property of propertiesOf(value)) {
      remove(value, property);
      if (nameOf(property) === 'target') replaceTarget(property.value, children, siblings);
      if (nameOf(property) === 'actions') visitActions(property.value);
    }
  };

  /** One action less; an action's parameters are taken from others of the same name. */
  const visitActions = (value: Expression): void => {
    if (value.type === 'ArrayExpression') {
      for (const [position, element] of value.elements.entries()) {
        if (value.elements.length > 1) add(withoutItem(value.elements, position));
        if (element !== null && element.type !== 'SpreadElement') visitActions(element);
      }
    }
    const params = value.type === 'ObjectExpression' ? objectAt(value, 'params') : undefined;
    for (const property of params === undefined ? [] : propertiesOf(params)) {
      replaceEach(property.value, [...(words.get(nameOf(property) ?? '') ?? [])]);
    }
  };

  const replaceEach = (value: Node, others: readonly string[]): void => {
    if (value.type !== 'Literal') return;
    for (const other of others) if (other !== value.value) replace(value, `'${other}'`);
  };

  const replaceTarget = (value: Node, children: readonly string[], siblings: readonly string[]): void => {
    if (value.type !== 'Literal' || typeof value.value !== 'string') return;
    const [, before = '', name = ''] = /^(.*?)([^.#]+)$/u.exec(value.value) ?? [];
    const around = before === '' ? siblings : before === '.' ? children : statesAt(root, before);
    replaceEach(
      value,
      around.filter((other) => other !== name).map((other) => before + other),
    );
  };

  visitState(root, [], []);
  return edits.filter(({ start, end, text }) => source.slice(start, end) !== text);
}

/** The names of the states in `#machine.state.` */
function statesAt(root: ObjectExpression, before: string): readonly string[] {
  let state: ObjectExpression | undefined = root;
  for (const name of before.split('.').slice(1, -1)) {
    const states: ObjectExpression | undefined = state === undefined ? undefined : objectAt(state, 'states');
    state = states === undefined ? undefined : objectAt(states, name);
  }
  const states = state === undefined ? undefined : objectAt(state, 'states');
  return states === undefined ? [] : namesIn(states);
}

/** The values that the parameters of actions have somewhere in the chart, by the parameter's name. */
function paramsIn(node: ObjectExpression): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const visit = (value: Expression): void => {
    if (value.type === 'ArrayExpression') {
      for (const element of value.elements) if (element !== null && element.type !== 'SpreadElement') visit(element);
    }
    if (value.type !== 'ObjectExpression') return;
    for (const property of propertiesOf(value)) {
      visit(property.value);
      if (nameOf(property) !== 'params' || property.value.type !== 'ObjectExpression') continue;
      for (const param of propertiesOf(property.value)) {
        const name = nameOf(param);
        if (name === undefined || param.value.type !== 'Literal') continue;
        found.set(name, (found.get(name) ?? new Set()).add(String(param.value.value)));
      }
    }
  };
  visit(node);
  return found;
}
