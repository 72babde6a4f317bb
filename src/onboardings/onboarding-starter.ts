import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import { type Application, listedCompany, refundDeadlineOf } from '../application/application.js';
import { canonical } from '../application/canonical.js';
import { changedFields } from '../application/cbp-fields.js';
import { maskedImporterNumber } from '../application/importer-number.js';
import { workflowIdOf } from '../application/reference.js';
import type { ValidationIssue } from '../application/validation-issue.js';
import type { RecordKey } from '../archive/archive.js';
import { claimImporterNumbers, releaseImporterNumbers } from '../archive/claim-importer-numbers.js';
import type { ImporterKeys } from '../archive/importer-key.js';
import { nameOwner, storeOwned } from '../archive/owned-document.js';
import { onboardings, read, type StartedOnboarding } from '../archive/records.js';
import type { ClientConfig } from '../config/read-config.js';
import type { Reopened } from '../workflows/contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../workflows/contract/search-attributes.js';
import type { onboardImporter } from '../workflows/onboarding/onboard-importer.js';
import { applicationsInHistory } from './applications-in-history.js';
import { OnboardingError } from './onboarding-error.js';
import type { OnboardingRounds, RoundStatus, RoundsOptions } from './onboarding-rounds.js';

export interface StartAnswer {
  reference: string;
  workflowId: string;
  /** `running` and `closed`: it was started before, and nothing was started now. */
  status: 'started' | 'running' | 'closed';
  /** The onboarding in the Temporal Web UI. */
  url: string;
  warnings: ValidationIssue[];
}

/** An application in the archive that no round names yet. */
interface Draft {
  application: Application;
  sha256: string;
  /** Names its owner until the round's record does. */
  ownerKey: RecordKey;
}

/**
 * Starts an onboarding once, no matter how often or by how many people it is asked to, and keeps nothing of what it did
 * not start. `start` and `reopen` take the same steps, in the order in which they appear below: store the application,
 * write the round's record, claim the importer numbers, start the workflow, drop what is not needed. After a crash at any
 * step, the next call finishes the work.
 */
export class OnboardingStarter {
  private readonly temporal: Client;
  private readonly archive: RoundsOptions['archive'];
  private readonly keys: ImporterKeys;
  private readonly config: ClientConfig;

  constructor(
    { temporal, archive, importerKeys, config }: RoundsOptions,
    private readonly rounds: OnboardingRounds,
  ) {
    this.temporal = temporal;
    this.archive = archive;
    this.keys = importerKeys;
    this.config = config;
  }

  /**
   * Starts the first round, or reports the status of the one that exists.
   * @throws OnboardingError `application-differs`, `importer-number-taken`, `forgotten`
   */
  async start(application: Application, warnings: ValidationIssue[]): Promise<StartAnswer> {
    const draft = await this.store(application);
    try {
      const { record, status } = await this.roundToStart(draft);
      if (status !== 'never-started') return this.answer(draft, record, status, warnings);
      await this.claimNumbers(draft, record, () => this.removeFirstRound(record));
      return this.answer(draft, record, await this.startWorkflow(draft, record), warnings);
    } finally {
      await this.dropUnlessOwned(draft);
    }
  }

  /**
   * Starts the next round of a closed onboarding.
   * @param why who reopens it and why, for people
   * @throws OnboardingError `not-found`, `refused`, `application-differs`, `importer-number-taken`
   */
  async reopen(application: Application, warnings: ValidationIssue[], why: Reopened): Promise<StartAnswer> {
    const { earlier, round } = await this.roundToReopen(application.reference);
    const draft = await this.store(application);
    try {
      await nameOwner(this.archive, earlier, [earlier.applicationSha256]);
      const record = startingRound(earlier.reference, round, draft.sha256);
      await this.write(record);
      await this.claimNumbers(draft, record, () => this.write(earlier));
      return this.answer(draft, record, await this.startWorkflow(draft, record, why), warnings);
    } finally {
      await this.dropUnlessOwned(draft);
    }
  }

  private async store(application: Application): Promise<Draft> {
    const owner = { workflowId: workflowIdOf(application.reference) };
    const { sha256s, ownerKey } = await storeOwned(this.archive, owner, canonical(application));
    const [sha256 = ''] = sha256s;
    return { application, sha256, ownerKey };
  }

  /** The round that has the reference; a new first one if there was none. `never-started` means start it now. */
  private async roundToStart(draft: Draft): Promise<{ record: StartedOnboarding; status: RoundStatus }> {
    const { application, sha256 } = draft;
    const record = startingRound(application.reference, 1, sha256);
    const created = await this.archive.createRecord(onboardings.key(application.reference), record);
    if (created.created) return { record, status: 'never-started' };

    const earlier = onboardings.schema.parse(created.existing);
    await this.rounds.refuseForgotten(earlier);
    const status = await this.rounds.statusOf(earlier);
    if (status !== 'never-started') {
      if (earlier.round === 1) await this.refuseOtherData(application, earlier, status);
      return { record: earlier, status };
    }
    if (earlier.round > 1 || earlier.applicationSha256 === sha256) return { record: earlier, status };
    await this.replaceNeverStarted(application, earlier, record);
    return { record, status };
  }

  /** Other data may replace a start that failed, unless someone else may still be starting it. */
  private async replaceNeverStarted(
    application: Application,
    earlier: StartedOnboarding,
    record: StartedOnboarding,
  ): Promise<void> {
    const underWay = Date.now() - Date.parse(earlier.startedAt) < MAX_START_MS;
    if (underWay) await this.refuseOtherData(application, earlier, 'never-started');
    const before = await this.rounds.startedApplication(earlier);
    await releaseImporterNumbers(this.archive, this.keys, before, earlier.workflowId);
    await nameOwner(this.archive, earlier, [earlier.applicationSha256]);
    await this.write(record);
  }

  /** The round to follow, and the number of the next one: the same again if the server never took it and no one deleted it. */
  private async roundToReopen(reference: string): Promise<{ earlier: StartedOnboarding; round: number }> {
    const earlier = await read(this.archive, onboardings, reference);
    if (!earlier)
      throw new OnboardingError('not-found', `There is no onboarding ${reference} to reopen. Start it instead.`);
    const status = await this.rounds.statusOf(earlier);
    if (status === 'closed' || (status === 'never-started' && (await this.rounds.isForgotten(earlier))))
      return { earlier, round: earlier.round + 1 };
    if (status === 'never-started' && earlier.round > 1) return { earlier, round: earlier.round };
    throw new OnboardingError(
      'refused',
      status === 'running'
        ? `${earlier.workflowId} is running. Only a closed onboarding can be reopened.`
        : `${earlier.workflowId} was never started. Start it with ace-onboarding start.`,
    );
  }

  /** Accepts data that the onboarding started with or has now. @throws OnboardingError `application-differs` */
  private async refuseOtherData(
    application: Application,
    earlier: StartedOnboarding,
    status: RoundStatus,
  ): Promise<void> {
    const changed = (data: Application) =>
      changedFields(data, application)
        .map(({ field }) => field)
        .filter((field) => field !== 'reference');
    if (changed(await this.rounds.startedApplication(earlier)).length === 0) return;
    const fields = changed(await this.rounds.presentApplication(earlier));
    if (fields.length === 0) return;
    throw new OnboardingError(
      'application-differs',
      `${application.reference} was started before with other data: ${fields.join(', ')}. ${WHAT_TO_DO_INSTEAD[status]}. If this is another client, choose another reference.`,
      { fields },
    );
  }

  /** @param undo takes back the round's record @throws OnboardingError `importer-number-taken` */
  private async claimNumbers(draft: Draft, record: StartedOnboarding, undo: () => Promise<void>): Promise<void> {
    const taken = await claimImporterNumbers(this.archive, this.keys, draft.application, record.workflowId);
    if (!taken) return;
    if ((await this.rounds.statusOf(record)) !== 'never-started') await this.recordRunning(record);
    else if (await this.isStillStarting(record)) await undo();
    throw new OnboardingError(
      'importer-number-taken',
      `${maskedImporterNumber(taken.importerNumber)} belongs to the onboarding ${taken.reference}. Each importer number can have only one onboarding.`,
    );
  }

  /** False if someone else is about to start the round with other data. */
  private async isStillStarting({ reference, applicationSha256 }: StartedOnboarding): Promise<boolean> {
    const now = await read(this.archive, onboardings, reference);
    return now?.state === 'starting' && now.applicationSha256 === applicationSha256;
  }

  /** Removes a first round that was never started. The records that name documents go after the documents. */
  private async removeFirstRound({
    reference,
    round,
    workflowId,
    applicationSha256,
  }: StartedOnboarding): Promise<void> {
    if (round > 1) return;
    for await (const { key, record: refs } of this.rounds.documentRefsOf(workflowId)) {
      for (const sha256 of refs.documents) await this.archive.removeDocument(sha256);
      await this.archive.removeRecord(key);
    }
    await this.archive.removeDocument(applicationSha256);
    await this.archive.removeRecord(onboardings.key(reference));
  }

  private async startWorkflow(
    { application, sha256 }: Draft,
    record: StartedOnboarding,
    reopened?: Reopened,
  ): Promise<StartAnswer['status']> {
    const { workflowId, round } = record;
    try {
      await this.temporal.workflow.start<typeof onboardImporter>('onboardImporter', {
        workflowId,
        taskQueue: this.config.taskQueue,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        args: reopened ? [application, round, reopened] : [application, round],
        staticSummary: `ACE account for ${listedCompany(application, this.config.companyInSearchAttributes)}`,
        typedSearchAttributes: this.attributesOf(application),
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return await this.acceptRunning(application, record);
    }
    // A later round that never started keeps its record until now, but this data is what it has started with.
    if (record.applicationSha256 !== sha256) await nameOwner(this.archive, record, [record.applicationSha256]);
    await this.write({ ...record, applicationSha256: sha256, state: 'started' });
    return 'started';
  }

  private attributesOf(application: Application): SearchAttributePair[] {
    const a = SEARCH_ATTRIBUTES;
    const refundDeadline = refundDeadlineOf(application);
    return [
      { key: a.onboardingStage, value: 'preparing' },
      { key: a.waitingOn, value: 'nobody' },
      { key: a.clientReference, value: application.reference },
      { key: a.company, value: listedCompany(application, this.config.companyInSearchAttributes) },
      { key: a.importerKey, value: this.keys.keyOf(application.importerNumber) },
      ...(application.handler ? [{ key: a.handler, value: application.handler }] : []),
      ...(refundDeadline ? [{ key: a.refundDeadline, value: refundDeadline }] : []),
    ];
  }

  /** Someone else started it at the same moment, so their data counts. */
  private async acceptRunning(application: Application, record: StartedOnboarding): Promise<'running' | 'closed'> {
    const status = (await this.rounds.statusOf(record)) === 'running' ? 'running' : 'closed';
    await this.refuseOtherData(application, await this.recordRunning(record), status);
    return status;
  }

  /** Writes the record of a round that someone else started, with the data that they started it with. */
  private async recordRunning(record: StartedOnboarding): Promise<StartedOnboarding> {
    const { started } = await applicationsInHistory(this.temporal, record.workflowId);
    const { sha256s, ownerKey } = await storeOwned(this.archive, record, canonical(started));
    const theirs: StartedOnboarding = { ...record, applicationSha256: sha256s[0] ?? '', state: 'started' };
    await this.write(theirs);
    await this.archive.removeRecord(ownerKey);
    return theirs;
  }

  private async write(record: StartedOnboarding): Promise<void> {
    await this.archive.replaceRecord(onboardings.key(record.reference), record);
  }

  private async dropUnlessOwned({ application, sha256, ownerKey }: Draft): Promise<void> {
    const isOwned = (except?: RecordKey) => this.rounds.ownsDocument(application.reference, sha256, except);
    const drop = async (except?: RecordKey) => {
      await this.archive.removeDocument(sha256);
      // A worker may store the same bytes at the same moment. It names them first, so it shows here.
      if (await isOwned(except)) await this.archive.removeRecord((await this.store(application)).ownerKey);
    };
    const owned = await isOwned(ownerKey);
    if (!owned) await drop(ownerKey);
    await this.archive.removeRecord(ownerKey);
    // The owner may have been someone who also started nothing with the same data, and who took us for the owner.
    if (owned && !(await isOwned())) await drop();
  }

  private answer(
    { application: { reference } }: Draft,
    { workflowId }: StartedOnboarding,
    status: StartAnswer['status'],
    warnings: ValidationIssue[],
  ): StartAnswer {
    return { reference, workflowId, url: this.rounds.urlOf(workflowId), status, warnings };
  }
}

function startingRound(reference: string, round: number, applicationSha256: string): StartedOnboarding {
  const workflowId = workflowIdOf(reference, round);
  return { reference, workflowId, round, applicationSha256, state: 'starting', startedAt: new Date().toISOString() };
}

const WHAT_TO_DO_INSTEAD: Record<RoundStatus, string> = {
  running: 'Send a correction to the running onboarding (ace-onboarding correct)',
  closed: 'It is closed; to apply again, use ace-onboarding reopen',
  'never-started': 'Someone may be starting it right now, so check again in a few minutes',
};

/** A start that is older than this has failed. */
const MAX_START_MS = 5 * 60_000;
