'use strict';
// CommonJS, since Temporal loads converters with require and the bundler gives each to the sandbox by its path.
const { defaultPayloadConverter } = require('@temporalio/common');

/**
 * How workflows read payloads. Anybody who may speak to the namespace can send a signal with any bytes in it, and a
 * payload that cannot be read would fail the workflow task, again and again. So it reads as undefined, which every
 * handler has to expect anyway, and which it answers by ignoring the message or refusing it.
 *
 * Of what we wrote ourselves nothing is unreadable: a key that is missing is noticed before, by the codec.
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
