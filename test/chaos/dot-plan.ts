import { randomStream, sample } from './random.js';
import type { DotFault } from './world/dot-proxy.js';

export const DOT_FAULTS: readonly DotFault[] = ['lost', 'unanswered', 'killed-before', 'killed-after'];

/**
 * Which application meets which fault at its final dot. Every onboarding sends at least one, so what is planned for the
 * first `size` of them happens.
 * @param each how often each fault happens, at most a quarter of `size`
 */
export function planDots(seed: number, size: number, each: number): Map<number, DotFault> {
  if (each * DOT_FAULTS.length > size)
    throw new Error(
      `${each} faults of each kind need ${each * DOT_FAULTS.length} applications, but there are ${size}.`,
    );
  const plan = new Map<number, DotFault>();
  for (const fault of DOT_FAULTS)
    for (const wanted of sample(randomStream(seed, `dot ${fault}`), each, size)) {
      let place = wanted;
      while (plan.has(place)) place = (place + 1) % size;
      plan.set(place, fault);
    }
  return plan;
}
