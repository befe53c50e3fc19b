import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * The tables beside the ledger. Agencies are plain. Everything about a person is a projection of ledger entries, written
 * in the transaction that appends them, and says nothing readable about her without her own key.
 *
 * Instants are whole milliseconds since 1970, as everywhere in Postern; PostgreSQL hands a bigint back as text.
 */
const instant = {
  to: (value: number | null) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

@Entity({ name: 'agency' })
export class AgencyRow {
  @PrimaryColumn('text') id: string;
  @Column('text') title: string;
  @Column('text') sector: string;
  @Column('text', { array: true }) regimes: string[];
  @Column('text', { array: true }) units: string[];
  @Column('text', { array: true, name: 'entity_classes' }) entityClasses: string[];
  @Column('uuid', { name: 'key_id' }) keyId: string;
  @Column('bytea', { name: 'wrapped_key' }) wrappedKey: Buffer;
}

/** A key with which an agency signs who of its people asks. */
@Entity({ name: 'caller_key' })
export class CallerKeyRow {
  @PrimaryColumn('text') kid: string;
  @Column('text') agency: string;
  @Column('jsonb', { name: 'public_key' }) publicKey: Record<string, unknown>;
}

/** Whether a member is let in, as the ledger last said. A member of whom it said nothing is. */
@Entity({ name: 'standing' })
export class StandingRow {
  @PrimaryColumn('text') agency: string;
  @Column('boolean') suspended: boolean;
}

/** A key under which values may be sealed for an agency, and whether it still is one. */
@Entity({ name: 'recipient_key' })
export class RecipientKeyRow {
  @PrimaryColumn('text') agency: string;
  @PrimaryColumn('text') kid: string;
  /** Of the entry that published it: the newest is the one that is used. */
  @Column('bigint', { transformer: instant }) seq: number;
  @Column('jsonb', { name: 'public_key' }) publicKey: Record<string, unknown>;
  @Column('boolean') withdrawn: boolean;
}

/** A certificate that is no longer to be trusted, whatever its chain says. */
@Entity({ name: 'revoked_certificate' })
export class RevokedCertificateRow {
  @PrimaryColumn('text') serial: string;
  /** Part of the key: whoever names another's serial as its own must not stand in the way of that other's word. */
  @PrimaryColumn('text') agency: string;
  @Column('bigint', { name: 'revoked_at', transformer: instant }) revokedAt: number;
}

/**
 * One person as one agency knows her. Destroying the wrapped key erases whatever is sealed under it. The column
 * `erased_by`, which only erasing sets and reads, names the entry that ordered it.
 */
@Entity({ name: 'person' })
export class PersonRow {
  @PrimaryColumn('uuid') id: string;
  @Column('bytea', { name: 'wrapped_key' }) wrappedKey: Buffer;
}

@Entity({ name: 'handle' })
export class HandleRow {
  @PrimaryColumn('text') id: string;
  @Column('text') agency: string;
  @Column('uuid') person: string;
  @Index({ unique: true })
  @Column('bytea', { name: 'local_id_hash' })
  localIdHash: Buffer;
  @Column('bytea', { name: 'sealed_local_id' }) sealedLocalId: Buffer;
  @Column('bigint', { name: 'opened_at', transformer: instant }) openedAt: number;
}

@Entity({ name: 'link' })
export class LinkRow {
  @PrimaryColumn('uuid') id: string;
  /** Whose handle the link names first. */
  @Column('uuid') person: string;
  @Column('bytea') sealed: Buffer;
}

@Entity({ name: 'link_code' })
export class LinkCodeRow {
  @PrimaryColumn('bytea', { name: 'secret_hash' }) secretHash: Buffer;
  @Column('uuid') person: string;
  @Column('bytea') sealed: Buffer;
}

@Entity({ name: 'docket' })
export class DocketRow {
  @PrimaryColumn('bytea', { name: 'number_hash' }) numberHash: Buffer;
  @PrimaryColumn('text') handle: string;
  @PrimaryColumn('text') role: string;
  @Column('text') agency: string;
}

@Entity({ name: 'consent' })
export class ConsentRow {
  @PrimaryColumn('uuid') id: string;
  @Index()
  @Column('uuid')
  person: string;
  @Column('bytea') sealed: Buffer;
}

@Entity({ name: 'fact' })
export class FactRow {
  @PrimaryColumn('uuid') id: string;
  @Index()
  @Column('uuid')
  person: string;
  @Column('bytea') sealed: Buffer;
  /** By its own agency: it no longer counts. */
  @Column('boolean', { name: 'taken_back', default: false }) takenBack: boolean;
}

@Entity({ name: 'inquiry' })
export class InquiryRow {
  @PrimaryColumn('uuid') id: string;
  @Index()
  @Column('uuid')
  person: string;
  @Column('bytea') sealed: Buffer;
  @Column('bytea', { name: 'sealed_answer', nullable: true }) sealedAnswer: Buffer | null;
}

@Entity({ name: 'review' })
export class ReviewRow {
  @PrimaryColumn('uuid') id: string;
  @Column('text') agency: string;
  @Column('uuid') person: string;
  @Column('text') duty: string;
  @Column('bigint', { transformer: instant }) due: number;
  /** By which decision it left and who had to do with it; not there for the oldest. */
  @Column('bytea', { nullable: true }) sealed: Buffer | null;
  @Column('boolean', { default: false }) closed: boolean;
}

/** When something left about her at somebody's word alone. */
@Entity({ name: 'broken_glass' })
export class BrokenGlassRow {
  @PrimaryColumn('uuid') decision: string;
  @PrimaryColumn('uuid') person: string;
  @Column('bytea') sealed: Buffer;
}

/** Which regimes the values keep that this person's agency received, all of them in one row. */
@Entity({ name: 'origin' })
export class OriginRow {
  @PrimaryColumn('uuid') person: string;
  @Column('bytea') sealed: Buffer;
}

/** That a court or a law wants what is here about her kept. */
@Entity({ name: 'hold' })
export class HoldRow {
  @PrimaryColumn('uuid') person: string;
  @Column('bytea') sealed: Buffer;
}

/** The files of a bundle, by their digest, so that a decision taken under it can be explained for as long as it is kept. */
@Entity({ name: 'bundle' })
export class BundleRow {
  @PrimaryColumn('text') digest: string;
  @Column('jsonb') files: { readonly path: string; readonly text: string }[];
  @Column('text') vocabulary: string;
}

/** Since when which policies hold. */
@Entity({ name: 'publication' })
export class PublicationRow {
  /** Of its ledger entry: the last in the ledger's order holds, whatever the gateways' clocks said. */
  @PrimaryColumn('bigint', { transformer: instant }) seq: number;
  @Column('bigint', { transformer: instant }) at: number;
  @Column('text') digest: string;
}

export const ROWS = [
  AgencyRow,
  CallerKeyRow,
  RevokedCertificateRow,
  StandingRow,
  RecipientKeyRow,
  BrokenGlassRow,
  PersonRow,
  HandleRow,
  LinkRow,
  LinkCodeRow,
  DocketRow,
  ConsentRow,
  FactRow,
  InquiryRow,
  ReviewRow,
  OriginRow,
  HoldRow,
  BundleRow,
  PublicationRow,
];
