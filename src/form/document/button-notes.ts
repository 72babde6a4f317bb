import type { FormField } from './form-field.js';

/** What people should know about the buttons of a form before they send it filled. */
export function buttonNotes(fields: FormField[]): string[] {
  const buttons = fields.filter(({ click }) => click);
  const notes = buttons.flatMap((button) => {
    const { sends, dead } = button.click ?? {};
    if (sends === undefined) return [];
    const where = sends === '' ? 'sends the form' : `sends the form to ${plainAddress(sends)}`;
    return dead
      ? [
          `The button ${labelOf(button)} ${where} in the blank form. In a filled form it would do nothing, because its action is in the XFA part, which a filled form does not keep. It is hidden there. Attach the filled form to an email instead.`,
        ]
      : [`The button ${labelOf(button)} still ${where} from a filled form that is open in Acrobat.`];
  });
  const others = buttons.filter(({ click }) => click?.dead && click.sends === undefined).map(labelOf);
  if (others.length > 0)
    notes.push(
      `Hidden in a filled form, where they would do nothing because their actions are in the XFA part: the ${others.length === 1 ? 'button' : 'buttons'} ${others.join(', ')}.`,
    );
  return notes;
}

function labelOf({ caption, name }: FormField): string {
  return `"${
    caption ??
    name
      .split('.')
      .at(-1)
      ?.replace(/\[\d+\]$/, '') ??
    name
  }"`;
}

/** Without the subject and what else a link may have. */
function plainAddress(target: string): string {
  return target.replace(/^mailto:/i, '').replace(/\?.*$/, '');
}

/** An address that is opened as a web page's would be. */
const OPENS_EMAIL = /\b(?:launchURL|gotoURL|getURL)\b[^;]*mailto:/i;

/** Where a script sends the form. Undefined when it does not send it. */
export function addressIn(script: string): string | undefined {
  if (!/\b(?:mailDoc|mailForm|mailMsg|submitForm|execNonBlockingMail)\b/.test(script) && !OPENS_EMAIL.test(script))
    return undefined;
  return /\b(?:mailto|https?):[^"'\s]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/.exec(script)?.[0] ?? '';
}
