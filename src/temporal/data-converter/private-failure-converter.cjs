'use strict';
// CommonJS, since Temporal loads converters with require and the bundler gives each to the sandbox by its path.
const { ApplicationFailure, DefaultFailureConverter } = require('@temporalio/common');

/** False in the workflows' sandbox of a worker that encrypts nothing: its bundle is loaded with that word changed. */
const HIDDEN = true;

/**
 * Puts messages and stack traces of failures where the codec encrypts them: they may quote what they failed on. What the
 * operator needs stays readable: which key is missing, and why an onboarding refused a message. The Web UI does not
 * decrypt the answer to an update, and such a refusal repeats nothing that was sent (`src/workflows/onboarding/validators.ts`).
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
    if (isRefusal(error)) return { ...this.readable.errorToFailure(error, payloadConverter, context), stackTrace: '' };
    return super.errorToFailure(error, payloadConverter, context);
  }
}

/** A message that an onboarding refused. What has a cause may have a foreign one, and is no refusal. */
function isRefusal(/** @type {unknown} */ error) {
  return error instanceof ApplicationFailure && error.type === 'refused' && error.cause === undefined;
}

/** As itself, or as the SDK wraps what happens to an activity's arguments. */
function isKeyMissing(/** @type {unknown} */ error) {
  return error instanceof Error && (error.name === 'KeyMissing' || ('type' in error && error.type === 'KeyMissing'));
}

module.exports = { failureConverter: new PrivateFailureConverter() };
