import { Plain, plain } from '../../process/plain-text-output.js';
import { type Asking, type Box, isBack } from './box-questions.js';
import type { MapInWork } from './map-in-work.js';

/** The last questions of `form adopt`: whether all is right, what is wrong, and who accepts the map. */

/** Who accepts the map, or the boxes to decide again before the map is checked once more. */
export async function askAcceptance(answers: Asking, map: MapInWork): Promise<{ by: string } | { wrong: Box[] }> {
  const { said } = await answers.askUntil(
    plain`Is each value in the box that its caption asks for? (yes or no)`,
    (answer): { said: 'yes' | 'no' | Box[] } | Plain => {
      if (/^(?:y|yes|i accept)$/i.test(answer)) return { said: 'yes' };
      if (/^no?$/i.test(answer)) return { said: 'no' };
      const boxes = map.boxesIn(answer);
      if (boxes) return boxes instanceof Plain ? boxes : { said: boxes };
      return plain`"${answer}" is not an answer. Look at the picture, then type "yes" or "no".`;
    },
  );
  if (said === 'no') return { wrong: await askWrong(answers, map) };
  if (said !== 'yes') return { wrong: said };
  return answers.askUntil(
    plain`Type your first and last name to accept the map, or "back".`,
    (answer): { by: string } | { wrong: Box[] } | Plain => {
      if (isBack(answer)) return { wrong: [] };
      return isName(answer)
        ? { by: answer }
        : plain`"${answer}" is not a first and last name. Type both, such as Jo Lee, or "back".`;
    },
  );
}

/** Boxes to decide again. None when the person changed the map by hand, which is read again. */
export async function askWrong(answers: Asking, map: MapInWork): Promise<Box[]> {
  const { boxes } = await answers.askUntil(
    plain`Type the numbers of the boxes that are wrong to decide them again, "check" after you changed the map by hand, or "quit".`,
    (answer): { boxes: Box[] | undefined } | Plain => {
      if (/^check$/i.test(answer) || isBack(answer)) return { boxes: undefined };
      const found = map.boxesIn(answer);
      if (found instanceof Plain) return found;
      return found ? { boxes: found } : plain`"${answer}" is not a list of numbers. Type numbers, "check" or "quit".`;
    },
  );
  if (boxes === undefined) await map.readAgain();
  return boxes ?? [];
}

/** Boxes of an accepted map to decide again. None when the person leaves it as it is. */
export async function askWhatToChange(answers: Asking, map: MapInWork): Promise<Box[]> {
  const question = plain`Type the number of a box to change it, which makes the acceptance void, or press Enter.`;
  const { boxes } = await answers.askUntil(question, (answer): { boxes: Box[] } | Plain => {
    const found = answer === '' ? [] : map.boxesIn(answer);
    if (found instanceof Plain) return found;
    return found ? { boxes: found } : plain`"${answer}" is not a number. Type the number of a box, or press Enter.`;
  });
  return boxes;
}

export const isYes = (answer: string) => /^(?:y|yes)?$/i.test(answer);

export const REASON = plain`A reason has at least two words, such as "Only for brokers."`;

export function isReason(answer: string): boolean {
  return (answer.match(/\p{L}+/gu) ?? []).length >= 2;
}

/** At least two words, which do not answer another question. */
function isName(answer: string): boolean {
  const [first = '', ...others] = answer.split(/\s+/);
  const isWords = others.length > 0 && [first, ...others].every((word) => /^\p{L}[\p{L}\p{M}.,'’-]*$/u.test(word));
  return isWords && !/^(?:no|not|none|yes|y|n|i|list|help|back|quit|exit|check|leave|clear)$/i.test(first);
}
