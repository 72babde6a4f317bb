import {
  type Client,
  isGrpcServiceError,
  QueryNotRegisteredError,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { SearchAttributePair, UpdateDefinition } from '@temporalio/common';
import type { Application } from './application/application.js';
import { changedFields } from './application/changed-fields.js';
import { type Complaint, complain } from './application/complaint.js';
import { maskedImporterNumber } from './application/importer-number.js';
import { listedCompany } from './application/listed-company.js';
import { onboardingOf, workflowIdOf } from './application/reference.js';
import { refundDeadlineOf } from './application/refund-deadline.js';
import { checkApplication } from './application/schema.js';
import type { Archive, RecordKey } from './archive/archive.js';
import { claimImporterNumbers, releaseImporterNumbers } from './archive/claim-importer-numbers.js';
import type { EncryptedArchive } from './archive/encrypted-archive.js';
import { type ImporterKeys, openImporterKeys } from './archive/importer-key.js';
import { openArchive } from './archive/open-archive.js';
import { type OnboardingRecord, onboardings, papers, read } from './archive/records.js';
import { type ClientConfig, readClientConfig } from './config.js';
import { forgotten } from './forget.js';
import { problemWithActor, VERIFIED_BY } from './stated-actor.js';
import { applicationsInHistory } from './temporal/applications-in-history.js';
import { bearerTokens, InvalidToken } from './temporal/bearer-tokens.js';
import { connectClient } from './temporal/connect.js';
import { SEARCH_ATTRIBUTES } from './temporal/search-attributes.js';
import { updateOnce } from './temporal/update-once.js';
import * as messages from './workflows/messages.js';
import type { onboardImporter } from './workflows/onboard-importer.js';
import type { Progress } from './workflows/progress.js';

/**
 * The typed client for back-office code, and the core of the command line. The only place that knows how an onboarding
 * is started, found and spoken to.
 */

export interface StartAnswer {
  reference: string;
  workflowId: string;
  /** `running` and `closed`: it had been started before, and nothing was started now. */
  status: 'started' | 'running' | 'closed';
  /** The onboarding in the Temporal Web UI. */
  url: string;
  warnings: Complaint[];
}

export interface ListedOnboarding {
  reference: string;
  workflowId: string;
  company?: string;
  stage?: messages.OnboardingStage;
  waitingOn?: messages.WaitingOn;
  attention: string[];
  /** ISO instant. */
  dueAt?: string;
  outcome?: messages.Outcome;
  /** `failed` means a mistake of ours: business results complete. */
  status: 'running' | 'closed' | 'failed';
  url: string;
}

export interface ListFilter {
  open?: boolean;
  stage?: messages.OnboardingStage;
  waitingOn?: messages.WaitingOn;
  attention?: string;
  handler?: string;
  /** Only those whose next instant falls before this ISO instant. */
  dueBefore?: string;
}

/** What went wrong for the caller to act upon. Each code's meaning is beside it. */
export type OnboardingErrorCode =
  /** The application has complaints; they are in `complaints`. */
  | 'invalid-application'
  /** The reference was started before, and the data is neither of then nor that of now; `fields` has what differs from now. */
  | 'application-differs'
  /** Another onboarding has the importer number; the message names it. */
  | 'importer-number-taken'
  /** No onboarding has this reference. */
  | 'not-found'
  /** It is closed, so it hears nothing any more. */
  | 'closed'
  /** Its data was deleted after the years it had to be kept; the message says when, and how to apply again. */
  | 'forgotten'
  /** The token of a person is not one of your single sign-on's, or has expired, or the sign-on's keys cannot be had. */
  | 'actor-not-verified'
  /** The onboarding refused the message, and said why. */
  | 'refused'
  /** No worker answered in time; the message may still be heard. */
  | 'no-answer';

export class OnboardingError extends Error {
  readonly complaints: Complaint[];
  readonly fields: string[];
  constructor(
    readonly code: OnboardingErrorCode,
    message: string,
    details: { complaints?: Complaint[]; fields?: string[]; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'OnboardingError';
    this.complaints = details.complaints ?? [];
    this.fields = details.fields ?? [];
  }
}

export interface OnboardingClientOptions {
  temporal: Client;
  archive: Archive & Pick<EncryptedArchive, 'removeDocument'>;
  importerKeys: ImporterKeys;
  config: ClientConfig;
}

/** Connects to Temporal and the archive as the environment says. Close it when done. */
export async function connectOnboardingClient(config: ClientConfig = readClientConfig()): Promise<OnboardingClient> {
  const { archive, encryption } = await openArchive(config);
  const importerKeys = await openImporterKeys(config.importerKeyFile, archive);
  const { client, close } = await connectClient(encryption);
  return new OnboardingClient({ temporal: client, archive, importerKeys, config }, close);
}

export class OnboardingClient {
  private readonly temporal: Client;
  private readonly archive: OnboardingClientOptions['archive'];
  private readonly keys: ImporterKeys;
  private readonly config: ClientConfig;

  private readonly userOf: ReturnType<typeof bearerTokens> | undefined;

  constructor(
    private readonly options: OnboardingClientOptions,
    private readonly onClose: () => Promise<void> = async () => {},
    private readonly verifiedActor?: string,
  ) {
    this.temporal = options.temporal;
    this.archive = options.archive;
    this.keys = options.importerKeys;
    this.config = options.config;
    this.userOf = options.config.actorOidc && bearerTokens(options.config.actorOidc);
  }

  /**
   * For a back office whose people are signed in: a client whose every message has the actor that the person's token
   * says, whatever the message says, noted as verified. For the request that the token came with: it does not end with the
   * token. Close the client it came from, not this one.
   * @param token JSON Web Token of ACTOR_OIDC_ISSUER for ACTOR_OIDC_AUDIENCE
   * @throws OnboardingError `actor-not-verified`
   */
  async actingAs(token: string): Promise<OnboardingClient> {
    const { actorOidc } = this.config;
    if (!this.userOf || !actorOidc)
      throw new OnboardingError('actor-not-verified', 'ACTOR_OIDC_ISSUER is not set: there is nobody to believe.');
    const user = await this.userOf(token).catch((cause: unknown) => {
      if (cause instanceof InvalidToken) throw new OnboardingError('actor-not-verified', cause.message, { cause });
      throw new OnboardingError(
        'actor-not-verified',
        `The keys of ACTOR_OIDC_ISSUER cannot be had, so nobody can be verified: ${cause instanceof Error ? cause.message : String(cause)}. Try again; if it lasts, check that ${actorOidc.jwksUrl ?? actorOidc.issuer} is reached from here.`,
        { cause },
      );
    });
    return new OnboardingClient(this.options, undefined, `${user}${VERIFIED_BY}${actorOidc.issuer}`);
  }

  close(): Promise<void> {
    return this.onClose();
  }

  /**
   * Starts a client's onboarding, once: a repeated start answers what became of the first.
   * @throws OnboardingError `invalid-application`, `application-differs`, `importer-number-taken`, `forgotten`
   */
  async start(input: unknown): Promise<StartAnswer> {
    const { application, warnings } = this.checked(input);
    return await this.archivedIfStarted(application, (sha256) => this.startFirst(application, sha256, warnings));
  }

  private async startFirst(
    application: Application,
    applicationSha256: string,
    warnings: Complaint[],
  ): Promise<StartAnswer> {
    const record: OnboardingRecord = {
      reference: application.reference,
      workflowId: workflowIdOf(application.reference),
      round: 1,
      applicationSha256,
      state: 'starting',
      startedAt: new Date().toISOString(),
    };
    const created = await this.archive.createRecord(onboardings.key(application.reference), record);
    if (created.created) return await this.startRound(application, record, warnings);

    const earlier = onboardings.schema.parse(created.existing);
    await this.refuseForgotten(earlier);
    const status = await this.statusOf(earlier);
    if (status === 'never-started') return await this.startAfterAll(application, earlier, record, warnings);
    if (earlier.round === 1) await this.refuseOtherData(application, earlier, status);
    return { ...this.named(earlier.workflowId, application.reference), status, warnings };
  }

  /**
   * Starts many, some at a time, in the order given. One that cannot be started stops no other.
   * @returns one answer or error for each, in the same order.
   */
  async startMany(
    inputs: readonly unknown[],
    { concurrency = 10 }: { concurrency?: number } = {},
  ): Promise<(StartAnswer | { reference: string; error: Error })[]> {
    const results: (StartAnswer | { reference: string; error: Error })[] = new Array(inputs.length);
    const next = inputs.entries();
    const work = async () => {
      for (const [index, input] of next) {
        results[index] = await this.start(input).catch((error: Error) => ({ reference: referenceIn(input), error }));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    return results;
  }

  /**
   * Starts the next round of a closed onboarding, under a new id: the one way to apply again for a client.
   * @throws OnboardingError `not-found`, `refused` while the present round runs, `application-differs` when somebody else
   * reopens it at the same moment, with other data
   */
  async reopen(input: unknown, why: { actor: string; reason: string }): Promise<StartAnswer> {
    const { actor, reason } = this.said(why);
    const { application, warnings } = this.checked(input);
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
      const record: OnboardingRecord = {
        reference: earlier.reference,
        round,
        workflowId: workflowIdOf(application.reference, round),
        applicationSha256,
        state: 'starting',
        startedAt: new Date().toISOString(),
      };
      await this.archive.replaceRecord(onboardings.key(application.reference), record);
      return await this.startRound(application, record, warnings, {
        details: `Reopened by ${actor}: ${reason}`,
        earlier,
      });
    });
  }

  /** @throws OnboardingError `not-found`, `no-answer` */
  async progress(reference: string): Promise<Progress> {
    const handle = await this.handle(reference);
    return await this.answered(reference, () => askedUntilTaken(() => handle.query(messages.progress)));
  }

  /**
   * The data that it goes by now, corrections included, whole: what `correct` and `reopen` take, changed. Confidential.
   * @throws OnboardingError `not-found`, `forgotten`
   */
  async application(reference: string): Promise<Application> {
    const record = await this.recordOf(reference);
    if (!record) throw new OnboardingError('not-found', `There is no onboarding ${reference}.`);
    await this.refuseForgotten(record);
    return await this.presentApplication(record);
  }

  /** Back-office word of an approval; heard even while no worker is up. */
  async approve(reference: string, message: messages.ApprovalArrived): Promise<void> {
    const approval = this.said(message);
    const missing = (['source', 'actor', 'evidence', 'importerNumber'] as const).filter(
      (field) => !approval[field]?.trim(),
    );
    if (missing.length > 0) throw new OnboardingError('refused', `The approval lacks ${missing.join(', ')}.`);
    const handle = await this.handle(reference);
    await this.answered(reference, () => handle.signal(messages.approvalArrived, approval));
  }

  decide(reference: string, message: messages.Decide): Promise<messages.Answer> {
    return this.update(reference, messages.decide, message);
  }

  /** @throws OnboardingError `invalid-application` before anything is sent. */
  async correct(
    reference: string,
    message: Omit<messages.CorrectApplication, 'application'> & { application: unknown },
  ): Promise<messages.Answer> {
    const { application } = this.checked(message.application);
    const answer = await this.update(reference, messages.correctApplication, { ...message, application });
    await this.keepCorrected(application);
    return answer;
  }

  settle(reference: string, message: messages.SettleSubmission): Promise<messages.Answer> {
    return this.update(reference, messages.settleSubmission, message);
  }

  confirmAccess(reference: string, message: messages.ConfirmAccessGranted): Promise<messages.Answer> {
    return this.update(reference, messages.confirmAccessGranted, message);
  }

  changeDeadline(reference: string, message: messages.ChangeDeadline): Promise<messages.Answer> {
    return this.update(reference, messages.changeDeadline, message);
  }

  dismissMail(reference: string, message: messages.DismissMail): Promise<messages.Answer> {
    return this.update(reference, messages.dismissMail, message);
  }

  withdraw(reference: string, message: messages.Withdraw): Promise<messages.Answer> {
    return this.update(reference, messages.withdraw, message);
  }

  /** Every onboarding the server knows, newest first. For people: a moment behind, and closed ones go after retention. */
  async *list(filter: ListFilter = {}): AsyncIterable<ListedOnboarding> {
    for await (const execution of this.temporal.workflow.list({ query: visibilityQuery(filter) })) {
      const onboarding = onboardingOf(execution.workflowId);
      if (!onboarding) continue;
      const attribute = execution.typedSearchAttributes;
      const a = SEARCH_ATTRIBUTES;
      const dueAt = attribute.get(a.dueAt);
      yield {
        reference: attribute.get(a.clientReference) ?? onboarding.reference,
        workflowId: execution.workflowId,
        ...given('company', attribute.get(a.company)),
        ...given('stage', attribute.get(a.onboardingStage) as messages.OnboardingStage | undefined),
        ...given('waitingOn', attribute.get(a.waitingOn) as messages.WaitingOn | undefined),
        attention: attribute.get(a.needsAttention) ?? [],
        ...given('dueAt', dueAt && new Date(dueAt).toISOString()),
        ...given('outcome', attribute.get(a.outcome) as messages.Outcome | undefined),
        status: statusNamed(execution.status.name),
        url: this.urlOf(execution.workflowId),
      };
    }
  }

  /** The onboarding's page in the Temporal Web UI. */
  urlOf(workflowId: string): string {
    const { namespace } = this.temporal.options;
    return `${this.config.uiUrl.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
  }

  private checked(input: unknown): { application: Application; warnings: Complaint[] } {
    const checked = checkApplication(input, { brokerDomains: this.config.brokerDomains });
    if (!('complaints' in checked)) return checked;
    const lines = checked.complaints.map((complaint) => `  - ${complain(complaint)}`);
    throw new OnboardingError(
      'invalid-application',
      `The application of ${referenceIn(input)} cannot be used:\n${lines.join('\n')}`,
      checked,
    );
  }

  /** @throws OnboardingError `forgotten` when its last round was. */
  private async refuseForgotten(record: OnboardingRecord, cause?: unknown): Promise<void> {
    const { reference } = record;
    const done = await this.wasForgotten(record);
    if (!done) return;
    throw new OnboardingError(
      'forgotten',
      `${reference} was forgotten on ${done.at.slice(0, 10)}: its data is deleted, and its importer number stays taken by it. To apply for the client again, with a whole application: ace-onboarding reopen.`,
      { cause },
    );
  }

  private async wasForgotten({ reference, round }: OnboardingRecord) {
    const done = await read(this.archive, forgotten, reference);
    return done && done.round >= round ? done : undefined;
  }

  private async refuseOtherData(
    application: Application,
    earlier: OnboardingRecord,
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
  private async presentApplication(record: OnboardingRecord): Promise<Application> {
    try {
      return (await applicationsInHistory(this.temporal, record.workflowId)).present;
    } catch (error) {
      if (grpcCodeOf(error) !== NOT_FOUND) throw error;
      return await this.archived(record.correctedSha256 ?? record.applicationSha256);
    }
  }

  private startedWith({ applicationSha256 }: OnboardingRecord): Promise<Application> {
    return this.archived(applicationSha256);
  }

  private async archived(sha256: string): Promise<Application> {
    return JSON.parse(Buffer.from(await this.archive.getDocument(sha256)).toString('utf8')) as Application;
  }

  /** For when the history is gone: the corrected data may still be imported again. */
  private async keepCorrected(application: Application): Promise<void> {
    const record = await read(this.archive, onboardings, application.reference);
    if (!record) return;
    const { sha256 } = await this.archive.putDocument(canonical(application));
    await this.keep(record.workflowId, sha256);
    await this.archive.replaceRecord(onboardings.key(record.reference), { ...record, correctedSha256: sha256 });
  }

  /**
   * Starts what the server never took, perhaps because it was down: with the data of now, unless somebody else may be
   * starting it with other data at this moment.
   */
  private async startAfterAll(
    application: Application,
    earlier: OnboardingRecord,
    record: OnboardingRecord,
    warnings: Complaint[],
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

  /** Archives an application to start with. What was not started with it is not kept, unless something else of the client has it. */
  private async archivedIfStarted(
    application: Application,
    start: (applicationSha256: string) => Promise<StartAnswer>,
  ): Promise<StartAnswer> {
    const { sha256 } = await this.archive.putDocument(canonical(application));
    let started = false;
    try {
      const answer = await start(sha256);
      started = answer.status === 'started';
      return answer;
    } finally {
      if (!started && !(await this.isNamed(application.reference, sha256))) await this.archive.removeDocument(sha256);
    }
  }

  /** Whether forgetting the client would find a document of it. */
  private async isNamed(reference: string, sha256: string): Promise<boolean> {
    const record = await read(this.archive, onboardings, reference);
    if (!record || (await this.wasForgotten(record))) return false;
    if (record.applicationSha256 === sha256 || record.correctedSha256 === sha256) return true;
    for (let round = 1; round <= record.round; round++)
      for await (const { documents } of this.papersOf(workflowIdOf(reference, round)))
        if (documents.includes(sha256)) return true;
    return false;
  }

  private async *papersOf(workflowId: string): AsyncIterable<{ key: RecordKey; documents: string[] }> {
    for await (const key of this.archive.listRecords(`papers/${workflowId}/`))
      yield { key, ...papers.schema.parse(await this.archive.readRecord(key)) };
  }

  /** Of a first round that was never started. What names documents goes after them. */
  private async leaveNoTrace({ reference, workflowId, applicationSha256 }: OnboardingRecord): Promise<void> {
    for await (const { key, documents } of this.papersOf(workflowId)) {
      for (const sha256 of documents) await this.archive.removeDocument(sha256);
      await this.archive.removeRecord(key);
    }
    await this.archive.removeDocument(applicationSha256);
    await this.archive.removeRecord(onboardings.key(reference));
  }

  /** So that an application that no record names any more can be found, and forgotten. */
  private async keep(workflowId: string, applicationSha256: string): Promise<void> {
    await this.archive.createRecord(papers.key(workflowId, applicationSha256), { documents: [applicationSha256] });
  }

  /** What the server, or failing that the archive, knows of a round. */
  private async statusOf(record: OnboardingRecord): Promise<'running' | 'closed' | 'never-started'> {
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
    record: OnboardingRecord,
    warnings: Complaint[],
    reopened?: { details: string; earlier: OnboardingRecord },
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
        args: [application, round],
        staticSummary: `ACE account for ${listedCompany(application, this.config.companyInSearchAttributes)}`,
        ...(reopened ? { staticDetails: reopened.details } : {}),
        typedSearchAttributes: this.attributesOf(application),
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // Somebody else was first at the same moment: what runs is theirs.
      const status = (await this.statusOf(record)) === 'running' ? 'running' : 'closed';
      const { started } = await applicationsInHistory(this.temporal, workflowId);
      const { sha256: applicationSha256 } = await this.archive.putDocument(canonical(started));
      const theirs: OnboardingRecord = { ...record, applicationSha256, state: 'started' };
      await this.archive.replaceRecord(key, theirs);
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

  private async recordOf(reference: string): Promise<OnboardingRecord | undefined> {
    if (!onboardingOf(workflowIdOf(reference)))
      throw new OnboardingError(
        'not-found',
        `There is no onboarding ${reference}: a reference has letters, digits and hyphens alone.`,
      );
    return await read(this.archive, onboardings, reference);
  }

  private async handle(reference: string): Promise<WorkflowHandle<typeof onboardImporter>> {
    const record = await this.recordOf(reference);
    return this.temporal.workflow.getHandle<typeof onboardImporter>(record?.workflowId ?? workflowIdOf(reference));
  }

  private async update<M extends { actor: string }>(
    reference: string,
    definition: UpdateDefinition<messages.Answer, [M]>,
    message: M,
  ): Promise<messages.Answer> {
    const said = this.said(message);
    const handle = await this.handle(reference);
    return await this.answered(reference, () => updateOnce(handle, definition, said));
  }

  /** With the actor that is verified, or as stated, which must not look as if it were. */
  private said<M extends { actor: string }>(message: M): M {
    if (this.verifiedActor !== undefined) return { ...message, actor: this.verifiedActor };
    const problem = problemWithActor(String(message.actor));
    if (problem) throw new OnboardingError('refused', problem);
    return message;
  }

  /** Waits for a worker's answer, and says in our words what went wrong. */
  private async answered<T>(reference: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await this.temporal.withDeadline(Date.now() + PATIENCE_MS, ask);
    } catch (cause) {
      if (cause instanceof WorkflowUpdateFailedError)
        throw new OnboardingError('refused', `${reference}: ${cause.cause?.message ?? cause.message}`, { cause });
      if (cause instanceof WorkflowNotFoundError) throw await this.notThere(reference, cause);
      if (cause instanceof WorkflowUpdateRPCTimeoutOrCancelledError || UNANSWERED.has(grpcCodeOf(cause) ?? 0)) {
        throw new OnboardingError(
          'no-answer',
          `No worker answered for ${reference} in ${PATIENCE_MS / 1000} s. Is a worker running on ${this.config.taskQueue}?`,
          { cause },
        );
      }
      throw cause;
    }
  }

  private async notThere(reference: string, cause: unknown): Promise<OnboardingError> {
    const record = await read(this.archive, onboardings, reference);
    if (!record) return new OnboardingError('not-found', `There is no onboarding ${reference}.`, { cause });
    await this.refuseForgotten(record, cause);
    return new OnboardingError(
      'closed',
      `The onboarding ${reference} is closed. To apply again: ace-onboarding reopen.`,
      { cause },
    );
  }

  private named(workflowId: string, reference: string): Pick<StartAnswer, 'reference' | 'workflowId' | 'url'> {
    return { reference, workflowId, url: this.urlOf(workflowId) };
  }
}

/** Nobody is still starting an onboarding after that. */
const A_START_TAKES_MS = 5 * 60_000;
/** How long a person waits for a worker's answer. */
const PATIENCE_MS = 30_000;
/**
 * A query that waited for a worker fails once when events came meanwhile (`whole-tasks-only.ts`). Temporal says nothing
 * but that it failed, and calls it not registered.
 */
async function askedUntilTaken<T>(ask: () => Promise<T>, tries = 5): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof QueryNotRegisteredError) || tries <= 1) throw error;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return await askedUntilTaken(ask, tries - 1);
  }
}

/** gRPC. */
const NOT_FOUND = 5;
/** gRPC: cancelled, deadline exceeded. */
const UNANSWERED = new Set([1, 4]);

/** The client wraps what the server answers. */
function grpcCodeOf(error: unknown): number | undefined {
  const answer = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  return isGrpcServiceError(answer) ? answer.code : undefined;
}

/** The same application gives the same bytes, whatever the order its fields came in. */
function canonical(application: Application): Uint8Array {
  return Buffer.from(JSON.stringify(application, (_, value) => (isPlainObject(value) ? sorted(value) : value)));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)));
}

function referenceIn(input: unknown): string {
  const reference = isPlainObject(input) ? input.reference : undefined;
  return typeof reference === 'string' ? reference : '(without reference)';
}

function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

function statusNamed(name: string): ListedOnboarding['status'] {
  if (name === 'RUNNING' || name === 'CONTINUED_AS_NEW') return 'running';
  return name === 'COMPLETED' ? 'closed' : 'failed';
}

function visibilityQuery(filter: ListFilter): string {
  const quoted = (value: string) => `"${value.replace(/["\\]/g, '')}"`;
  return [
    'WorkflowType = "onboardImporter"',
    filter.open === undefined ? '' : `ExecutionStatus ${filter.open ? '=' : '!='} "Running"`,
    filter.stage ? `OnboardingStage = ${quoted(filter.stage)}` : '',
    filter.waitingOn ? `WaitingOn = ${quoted(filter.waitingOn)}` : '',
    filter.attention ? `NeedsAttention = ${quoted(filter.attention)}` : '',
    filter.handler ? `Handler = ${quoted(filter.handler)}` : '',
    filter.dueBefore ? `DueAt < ${quoted(new Date(filter.dueBefore).toISOString())}` : '',
  ]
    .filter((part) => part !== '')
    .join(' AND ');
}
