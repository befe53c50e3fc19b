import type { Serial } from '#certificates';
import type { Consent } from '#consent';
import { type Assertion, type Docket, type Handle, type Link, type LinkCode, directLinks, joined } from '#matching';
import type { AgencyId, ConsentId, FieldName, HandleId, LinkId, PersonId, QuestionId, RegimeName } from '#terms';
import { type BrokenGlass, type Change, type ErasureOrder, keyOf, type LegalHold, type Review } from './change.js';
import type { InquiryState } from './inquiry.js';
import type { RecipientKey } from './recipient-key.js';

/**
 * What one replica knows: the ledger's changes, folded in their order up to `size`. Decisions read nothing else about
 * people, so that one comparison of `size` with the ledger's head proves that nothing unseen happened.
 *
 * INVARIANT: changes enter only through `fold`, only after they are durable, and in the ledger's order. Whoever reads it
 * must finish reading before the next `await`, or hold the keys it read against what came since (`touchedBy`).
 */
export class FoldedLog {
  /** How many ledger entries this map holds. */
  size = 0;
  policyDigest: string | undefined;

  readonly #suspended = new Set<AgencyId>();
  readonly #brokenGlass = new Map<PersonId, BrokenGlass[]>();
  readonly #revoked = new Set<string>();
  /** In the order in which they were published; one that was withdrawn stays, so that it does not come back. */
  readonly #recipientKeys = new Map<AgencyId, Map<string, RecipientKey | 'withdrawn'>>();
  readonly #handles = new Map<HandleId, Handle>();
  readonly #handleOfPerson = new Map<PersonId, Handle>();
  readonly #handleByLocalId = new Map<string, HandleId>();
  readonly #sealedLocalIds = new Map<HandleId, Uint8Array>();
  readonly #wrappedKeys = new Map<PersonId, Uint8Array>();
  readonly #links = new Map<LinkId, Link>();
  readonly #linksOfHandle = new Map<HandleId, Link[]>();
  readonly #codes = new Map<string, LinkCode>();
  readonly #dockets = new Map<string, Docket[]>();
  readonly #consents = new Map<ConsentId, Consent>();
  readonly #consentsOfPerson = new Map<PersonId, Consent[]>();
  readonly #assertions = new Map<PersonId, Assertion[]>();
  readonly #inquiries = new Map<QuestionId, InquiryState>();
  readonly #inquiriesOfPerson = new Map<PersonId, QuestionId[]>();
  readonly #origins = new Map<PersonId, ReadonlyMap<FieldName, ReadonlySet<RegimeName>>>();
  readonly #reviews = new Map<QuestionId, Review>();
  readonly #holds = new Map<PersonId, LegalHold>();
  /** Joined persons, computed when first asked for; forgotten whenever a link is made or ended. */
  readonly #joined = new Map<PersonId, ReadonlySet<PersonId>>();

  /** One entry, whole: a map never shows half of what one instant changed. */
  foldEntry(seq: number, changes: readonly Change[]): void {
    for (const change of changes) this.fold(change);
    this.size = seq + 1;
  }

  fold(change: Change): void {
    switch (change.type) {
      case 'handle opened': {
        const { handle } = change;
        this.#handles.set(handle.id, handle);
        this.#handleOfPerson.set(handle.person, handle);
        this.#handleByLocalId.set(change.localIdHash, handle.id);
        this.#sealedLocalIds.set(handle.id, change.sealedLocalId);
        this.#wrappedKeys.set(handle.person, change.wrappedKey);
        return;
      }
      case 'docket stated':
        push(this.#dockets, change.docket.key, change.docket);
        return;
      case 'link code issued':
      case 'link code redeemed':
        this.#codes.set(change.code.secretHash, change.code);
        return;
      case 'link made':
        this.#links.set(change.link.id, change.link);
        push(this.#linksOfHandle, change.link.a, change.link);
        push(this.#linksOfHandle, change.link.b, change.link);
        this.#joined.clear();
        return;
      case 'link ended': {
        const link = this.#links.get(change.link);
        if (link === undefined) return;
        this.#unlink(link);
        this.#joined.clear();
        return;
      }
      case 'consent recorded':
      case 'consent confirmed':
      case 'consent withdrawn':
      case 'consent used':
      case 'consent given back': {
        const { consent } = change;
        const others = this.consentsOf(consent.person).filter((other) => other.id !== consent.id);
        this.#consents.set(consent.id, consent);
        this.#consentsOfPerson.set(consent.person, [...others, consent]);
        return;
      }
      case 'fact asserted':
        push(this.#assertions, change.assertion.person, change.assertion);
        return;
      case 'fact corrected': {
        const others = this.assertionsOf(change.person).filter(({ id }) => id !== change.fact);
        this.#assertions.set(change.person, change.instead === undefined ? others : [...others, change.instead]);
        return;
      }
      case 'inquiry raised':
        this.#inquiries.set(change.inquiry.id, { inquiry: change.inquiry });
        push(this.#inquiriesOfPerson, change.inquiry.person, change.inquiry.id);
        return;
      case 'inquiry answered': {
        const raised = this.#inquiries.get(change.inquiry);
        if (raised !== undefined)
          this.#inquiries.set(change.inquiry, { inquiry: raised.inquiry, answer: change.answer });
        return;
      }
      case 'review opened':
        this.#reviews.set(change.review.id, change.review);
        return;
      case 'review closed':
        this.#reviews.delete(change.review);
        return;
      case 'glass broken':
        push(this.#brokenGlass, change.glass.person, change.glass);
        return;
      case 'agency suspended':
        this.#suspended.add(change.agency);
        return;
      case 'agency resumed':
        this.#suspended.delete(change.agency);
        return;
      case 'recipient key published':
      case 'recipient key withdrawn': {
        const keys = this.#recipientKeys.get(change.agency) ?? new Map<string, RecipientKey | 'withdrawn'>();
        this.#recipientKeys.set(change.agency, keys);
        if (change.type === 'recipient key published') keys.set(change.key.kid, change.key);
        else keys.set(change.kid, 'withdrawn');
        return;
      }
      case 'certificate revoked':
        this.#revoked.add(keyOf.certificate(change.agency, change.serial));
        return;
      case 'origin grew':
        this.#origins.set(
          change.person,
          new Map([...change.origins].map(([field, regimes]) => [field, new Set(regimes)] as const)),
        );
        return;
      case 'policy published':
        this.policyDigest = change.digest;
        return;
      case 'person erased':
        this.#erase(change);
        return;
      case 'hold placed':
        this.#holds.set(change.person, change.hold);
        return;
      case 'hold lifted':
        this.#holds.delete(change.person);
        return;
    }
  }

  /**
   * Everything that they, as agencies knew them, were here. In a map that was behind, what was shared with others may be all
   * that it read of them: links and codes to a handle whose opening is erased, or a consent that a decision used up.
   */
  #erase({ persons, links, codes }: ErasureOrder): void {
    for (const id of links) {
      const link = this.#links.get(id);
      if (link !== undefined) this.#unlink(link);
    }
    for (const secretHash of codes) this.#codes.delete(secretHash);
    for (const person of persons) {
      const handle = this.#handleOfPerson.get(person);
      if (handle !== undefined) this.#eraseHandle(handle.id);
      for (const { id } of this.consentsOf(person)) this.#consents.delete(id);
      for (const id of this.#inquiriesOfPerson.get(person) ?? []) this.#inquiries.delete(id);
      for (const [id, review] of this.#reviews) if (review.person === person) this.#reviews.delete(id);
      for (const ofPerson of [
        this.#handleOfPerson,
        this.#wrappedKeys,
        this.#consentsOfPerson,
        this.#assertions,
        this.#inquiriesOfPerson,
        this.#origins,
        this.#holds,
        this.#brokenGlass,
      ])
        ofPerson.delete(person);
    }
    for (const [key, dockets] of this.#dockets) {
      const left = dockets.filter((docket) => this.#handles.has(docket.handle));
      if (left.length === 0) this.#dockets.delete(key);
      else if (left.length < dockets.length) this.#dockets.set(key, left);
    }
    this.#joined.clear();
  }

  #eraseHandle(handle: HandleId): void {
    this.#handles.delete(handle);
    this.#linksOfHandle.delete(handle);
    this.#sealedLocalIds.delete(handle);
    for (const [hash, id] of this.#handleByLocalId) if (id === handle) this.#handleByLocalId.delete(hash);
  }

  #unlink(link: Link): void {
    this.#links.delete(link.id);
    for (const handle of [link.a, link.b])
      this.#linksOfHandle.set(
        handle,
        this.linksOf(handle).filter((other) => other.id !== link.id),
      );
  }

  /** Everybody, each as one agency knows her. */
  handles(): IterableIterator<Handle> {
    return this.#handles.values();
  }

  handle(id: HandleId): Handle | undefined {
    return this.#handles.get(id);
  }

  handleOf(person: PersonId): Handle | undefined {
    return this.#handleOfPerson.get(person);
  }

  handleByLocalId(localIdHash: string): Handle | undefined {
    const id = this.#handleByLocalId.get(localIdHash);
    return id === undefined ? undefined : this.#handles.get(id);
  }

  sealedLocalId(handle: HandleId): Uint8Array | undefined {
    return this.#sealedLocalIds.get(handle);
  }

  wrappedKey(person: PersonId): Uint8Array | undefined {
    return this.#wrappedKeys.get(person);
  }

  linksOf(handle: HandleId): readonly Link[] {
    return this.#linksOfHandle.get(handle) ?? [];
  }

  link(id: LinkId): Link | undefined {
    return this.#links.get(id);
  }

  code(secretHash: string): LinkCode | undefined {
    return this.#codes.get(secretHash);
  }

  codes(): IterableIterator<LinkCode> {
    return this.#codes.values();
  }

  /** Those that this handle issued or redeemed. */
  codesOf(handle: HandleId): readonly LinkCode[] {
    return [...this.#codes.values()].filter(
      (code) => code.issuer.handle === handle || ('redeemed' in code && code.redeemed.handle === handle),
    );
  }

  dockets(key: string): readonly Docket[] {
    return this.#dockets.get(key) ?? [];
  }

  /**
   * Everyone who is this person to anybody, over any chain of living links. Facts and refusals protect across all of
   * them; values never travel further than one link.
   */
  joined(person: PersonId): ReadonlySet<PersonId> {
    const known = this.#joined.get(person);
    if (known !== undefined) return known;
    const reached = joined(person, (each) => {
      const handle = this.#handleOfPerson.get(each);
      if (handle === undefined) return [];
      return directLinks(handle.id, this.linksOf(handle.id)).flatMap((id) => this.#handles.get(id)?.person ?? []);
    });
    for (const each of reached) this.#joined.set(each, reached);
    return reached;
  }

  consent(id: ConsentId): Consent | undefined {
    return this.#consents.get(id);
  }

  pendingConsents(): readonly Consent[] {
    return [...this.#consents.values()].filter((consent) => consent.state === 'pending');
  }

  consentsOf(person: PersonId): readonly Consent[] {
    return this.#consentsOfPerson.get(person) ?? [];
  }

  assertionsOf(person: PersonId): readonly Assertion[] {
    return this.#assertions.get(person) ?? [];
  }

  /** Whether nothing may be disclosed by this agency or to it. What it said, and what was said of it, holds on. */
  isSuspended(agency: AgencyId): boolean {
    return this.#suspended.has(agency);
  }

  /** Whether this certificate of this agency counts no more. Whoever names another's serial as its own revokes nothing. */
  isRevoked(agency: AgencyId, serial: Serial): boolean {
    return this.#revoked.has(keyOf.certificate(agency, serial));
  }

  /** The keys under which values may be sealed for this agency, the newest last. */
  recipientKeysOf(agency: AgencyId): readonly RecipientKey[] {
    return [...(this.#recipientKeys.get(agency)?.values() ?? [])].filter((key) => key !== 'withdrawn');
  }

  wasWithdrawn(agency: AgencyId, kid: string): boolean {
    return this.#recipientKeys.get(agency)?.get(kid) === 'withdrawn';
  }

  /** A review that nobody has closed yet. */
  review(id: QuestionId): Review | undefined {
    return this.#reviews.get(id);
  }

  /** Whenever something left about her at somebody's word alone. */
  brokenGlassOf(person: PersonId): readonly BrokenGlass[] {
    return this.#brokenGlass.get(person) ?? [];
  }

  inquiry(id: QuestionId): InquiryState | undefined {
    return this.#inquiries.get(id);
  }

  inquiriesOf(person: PersonId): readonly InquiryState[] {
    return (this.#inquiriesOfPerson.get(person) ?? []).flatMap((id) => this.#inquiries.get(id) ?? []);
  }

  waitingAt(agency: AgencyId): readonly InquiryState[] {
    return [...this.#inquiries.values()].filter(
      (state) => state.inquiry.discloser === agency && state.answer === undefined,
    );
  }

  reviewsOf(agency: AgencyId): readonly Review[] {
    return [...this.#reviews.values()].filter((review) => review.agency === agency);
  }

  /** What keeps her from being erased. */
  holdOn(person: PersonId): LegalHold | undefined {
    return this.#holds.get(person);
  }

  /** The regimes that values received by this agency's person keep, per field. */
  originsOf(person: PersonId): ReadonlyMap<FieldName, ReadonlySet<RegimeName>> {
    return this.#origins.get(person) ?? NO_ORIGINS;
  }
}

const NO_ORIGINS: ReadonlyMap<FieldName, ReadonlySet<RegimeName>> = new Map();

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
