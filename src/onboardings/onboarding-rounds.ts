import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Application } from '../application/application.js';
import { applicationIn } from '../application/canonical.js';
import { onboardingOf, workflowIdOf } from '../application/reference.js';
import type { Archive, RecordKey } from '../archive/archive.js';
import type { EncryptedArchive } from '../archive/encrypted-archive.js';
import type { ImporterKeys } from '../archive/importer-key.js';
import { documentRefs, onboardings, read, recordsBelow, type StartedOnboarding } from '../archive/records.js';
import type { ClientConfig } from '../config/read-config.js';
import { grpcCodeOf } from '../temporal/grpc-code.js';
import { applicationsInHistory } from './applications-in-history.js';
import { forgotten } from './forget.js';
import { OnboardingError } from './onboarding-error.js';

export interface RoundsOptions {
  temporal: Client;
  archive: Archive & Pick<EncryptedArchive, 'removeDocument'>;
  importerKeys: ImporterKeys;
  config: ClientConfig;
}

/** `never-started`: its record was written, but the server never took the workflow, perhaps because it was down. */
export type RoundStatus = 'running' | 'closed' | 'never-started';

/** What the archive and the server know about each client's rounds. `OnboardingStarter` starts them. */
export class OnboardingRounds {
  private readonly temporal: Client;
  private readonly archive: RoundsOptions['archive'];
  private readonly config: ClientConfig;

  constructor({ temporal, archive, config }: RoundsOptions) {
    this.temporal = temporal;
    this.archive = archive;
    this.config = config;
  }

  /**
   * The client's latest round; undefined if there is none.
   * @throws OnboardingError `not-found` if no client can have this reference
   */
  async recordOf(reference: string): Promise<StartedOnboarding | undefined> {
    if (!onboardingOf(workflowIdOf(reference)))
      throw new OnboardingError(
        'not-found',
        `There is no onboarding ${reference}: a reference has only letters, digits, and hyphens.`,
      );
    return await read(this.archive, onboardings, reference);
  }

  /** Asks the server first. Histories are deleted after retention; from then on the archive's record counts. */
  async statusOf(record: StartedOnboarding): Promise<RoundStatus> {
    try {
      const { status } = await this.temporal.workflow.getHandle(record.workflowId).describe();
      return status.name === 'RUNNING' ? 'running' : 'closed';
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      return record.state === 'starting' ? 'never-started' : 'closed';
    }
  }

  /** The application with its corrections. The history comes first: it has them before a worker has checked them. */
  async presentApplication(record: StartedOnboarding): Promise<Application> {
    try {
      return (await applicationsInHistory(this.temporal, record.workflowId)).present;
    } catch (error) {
      if (grpcCodeOf(error) !== NOT_FOUND) throw error;
      return await this.archivedApplicationOf(record);
    }
  }

  /** As the archive has it, for searches. The history may have a newer one that no worker has checked yet. */
  archivedApplicationOf({ correctedSha256, applicationSha256 }: StartedOnboarding): Promise<Application> {
    return this.archivedApplication(correctedSha256 ?? applicationSha256);
  }

  startedApplication({ applicationSha256 }: StartedOnboarding): Promise<Application> {
    return this.archivedApplication(applicationSha256);
  }

  /** @throws OnboardingError `forgotten` if the client's latest round was deleted */
  async refuseForgotten(record: StartedOnboarding, cause?: unknown): Promise<void> {
    const { reference } = record;
    const done = await this.forgottenAs(record);
    if (!done) return;
    throw new OnboardingError(
      'forgotten',
      `${reference} was forgotten on ${done.at.slice(0, 10)}: its data is deleted, and no other client can use its importer number. To apply for the client again, use ace-onboarding reopen with a complete application.`,
      { cause },
    );
  }

  async isForgotten(record: StartedOnboarding): Promise<boolean> {
    return (await this.forgottenAs(record)) !== undefined;
  }

  /** Records that name documents of one round. */
  documentRefsOf(workflowId: string) {
    return recordsBelow(this.archive, documentRefs.key(workflowId, ''), documentRefs);
  }

  /** Whether forgetting the client would find this document, leaving aside the record `except`. */
  async ownsDocument(reference: string, sha256: string, except?: RecordKey): Promise<boolean> {
    const record = await read(this.archive, onboardings, reference);
    if (!record || (await this.isForgotten(record))) return false;
    if (record.applicationSha256 === sha256 || record.correctedSha256 === sha256) return true;
    for (let round = 1; round <= record.round; round++)
      for await (const { key, record: refs } of this.documentRefsOf(workflowIdOf(record.reference, round)))
        if (key !== except && refs.documents.includes(sha256)) return true;
    return false;
  }

  /** The onboarding's page in the Temporal Web UI. */
  urlOf(workflowId: string): string {
    const { namespace } = this.temporal.options;
    return `${this.config.uiUrl.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
  }

  private async forgottenAs({ reference, round }: StartedOnboarding) {
    const done = await read(this.archive, forgotten, reference);
    return done && done.round >= round ? done : undefined;
  }

  private async archivedApplication(sha256: string): Promise<Application> {
    return applicationIn(await this.archive.getDocument(sha256));
  }
}

/** gRPC. */
const NOT_FOUND = 5;
