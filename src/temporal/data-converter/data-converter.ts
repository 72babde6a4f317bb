import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { Encryption, KeyMissing } from '../../encryption/keyring.js';
import { encryptionCodec } from './encryption-codec.js';

/** The paths of the converters. Temporal loads them with `require`, both here and in the workflow sandbox. */
const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));
export const FAILURE_CONVERTER_PATH = pathOf('./private-failure-converter.cjs');
export const PAYLOAD_CONVERTER_PATH = pathOf('./tolerant-payload-converter.cjs');

/**
 * Encodes data on its way to Temporal. Clients and workers that talk to each other must use the same. Without encryption,
 * data is not changed.
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
