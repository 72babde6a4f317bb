import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import type { Application } from '../application/application.js';
import { listedCompany, refundDeadlineOf } from '../application/application.js';
import { canonical, changedFields } from '../application/canonical.js';
import { maskedImporterNumber } from '../application/importer-number.js';
import { onboardingOf, workflowIdOf } from '../application/reference.js';
import type { ValidationIssue } from '../application/validation-issue.js';
import type { Archive, RecordKey } from '../archive/archive.js';
import { claimImporterNumbers, releaseImporterNumbers } from '../archive/claim-importer-numbers.js';
import type { EncryptedArchive } from '../archive/encrypted-archive.js';
import type { ImporterKeys } from '../archive/importer-key.js';
import { nameOwner, storeOwned } from '../archive/owned-document.js';
import { documentRefs, onboardings, read, recordsBelow, type StartedOnboarding } from '../archive/records.js';
import type { ClientConfig } from '../config/read-config.js';
import { grpcCodeOf } from '../temporal/grpc-code.js';
import type { Reopened } from '../workflows/contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../workflows/contract/search-attributes.js';
import type { onboardImporter } from '../workflows/onboarding/onboard-importer.js';
import { applicationsInHistory } from './applications-in-history.js';
import { forgotten } from './forget.js';
import { OnboardingError } from './onboarding-error.js';

export interface StartAnswer {
  reference: string;
  workflowId: string;
  /** `running` and `closed`: it had been started before, and nothing was started now. */
  status: 'started' | 'running' | 'closed';
  /** The onboarding in the Temporal Web UI. */
  url: string;
  warnings: ValidationIssue[];
}

export interface RoundsOptions {
  temporal: Client;
  archive: Archive & Pick<EncryptedArchive, 'removeDocument'>;
  importerKeys: ImporterKeys;
  config: ClientConfig;
}

/**
 * What was started for each client, round by round, and starting it: once, whoever asks how often, and with nothing kept
 * of what was not started.
 */
export class OnboardingRounds {
  private readonly temporal: Client;
  private readonly archive: RoundsOptions['archive'];
  private readonly keys: ImporterKeys;
  private readonly config: ClientConfig;

  constructor({ temporal, archive, importerKeys, config }: RoundsOptions) {
    this.temporal = temporal;
    this.archive = archive;
    this.keys = importerKeys;
    this.config = config;
  }

  /**
   * Starts the first round, or says what became of it.
   * @throws OnboardingError `application-differs`, `importer-number-taken`, `forgotten`
   */
  async start(application: Application, warnings: ValidationIssue[]): Promise<StartAnswer> {
    return await this.archivedIfStarted(application, (sha256) => this.startFirst(application, sha256, warnings));
  }

  /**
   * Starts the next round of a closed onboarding.
   * @param why who reopens it and why, for people
   * @throws OnboardingError `not-found`, `refused`, `application-differs`, `importer-number-taken`
   */
  async reopen(application: Application, warnings: ValidationIssue[], why: Reopened): Promise<StartAnswer> {
    const earlier = await read(this.archive, onboardings, application.reference);
    if (!earlier)
      throw new OnboardingError('not-found', `There is no onboarding ${application.reference} to reopen. Start it.`);
    const status = await this.statusOf(earlier);
    // A round that the server never took, perhaps because it was down, is the one to start.
    const again = status === 'never-started' && earlier.round > 1;
    if (status !== 'closed' && !again)
      throw new OnboardingError(
        'refused',
        status === 'running'
          ? `${earlier.workflowId} is running: only a closed onboarding can be reopened.`
          : `${earlier.workflowId} was never started. Start it with ace-onboarding start.`,
      );
    return await this.archivedIfStarted(application, async (applicationSha256) => {
      await this.keep(earlier.workflowId, earlier.applicationSha256);
      const round = again ? earlier.round : earlier.round + 1;
      const record = startingRound(earlier.reference, round, applicationSha256);
      await this.archive.replaceRecord(onboardings.key(application.reference), record);
      return await this.startRound(application, record, warnings, { why, earlier });
    });
  }

  /** The onboarding's page in the Temporal Web UI. */
  urlOf(workflowId: string): string {
    const { namespace } = this.temporal.options;
    return `${this.config.uiUrl.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
  }

  private async startFirst(
    application: Application,
    applicationSha256: string,
    warnings: ValidationIssue[],
  ): Promise<StartAnswer> {
    const record = startingRound(application.reference, 1, applicationSha256);
    const created = await this.archive.createRecord(onboardings.key(application.reference), record);
    if (created.created) return await this.startRound(application, record, warnings);

    const earlier = onboardings.schema.parse(created.existing);
    await this.refuseForgotten(earlier);
    const status = await this.statusOf(earlier);
    if (status === 'never-started') return await this.startAfterAll(application, earlier, record, warnings);
    if (earlier.round === 1) await this.refuseOtherData(application, earlier, status);
    return { ...this.named(earlier.workflowId, application.reference), status, warnings };
  }

  /** @throws OnboardingError `forgotten` when its last round was. */
  async refuseForgotten(record: StartedOnboarding, cause?: unknown): Promise<void> {
    const { reference } = record;
    const done = await this.wasForgotten(record);
    if (!done) return;
    throw new OnboardingError(
      'forgotten',
      `${reference} was forgotten on ${done.at.slice(0, 10)}: its data is deleted, and its importer number stays taken by it. To apply for the client again, with a whole application: ace-onboarding reopen.`,
      { cause },
    );
  }

  private async wasForgotten({ reference, round }: StartedOnboarding) {
    const done = await read(this.archive, forgotten, reference);
    return done && done.round >= round ? done : undefined;
  }

  private async refuseOtherData(
    application: Application,
    earlier: StartedOnboarding,
    status: 'running' | 'closed' | 'never-started',
  ): Promise<void> {
    const changed = (data: Application) => changedFields(data, application).filter((field) => field !== 'reference');
    if (changed(await this.startedWith(earlier)).length === 0) return;
    const fields = changed(await this.presentApplication(earlier));
    if (fields.length === 0) return;
    const remedy = {
      running: 'Send a correction to the running onboarding (ace-onboarding correct)',
      closed: 'It is closed: to apply again use ace-onboarding reopen',
      'never-started': 'Perhaps somebody starts it this very minute: look again in a few minutes',
    }[status];
    throw new OnboardingError(
      'application-differs',
      `${application.reference} was started before with other data: ${fields.join(', ')}. ${remedy}, or choose a reference of its own for another client.`,
      { fields },
    );
  }

  /** Corrections come in more ways than through this client, so the history is asked first. */
  async presentApplication(record: StartedOnboarding): Promise<Application> {
    try {
      return (await applicationsInHistory(this.temporal, record.workflowId)).present;
    } catch (error) {
      if (grpcCodeOf(error) !== NOT_FOUND) throw error;
      return await this.archived(record.correctedSha256 ?? record.applicationSha256);
    }
  }

  private startedWith({ applicationSha256 }: StartedOnboarding): Promise<Application> {
    return this.archived(applicationSha256);
  }

  private async archived(sha256: string): Promise<Application> {
    return JSON.parse(Buffer.from(await this.archive.getDocument(sha256)).toString('utf8')) as Application;
  }

  /** For when the history is gone: the corrected data may still be imported again. */
  async keepCorrected(application: Application): Promise<void> {
    const record = await read(this.archive, onboardings, application.reference);
    if (!record) return;
    const { sha256s } = await storeOwned(this.archive, record, canonical(application));
    const [sha256 = ''] = sha256s;
    await this.archive.replaceRecord(onboardings.key(record.reference), { ...record, correctedSha256: sha256 });
  }

  /**
   * Starts what the server never took, perhaps because it was down: with the data of now, unless somebody else may be
   * starting it with other data at this moment.
   */
  private async startAfterAll(
    application: Application,
    earlier: StartedOnboarding,
    record: StartedOnboarding,
    warnings: ValidationIssue[],
  ): Promise<StartAnswer> {
    const sameData = earlier.applicationSha256 === record.applicationSha256;
    if (earlier.round > 1 || sameData) return await this.startRound(application, earlier, warnings);
    const underWay = Date.now() - Date.parse(earlier.startedAt) < A_START_TAKES_MS;
    if (underWay) await this.refuseOtherData(application, earlier, 'never-started');
    await releaseImporterNumbers(this.archive, this.keys, await this.startedWith(earlier), earlier.workflowId);
    await this.keep(earlier.workflowId, earlier.applicationSha256);
    await this.archive.replaceRecord(onboardings.key(application.reference), record);
    return await this.startRound(application, record, warnings);
  }

  /**
   * Archives an application to start with. Its owner is named for as long as nothing else of the client may name it; what
   * was not started with it is not kept.
   */
  private async archivedIfStarted(
    application: Application,
    start: (applicationSha256: string) => Promise<StartAnswer>,
  ): Promise<StartAnswer> {
    const { reference } = application;
    const owner = { workflowId: workflowIdOf(reference) };
    const { sha256s, ownerKey } = await storeOwned(this.archive, owner, canonical(application));
    const [sha256 = ''] = sha256s;
    let started = false;
    try {
      const answer = await start(sha256);
      started = answer.status === 'started';
      return answer;
    } finally {
      if (!started && !(await this.isNamed(reference, sha256, ownerKey))) await this.archive.removeDocument(sha256);
      await this.archive.removeRecord(ownerKey);
    }
  }

  /** Whether forgetting the client would find a document of it, leaving aside one record that names it. */
  private async isNamed(reference: string, sha256: string, aside: RecordKey): Promise<boolean> {
    const record = await read(this.archive, onboardings, reference);
    if (!record || (await this.wasForgotten(record))) return false;
    if (record.applicationSha256 === sha256 || record.correctedSha256 === sha256) return true;
    for (let round = 1; round <= record.round; round++)
      for await (const { key, record: paper } of this.papersOf(workflowIdOf(record.reference, round)))
        if (key !== aside && paper.documents.includes(sha256)) return true;
    return false;
  }

  private papersOf(workflowId: string) {
    return recordsBelow(this.archive, documentRefs.key(workflowId, ''), documentRefs);
  }

  /** Of a first round that was never started. What names documents goes after them. */
  private async leaveNoTrace({ reference, workflowId, applicationSha256 }: StartedOnboarding): Promise<void> {
    for await (const { key, record: paper } of this.papersOf(workflowId)) {
      for (const sha256 of paper.documents) await this.archive.removeDocument(sha256);
      await this.archive.removeRecord(key);
    }
    await this.archive.removeDocument(applicationSha256);
    await this.archive.removeRecord(onboardings.key(reference));
  }

  /** So that an application that no record names any more can be found, and forgotten. */
  private async keep(workflowId: string, applicationSha256: string): Promise<void> {
    await nameOwner(this.archive, { workflowId }, [applicationSha256]);
  }

  /** What the server, or failing that the archive, knows of a round. */
  private async statusOf(record: StartedOnboarding): Promise<'running' | 'closed' | 'never-started'> {
    try {
      const { status } = await this.temporal.workflow.getHandle(record.workflowId).describe();
      return status.name === 'RUNNING' ? 'running' : 'closed';
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      return record.state === 'starting' ? 'never-started' : 'closed';
    }
  }

  private async startRound(
    application: Application,
    record: StartedOnboarding,
    warnings: ValidationIssue[],
    reopened?: { why: Reopened; earlier: StartedOnboarding },
  ): Promise<StartAnswer> {
    const { workflowId, round } = record;
    const key = onboardings.key(application.reference);
    const taken = await claimImporterNumbers(this.archive, this.keys, application, workflowId);
    if (taken) {
      // A further round goes back to what it was.
      if (round === 1) await this.leaveNoTrace(record);
      else if (reopened) await this.archive.replaceRecord(key, reopened.earlier);
      throw new OnboardingError(
        'importer-number-taken',
        `${maskedImporterNumber(taken.importerNumber)} belongs to the onboarding ${taken.reference}. One importer number has one onboarding.`,
      );
    }
    const named = this.named(workflowId, application.reference);
    try {
      await this.temporal.workflow.start<typeof onboardImporter>('onboardImporter', {
        workflowId,
        taskQueue: this.config.taskQueue,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        args: reopened ? [application, round, reopened.why] : [application, round],
        staticSummary: `ACE account for ${listedCompany(application, this.config.companyInSearchAttributes)}`,
        typedSearchAttributes: this.attributesOf(application),
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // Somebody else was first at the same moment: what runs is theirs.
      const status = (await this.statusOf(record)) === 'running' ? 'running' : 'closed';
      const { started } = await applicationsInHistory(this.temporal, workflowId);
      const { sha256s, ownerKey } = await storeOwned(this.archive, record, canonical(started));
      const theirs: StartedOnboarding = { ...record, applicationSha256: sha256s[0] ?? '', state: 'started' };
      await this.archive.replaceRecord(key, theirs);
      await this.archive.removeRecord(ownerKey);
      await this.refuseOtherData(application, theirs, status);
      return { ...named, status, warnings };
    }
    await this.archive.replaceRecord(key, { ...record, state: 'started' });
    return { ...named, status: 'started', warnings };
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

  async recordOf(reference: string): Promise<StartedOnboarding | undefined> {
    if (!onboardingOf(workflowIdOf(reference)))
      throw new OnboardingError(
        'not-found',
        `There is no onboarding ${reference}: a reference has letters, digits and hyphens alone.`,
      );
    return await read(this.archive, onboardings, reference);
  }

  private named(workflowId: string, reference: string): Pick<StartAnswer, 'reference' | 'workflowId' | 'url'> {
    return { reference, workflowId, url: this.urlOf(workflowId) };
  }
}

function startingRound(reference: string, round: number, applicationSha256: string): StartedOnboarding {
  const workflowId = workflowIdOf(reference, round);
  return { reference, workflowId, round, applicationSha256, state: 'starting', startedAt: new Date().toISOString() };
}

/** Nobody is still starting an onboarding after that. */
const A_START_TAKES_MS = 5 * 60_000;
/** gRPC. */
const NOT_FOUND = 5;
