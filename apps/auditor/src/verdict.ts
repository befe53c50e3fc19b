/** What a run of the auditor prints, and the code with which it ends. */
export interface Audited {
  readonly code: 0 | 1 | 2 | 3 | 4 | 5;
  readonly text: string;
}

/** What was found of a thing that was looked at, before it is put into words. */
export type Finding =
  | {
      readonly kind: 'sound';
      /** The first line, without its first word. */
      readonly what: string;
      /** What else is said of it, in order: a word, and what it is. */
      readonly lines: readonly (readonly [string, string | number])[];
      /** The same for machines. */
      readonly said: Readonly<Record<string, unknown>>;
      /** What nobody vouches for; any of it makes the run end with 4. */
      readonly open: readonly string[];
      /** Whatever else one should know. */
      readonly remarks: readonly string[];
    }
  | {
      readonly kind: 'damaged';
      readonly damage: string;
      /** The first bad index, and the index after the last that can be meant. */
      readonly index: number | undefined;
      readonly until: number | undefined;
      /** The file at fault, where it is one of many. */
      readonly path?: string | undefined;
      /** What is at fault where no index is. */
      readonly place?: string;
      readonly message: string;
    };

/** Evidence that the log itself, and not a copy of it, said two things. */
const CONTRADICTIONS = new Set(['forked', 'rolled-back']);

export function asAudited(finding: Finding, json: boolean): Audited {
  if (finding.kind === 'damaged') {
    const code = CONTRADICTIONS.has(finding.damage) ? 5 : 1;
    return { code, text: json ? damagedAsJson(finding) : damagedAsText(finding) };
  }
  const { what, lines, said, open, remarks } = finding;
  const code = open.length > 0 ? 4 : 0;
  if (json) return { code, text: `${JSON.stringify({ verdict: 'sound', ...said })}\n` };
  const words = lines.map(([name, value]) => `${name.padEnd(10)} ${value}`);
  return {
    code,
    text: `${[`sound: ${what}`, ...[...words, ...open, ...remarks].map((line) => `  ${line}`)].join('\n')}\n`,
  };
}

type Damaged = Extract<Finding, { kind: 'damaged' }>;

function damagedAsText({ damage, index, until, path, place, message }: Damaged): string {
  const where = path === undefined ? '' : `${path}: `;
  return `DAMAGED: ${damage}${placeOf(index, until, place)}\n  ${where}${message}\n`;
}

function placeOf(index: number | undefined, until: number | undefined, place: string | undefined): string {
  if (index === undefined) return place === undefined ? '' : ` in ${place}`;
  return until === undefined || until === index + 1 ? ` at index ${index}` : ` from index ${index}, before ${until}`;
}

function damagedAsJson({ damage, index, until, path, message }: Damaged): string {
  const said = { verdict: 'damaged', damage, index: index ?? null, until: until ?? null, message };
  return `${JSON.stringify(path === undefined ? said : { ...said, path })}\n`;
}
