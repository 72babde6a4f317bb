import MailComposer from 'nodemailer/lib/mail-composer';
import { MAIL_NAME_HEADER } from '../message-id.js';
import { oneLine } from './subject.js';

/** Everything that determines an email's bytes: the same content gives the same bytes. */
export interface EmailContent {
  /** Without angle brackets. */
  messageId: string;
  /** 32 hexadecimal characters, see `mailName`: own header and boundary. */
  name: string;
  date: Date;
  from: { name: string; address: string };
  to: { name?: string; address: string };
  replyTo?: string;
  /** The Message-ID of the email that it answers, without angle brackets. */
  inReplyTo?: string;
  /** Those of the thread, oldest first. */
  references?: string[];
  subject: string;
  text: string;
  attachment?: { filename: string; content: Uint8Array };
  /**
   * Adds `Auto-Submitted: auto-generated` (RFC 3834), which suppresses automatic replies. Right for email to our own
   * people. Never for CBP, whose automatic acknowledgement we want, nor for the client, whose out-of-office reply tells us
   * that the account owner is away.
   */
  silencesAutoReplies?: boolean;
}

/** The whole message in RFC 5322 form with CRLF line ends. */
export async function buildMessage(letter: EmailContent): Promise<Buffer> {
  const composer = new MailComposer({
    messageId: `<${letter.messageId}>`,
    date: letter.date,
    from: { name: oneLine(letter.from.name), address: letter.from.address },
    to: letter.to.name
      ? { name: oneLine(letter.to.name), address: letter.to.address }
      : { name: '', address: letter.to.address },
    ...(letter.replyTo ? { replyTo: letter.replyTo } : {}),
    ...(letter.inReplyTo ? { inReplyTo: `<${letter.inReplyTo}>` } : {}),
    ...(letter.references?.length ? { references: letter.references.map((id) => `<${id}>`) } : {}),
    subject: oneLine(letter.subject),
    text: letter.text,
    headers: {
      [MAIL_NAME_HEADER]: letter.name,
      ...(letter.silencesAutoReplies ? { 'Auto-Submitted': 'auto-generated' } : {}),
    },
    ...(letter.attachment
      ? {
          attachments: [
            {
              filename: letter.attachment.filename,
              content: Buffer.from(letter.attachment.content),
              contentType: 'application/pdf',
            },
          ],
        }
      : {}),
    // A random boundary would make two compositions of one email differ.
    baseBoundary: letter.name,
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}
