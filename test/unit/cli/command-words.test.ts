import { describe, expect, test } from 'vitest';
import { inCommandWords } from '../../../src/cli/command-words.js';

describe('what an onboarding refuses', () => {
  test.each([
    ['To send a replacement, repeat this with "replace":true.', 'To send a replacement, repeat this with --replace.'],
    [
      'Once ACE shows us nothing, use confirmAccessGranted with an empty importerNumbers.',
      'Once ACE shows us nothing, use seen --none.',
    ],
    [
      'Settle that first (settleSubmission), then send the correction.',
      'Settle that first (settle), then send the correction.',
    ],
    ['text is missing. Paste {"actor":"you","text":"what to remember"}', 'text is missing.'],
    ['mailedOn is in the future.', '--mailed-on is in the future.'],
  ])('is said in the words of the command line: %s', (said, shown) => {
    expect(inCommandWords(said)).toBe(shown);
  });
});
