import { newEnforcer, newModelFromString } from 'casbin';
import type { FieldName } from '#terms';
import { attributesOf, type Peer } from './peer.js';
import { plainRules } from './plain-rule.js';

const MODEL = `
[request_definition]
r = asked, field
[policy_definition]
p = condition, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = eval(p.condition)
`;

/** Attributes by conditions in the policies, which is how casbin knows them: one enforcement for each field. */
export const casbin: Peer = {
  name: 'casbin',
  says: 'some rule',
  async load(plain, fields) {
    const enforcer = await newEnforcer(newModelFromString(MODEL));
    for (const { fields: some, isShare, wants } of plainRules(plain))
      await enforcer.addPolicy(
        [oneOf('r.field', some), ...[...wants].map(([attribute, words]) => oneOf(`r.asked.${attribute}`, words))].join(
          ' && ',
        ),
        isShare ? 'allow' : 'deny',
      );
    return (asked) => {
      const attributes = attributesOf(asked);
      const shared = new Map<FieldName, readonly string[]>();
      for (const field of fields) {
        const [isShared, named] = enforcer.enforceExSync(attributes, field);
        if (isShared) shared.set(field, named);
      }
      return { shared };
    };
  },
};

function oneOf(name: string, words: readonly string[]): string {
  return `(${words.map((word) => `${name} == '${word}'`).join(' || ')})`;
}
