/** The memory that one call uses. */
export interface Share {
  /** The call uses this many bytes now. Other calls are evicted if that is too much. */
  use(bytes: number): void;
  /** The call uses nothing any more. */
  release(): void;
}

/**
 * Limits the memory that all calls use together. A call that uses memory is waiting for its caller: for the rest of a
 * body, or for its answer to be read. So if there are too many, the call that has used memory longest is evicted, and
 * callers that stop halfway cannot keep others out.
 */
export class BytesInFlight {
  #inUse = 0;
  /** The call that has used memory longest comes first. */
  readonly #shares = new Map<Share, { bytes: number; evict: () => void }>();

  /** @param most bytes for all calls together. A single call that needs more gets it. */
  constructor(private readonly most: number) {}

  get inUse(): number {
    return this.#inUse;
  }

  /** @param evict ends the call and frees its memory, which no longer counts. */
  share(evict: () => void): Share {
    const share: Share = {
      use: (bytes) => {
        this.#inUse += bytes - (this.#shares.get(share)?.bytes ?? 0);
        this.#shares.set(share, { bytes, evict });
        this.#makeRoomFor(share);
      },
      release: () => {
        this.#inUse -= this.#shares.get(share)?.bytes ?? 0;
        this.#shares.delete(share);
      },
    };
    return share;
  }

  #makeRoomFor(share: Share): void {
    for (const [other, { evict }] of this.#shares) {
      if (this.#inUse <= this.most) return;
      if (other === share) continue;
      other.release();
      evict();
    }
  }
}
