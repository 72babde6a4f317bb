import { createHash } from 'node:crypto';

/** Random numbers from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** A stream of its own for each name: what one draws does not change the others (mulberry32). */
export function randomStream(seed: number, name: string): Random {
  let state = createHash('sha256').update(`${seed}\n${name}`).digest().readInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const between = (random: Random, least: number, most: number): number => least + random() * (most - least);

/** `count` different whole numbers below `limit`. */
export function sample(random: Random, count: number, limit: number): number[] {
  const numbers = Array.from({ length: limit }, (_, number) => number);
  for (let i = 0; i < Math.min(count, limit); i++) {
    const j = i + Math.floor(random() * (limit - i));
    [numbers[i], numbers[j]] = [numbers[j] as number, numbers[i] as number];
  }
  return numbers.slice(0, count);
}
