import { prove, type Proof } from '#policy';
import type { Answer } from '../answer.js';
import { counted, inNumbers } from './counted.js';
import { readPolicies } from './read-policies.js';

/** `postern policy prove`: every promise in every situation; fails where one can be broken. */
export async function provePolicies(folder: string): Promise<Answer> {
  const bundle = await readPolicies(folder);
  const proofs = prove(bundle);
  const broken = proofs.filter(({ holds }) => !holds);
  const regimes = bundle.regimes.size;
  const lines: string[] = [];
  for (const [regime, own] of Map.groupBy(proofs, ({ promise }) => promise.regime))
    lines.push(`${regime}: ${own.filter(({ holds }) => holds).length} of ${counted(own.length, 'promise')} proved`);
  for (const proof of proofs) if (!proof.holds) lines.push('', ...inLines(proof, folder));
  for (const { promise, speaksOf } of proofs)
    if (speaksOf === 0n) lines.push('', `${at(promise)}: warning: “${promise.name}” speaks of no situation at all`);
  lines.push(
    '',
    proofs.length === 0
      ? 'there are no promises: nothing was proved'
      : broken.length === 0
        ? `all ${counted(proofs.length, 'promise')} hold in every situation, whichever of ${counted(regimes, 'regime')} bind the data`
        : `${counted(broken.length, 'promise')} of ${proofs.length} can be broken`,
  );
  return {
    exitCode: broken.length > 0 || proofs.length === 0 ? 1 : 0,
    lines: lines[0] === '' ? lines.slice(1) : lines,
    json: { digest: bundle.digest, promises: proofs.map(inJson) },
  };
}

function at({ place: { path, line, column } }: Proof['promise']): string {
  return `${path}:${line}:${column}`;
}

function inLines({ promise, broken, brokenIn, speaksOf }: Proof, folder: string): readonly string[] {
  const [first] = broken;
  const fields = broken.map(({ field }) => field);
  const named = fields.length > 6 ? [...fields.slice(0, 5), `${fields.length - 5} more`] : fields;
  return [
    `${at(promise)}: “${promise.name}” can be broken`,
    `    in ${inNumbers(brokenIn)} of the ${inNumbers(speaksOf)} situations that it speaks of, for ${named.join(', ')}`,
    ...(first === undefined
      ? []
      : [
          `    one of them, in which ${first.field} leaves at level ${first.example.level}:`,
          `    postern policy explain ${folder} ${first.field} --given '${first.example.given}'`,
        ]),
  ];
}

function inJson({ promise, holds, speaksOf, brokenIn, broken }: Proof): object {
  return {
    promise: promise.name,
    regime: promise.regime,
    place: promise.place,
    holds,
    speaksOf: String(speaksOf),
    brokenIn: String(brokenIn),
    broken: broken.map((one) => ({
      field: one.field,
      brokenIn: String(one.brokenIn),
      level: one.example.level,
      given: one.example.given,
    })),
  };
}
