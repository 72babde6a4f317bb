/** What one call holds in memory. */
export interface Share {
  /** The call holds this many bytes now. Makes other calls give way if that is too much. */
  hold(bytes: number): void;
  /** The call holds nothing any more. */
  release(): void;
}

/**
 * What calls hold in memory, bounded for all of them together. A call that holds bytes waits for its peer: for the rest
 * of a body, or for an answer to be read. So when there are too many, the call that has held some for longest gives way,
 * and a caller that stops halfway does not keep others out.
 */
export class BytesInFlight {
  #held = 0;
  /** The one that has held bytes for longest first. */
  readonly #shares = new Map<Share, { bytes: number; giveWay: () => void }>();

  /** @param most of all calls together; a single call that needs more gets it. */
  constructor(private readonly most: number) {}

  get held(): number {
    return this.#held;
  }

  /** @param giveWay ends the call and lets go of what it holds; from then on it does not count. */
  share(giveWay: () => void): Share {
    const share: Share = {
      hold: (bytes) => {
        this.#held += bytes - (this.#shares.get(share)?.bytes ?? 0);
        this.#shares.set(share, { bytes, giveWay });
        this.#makeRoomFor(share);
      },
      release: () => {
        this.#held -= this.#shares.get(share)?.bytes ?? 0;
        this.#shares.delete(share);
      },
    };
    return share;
  }

  #makeRoomFor(share: Share): void {
    for (const [other, { giveWay }] of this.#shares) {
      if (this.#held <= this.most) return;
      if (other === share) continue;
      other.release();
      giveWay();
    }
  }
}
