/** The picture of the house, as the README draws it. Whoever changes a floor changes this first, and says why. */

/** Rooms of `libs` by floor. Imports run downward only; rooms on one floor do not know each other. */
export const FLOORS: readonly (readonly string[])[] = [
  ['terms', 'ledger'],
  ['consent', 'policy', 'matching', 'certificates'],
  ['disclosure'],
  ['postgres', 'connectors', 'web'],
];

/** The highest floor of plain TypeScript: no framework, no network, no files, no environment, no clock of its own. */
export const HIGHEST_PLAIN_FLOOR = 2;

/**
 * What a plain room may import besides rooms below it. Everything else is refused, so that a new way to the network or
 * to the disk need not be thought of here before it is kept out.
 */
export const PLAIN_ROOMS_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  terms: ['node:crypto', 'yaml'],
  ledger: ['node:crypto', 'cborg'],
  consent: [],
  policy: ['node:crypto', 'yaml'],
  matching: ['node:crypto'],
  certificates: ['node:crypto', '@peculiar/x509', 'reflect-metadata'],
  disclosure: ['node:crypto', 'cborg'],
};

/** Apps that may start other apps; all others stand alone. */
export const APPS_THAT_START_APPS: ReadonlySet<string> = new Set(['sandbox']);

/** Apps whose rooms are limited further, so that whoever distrusts us reads one folder. */
export const APPS_LIMITED_TO: Readonly<Record<string, readonly string[]>> = { auditor: ['ledger'] };

/** Values a plain room would reach the outside by, each with what it is. Time, chance and ids arrive as arguments. */
export const FORBIDDEN_VALUES: Readonly<Record<string, string>> = {
  process: 'the environment',
  globalThis: 'everything',
  global: 'everything',
  fetch: 'the network',
  WebSocket: 'the network',
  EventSource: 'the network',
  XMLHttpRequest: 'the network',
  performance: 'the clock',
  setTimeout: 'the clock',
  setInterval: 'the clock',
  require: 'any module',
  eval: 'anything',
  Function: 'anything',
  localStorage: 'files',
};

/** `object.member` that a plain room may not touch. */
export const FORBIDDEN_MEMBERS: Readonly<Record<string, string>> = {
  'Date.now': 'the clock',
  'Math.random': 'chance',
  'crypto.getRandomValues': 'chance',
  'crypto.randomUUID': 'chance',
};

/** Names of `node:crypto` that draw chance instead of taking it. Making a key pair is allowed: a key has no other source. */
export const FORBIDDEN_NAMES: Readonly<Record<string, string>> = {
  randomBytes: 'chance',
  randomFill: 'chance',
  randomFillSync: 'chance',
  randomInt: 'chance',
  randomUUID: 'chance',
  getRandomValues: 'chance',
  webcrypto: 'chance',
};

/** Where HTTP statuses may be chosen: in our own face, and by stand-ins that play somebody else's server. */
export const MAY_CHOOSE_STATUSES: readonly string[] = ['libs/web/', 'apps/sandbox/agencies/'];
