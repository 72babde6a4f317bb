import type { Application } from '../../../application/application.js';
import { importerNumberOf, maskedImporterNumber } from '../../../application/importer-number.js';
import { dateInWordsAt, dayInWords } from '../../../calendar/format.js';
import type { Config } from '../../../config/config.js';
import type { ApplicationMail } from '../../../workflows/contract/mail-activities.js';
import { aliasAddress } from '../reply-alias.js';
import type { Draft } from './compose-once.js';
import { applicationSubject, attachmentName } from './subject.js';
import { renderMail } from './templates.js';

/** An earlier application email of the same onboarding, for the line that tells CBP what the new one replaces. */
export interface EarlierMail {
  attempt: number;
  /** ISO instant. */
  sentAt: string;
}

/**
 * The email to CBP's applications mailbox: the form attached, a reply alias, and a blind copy to ourselves. The copy
 * tells us whether an email whose outcome is unknown went out.
 * @throws SubjectRefused, TemplateError
 */
export function composeApplication(
  mail: ApplicationMail & { name: string },
  application: Application,
  form: Uint8Array,
  alias: string,
  earlier: EarlierMail | undefined,
  config: Config,
): Draft {
  const replyTo = aliasAddress(config.mail.replyAlias, alias);
  const recipient = config.cbp.applicationsAddress;
  const { officer, accountOwner } = application.acknowledgements;
  const { subject, text } = renderMail(
    'cbp/application',
    {
      subject: applicationSubject(application, config.mail.subjectStyle),
      reference: mail.reference,
      mailName: mail.name,
      company: application.company.legalName,
      importerNumber: shownNumber(application.importerNumber),
      ownerName: `${application.accountOwner.firstName} ${application.accountOwner.lastName}`,
      ownerEmail: application.accountOwner.email,
      officerName: officer.name,
      officerAcknowledgedOn: dayInWords(officer.at),
      accountOwnerName: accountOwner.name,
      ownerAcknowledgedOn: dayInWords(accountOwner.at),
      replaces: earlier && replacesLine(mail.attempt, earlier),
      filerCode: config.broker.filerCode,
      signature: config.broker.name,
      brokerPhone: config.broker.phone,
    },
    config.mail.templatesDir,
  );
  return {
    recipient,
    envelope: { from: envelopeSender(config, alias), to: [...new Set([recipient, config.mail.from])] },
    formSha256: mail.formSha256,
    letter: {
      from: { name: config.broker.name, address: config.mail.from },
      to: { address: recipient },
      replyTo,
      subject,
      text,
      attachment: { filename: attachmentName(mail.reference), content: form },
    },
  };
}

/** Bounces go to the case when the envelope sender is its alias. */
export function envelopeSender(config: Config, alias: string): string {
  return config.mail.envelopeSender === 'from' ? config.mail.from : aliasAddress(config.mail.replyAlias, alias);
}

/** In an email's text: an EIN or a number assigned by CBP in full, a Social Security number with its last two digits. */
export function shownNumber(importerNumber: string): string {
  try {
    const { kind, canonical } = importerNumberOf(importerNumber);
    return kind === 'ssn' ? `${maskedImporterNumber(canonical)} (SSN)` : canonical;
  } catch {
    return importerNumber;
  }
}

function replacesLine(attempt: number, earlier: EarlierMail): string {
  const day = dateInWordsAt(new Date(earlier.sentAt));
  return earlier.attempt === attempt
    ? `You may already have this application from our email of ${day}, whose delivery we could not confirm. Please treat the two as one.`
    : `This is a corrected application. It replaces the one we sent on ${day}.`;
}
