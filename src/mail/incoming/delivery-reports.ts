/** What a mail server says became of a mail of ours (RFC 3464). */
export interface DeliveryReport {
  /** Of the recipient that fared worst, like status, recipient and diagnostic. */
  action: DeliveryAction;
  /** `5.1.1` */
  status?: string;
  recipient?: string;
  diagnostic?: string;
  /** Each it speaks of, the worst first. */
  recipients: RecipientReport[];
  /** ENVID of the original envelope, where we gave one. */
  originalEnvelopeId?: string;
}

export interface RecipientReport {
  action: DeliveryAction;
  /** Final-Recipient, where it was to be delivered at last; bare, lower case. */
  address?: string;
  /** Original-Recipient, whom we wrote to; bare, lower case. */
  original?: string;
  status?: string;
  diagnostic?: string;
}

/** The worst first. */
const ACTIONS = ['failed', 'delayed', 'expanded', 'relayed', 'delivered'] as const;
export type DeliveryAction = (typeof ACTIONS)[number];

const RECIPIENTS_LIMIT = 100;

/** @param text of the part message/delivery-status: a group of fields on the mail, then one on each recipient */
export function readDeliveryReport(text: string): DeliveryReport {
  const groups = fieldGroups(text);
  const recipients = groups
    // Some leave out the empty line behind the group on the mail.
    .filter((fields) => fields.has('action') || fields.has('final-recipient') || fields.has('original-recipient'))
    .slice(0, RECIPIENTS_LIMIT)
    .map(recipientReport)
    .sort((one, other) => ACTIONS.indexOf(one.action) - ACTIONS.indexOf(other.action));
  const [worst = recipientReport(groups[0] ?? new Map())] = recipients;
  const recipient = worst.address ?? worst.original;
  const originalEnvelopeId = groups.find((fields) => fields.has('original-envelope-id'))?.get('original-envelope-id');
  return {
    action: worst.action,
    ...(worst.status ? { status: worst.status } : {}),
    ...(recipient ? { recipient } : {}),
    ...(worst.diagnostic ? { diagnostic: worst.diagnostic } : {}),
    recipients,
    ...(originalEnvelopeId ? { originalEnvelopeId } : {}),
  };
}

function recipientReport(fields: Map<string, string>): RecipientReport {
  const status = /^[245]\.\d{1,3}(?:\.\d{1,3})?/.exec(fields.get('status') ?? '')?.[0];
  const said = fields.get('action')?.toLowerCase() ?? '';
  const action = ACTIONS.find((known) => said.startsWith(known));
  const address = typed(fields.get('final-recipient'))?.toLowerCase();
  const original = typed(fields.get('original-recipient'))?.toLowerCase();
  const diagnostic = typed(fields.get('diagnostic-code'))?.slice(0, 200);
  return {
    action: action ?? (status?.startsWith('4') ? 'delayed' : status?.startsWith('2') ? 'delivered' : 'failed'),
    ...(address ? { address } : {}),
    ...(original ? { original } : {}),
    ...(status ? { status } : {}),
    ...(diagnostic ? { diagnostic } : {}),
  };
}

/** "rfc822; a@b.example" without its type and angle brackets. */
function typed(value: string | undefined): string | undefined {
  return value
    ?.slice(value.indexOf(';') + 1)
    .trim()
    .replace(/^<([^<>]*)>$/, '$1');
}

/** What became of a mail; `deleted` is without being read, `other` anything else. */
export type ReadReceipt = 'displayed' | 'deleted' | 'other';

/** @param text of the part message/disposition-notification (RFC 8098) */
export function readReceiptOf(text: string): ReadReceipt {
  const disposition =
    fieldGroups(text)
      .find((fields) => fields.has('disposition'))
      ?.get('disposition') ?? '';
  // "manual-action/MDN-sent-manually; displayed", a modifier may follow: "deleted/error".
  const became = disposition
    .slice(disposition.indexOf(';') + 1)
    .trim()
    .toLowerCase();
  return became === 'displayed' || became === 'deleted' ? became : 'other';
}

/** Groups of fields, apart by empty lines; names in lower case, of several of a name the first. */
function fieldGroups(text: string): Map<string, string>[] {
  const groups = [new Map<string, string>()];
  let last: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const fields = groups.at(-1);
    if (line.trim() === '') groups.push(new Map());
    else if (/^[ \t]/.test(line) && last) fields?.set(last, `${fields.get(last) ?? ''} ${line.trim()}`);
    else {
      const colon = line.indexOf(':');
      last = colon > 0 ? line.slice(0, colon).trim().toLowerCase() : undefined;
      if (last && fields?.has(last)) last = undefined;
      else if (last) fields?.set(last, line.slice(colon + 1).trim());
    }
  }
  return groups.filter((fields) => fields.size > 0);
}
