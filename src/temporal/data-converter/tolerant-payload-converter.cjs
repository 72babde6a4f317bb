'use strict';
// CommonJS, because Temporal loads converters with require, and the bundler passes each to the sandbox by its path.
const { defaultPayloadConverter } = require('@temporalio/common');

/**
 * Decodes payloads in workflows. Anyone who can access the namespace can send a signal with any bytes in it, and a payload
 * that cannot be decoded would fail the workflow task again and again. So it becomes undefined. Every handler must expect
 * that anyway, and ignores or refuses the message.
 *
 * What we wrote ourselves can always be decoded: the codec runs first and notices a missing key.
 *
 * @type {import('@temporalio/common').PayloadConverter}
 */
const payloadConverter = {
  toPayload: (value, context, hint) => defaultPayloadConverter.toPayload(value, context, hint),
  fromPayload(payload, context, hint) {
    try {
      return defaultPayloadConverter.fromPayload(payload, context, hint);
    } catch {
      return /** @type {any} */ (undefined);
    }
  },
};

module.exports = { payloadConverter };
