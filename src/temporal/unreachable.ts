/** No Temporal server answers where one should; the message has the address. */
export class TemporalUnreachable extends Error {
  constructor(address: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `Temporal does not answer at ${address} (${why}). Start it (npm start runs one of its own), or set TEMPORAL_ADDRESS.`,
      { cause },
    );
    this.name = 'TemporalUnreachable';
  }
}
