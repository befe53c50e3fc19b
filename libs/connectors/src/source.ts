import type { FieldAnswer, Source, SourceAnswer, SourceRequest } from '#disclosure';
import type { FieldName } from '#terms';
import { cut } from './cut.js';
import { ConnectorError } from './error.js';
import { guardOf } from './guard.js';
import type { FieldMapping, Limits } from './mapping.js';
import { readValue } from './read-value.js';

/** A source that holds connections until it is closed. */
export interface ConnectedSource extends Source {
  close(): Promise<void>;
}

/** What one protocol adds: it fetches, and knows where in what it fetched each field stands. */
export interface Reader<Of extends FieldMapping> {
  /**
   * Raw values of the fields asked for, as the source holds them; nothing where the source does not know the person.
   * Fetches no more than those fields need, and throws where what comes is not about this person alone.
   */
  read(localId: string, asked: readonly Of[], question: Question): Promise<Raw<Of> | undefined>;
  close(): Promise<void>;
}

export type Raw<Of> = ReadonlyMap<Of, readonly unknown[]>;

export interface Question {
  readonly at: SourceRequest['at'];
  readonly stop: AbortSignal;
}

const ABSENT: FieldAnswer = Object.freeze({ present: false });

/**
 * The one place where raw values become an answer, for every protocol: read, cut to the level asked, and let go of. A
 * field that the mapping does not have is absent without the source being asked about it.
 */
export function sourceOf<Of extends FieldMapping>(
  mapping: { readonly source: string; readonly limits: Limits; readonly fields: ReadonlyMap<FieldName, Of> },
  reader: Reader<Of>,
): ConnectedSource {
  const guard = guardOf(mapping.source, mapping.limits);
  return {
    async answer(request, signal): Promise<SourceAnswer> {
      // Sealing happens where the operator cannot read; here it would only look as if.
      if (request.recipientKey !== undefined)
        throw new ConnectorError(
          'SOURCE_REFUSED',
          `${mapping.source} is read by Postern, which does not seal what it has read`,
        );
      const asked: Of[] = [];
      for (const [name, level] of request.fields) {
        const field = mapping.fields.get(name);
        if (field !== undefined && level > 0) asked.push(field);
      }
      if (asked.length === 0) return cutAll(request, mapping.fields, undefined);
      return guard.run(request.deadline, signal, async (stop) =>
        cutAll(request, mapping.fields, await reader.read(request.localId, asked, { at: request.at, stop })),
      );
    },
    close: () => reader.close(),
  };
}

function cutAll<Of extends FieldMapping>(
  request: SourceRequest,
  fields: ReadonlyMap<FieldName, Of>,
  raw: Raw<Of> | undefined,
): SourceAnswer {
  const answer = new Map<FieldName, FieldAnswer>();
  for (const [name, level] of request.fields) {
    const field = fields.get(name);
    const found = field && raw?.get(field);
    const read = found && field ? readValue(field, found) : undefined;
    const value =
      read !== undefined && 'value' in read && field ? cut(read.value, field.field, level, request.at) : undefined;
    answer.set(name, value === undefined ? ABSENT : { present: true, value });
  }
  return answer;
}
