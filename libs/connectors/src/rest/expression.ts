import jsonata from 'jsonata';
import { NotAnExpression } from '../expression.js';
import { notOneOf } from '../mapping-file.js';

/** A JSONata expression that can only look at the document it is given. */
export interface RestExpression {
  evaluate(document: unknown): Promise<unknown>;
}

/**
 * Parses an expression. Functions come from a closed list; definitions of functions, regular expressions, wildcards and
 * transformations are refused: with none of them an expression ends, and reads only what it names.
 */
export function parseRestExpression(text: string): RestExpression {
  let expression: jsonata.Expression;
  try {
    expression = jsonata(text, BOUNDS);
  } catch (error) {
    const { message, position } = error as Partial<jsonata.JsonataError>;
    throw new NotAnExpression(message ?? 'cannot be parsed', Math.max((position ?? 1) - 1, 0));
  }
  refuseUnknown(expression.ast(), text);
  return { evaluate: (document) => expression.evaluate(document) };
}

/** Far above what a mapping needs; a bound on what a hostile document can make of it. */
const BOUNDS = { timeout: 1_000, stack: 200, sequence: 100_000 };

const NODES = new Set(
  'path name string number value function binary unary condition block filter variable sort index'.split(' '),
);
const FUNCTIONS = new Set(
  (
    '$string $length $substring $substringBefore $substringAfter $uppercase $lowercase $trim $contains ' +
    '$split $join $number $round $boolean $not $exists $count $append $distinct $reverse $sort $sum $max $min $lookup'
  ).split(' '),
);

function refuseUnknown(node: unknown, text: string): void {
  if (Array.isArray(node)) return node.forEach((each) => refuseUnknown(each, text));
  if (typeof node !== 'object' || node === null) return;
  const { type, value, position, procedure, ...rest } = node as { readonly [part: string]: unknown };
  const at = Math.max((typeof position === 'number' ? position : 1) - String(value).length, 0);
  if (typeof type === 'string' && !NODES.has(type)) throw new NotAnExpression(`${type} has no place in a mapping`, at);
  if (type === 'binary' && value === '..') throw new NotAnExpression('a range has no place in a mapping', at);
  if (type === 'variable' && value !== '' && value !== '$')
    throw new NotAnExpression(`\`$${String(value)}\`: a mapping has no variables`, at);
  const { type: named, value: name } = (procedure ?? {}) as { readonly type?: unknown; readonly value?: unknown };
  if (type === 'function' && named === 'variable') {
    const word = `$${String(name)}`;
    if (!FUNCTIONS.has(word))
      throw new NotAnExpression(
        notOneOf(word, 'a function that a mapping may use', FUNCTIONS),
        Math.max(text.indexOf(word), 0),
      );
  } else refuseUnknown(procedure, text);
  for (const part of Object.values(rest)) refuseUnknown(part, text);
}
