import type { Purpose, RegimeName } from '#terms';
import { smallBundle } from '../../test/small-policies.js';
import { matrix } from './matrix.js';

const bundle = smallBundle({
  'us-health/a.yaml': `
rules:
- {rule: a, share: [location], with: {sector: [police, health]}, for purpose: [treatment], when: {consent: agreed}}
- {rule: b, share: [contact.shelter], with: {sector: police}, for purpose: [treatment], when: {discloser_confirms: required_by_law}}
- {rule: c, share: [incident.place], with: {sector: police}, for purpose: [treatment], when: {risk: high}}
- {rule: d, share: [contact.living_situation], with: {sector: police}, for purpose: [treatment], last resort: yes}
- {rule: e, share: [envelope.sender], for purpose: [treatment]}
`,
  'core/a.yaml': 'rules: [{rule: l, withhold: [child.school]}]',
  'uk/regime.yaml': 'regime: uk\ntitle: UK\ngoverns: [{origins: enrolled here, fields: everything}]',
});

function cell(sector: string, category: string, purpose = 'treatment', origin?: string): unknown {
  const rows = matrix(bundle, purpose as Purpose, origin as RegimeName | undefined);
  const found = rows.find((row) => row.sector === sector)?.cells.find((one) => one.category === category);
  return { ...Object.fromEntries(found?.leaving ?? []), never: found?.never };
}

describe('matrix', () => {
  it('says of each sector and category what it takes', () => {
    expect(cell('police', 'location')).toEqual({ freely: 1, confirmed: 1, 'last resort': 1, agreed: 2, never: 1 });
    expect(cell('health', 'location')).toEqual({ agreed: 5, never: 1 });
    expect(cell('court', 'location')).toEqual({ never: 6 });
    expect(cell('police', 'location', 'emergency')).toEqual({ never: 6 });
  });

  it('looks at one regime alone where one is named', () => {
    expect(cell('health', 'location', 'treatment', 'us-health')).toEqual({ agreed: 5, never: 1 });
    expect(cell('health', 'location', 'treatment', 'uk')).toEqual({ never: 6 });
  });

  it('names the sender only where there is something to send', () => {
    const category = bundle.vocabulary.fields.get('envelope.sender' as never)?.category ?? '';
    expect(cell('police', category)).toMatchObject({ freely: 1 });
    expect(cell('court', category)).not.toMatchObject({ freely: 1 });
  });
});
