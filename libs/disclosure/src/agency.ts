import type { Serial } from '#certificates';
import type { AgencyId, EntityClass, OfficerId, RegimeName, Role, Sector, UnitId } from '#terms';

/** An enrolled member. Enrolment is a legal act outside Postern: what stands here is never unknown to a decision. */
export interface Agency {
  readonly id: AgencyId;
  readonly title: string;
  readonly sector: Sector;
  /** As what a law prescribes it, where one names who may be told. */
  readonly entityClasses: ReadonlySet<EntityClass>;
  readonly regimes: ReadonlySet<RegimeName>;
  readonly units: ReadonlySet<UnitId>;
  /** Names the key (16 bytes, hex) under which questions about nobody we know are sealed. */
  readonly keyId: string;
  /** That key, wrapped under the master key. */
  readonly wrappedKey: Uint8Array;
}

/** Every member, as one frozen map: a decision sees one version of it. */
export type Directory = ReadonlyMap<AgencyId, Agency>;

/** Who asks or states: the agency from its certificate, the rest from the caller context it signed. */
export interface Caller {
  readonly agency: AgencyId;
  readonly unit?: UnitId;
  readonly officer: OfficerId;
  readonly role: Role;
  readonly caseReference?: string;
  /** By which certificate its agency was known; revoked meanwhile, nothing goes on for it. */
  readonly certificate?: Serial;
}
