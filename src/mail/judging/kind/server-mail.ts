import type { Doubt } from '../../../workflows/contract/doubts.js';
import { hasNullReturnPath, headerValue } from '../../incoming/header-lines.js';
import type { ParsedMessage } from '../../incoming/parse-message.js';
import { strictSender } from '../../incoming/sender.js';
import { type KindContext, kindResult, type ReadKind } from './read-kind.js';
import { suggestions } from './suggest.js';

/** Recognizes delivery reports and read receipts about our emails by their structure alone. */
export function serverMail(message: ParsedMessage, context: KindContext): ReadKind | undefined {
  return returned(message, context) ?? receipt(message, context);
}

function returned(message: ParsedMessage, context: KindContext): ReadKind | undefined {
  const { headers, deliveryReport: report } = message;
  const sender = strictSender(headers);
  const daemon = 'address' in sender && /^(?:mailer-daemon|postmaster|mail-daemon)@/.test(sender.address);
  const nullPath = hasNullReturnPath(headers);
  if (report) {
    const isItsOwn = daemon || nullPath || isReport(message, 'delivery-status');
    const what = `delivery report (RFC 3464): ${report.action}${report.status ? `, status ${report.status}` : ''}`;
    if (report.action === 'delayed') return kindResult('bounce', 0.9, [what], ['delayed']);
    if (report.action !== 'failed')
      return kindResult(
        'unrelated',
        0.95,
        [what, 'it only confirms that an email arrived'],
        saysMore(context) ? ['unclear'] : [],
      );
    const doubt = whoseReturn(report, context) ?? (isItsOwn ? undefined : 'guess');
    return kindResult(
      'bounce',
      0.97,
      [what, ...(report.recipient ? [`recipient: ${report.recipient}`] : [])],
      doubt ? [doubt] : [],
    );
  }
  if (!daemon && !nullPath) return undefined;
  const failed = headerValue(headers, 'x-failed-recipients');
  if (failed !== undefined) {
    const doubt = whoseReturn({ recipient: failed.trim().toLowerCase() }, context);
    return kindResult(
      'bounce',
      0.9,
      ['X-Failed-Recipients names the addresses that did not get it'],
      doubt ? [doubt] : [],
    );
  }
  // A mail server that returns our email says, in any language, that it bounced or is delayed.
  if (message.embeddedMessageIds.length > 0)
    return kindResult('bounce', 0.6, ['a mail server returned our email: it probably bounced']);
  if (context.concernsUs && daemon)
    return kindResult('bounce', 0.6, ['a mail server writes about our email: it probably bounced']);
  return undefined;
}

/** Whether it is a report itself, rather than an email from someone who attached one. */
function isReport({ headers }: ParsedMessage, type: string): boolean {
  const written = headerValue(headers, 'content-type')?.toLowerCase() ?? '';
  return written.startsWith('multipart/report') && written.includes(type);
}

/** A report in which someone also wrote something else is for a person. */
function saysMore({ text, alternative = '' }: KindContext): boolean {
  return suggestions(`${text}\n\n${alternative}`).length > 0;
}

/** Whether the bounced copy is other than the one for CBP. */
function whoseReturn(
  report: { recipient?: string; recipients?: { address?: string; original?: string; action: string }[] },
  { cbpAddress, cbpDomains, ownAddress }: KindContext,
): Doubt | undefined {
  const failed = report.recipients?.filter(({ action }) => action === 'failed') ?? [
    ...(report.recipient ? [{ address: report.recipient }] : []),
  ];
  const isTheirs = (address: string | undefined) =>
    address !== undefined &&
    (cbpAddress
      ? address === cbpAddress.toLowerCase()
      : cbpDomains.some((domain) => domainOf(address) === domain.toLowerCase()));
  if (failed.length === 0 || failed.some(({ address }) => isTheirs(address))) return undefined;
  const isOurs = (address: string | undefined) =>
    address !== undefined && ownAddress !== undefined && domainOf(address) === domainOf(ownAddress);
  return failed.every(({ address }) => isOurs(address)) ? 'own-copy-returned' : 'member-returned';
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

function receipt({ readReceipt }: ParsedMessage, context: KindContext): ReadKind | undefined {
  if (!readReceipt) return undefined;
  if (readReceipt === 'displayed') {
    const evidence = ['a read receipt: it says that an email was opened'];
    return kindResult('unrelated', 0.95, evidence, saysMore(context) ? ['unclear'] : []);
  }
  return kindResult('unrelated', 0.9, ['a read receipt'], readReceipt === 'deleted' ? ['deleted-unread'] : ['unclear']);
}
