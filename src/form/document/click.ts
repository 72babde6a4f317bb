/** What a click on a button does in the blank form. */
export interface Click {
  /** Where it sends the form: `mailto:…` or an address of the web; empty when that is not known. */
  sends?: string;
  /** The action is in the XFA part, which a filled form does not keep. */
  dead?: true;
}

/** Where a script sends the form. Undefined when it does not send it. */
export function addressIn(script: string): string | undefined {
  if (!/\b(?:mailDoc|mailForm|mailMsg|submitForm|execNonBlockingMail)\b/.test(script)) return undefined;
  return /\b(?:mailto|https?):[^"'\s]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/.exec(script)?.[0] ?? '';
}
