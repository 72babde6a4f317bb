'use strict';
// CommonJS, because Temporal loads converters with require, and the bundler passes each to the sandbox by its path.
const { ApplicationFailure, DefaultFailureConverter } = require('@temporalio/common');

/** False in the workflow sandbox of a worker that does not encrypt: it changes this line in its bundle. */
const HIDDEN = true;

/**
 * Puts the messages and stack traces of failures where the codec encrypts them, because they may quote data. What the
 * operator needs stays readable: which key is missing, that the archive is full, and why an onboarding refused a message. The
 * Web UI does not decrypt the answer to an update, and such a refusal repeats nothing that was sent (`update-validators.ts`).
 */
class PrivateFailureConverter extends DefaultFailureConverter {
  readable = new DefaultFailureConverter();

  constructor() {
    super({ encodeCommonAttributes: HIDDEN });
  }

  /**
   * @override
   * @type {DefaultFailureConverter['errorToFailure']}
   */
  errorToFailure(error, payloadConverter, context) {
    if (isKeyMissing(error)) return this.readable.errorToFailure(error, payloadConverter, context);
    if (isReadable(error)) return { ...this.readable.errorToFailure(error, payloadConverter, context), stackTrace: '' };
    return super.errorToFailure(error, payloadConverter, context);
  }
}

/** Types of our failures whose messages hold nothing personal. */
const READABLE = ['refused', 'archive-full'];

/** An error with a cause is not readable: the cause could be anything. */
function isReadable(/** @type {unknown} */ error) {
  return error instanceof ApplicationFailure && READABLE.includes(error.type ?? '') && error.cause === undefined;
}

/** Either the error itself, or how the SDK wraps it when it decodes the arguments of an activity. */
function isKeyMissing(/** @type {unknown} */ error) {
  return error instanceof Error && (error.name === 'KeyMissing' || ('type' in error && error.type === 'KeyMissing'));
}

module.exports = { failureConverter: new PrivateFailureConverter() };
