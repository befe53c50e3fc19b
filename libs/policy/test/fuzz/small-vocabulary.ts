/** A vocabulary in which every kind of line occurs, small enough to be read thousands of times. */
export const SMALL_VOCABULARY = `categories:
  identity: {code: C1, title: Who she is}
  location: {code: C3, title: Where she is}
  envelope_parts: {code: C0, title: What comes with every value}
levels:
  text: [nothing, full]
  date: [nothing, age_band, year, full]
tags:
  whereabouts: {title: Tells where she is}
purposes:
  treatment: {number: 1, title: Treatment}
  emergency: {number: 2, title: Emergency}
sectors:
  police: {number: 1, title: Police}
  health: {number: 2, title: Health}
  employer: {number: 3, title: Employer}
roles:
  advocate: {number: 1, title: Advocate}
  privacy_officer: {number: 2, title: Privacy officer}
duties:
  expires_1h: {number: 1, title: Delete it after an hour}
facts:
  sector: {number: 1, title: Who asks, kind: one of, values: every sector, set by: enrolment, of: asker}
  tie: {number: 2, title: What ties them, kind: any of, values: [her_shelter, his_employer], set by: case, of: asker, if nobody has said: none}
  consent: {number: 3, title: What she said, kind: one of, values: [agreed, refused], set by: consent, per: field}
  risk: {number: 4, title: The danger, aloud: the danger is …, kind: ordered, values: [standard, high], set by: [advocate], most protective first: [high, standard, unknown]}
  age: {number: 5, title: Her age, kind: ordered, unit: years, thresholds: [13, 16, 18], set by: privacy_officer of another agency}
  deceased: {number: 6, title: She has died, kind: yes/no, set by: advocate, needs: reason, most protective first: [no, unknown, yes], if nobody has said: no}
records:
  person: {title: Person}
  contact: {title: Contact}
  envelope: {title: Envelope}
fields:
  person.legal_name: {number: 1, title: Name, category: identity, about: survivor, level: text, fhir: [Patient.name]}
  person.birth_date: {number: 2, title: Birth date, category: identity, about: survivor, level: date}
  contact.actual_address: {number: 3, title: Address, category: location, about: survivor, level: text, tags: [whereabouts]}
  envelope.sender: {number: 4, title: Sender, category: envelope_parts, about: case, level: text}
`;
