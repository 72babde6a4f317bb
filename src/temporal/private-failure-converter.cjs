'use strict';
// CommonJS, since Temporal loads converters with require and the bundler gives each to the sandbox by its path.
const { DefaultFailureConverter } = require('@temporalio/common');

/** False in the workflows' sandbox of a worker that encrypts nothing: its bundle is loaded with that word changed. */
const HIDDEN = true;

/**
 * Puts messages and stack traces of failures where the codec encrypts them: they may quote what they failed on. What the
 * operator needs in order to read anything at all stays readable: which key is missing.
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
    return isKeyMissing(error)
      ? this.readable.errorToFailure(error, payloadConverter, context)
      : super.errorToFailure(error, payloadConverter, context);
  }
}

/** As itself, or as the SDK wraps what happens to an activity's arguments. */
function isKeyMissing(/** @type {unknown} */ error) {
  return error instanceof Error && (error.name === 'KeyMissing' || ('type' in error && error.type === 'KeyMissing'));
}

module.exports = { failureConverter: new PrivateFailureConverter() };
