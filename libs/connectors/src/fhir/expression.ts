import {
  AsAtom,
  type Atom,
  DotAtom,
  EmptySetAtom,
  FhirPathAtom,
  FunctionAtom,
  getDataType,
  IndexerAtom,
  InfixOperatorAtom,
  IsAtom,
  isDataTypeLoaded,
  LiteralAtom,
  parseFhirPath,
  PrefixOperatorAtom,
  SymbolAtom,
  toTypedValue,
  UnionAtom,
} from '@medplum/core';
import { NotAnExpression } from '../expression.js';
import { notOneOf } from '../mapping-file.js';
import { RESOURCES } from './resources.js';

/** A FHIRPath expression that was understood whole. */
export interface FhirExpression {
  /** The resource type a path begins with; none for an expression on what a path found. */
  readonly resource: string | undefined;
  /** Elements of the resource that it reads; a server may leave the others out. */
  readonly elements: ReadonlySet<string>;
  /** Type of what it finds, where that is known. */
  readonly type: string | undefined;
  evaluate(on: readonly unknown[]): readonly unknown[];
}

/**
 * Parses a path that begins with a resource type or, where `within` is given, an expression on what such a path found.
 * Only elements that FHIR R4 has and functions from a closed list are taken: none of them reads a clock, follows a
 * reference, or walks more than the expression names.
 */
export function parseFhirExpression(text: string, within?: { readonly type: string | undefined }): FhirExpression {
  const parsed = parseWhole(text);
  const elements = new Set<string>();
  const walk = { text, elements, resource: undefined as string | undefined };
  const type = typeOf(parsed, within === undefined ? ROOT : within.type, walk);
  if (within === undefined && walk.resource === undefined)
    throw new NotAnExpression(`a path begins with one of ${[...RESOURCES.keys()].join(', ')}`, 0);
  return {
    resource: walk.resource,
    elements,
    type,
    evaluate: (on) => parsed.eval({ variables: {} }, on.map(toTypedValue)).map(({ value }): unknown => value),
  };
}

/**
 * The parser stops at the first word it cannot place and drops the rest, which could be the half that narrows. In
 * brackets it must come to the closing one; and a bracket too many would change what they hold.
 */
function parseWhole(text: string): Atom {
  try {
    const whole = parseFhirPath(`(${text})`).child;
    if (JSON.stringify(whole) === JSON.stringify(parseFhirPath(text).child)) return whole;
  } catch (error) {
    throw new NotAnExpression(error instanceof Error ? error.message : 'cannot be parsed', 0);
  }
  throw new NotAnExpression('its brackets do not match', 0);
}

const ROOT = Symbol('the start of a path');
type Type = string | undefined;
interface Walk {
  readonly text: string;
  readonly elements: Set<string>;
  resource: string | undefined;
}

function typeOf(atom: Atom, on: Type | typeof ROOT, walk: Walk): Type {
  const context = on === ROOT ? undefined : on;
  if (atom instanceof FhirPathAtom) return typeOf(atom.child, on, walk);
  if (atom instanceof LiteralAtom) return atom.value.type;
  if (atom instanceof EmptySetAtom) return undefined;
  if (atom instanceof SymbolAtom) return typeOfSymbol(atom.name, on, walk);
  if (atom instanceof FunctionAtom) return typeOfCall(atom, context, walk);
  if (atom instanceof DotAtom) return typeOf(atom.right, typeOf(atom.left, on, walk), walk);
  if (atom instanceof IndexerAtom) {
    typeOf(atom.expr, context, walk);
    return typeOf(atom.left, on, walk);
  }
  if (atom instanceof AsAtom || atom instanceof IsAtom) {
    typeOf(atom.left, on, walk);
    return atom instanceof IsAtom ? 'boolean' : nameOf(atom.right);
  }
  if (atom instanceof UnionAtom) {
    const [left, right] = [typeOf(atom.left, on, walk), typeOf(atom.right, on, walk)];
    return left === right ? left : undefined;
  }
  if (atom instanceof InfixOperatorAtom) {
    typeOf(atom.left, on, walk);
    typeOf(atom.right, on, walk);
    return ['&', '+'].includes(atom.operator) ? undefined : 'boolean';
  }
  if (atom instanceof PrefixOperatorAtom) return typeOf(atom.child, on, walk);
  throw new NotAnExpression('holds something that a mapping cannot use', 0);
}

function typeOfSymbol(name: string, on: Type | typeof ROOT, walk: Walk): Type {
  const at = Math.max(walk.text.search(new RegExp(`(?<![\\w$%])${name.replace(/\W/g, '\\$&')}(?!\\w)`)), 0);
  if (name.startsWith('%')) throw new NotAnExpression(`\`${name}\`: a mapping has no variables`, at);
  if (name === '$this') return on === ROOT ? undefined : on;
  if (on === ROOT) {
    if (!RESOURCES.has(name))
      throw new NotAnExpression(notOneOf(name, 'a resource that a path may begin with', RESOURCES.keys()), at);
    if (walk.resource !== undefined && walk.resource !== name)
      throw new NotAnExpression(`one path reads one kind of resource, not ${walk.resource} and ${name}`, at);
    walk.resource = name;
    return name;
  }
  if (on === undefined) {
    // Of an unknown type any element may be meant, but nothing that JavaScript rather than FHIR gives it.
    if (!/^[a-z][A-Za-z]*$/.test(name) || name in Object.prototype)
      throw new NotAnExpression(`\`${name}\` is no element`, at);
    return undefined;
  }
  const shape = RESOURCES.get(on);
  if (shape !== undefined) walk.elements.add(name);
  const elements = shape?.elements ?? elementsOf(on);
  const type = elements.get(name);
  if (type === undefined) throw new NotAnExpression(notOneOf(name, `an element of ${on}`, elements.keys()), at);
  return type === '*' ? undefined : type;
}

const ELEMENTS_OF_TYPES = new Map<string, ReadonlyMap<string, string>>();

/** Elements of a data type, such as ContactPoint; of a primitive only what every element has. */
function elementsOf(type: string): ReadonlyMap<string, string> {
  const known = ELEMENTS_OF_TYPES.get(type);
  if (known !== undefined) return known;
  const elements = new Map([
    ['id', 'string'],
    ['extension', 'Extension'],
  ]);
  if (isDataTypeLoaded(type))
    for (const [name, { type: types }] of Object.entries(getDataType(type).elements))
      elements.set(name.replace('[x]', ''), types.length === 1 ? (types[0]?.code ?? '*') : '*');
  ELEMENTS_OF_TYPES.set(type, elements);
  return elements;
}

interface Signature {
  readonly least: number;
  readonly most: number;
  readonly gives:
    'the same' | 'its argument' | 'the type named' | 'boolean' | 'string' | 'integer' | 'Extension' | 'unknown';
}
const filter: Signature = { least: 1, most: 1, gives: 'the same' };
const same: Signature = { least: 0, most: 0, gives: 'the same' };
const yesNo: Signature = { least: 0, most: 0, gives: 'boolean' };
const ofText: Signature = { least: 1, most: 1, gives: 'boolean' };
const FUNCTIONS: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ['where', filter],
  ['skip', filter],
  ['take', filter],
  ['first', same],
  ['last', same],
  ['tail', same],
  ['single', same],
  ['distinct', same],
  ['trim', same],
  ['exists', { least: 0, most: 1, gives: 'boolean' }],
  ['all', { least: 1, most: 1, gives: 'boolean' }],
  ['empty', yesNo],
  ['not', yesNo],
  ['allTrue', yesNo],
  ['anyTrue', yesNo],
  ['hasValue', yesNo],
  ['startsWith', ofText],
  ['endsWith', ofText],
  ['contains', ofText],
  ['select', { least: 1, most: 1, gives: 'its argument' }],
  ['ofType', { least: 1, most: 1, gives: 'the type named' }],
  ['as', { least: 1, most: 1, gives: 'the type named' }],
  ['is', { least: 1, most: 1, gives: 'boolean' }],
  ['extension', { least: 1, most: 1, gives: 'Extension' }],
  ['count', { least: 0, most: 0, gives: 'integer' }],
  ['join', { least: 0, most: 1, gives: 'string' }],
  ['toString', { least: 0, most: 0, gives: 'string' }],
  ['lower', { least: 0, most: 0, gives: 'string' }],
  ['upper', { least: 0, most: 0, gives: 'string' }],
  ['substring', { least: 1, most: 2, gives: 'string' }],
  ['replace', { least: 2, most: 2, gives: 'string' }],
  ['iif', { least: 2, most: 3, gives: 'unknown' }],
]);

function typeOfCall(call: FunctionAtom, on: Type, walk: Walk): Type {
  const at = Math.max(walk.text.indexOf(`${call.name}(`), 0);
  const signature = FUNCTIONS.get(call.name);
  if (signature === undefined)
    throw new NotAnExpression(notOneOf(call.name, 'a function that a mapping may use', FUNCTIONS.keys()), at);
  if (call.args.length < signature.least || call.args.length > signature.most)
    throw new NotAnExpression(
      `${call.name}() has ${signature.least === signature.most ? signature.least : `${signature.least} to ${signature.most}`} arguments, here ${call.args.length}`,
      at,
    );
  const [argument] = call.args;
  if (signature.gives === 'the type named') return argument === undefined ? undefined : nameOf(argument);
  if (call.name === 'is') return 'boolean';
  const types = call.args.map((each) => typeOf(each, on, walk));
  switch (signature.gives) {
    case 'the same':
      return on;
    case 'its argument':
      return types[0];
    case 'unknown':
      return undefined;
    case 'boolean':
    case 'string':
    case 'integer':
    case 'Extension':
      break;
  }
  return signature.gives;
}

function nameOf(atom: Atom): Type {
  return atom instanceof SymbolAtom ? atom.name : undefined;
}
