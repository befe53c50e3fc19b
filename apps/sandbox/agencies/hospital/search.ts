import { isObject, type Records, type Resource } from './bundle.js';

/** A search that this server cannot do as asked. */
export class SearchRefused extends Error {}

export interface Found {
  readonly resources: readonly Resource[];
  readonly total: number;
  /** Where the next page begins, if there is one. */
  readonly next: number | undefined;
}

const USUAL_PAGE = 50;
const LARGEST_PAGE = 200;
const ABOUT_THE_RESULT = new Set(['_count', '_offset', '_elements', '_format']);

/** FHIR search over one type: a token means what the specification says, and an unknown parameter is refused. */
export function search(records: Records, type: string, parameters: URLSearchParams): Found {
  let resources = [...(records.get(type)?.values() ?? [])];
  for (const [name, value] of parameters) {
    if (!ABOUT_THE_RESULT.has(name)) resources = resources.filter(matching(type, name, value));
  }
  const count = Math.min(wholeNumber(parameters, '_count') ?? USUAL_PAGE, LARGEST_PAGE);
  const offset = wholeNumber(parameters, '_offset') ?? 0;
  const page = resources.slice(offset, offset + count);
  const elements = parameters.get('_elements')?.split(',');
  return {
    resources: elements === undefined ? page : page.map((resource) => onlyElements(resource, elements)),
    total: resources.length,
    next: count > 0 && offset + count < resources.length ? offset + count : undefined,
  };
}

function wholeNumber(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,6}$/.test(text)) throw new SearchRefused(`${name} is a whole number`);
  return Number(text);
}

export const PATIENT_PARAMETERS = ['_id', 'identifier', 'family', 'given', 'birthdate', 'gender'] as const;
export const RECORD_PARAMETERS = ['_id', 'identifier', 'patient', 'subject', 'code', 'category', 'status'] as const;

function matching(type: string, name: string, value: string): (resource: Resource) => boolean {
  const known: readonly string[] = type === 'Patient' ? PATIENT_PARAMETERS : RECORD_PARAMETERS;
  if (!known.includes(name)) throw new SearchRefused(`${type} cannot be searched by ${name}`);
  const alternatives = splitUnescaped(value, ',');
  return (resource) => alternatives.some((alternative) => matches(resource, name, alternative));
}

function matches(resource: Resource, name: string, value: string): boolean {
  switch (name) {
    case '_id':
      return resource.id === value;
    case 'identifier':
      return tokensOf(resource['identifier'], 'value').some((token) => isToken(token, value));
    case 'code':
      return codingsOf(resource['code']).some((token) => isToken(token, value));
    case 'category':
      return codingsOf(resource['category']).some((token) => isToken(token, value));
    case 'patient':
    case 'subject':
      return isAbout(resource, value.startsWith('Patient/') ? value : `Patient/${value}`);
    case 'family':
      return namesOf(resource).some(({ family }) => startsWith(family, value));
    case 'given':
      return namesOf(resource).some(({ given }) => listOf(given).some((each) => startsWith(each, value)));
    case 'birthdate':
      return resource['birthDate'] === value;
    default:
      return resource[name] === value;
  }
}

export function isAbout(resource: Resource, patient: string): boolean {
  return ['subject', 'patient', 'for'].some((element) => {
    const reference = resource[element];
    return isObject(reference) && reference['reference'] === patient;
  });
}

interface Token {
  readonly system: unknown;
  readonly value: unknown;
}

/** `system|value`, `|value` for none, `system|` for any of it, or `value` of whatever system. */
function isToken(token: Token, written: string): boolean {
  const [first = '', second] = splitUnescaped(written, '|');
  if (second === undefined) return token.value === first;
  if (first === '' && token.system !== undefined) return false;
  return (first === '' || token.system === first) && (second === '' || token.value === second);
}

function tokensOf(list: unknown, key: 'code' | 'value'): readonly Token[] {
  return listOf(list).flatMap((each) => (isObject(each) ? [{ system: each['system'], value: each[key] }] : []));
}

function codingsOf(concepts: unknown): readonly Token[] {
  return listOf(concepts).flatMap((concept) => (isObject(concept) ? tokensOf(concept['coding'], 'code') : []));
}

function namesOf(resource: Resource): readonly { readonly [part: string]: unknown }[] {
  return listOf(resource['name']).filter(isObject);
}

function startsWith(name: unknown, beginning: string): boolean {
  return typeof name === 'string' && name.toLowerCase().startsWith(beginning.toLowerCase());
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Splits at a separator, but not where a backslash stands before it, and takes the backslashes away. */
function splitUnescaped(text: string, separator: ',' | '|'): readonly string[] {
  const parts = [''];
  for (let at = 0; at < text.length; at++) {
    const last = parts.length - 1;
    if (text[at] === '\\' && at + 1 < text.length) {
      // Kept where the next split still needs it.
      const escaped = text[++at] ?? '';
      parts[last] += separator === ',' && escaped !== ',' ? `\\${escaped}` : escaped;
    } else if (text[at] === separator) parts.push('');
    else parts[last] += text[at] ?? '';
  }
  return parts;
}

function onlyElements(resource: Resource, elements: readonly string[]): Resource {
  const kept = Object.entries(resource).filter(([name]) => elements.some((element) => isElement(name, element)));
  const subsetted = {
    tag: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }],
  };
  return { ...Object.fromEntries(kept), resourceType: resource.resourceType, id: resource.id, meta: subsetted };
}

/** `value` asks for `valueInteger` too: an element of several types carries its type in its name. */
function isElement(name: string, element: string): boolean {
  return name === element || (name.startsWith(element) && /^[A-Z]/.test(name.slice(element.length)));
}
