/** What the court's docket holds, invented, as its clerks enter it. */
export interface DocketEntry {
  readonly docket: string;
  readonly orderType: string;
  readonly conditions: string;
  readonly issued: string;
  readonly served: string;
  readonly expires: string;
  readonly firearmBar: boolean;
  readonly nextHearing: string;
  readonly parties: readonly Party[];
}

export interface Party {
  readonly role: 'PETITIONER' | 'RESPONDENT' | 'PROTECTED CHILD';
  readonly name: string;
  readonly birthDate: string;
}

export const DOCKET: readonly DocketEntry[] = [
  {
    docket: '2026-PO-0311',
    orderType: 'Protection order after hearing',
    conditions:
      'No abuse; no contact, direct or through others; stay 300 feet from home, work and "Fenwick Elementary"',
    issued: '03/09/2026',
    served: '03/11/2026',
    expires: '03/09/2027',
    firearmBar: true,
    nextHearing: '02/22/2027',
    parties: [
      { role: 'PETITIONER', name: 'Mara Jo Ellison', birthDate: '04/30/1991' },
      { role: 'RESPONDENT', name: 'Dale Ellison', birthDate: '01/17/1988' },
      { role: 'PROTECTED CHILD', name: 'Theo Ellison', birthDate: '06/02/2018' },
    ],
  },
  {
    docket: '2026-PO-0298',
    orderType: 'Temporary protection order',
    conditions: 'No contact',
    issued: '03/02/2026',
    served: '',
    expires: '12/14/2026',
    firearmBar: false,
    nextHearing: '12/14/2026',
    parties: [
      { role: 'PETITIONER', name: 'Noor Haddad', birthDate: '06/15/1979' },
      { role: 'RESPONDENT', name: 'Karim Sayegh, Jr.', birthDate: '11/08/1975' },
    ],
  },
];
