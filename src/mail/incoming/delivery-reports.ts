/** What a mail server reports about the delivery of our email (RFC 3464). */
export interface DeliveryReport {
  /** The worst result. `status`, `recipient` and `diagnostic` belong to the same recipient. */
  action: DeliveryAction;
  /** `5.1.1` */
  status?: string;
  recipient?: string;
  diagnostic?: string;
  /** All recipients in the report, the worst result first. */
  recipients: RecipientReport[];
  /** ENVID of the original envelope, if we set one. */
  originalEnvelopeId?: string;
}

export interface RecipientReport {
  action: DeliveryAction;
  /** Final-Recipient, the address at the last server; bare, lower case. */
  address?: string;
  /** Original-Recipient, the address we wrote to; bare, lower case. */
  original?: string;
  status?: string;
  diagnostic?: string;
}

/** Worst first. */
const ACTIONS = ['failed', 'delayed', 'expanded', 'relayed', 'delivered'] as const;
export type DeliveryAction = (typeof ACTIONS)[number];

const RECIPIENTS_LIMIT = 100;

/** @param text of the part message/delivery-status: one group of fields for the message, then one for each recipient */
export function readDeliveryReport(text: string): DeliveryReport {
  const groups = fieldGroups(text);
  const recipients = groups
    // Some servers leave out the empty line after the message's group.
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
  const written = fields.get('action')?.toLowerCase() ?? '';
  const action = ACTIONS.find((known) => written.startsWith(known));
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

/** What happened to an email. `deleted`: without being read. `other`: anything else. */
export type ReadReceipt = 'displayed' | 'deleted' | 'other';

/** @param text of the part message/disposition-notification (RFC 8098) */
export function readReceiptOf(text: string): ReadReceipt {
  const disposition =
    fieldGroups(text)
      .find((fields) => fields.has('disposition'))
      ?.get('disposition') ?? '';
  // "manual-action/MDN-sent-manually; displayed". A modifier may follow: "deleted/error".
  const became = disposition
    .slice(disposition.indexOf(';') + 1)
    .trim()
    .toLowerCase();
  return became === 'displayed' || became === 'deleted' ? became : 'other';
}

/** Groups of fields, separated by empty lines. Names are in lower case; if a name repeats, the first one counts. */
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
