import { fingerprintOf } from '../pdf/fingerprint.js';
import type { FieldMap } from './field-map.js';

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
