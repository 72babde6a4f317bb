import { isOnThisMachine, proxyVariable } from './http-proxy.js';

/** No Temporal server answers. The message has the address, and the variable with the proxy if there is one. */
export class TemporalUnreachable extends Error {
  constructor(address: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const variable = isOnThisMachine(address) ? undefined : proxyVariable();
    // Without its value, which may contain a password.
    const proxy = variable
      ? ` ${variable} is set, so the connection goes through that proxy unless no_proxy lists the host.`
      : '';
    super(
      `Temporal does not answer at ${address} (${why}). Start it, or set TEMPORAL_ADDRESS (npm start runs its own server).${proxy}`,
      { cause },
    );
    this.name = 'TemporalUnreachable';
  }
}
