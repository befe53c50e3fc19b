import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { FieldName } from '#terms';
import { attributesOf, type Decided, type Peer } from './peer.js';
import { type PlainRule, plainRules } from './plain-rule.js';

/** All policies read beforehand; one authorisation for each field. */
export const cedar: Peer = {
  name: 'Cedar, preparsed',
  says: 'every rule',
  load(plain, fields) {
    const id = preparsed(plainRules(plain));
    return Promise.resolve((asked) => decide(fields, asked, () => id));
  },
};

/** The same, with the policies that speak of a field sorted out for it by hand, as no engine does by itself. */
export const slicedCedar: Peer = {
  name: 'Cedar, sliced',
  says: 'every rule',
  load(plain, fields) {
    const rules = plainRules(plain);
    const ids = new Map(
      fields.map((field) => [field, preparsed(rules.filter((rule) => rule.fields.includes(field)))] as const),
    );
    return Promise.resolve((asked) => decide(fields, asked, (field) => ids.get(field) as string));
  },
};

let sets = 0;

function preparsed(rules: readonly PlainRule[]): string {
  const id = `set ${(sets += 1)}`;
  const answer = preparsePolicySet(id, { staticPolicies: rules.map(inCedar).join('\n') });
  if (answer.type !== 'success') throw new Error(`Cedar does not read the policies: ${JSON.stringify(answer.errors)}`);
  return id;
}

function inCedar({ fields, isShare, wants }: PlainRule): string {
  const conditions = [...wants].map(([attribute, words]) => `${listed(words)}.contains(context.${attribute})`);
  // Attributes of what she said are there only where she said something.
  const present = [...wants.keys()].filter((name) => name.startsWith('category_')).map((name) => `context has ${name}`);
  const all = [`${listed(fields)}.contains(context.field)`, ...present, ...conditions];
  return `${isShare ? 'permit' : 'forbid'} (principal, action, resource) when { ${all.join(' && ')} };`;
}

function listed(words: readonly string[]): string {
  return `[${words.map((word) => `"${word}"`).join(', ')}]`;
}

const ONE = { type: 'Any', id: 'one' };

function decide(
  fields: readonly FieldName[],
  asked: Parameters<typeof attributesOf>[0],
  setFor: (field: FieldName) => string,
): Decided {
  const attributes = attributesOf(asked);
  const shared = new Map<FieldName, readonly string[]>();
  for (const field of fields) {
    const answer = statefulIsAuthorized({
      principal: ONE,
      action: ONE,
      resource: ONE,
      context: { ...attributes, field },
      preparsedPolicySetId: setFor(field),
      entities: [],
    });
    if (answer.type !== 'success') throw new Error(`Cedar does not answer: ${JSON.stringify(answer.errors)}`);
    if (answer.response.decision === 'allow') shared.set(field, answer.response.diagnostics.reason);
  }
  return { shared };
}
