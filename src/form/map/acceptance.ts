import { createHash } from 'node:crypto';
import { canonicalJson } from '../../application/canonical.js';
import { type FieldMap, FieldMapError } from './field-map.js';

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
