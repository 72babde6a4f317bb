import { createHash } from 'node:crypto';
import { canonicalJson } from '../../application/canonical.js';
import { fingerprintOf } from '../pdf/pdf-file.js';
import { type FieldMap, FieldMapError } from './field-map.js';

export const UNKNOWN_EDITION = 'unknown-edition';

/** The map is for another form: CBP changed the form, or the wrong file is configured. Nothing is filled. */
export class UnknownEditionError extends Error {
  readonly code = UNKNOWN_EDITION;
  constructor(edition: string, expected: string, found: string) {
    super(
      `The form is not the edition "${edition}" that the field map is for (expected ${expected}, found ${found}). Nothing is filled until a map for it is accepted: see what changed with "ace-onboarding form diff OLD.pdf NEW.pdf", make its map with "ace-onboarding form draft NEW.pdf --from OLD.map.json", prove it with "ace-onboarding form check".`,
    );
    this.name = 'UnknownEditionError';
  }
}

/** @throws UnknownEditionError */
export function assertEdition(template: Uint8Array, map: FieldMap): void {
  const found = fingerprintOf(template);
  if (found !== map.fingerprint) throw new UnknownEditionError(map.edition, map.fingerprint, found);
}

/**
 * A map is used for real only after a person has looked at a form filled in with it and accepted it. The acceptance is
 * sealed: it counts for this map, this file and these checks, and for nothing that was changed later.
 */
type Acceptance = NonNullable<FieldMap['accepted']>;

/** Raised when `form check` demands more than before, so that maps are checked and accepted again. */
const CHECKS = 1;

export function sealed(map: FieldMap, acceptance: Omit<Acceptance, 'seal'>): FieldMap {
  return { ...map, accepted: { ...acceptance, seal: sealOf(map, acceptance) } };
}

/** The acceptance of a map, if it has one and nothing was changed since. */
export function acceptanceOf(map: FieldMap): Acceptance | undefined {
  const { accepted } = map;
  if (!accepted) return undefined;
  const { seal, ...acceptance } = accepted;
  return seal === sealOf(map, acceptance) ? accepted : undefined;
}

/** @throws FieldMapError when no one has accepted the map as it is now */
export function assertAccepted(map: FieldMap): void {
  if (acceptanceOf(map)) return;
  const why = map.accepted
    ? `it was accepted by ${map.accepted.by}, but has been changed since, or this version checks more.`
    : 'no one has accepted it yet.';
  throw new FieldMapError([
    `${why} Check it, look at the picture of a filled form, and accept it: ace-onboarding form adopt FORM.pdf, or form check and form accept.`,
  ]);
}

function sealOf({ accepted: _, ...map }: FieldMap, acceptance: Omit<Acceptance, 'seal'>): string {
  return `sha256:${createHash('sha256')
    .update(canonicalJson({ checks: CHECKS, map, acceptance }))
    .digest('hex')}`;
}
