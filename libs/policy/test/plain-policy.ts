import type { PolicyFile } from '../src/bundle.js';

/** A rule as written, before anything has read it. The reference and the parser are given the same. */
export interface PlainRule {
  readonly rule: string;
  readonly share?: readonly PlainSelection[];
  readonly 'at most'?: { readonly [field: string]: string };
  readonly withhold?: readonly string[];
  readonly with?: PlainConditions;
  readonly 'for purpose'?: readonly string[];
  readonly when?: PlainConditions;
  readonly 'when any'?: readonly PlainConditions[];
  readonly unless?: readonly PlainConditions[];
  readonly 'last resort'?: 'yes';
  readonly 'names sender'?: 'yes';
  readonly duties?: readonly string[];
  readonly alert?: 'yes';
}

export type PlainSelection = string | { readonly [field: string]: string };
export interface PlainConditions {
  readonly [key: string]: readonly string[];
}

export interface PlainGoverns {
  readonly origins: 'enrolled here' | 'every agency';
  readonly fields: readonly string[];
  readonly under?: PlainConditions;
}

export interface PlainTreatment {
  readonly subject_role: string;
  readonly 'for purpose': readonly string[] | 'everything else';
  readonly as: string;
}

export interface PlainRegime {
  readonly governs: readonly PlainGoverns[];
  readonly rules: readonly PlainRule[];
  readonly 'treated as'?: readonly PlainTreatment[];
}

export interface PlainBundle {
  readonly core: readonly PlainRule[];
  readonly regimes: { readonly [name: string]: PlainRegime };
}

/** JSON is YAML: what is written is what was drawn. */
export function written(bundle: PlainBundle): readonly PolicyFile[] {
  const files: PolicyFile[] = [{ path: 'core/regime.yaml', text: JSON.stringify({ regime: 'core', title: 'Safety' }) }];
  const rules = (folder: string, list: readonly PlainRule[]): void => {
    if (list.length > 0) files.push({ path: `${folder}/rules.yaml`, text: JSON.stringify({ rules: list }) });
  };
  rules('core', bundle.core);
  for (const [name, regime] of Object.entries(bundle.regimes)) {
    files.push({
      path: `${name}/regime.yaml`,
      text: JSON.stringify({ regime: name, title: name, governs: regime.governs, 'treated as': regime['treated as'] }),
    });
    rules(name, regime.rules);
  }
  return files;
}
