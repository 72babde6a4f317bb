import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { Encryption, KeyMissing } from '../../encryption/keyring.js';
import { encryptionCodec } from './encryption-codec.js';

/** The converters, by path: Temporal loads them with `require`, here and in the workflows' sandbox. */
const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));
export const FAILURE_CONVERTER_PATH = pathOf('./private-failure-converter.cjs');
export const PAYLOAD_CONVERTER_PATH = pathOf('./tolerant-payload-converter.cjs');

/**
 * How data is encoded on its way to Temporal: the same for every client and worker that speak to one another. Without
 * encryption it goes as it is.
 */
export function dataConverter(
  encryption: Encryption | undefined,
  onKeyMissing?: (missing: KeyMissing) => void,
): DataConverter {
  if (!encryption) return {};
  return {
    failureConverterPath: FAILURE_CONVERTER_PATH,
    payloadCodecs: [encryptionCodec({ ...encryption, ...(onKeyMissing ? { onKeyMissing } : {}) })],
  };
}
