/** What the police hold, invented, as their records system serves it. */
export interface PersonRecord {
  readonly id: string;
  readonly name: { readonly first: string; readonly last: string };
  readonly dateOfBirth: string;
  readonly cautions: readonly string[];
}

export interface IncidentRecord {
  readonly number: string;
  readonly involved: readonly { readonly person: string; readonly as: 'victim' | 'suspect' | 'witness' }[];
  readonly category: string;
  readonly occurredOn: string;
  readonly place: {
    readonly line: string;
    readonly city: string;
    readonly state: string;
    readonly postalCode: string;
  };
  readonly relationship: string;
  readonly weapon: boolean;
  readonly injury: string;
  readonly domestic: boolean;
  readonly children?: string;
  readonly narrative: string;
  readonly lethalityScreen?: { readonly tool: string; readonly result: string };
  readonly suspect?: {
    readonly status: 'alleged' | 'established' | 'disputed';
    readonly custody: string;
    readonly arrestedOn?: string;
    readonly charges: readonly string[];
    readonly bailConditions?: string;
    readonly warrant?: string;
  };
}

export interface OrderRecord {
  readonly docket: string;
  readonly protects: readonly string[];
  readonly restrains: string;
  readonly kind: string;
  readonly conditions: readonly string[];
  readonly issuedOn: string;
  readonly servedOn?: string;
  readonly servedBy?: string;
  readonly expiresOn: string;
  readonly firearmsProhibited: boolean;
}

export const PEOPLE: readonly PersonRecord[] = [
  { id: 'P-55821', name: { first: 'Mara', last: 'Ellison' }, dateOfBirth: '1991-04-30', cautions: [] },
  {
    id: 'P-60214',
    name: { first: 'Dale', last: 'Ellison' },
    dateOfBirth: '1988-01-17',
    cautions: ['Attend with two officers'],
  },
  { id: 'P-57310', name: { first: 'Ruth', last: 'Calloway' }, dateOfBirth: '1957-09-03', cautions: [] },
];

/** Newest first. */
export const INCIDENTS: readonly IncidentRecord[] = [
  {
    number: '26-004471',
    involved: [
      { person: 'P-55821', as: 'victim' },
      { person: 'P-60214', as: 'suspect' },
    ],
    category: 'Assault and battery on a household member',
    occurredOn: '2026-03-06',
    place: { line: '12 Alder Street, Apt 3', city: 'Millbrook', state: 'Massachusetts', postalCode: '01899' },
    relationship: 'spouse',
    weapon: false,
    injury: 'Taken to hospital with injuries to head and chest',
    domestic: true,
    narrative:
      'Caller in the flat below heard shouting and a fall. Suspect had left on arrival and was found at 01:05.',
    lethalityScreen: { tool: 'Lethality Screen', result: 'High danger' },
    suspect: {
      status: 'alleged',
      custody: 'Released on bail',
      arrestedOn: '2026-03-07',
      charges: ['Assault and battery on a household member', 'Strangulation'],
      bailConditions: 'No contact with the victim; stay 300 feet from 12 Alder Street',
    },
  },
  {
    number: '24-019530',
    involved: [{ person: 'P-57310', as: 'victim' }],
    category: 'Breaking and entering',
    occurredOn: '2024-10-02',
    place: { line: '4 Quarry Road', city: 'Fenwick', state: 'Massachusetts', postalCode: '01877' },
    relationship: 'stranger',
    weapon: false,
    injury: 'None',
    domestic: false,
    narrative: 'Back door forced while the owner was away.',
  },
];

export const ORDERS: readonly OrderRecord[] = [
  {
    docket: '2026-PO-0311',
    protects: ['P-55821'],
    restrains: 'P-60214',
    kind: 'Protection order after hearing',
    conditions: ['No abuse', 'No contact', 'Stay 300 feet from home and work'],
    issuedOn: '2026-03-09',
    servedOn: '2026-03-11',
    servedBy: 'Domestic violence unit',
    expiresOn: '2027-03-09',
    firearmsProhibited: true,
  },
];
