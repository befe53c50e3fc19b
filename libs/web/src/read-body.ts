import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { getMetadataStorage, type ValidationArguments, validateSync, type ValidationError } from 'class-validator';
import { type Flaw, WebError } from './error.js';
import { type Nested, nestedIn } from './nested.js';
import { pointer } from './read-json.js';

type Class<T extends object = object> = new () => T;

interface Check {
  readonly passes: (value: unknown, about: ValidationArguments) => boolean;
  readonly each: boolean;
  readonly constraints: unknown[];
}

interface Property {
  readonly name: string;
  readonly applies: readonly ((object: object, value: unknown) => boolean)[];
  readonly checks: readonly Check[];
  readonly nested: Nested | undefined;
}

type Plan = ReadonlyMap<string, Property>;

const MOST_FLAWS = 20;

/**
 * Turns a body into an instance of a class with class-validator's decorators, or says which fields are wrong. Nothing is
 * converted: a number in quotes is text. Every field must be declared; a class nobody has declared rules for is refused.
 *
 * The rules are class-validator's own and a test holds us to its verdicts; only the walk is ours. Nest's ValidationPipe
 * spends 600 µs of CPU on a question for 40 fields, more than everything else its answer costs; this spends about 20.
 *
 * @example const question = readBody(QuestionBody, JSON.parse(text));
 */
export function readBody<T extends object>(type: Class<T>, value: unknown): T {
  const flaws: Flaw[] = [];
  const instance = build(type, value, [], flaws);
  if (flaws.length > 0) throw invalid(flaws);
  if (instance === undefined) throw invalid([{ pointer: '#', detail: 'must be an object' }]);
  if (!accepts(planOf(type), instance)) throw invalid(inWords(instance));
  return instance as T;
}

/** The pipe that every face uses: bodies and queries are read by `readBody`, anything else passes. */
export class BodyPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type !== 'body' && type !== 'query') return value;
    if (metatype === undefined || metatype === String) return type === 'query' ? value : refuseUndeclared();
    return readBody(metatype as Class, value);
  }
}

function refuseUndeclared(): never {
  // A body typed as an interface leaves nothing to check at run time; better no answer than an unread body.
  throw new TypeError('a body is declared as a class with validation decorators');
}

const plans = new Map<Class, Plan>();

function planOf(type: Class): Plan {
  const known = plans.get(type);
  if (known !== undefined) return known;
  const plan = makePlan(type);
  plans.set(type, plan);
  return plan;
}

function makePlan(type: Class): Plan {
  const storage = getMetadataStorage();
  const rules = storage.getTargetValidationMetadatas(type, '', true, false);
  if (rules.length === 0) throw new TypeError(`${type.name} declares no rules for its fields`);
  const plan = new Map<string, Property>();
  for (const name of new Set(rules.map((rule) => rule.propertyName))) {
    const applies: Property['applies'][number][] = [];
    const checks: Check[] = [];
    for (const rule of rules.filter((one) => one.propertyName === name)) {
      if (rule.validateIf !== undefined || (rule.groups?.length ?? 0) > 0) throw unreadable(type, name);
      switch (rule.type) {
        case 'conditionalValidation':
          applies.push(rule.constraints[0] as Property['applies'][number]);
          break;
        case 'customValidation':
          for (const constraint of storage.getTargetValidatorConstraints(rule.constraintCls)) {
            if (constraint.async) throw unreadable(type, name);
            const passes: Check['passes'] = (given, about) => constraint.instance.validate(given, about) === true;
            checks.push({ passes, each: rule.each, constraints: rule.constraints as unknown[] });
          }
          break;
        case 'nestedValidation':
          if (nestedIn(type, name) === undefined) throw unreadable(type, name);
          break;
        case 'whitelistValidation':
          break;
        default:
          throw unreadable(type, name);
      }
    }
    plan.set(name, { name, applies, checks, nested: nestedIn(type, name) });
  }
  return plan;
}

function unreadable(type: Class, name: string): TypeError {
  return new TypeError(`${type.name}.${name} has a rule that readBody does not read: use @One, @Many or @Optional`);
}

/** Copies only what the class declares, so that a `constructor` in the body cannot choose the class that judges it. */
function build(type: Class, value: unknown, path: readonly (string | number)[], flaws: Flaw[]): object | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const plan = planOf(type);
  const instance = new type() as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) {
    const property = plan.get(key);
    if (property === undefined)
      flaws.push({ pointer: pointer([...path, key]), detail: 'is not a field of this request' });
    else
      instance[key] = property.nested === undefined ? item : buildNested(property.nested, item, [...path, key], flaws);
  }
  return instance;
}

function buildNested(nested: Nested, value: unknown, path: readonly (string | number)[], flaws: Flaw[]): unknown {
  if (!nested.many) return build(nested.type(), value, path, flaws) ?? value;
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown, index) => {
    const built = build(nested.type(), item, [...path, index], flaws);
    // class-validator takes an empty list in a list for an object.
    if (built === undefined) flaws.push({ pointer: pointer([...path, index]), detail: 'must be an object' });
    return built;
  });
}

function accepts(plan: Plan, instance: object): boolean {
  for (const property of plan.values()) {
    const value = (instance as Record<string, unknown>)[property.name];
    if (!property.applies.every((applies) => applies(instance, value))) continue;
    if (!property.checks.every((check) => holds(check, value, property.name, instance))) return false;
    if (property.nested !== undefined && value !== undefined && !acceptsNested(property.nested, value)) return false;
  }
  return true;
}

function acceptsNested(nested: Nested, value: unknown): boolean {
  const type = nested.type();
  const plan = planOf(type);
  const one = (item: unknown): boolean => item instanceof type && accepts(plan, item);
  return nested.many ? Array.isArray(value) && value.every(one) : one(value);
}

function holds(check: Check, value: unknown, property: string, object: object): boolean {
  const about = { value, constraints: check.constraints, targetName: object.constructor.name, object, property };
  if (!check.each || !Array.isArray(value)) return check.passes(value, about);
  return value.every((item: unknown) => check.passes(item, about));
}

/** class-validator itself finds the words for what was not accepted. */
function inWords(instance: object): Flaw[] {
  const options = { forbidUnknownValues: true, validationError: { target: false, value: false } };
  return flatten(validateSync(instance, options), []);
}

function flatten(errors: readonly ValidationError[], path: readonly string[]): Flaw[] {
  return errors.flatMap((error) => {
    const here = [...path, error.property];
    const own = Object.values(error.constraints ?? {}).map((says) => ({ pointer: pointer(here), detail: says }));
    return [...own, ...flatten(error.children ?? [], here)];
  });
}

function invalid(flaws: readonly Flaw[]): WebError {
  return new WebError('BODY_INVALID', 'the body is not what this request takes', flaws.slice(0, MOST_FLAWS));
}
