import { activityInfo, log } from '@temporalio/activity';
import { type Application, listedCompany } from '../application/application.js';
import { canonical } from '../application/canonical.js';
import { maskedImporterNumber } from '../application/importer-number.js';
import { checkApplication } from '../application/schema.js';
import { timeZoneOf } from '../application/time-zone.js';
import { formatIssue, type ValidationIssue } from '../application/validation-issue.js';
import type { Archive } from '../archive/archive.js';
import { claimImporterNumbers } from '../archive/claim-importer-numbers.js';
import type { ImporterKeys } from '../archive/importer-key.js';
import { indexCase } from '../archive/index-case.js';
import { storeOwned } from '../archive/owned-document.js';
import { type CaseRecord, cases, onboardings, read } from '../archive/records.js';
import type { Policy } from '../calendar/policy.js';
import { refundAlarm } from '../calendar/schedule.js';
import { languageIssue, languages } from '../mail/outgoing/compose/templates.js';
import { newAliases } from '../mail/outgoing/reply-alias.js';
import type { ApplicationActivities, Preparation, PrepareOrder } from '../workflows/contract/application-activities.js';
import { whileHeartbeating } from './heartbeats.js';

export interface ApplicationDependencies {
  archive: Archive;
  importerKeys: ImporterKeys;
  fillForm: (application: Application) => Promise<FilledOrRefused>;
  /** A picture (PNG) of the filled pages, for people. */
  picture: (pdf: Uint8Array) => Promise<Uint8Array>;
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
  | { kind: 'filled'; pdf: Uint8Array; sha256: string; pages: number; edition: string }
  | { kind: 'refused'; complaints: ValidationIssue[] };

export function createApplicationActivities(dependencies: ApplicationDependencies): ApplicationActivities {
  const { archive, importerKeys, fillForm, picture, brokerDomains, policy } = dependencies;
  const now = dependencies.now ?? (() => new Date());

  return {
    // With heartbeats throughout: when many start at once, each waits for the disk and the form.
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

    const form = order.form ? await fillForm(application) : undefined;
    const filled = form?.kind === 'filled' ? form : undefined;
    const image = filled && (await pictured(filled.pdf));
    const documents = [...(filled ? [filled.pdf] : []), ...(image ? [image] : [])];
    const { sha256s } = await storeOwned(archive, { workflowId }, canonical(application), ...documents);
    if (form?.kind === 'refused') return refused('application-refused', form.complaints);

    const [applicationSha256 = '', , preview] = sha256s;
    const alarm = refundAlarm(application.refundDeadline, policy, now());
    const ready: Ready = {
      kind: 'ready',
      warnings: warnings.map(formatIssue),
      listed: {
        company: listedCompany(application, dependencies.companyInSearchAttributes),
        importerKey: importerKeys.keyOf(application.importerNumber),
      },
      applicationSha256,
      timeZone: timeZoneOf(application),
      ...(alarm ? { refundAlarm: alarm } : {}),
      ...(policy.acceptsNarrowerRole ? { acceptsNarrowerRole: true } : {}),
    };
    if (!filled) return ready;
    const { sha256, pages, edition } = filled;
    log.info('form filled', { reference, form: sha256, edition });
    return { ...ready, form: { sha256, pages, edition, ...(preview ? { preview } : {}) } };
  }

  /** Only for people: the application is sent even without a picture. */
  async function pictured(pdf: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return await picture(pdf);
    } catch (error) {
      log.warn('no picture of the form', { error });
      return undefined;
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
}

type Ready = Extract<Preparation, { kind: 'ready' }>;
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
