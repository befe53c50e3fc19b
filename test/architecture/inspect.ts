import { posix } from 'node:path';
import { type Import, parse, type Source } from './parse.js';
import {
  APPS_LIMITED_TO,
  APPS_THAT_START_APPS,
  FLOORS,
  FORBIDDEN_MEMBERS,
  FORBIDDEN_NAMES,
  FORBIDDEN_VALUES,
  HIGHEST_PLAIN_FLOOR,
  MAY_CHOOSE_STATUSES,
  PLAIN_ROOMS_MAY_IMPORT,
} from './picture.js';

/** Texts by their path from the root of the repository. */
export type Tree = ReadonlyMap<string, string>;

/**
 * Holds a tree of sources against the picture and says, one line each, what does not fit:
 * `libs/policy/src/decide.ts:3 imports '#disclosure': …`.
 */
export function inspect(tree: Tree): string[] {
  const sources = new Map<string, Source>();
  for (const [path, text] of tree) if (/\.tsx?$/.test(path)) sources.set(path, parse(path, text));
  const found: string[] = [];
  for (const [path, source] of sources) {
    const room = roomOf(path);
    if (room === undefined) continue;
    for (const one of source.imports) {
      const wrong = wrongImport(path, room, one);
      if (wrong !== undefined) found.push(`${path}:${one.line} imports '${one.from ?? '(computed)'}': ${wrong}`);
    }
    if (isPlain(room) && !isTest(path)) found.push(...wrongUses(path, source));
    if (!isTest(path) && !MAY_CHOOSE_STATUSES.some((allowed) => path.startsWith(allowed)))
      for (const { line, name } of source.statuses)
        found.push(`${path}:${line} chooses an HTTP status (${name}): only libs/web does, by the code of an error`);
  }
  return [...found, ...loops(sources), ...roomsWithoutReadme(tree), ...roomsOffThePicture(tree)];
}

interface Room {
  readonly kind: 'libs' | 'apps';
  readonly name: string;
  /** Of a lib on the picture. */
  readonly floor: number | undefined;
}

function roomOf(path: string): Room | undefined {
  const [kind, name] = path.split('/');
  if (name === undefined || (kind !== 'libs' && kind !== 'apps')) return undefined;
  return { kind, name, floor: kind === 'libs' ? floorOf(name) : undefined };
}

function floorOf(name: string): number | undefined {
  const floor = FLOORS.findIndex((rooms) => rooms.includes(name));
  return floor === -1 ? undefined : floor;
}

function isPlain(room: Room): boolean {
  return room.floor !== undefined && room.floor <= HIGHEST_PLAIN_FLOOR;
}

/** Tests and what is written for tests only. They may read files and draw chance; they may not invert the floors. */
function isTest(path: string): boolean {
  return /\.(spec|fixture)\.ts$|\/(test|testonly)\//.test(path);
}

function wrongImport(path: string, room: Room, { from, names }: Import): string | undefined {
  if (from === undefined) return isPlain(room) ? 'a computed import cannot be held against the picture' : undefined;
  if (from.startsWith('.')) return wrongNeighbour(path, room, from);
  if (from.startsWith('#')) return wrongRoom(path, room, from.slice(1));
  if (!isPlain(room) || isTest(path)) return undefined;
  const allowed = PLAIN_ROOMS_MAY_IMPORT[room.name] ?? [];
  if (!allowed.includes(from))
    return `floors 0 to ${HIGHEST_PLAIN_FLOOR} are plain TypeScript, and libs/${room.name} may import ${list(allowed)}`;
  const drawn = from === 'node:crypto' ? names.find((name) => Object.hasOwn(FORBIDDEN_NAMES, name)) : undefined;
  return drawn === undefined ? undefined : `${drawn} is ${FORBIDDEN_NAMES[drawn]}, which arrives as an argument here`;
}

function wrongNeighbour(path: string, room: Room, from: string): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(path), from)).replace(/\.js$/, '.ts');
  const other = roomOf(target);
  if (isTest(target)) return isTest(path) ? undefined : 'it is written for tests only';
  if (other?.kind === room.kind && other.name === room.name) {
    if (room.kind === 'libs' && /^(\.\/|(\.\.\/)+)index\.js$/.test(from) && !isTest(path))
      return 'inside a room, import the file that defines it, not the face that is shown to others';
    return undefined;
  }
  if (other?.kind === 'libs') return `another room is reached by its name, #${other.name}`;
  if (other?.kind === 'apps') {
    if (room.kind === 'libs') return 'a room does not know the apps';
    return APPS_THAT_START_APPS.has(room.name) ? undefined : 'an app does not know another app';
  }
  return isTest(path) ? undefined : 'it lies outside the house';
}

function wrongRoom(path: string, room: Room, name: string): string | undefined {
  const floor = floorOf(name);
  if (floor === undefined) return `there is no room of that name: a room has one public face, its index`;
  if (room.kind === 'apps') {
    const limited = APPS_LIMITED_TO[room.name];
    return limited === undefined || limited.includes(name)
      ? undefined
      : `apps/${room.name} depends on ${list(limited.map((one) => `#${one}`))} alone`;
  }
  if (room.floor === undefined) return undefined;
  if (name === room.name)
    return isTest(path)
      ? undefined
      : 'inside a room, import the file that defines it, not the face that is shown to others';
  if (floor === room.floor) return `rooms on one floor do not know each other, and both are on floor ${floor}`;
  return floor > room.floor
    ? `imports run downward, and this one runs up from floor ${room.floor} to floor ${floor}`
    : undefined;
}

function wrongUses(path: string, source: Source): string[] {
  return source.uses.flatMap(({ line, name }) => {
    const what = reached(name);
    return what === undefined
      ? []
      : [
          `${path}:${line} uses ${name}, which is ${what}: on floors 0 to ${HIGHEST_PLAIN_FLOOR} it arrives as an argument`,
        ];
  });
}

function reached(name: string): string | undefined {
  if (name === 'new Date()' || name === 'Date()') return 'the clock';
  if (Object.hasOwn(FORBIDDEN_MEMBERS, name)) return FORBIDDEN_MEMBERS[name];
  return Object.hasOwn(FORBIDDEN_VALUES, name) ? FORBIDDEN_VALUES[name] : undefined;
}

/** Import loops, types included: files in a loop cannot be read one after the other. Each loop is named once, whole. */
function loops(sources: ReadonlyMap<string, Source>): string[] {
  const edges = new Map<string, string[]>();
  for (const [path, { imports }] of sources)
    edges.set(
      path,
      imports.flatMap(({ from }) => (from === undefined ? [] : (fileOf(path, from, sources) ?? []))),
    );
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start !== -1) {
      found.push(`${[...way.slice(start), path].join(' imports ')}: a loop`);
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) walk(next, [...way, path]);
    done.add(path);
  };
  for (const path of [...sources.keys()].toSorted()) walk(path, []);
  return found;
}

function fileOf(path: string, from: string, sources: ReadonlyMap<string, Source>): string | undefined {
  const target = from.startsWith('#')
    ? `libs/${from.slice(1)}/src/index.ts`
    : posix.normalize(posix.join(posix.dirname(path), from)).replace(/\.js$/, '.ts');
  return sources.has(target) ? target : undefined;
}

function roomsIn(tree: Tree): ReadonlySet<string> {
  const rooms = new Set<string>();
  for (const path of tree.keys()) if (/\.tsx?$/.test(path)) rooms.add(path.split('/').slice(0, 2).join('/'));
  return rooms;
}

function roomsWithoutReadme(tree: Tree): string[] {
  return [...roomsIn(tree)].filter((room) => !tree.has(`${room}/README.md`)).map((room) => `${room} has no README.md`);
}

function roomsOffThePicture(tree: Tree): string[] {
  return [...roomsIn(tree)]
    .filter((room) => room.startsWith('libs/') && floorOf(room.slice('libs/'.length)) === undefined)
    .map((room) => `${room} stands on no floor: place it in test/architecture/picture.ts and in the README first`);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'rooms below it' : `rooms below it, ${names.join(', ')}`;
}
