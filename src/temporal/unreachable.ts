import { isOnThisMachine, proxyVariable } from './http-proxy.js';

/** No Temporal server answers where one should; the message has the address, and the variable of a proxy on the way. */
export class TemporalUnreachable extends Error {
  constructor(address: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const variable = isOnThisMachine(address) ? undefined : proxyVariable();
    // Without its value, which may hold a password.
    const proxy = variable
      ? ` ${variable} is set, so the connection goes through that proxy unless no_proxy lists the host.`
      : '';
    super(
      `Temporal does not answer at ${address} (${why}). Start it (npm start runs one of its own), or set TEMPORAL_ADDRESS.${proxy}`,
      { cause },
    );
    this.name = 'TemporalUnreachable';
  }
}
