import { expect, test } from 'vitest';
import { DOT_FAULTS, planDots } from '../../chaos/dot-plan.js';

test('every fault at the final dot is planned as often as wanted, within the applications that are certain to come', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const plan = planDots(seed, 12, 3);
    for (const fault of DOT_FAULTS) expect([...plan.values()].filter((one) => one === fault)).toHaveLength(3);
    expect(Math.max(...plan.keys())).toBeLessThan(12);
  }
  expect(planDots(7, 30, 3)).toEqual(planDots(7, 30, 3));
  expect(planDots(7, 30, 3)).not.toEqual(planDots(8, 30, 3));
  expect(() => planDots(1, 11, 3)).toThrow('there are 11');
});
