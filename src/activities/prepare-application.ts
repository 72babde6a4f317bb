import { activityInfo, log } from '@temporalio/activity';
import { type Application, listedCompany } from '../application/application.js';
import { canonical } from '../application/canonical.js';
import { maskedImporterNumber } from '../application/importer-number.js';
import { checkApplication } from '../application/schema.js';
import { timeZoneOf } from '../application/time-zone.js';
import { formatIssue, type ValidationIssue } from '../application/validation-issue.js';
import { type Archive, ArchiveError } from '../archive/archive.js';
import { sha256Of } from '../archive/archive-names.js';
import { claimImporterNumbers } from '../archive/claim-importer-numbers.js';
import type { ImporterKeys } from '../archive/importer-key.js';
import { indexCase } from '../archive/index-case.js';
import { storeOne, storeOwned } from '../archive/owned-document.js';
import { type CaseRecord, cases, type FillRecord, fills, onboardings, read } from '../archive/records.js';
import type { Policy } from '../calendar/policy.js';
import { refundAlarm } from '../calendar/schedule.js';
import { languageIssue, languages } from '../mail/outgoing/compose/templates.js';
import { newAliases } from '../mail/outgoing/reply-alias.js';
import type { ApplicationActivities, Preparation, PrepareOrder } from '../workflows/contract/application-activities.js';
import { whileHeartbeating } from './heartbeats.js';

export interface ApplicationDependencies {
  archive: Archive;
  importerKeys: ImporterKeys;
  filler: {
    /** What was filled under the same fingerprint for the same application need not be filled again. */
    readonly fingerprint: string;
    fill(application: Application): Promise<FilledOrRefused>;
  };
  /** Whether the UI's list may show company names. */
  companyInSearchAttributes: boolean;
  /** The languages of emails to clients. Default: those that ship with the product. */
  languages?: () => string[];
  /** The broker's email domains, which an account owner must not have. */
  brokerDomains: string[];
  policy: Policy;
  now?: () => Date;
}

export type FilledOrRefused =
  | {
      kind: 'filled';
      pdf: Uint8Array;
      sha256: string;
      pages: number;
      edition: string;
      /** PNG of the filled pages. Only for people: the application is sent even without it. */
      picture?: Uint8Array;
      pictureProblem?: string;
    }
  | { kind: 'refused'; complaints: ValidationIssue[] };

export function createApplicationActivities(dependencies: ApplicationDependencies): ApplicationActivities {
  const { archive, importerKeys, filler, brokerDomains, policy } = dependencies;
  const now = dependencies.now ?? (() => new Date());

  return {
    // With heartbeats throughout: the archive may be slow, and so may the form.
    prepareApplication: (order) => whileHeartbeating(() => prepare(order)),
  };

  async function prepare(order: PrepareOrder): Promise<Preparation> {
    const { workflowId } = activityInfo().workflowExecution ?? { workflowId: 'none' };
    // Checked and claimed here, too: a workflow can be started without our client, and corrections come in later.
    const checked = checkApplication(order.application, { brokerDomains });
    if ('complaints' in checked) return refused('application-refused', checked.complaints);
    const { application, warnings } = checked;
    const language = languageIssue(application, dependencies.languages?.() ?? languages());
    if (language) return refused('application-refused', [language]);
    if (application.route.existingAccount === 'unknown') return refused('route-unknown', [accountUnknown]);
    const taken = await claimImporterNumbers(archive, importerKeys, application, workflowId);
    if (taken) return refused('importer-number-taken', [numberTaken(taken)]);

    const { reference } = application;
    await indexCase(archive, importerKeys, await openCase(reference, workflowId), application);
    await markStarted(reference, workflowId);

    const stored = await (order.form ? fillAndStore : storeApplication)(workflowId, application);
    if ('complaints' in stored) return refused('application-refused', stored.complaints);
    await noteCorrection(reference, workflowId, stored.applicationSha256);

    const alarm = refundAlarm(application.refundDeadline, policy, now());
    return {
      kind: 'ready',
      ...stored,
      warnings: warnings.map(formatIssue),
      listed: {
        company: listedCompany(application, dependencies.companyInSearchAttributes),
        importerKey: importerKeys.keyOf(application.importerNumber),
      },
      timeZone: timeZoneOf(application),
      ...(alarm ? { refundAlarm: alarm } : {}),
      ...(policy.acceptsNarrowerRole ? { acceptsNarrowerRole: true } : {}),
    };
  }

  async function storeApplication(workflowId: string, application: Application): Promise<Stored> {
    return { applicationSha256: await storeOne(archive, { workflowId }, canonical(application)) };
  }

  /** An attempt that begins again, because its worker died or its answer got lost, finds the form on record. */
  async function fillAndStore(workflowId: string, application: Application): Promise<Stored> {
    const document = canonical(application);
    const filledFor = { applicationSha256: sha256Of(document), fingerprint: filler.fingerprint };
    const onRecord = await formOnRecord(workflowId, filledFor);
    if (onRecord) return { applicationSha256: filledFor.applicationSha256, form: onRecord };

    const filled = await filler.fill(application);
    if (filled.kind === 'refused') {
      await storeApplication(workflowId, application);
      return filled;
    }
    const { pdf, picture, pictureProblem, sha256, pages, edition } = filled;
    const { reference } = application;
    if (!picture) log.warn('no picture of the form', { reference, error: pictureProblem });
    const pictures = picture ? [picture] : [];
    const { sha256s } = await storeOwned(archive, { workflowId }, document, pdf, ...pictures);
    const [applicationSha256 = '', , preview] = sha256s;
    const form = { sha256, pages, edition, ...(preview ? { preview } : {}) };
    await archive.replaceRecord(fills.key(workflowId), { ...filledFor, form });
    log.info('form filled', { reference, form: sha256, edition });
    return { applicationSha256, form };
  }

  /** Undefined if it was filled from something else, or if not all of it is in the archive and sound. */
  async function formOnRecord(
    workflowId: string,
    { applicationSha256, fingerprint }: Pick<FillRecord, 'applicationSha256' | 'fingerprint'>,
  ): Promise<FilledForm | undefined> {
    try {
      const record = await read(archive, fills, workflowId);
      if (record?.applicationSha256 !== applicationSha256 || record.fingerprint !== fingerprint) return undefined;
      const { preview, ...form } = record.form;
      for (const sha256 of [applicationSha256, form.sha256, ...(preview ? [preview] : [])])
        await archive.getDocument(sha256);
      return { ...form, ...(preview ? { preview } : {}) };
    } catch (error) {
      if (error instanceof ArchiveError && DAMAGED.includes(error.code)) return undefined;
      throw error;
    }
  }

  /** The case with its reply aliases, which are made only once. */
  async function openCase(reference: string, workflowId: string): Promise<CaseRecord> {
    const opened: CaseRecord = { workflowId, reference, aliases: newAliases() };
    const created = await archive.createRecord(cases.key(workflowId), opened);
    return created.created ? opened : cases.schema.parse(created.existing);
  }

  /** From here on, a repeated start knows that the workflow existed, even if its history is gone. */
  async function markStarted(reference: string, workflowId: string): Promise<void> {
    const record = await read(archive, onboardings, reference);
    if (record?.workflowId === workflowId && record.state === 'starting') {
      await archive.replaceRecord(onboardings.key(reference), { ...record, state: 'started' });
    }
  }

  /** So that the archive has the application as it is now: for searches, letters, and repeated starts. */
  async function noteCorrection(reference: string, workflowId: string, correctedSha256: string): Promise<void> {
    const record = await read(archive, onboardings, reference);
    if (record?.workflowId !== workflowId) return;
    if (correctedSha256 === (record.correctedSha256 ?? record.applicationSha256)) return;
    await archive.replaceRecord(onboardings.key(reference), { ...record, correctedSha256 });
  }
}

const DAMAGED: ArchiveError['code'][] = ['document-missing', 'document-corrupt', 'record-corrupt'];

type FilledForm = NonNullable<Extract<Preparation, { kind: 'ready' }>['form']>;
type Stored = { applicationSha256: string; form?: FilledForm } | { complaints: ValidationIssue[] };
type Refusal = Extract<Preparation, { kind: 'refused' }>;

function refused(why: Refusal['why'], complaints: ValidationIssue[]): Refusal {
  return { kind: 'refused', why, complaints };
}

const accountUnknown: ValidationIssue = {
  field: 'route.existingAccount',
  problem:
    'It is unknown whether the importer has an ACE account, and CBP refuses a second account for the same number.',
  remedy:
    'Ask the client, or ask ACE.Support@cbp.dhs.gov for a trade account owner lookup. Then correct the application to none or yes.',
};

function numberTaken(taken: { importerNumber: string; reference: string }): ValidationIssue {
  return {
    field: 'importerNumber',
    problem: `${maskedImporterNumber(taken.importerNumber)} belongs to the onboarding ${taken.reference}.`,
    remedy: `Continue with ${taken.reference} (ace-onboarding show, or reopen if it is closed), or correct the number here.`,
  };
}
