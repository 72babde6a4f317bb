import {
  type Client,
  QueryNotRegisteredError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { problemWithActor, VERIFIED_BY } from './application/actor-validation.js';
import type { Application } from './application/application.js';
import { withItems } from './application/plain-text.js';
import { workflowIdOf } from './application/reference.js';
import { checkApplication } from './application/schema.js';
import { shownReference } from './application/tax-numbers-in-text.js';
import { formatIssue, type ValidationIssue } from './application/validation-issue.js';
import { openImporterKeys } from './archive/importer-key.js';
import { openArchive } from './archive/open-archive.js';
import { type ClientConfig, readClientConfig } from './config/read-config.js';
import { type FoundOnboarding, findOnboardings } from './onboardings/find-onboardings.js';
import { type ListedOnboarding, type ListFilter, listOnboardings } from './onboardings/list-onboardings.js';
import { OnboardingError } from './onboardings/onboarding-error.js';
import { OnboardingRounds, type RoundsOptions } from './onboardings/onboarding-rounds.js';
import { OnboardingStarter, type StartAnswer } from './onboardings/onboarding-starter.js';
import { bearerTokens, InvalidToken } from './temporal/codec-server/bearer-tokens.js';
import { connectClient } from './temporal/connect.js';
import { grpcCodeOf } from './temporal/grpc-code.js';
import { updateOnce } from './temporal/update-once.js';
import { overLimit } from './workflows/contract/limits.js';
import * as messages from './workflows/contract/messages.js';
import type { Progress } from './workflows/contract/progress.js';
import type { onboardImporter } from './workflows/onboarding/onboard-importer.js';

/**
 * The typed client for back-office code and the command line. The only place that knows how to start, find, and message
 * an onboarding.
 */

export type { Application } from './application/application.js';
export type { ValidationIssue as Complaint } from './application/validation-issue.js';
export type { ClientConfig } from './config/read-config.js';
export type { FoundOnboarding } from './onboardings/find-onboardings.js';
export type { ListedOnboarding, ListFilter } from './onboardings/list-onboardings.js';
export { OnboardingError, type OnboardingErrorCode } from './onboardings/onboarding-error.js';
export type { StartAnswer } from './onboardings/onboarding-starter.js';
export {
  ACCESS_PROBLEMS,
  type AccessProblem,
  type AddNote,
  type Answer,
  type ApprovalArrived,
  type BrokerWork,
  type ChangeDeadline,
  type ClientStatement,
  type ConfirmAccessGranted,
  type CorrectApplication,
  type CorrectionCause,
  type Decide,
  type DismissMail,
  type HandOver,
  type LogCall,
  type RecordStatement,
  type ReportProblem,
  type Role,
  type SendMessage,
  type SettleSubmission,
  type Snooze,
  type Verification,
  type Withdraw,
} from './workflows/contract/messages.js';
export type {
  AccessProgress,
  ArchivedPiece,
  Attention,
  Escalation,
  MailLine,
  Note,
  Progress,
  Stated,
  Task,
} from './workflows/contract/progress.js';
export type { OnboardingStage, Outcome, WaitingOn } from './workflows/contract/stages.js';
export { STAGES, WAITING_ON as TURNS } from './workflows/contract/stages.js';
export type { StepName, Wait } from './workflows/contract/waits.js';

export type OnboardingClientOptions = RoundsOptions;

/** Connects to Temporal and the archive as configured in the environment. Close it when done. */
export async function connectOnboardingClient(config: ClientConfig = readClientConfig()): Promise<OnboardingClient> {
  const { archive, encryption } = await openArchive(config);
  const importerKeys = await openImporterKeys(config.importerKeyFile, archive);
  const { client, close } = await connectClient(encryption);
  return new OnboardingClient({ temporal: client, archive, importerKeys, config }, close);
}

export class OnboardingClient {
  private readonly temporal: Client;
  private readonly config: ClientConfig;
  private readonly rounds: OnboardingRounds;
  private readonly starter: OnboardingStarter;
  private readonly userOf: ReturnType<typeof bearerTokens> | undefined;

  constructor(
    private readonly options: OnboardingClientOptions,
    private readonly onClose: () => Promise<void> = async () => {},
    private readonly verifiedActor?: string,
  ) {
    this.temporal = options.temporal;
    this.config = options.config;
    this.rounds = new OnboardingRounds(options);
    this.starter = new OnboardingStarter(options, this.rounds);
    this.userOf = options.config.actorOidc && bearerTokens(options.config.actorOidc);
  }

  /**
   * For a back office with signed-in users: a client whose messages all have the actor from the user's token, recorded as
   * verified, whatever the message says. Use it for one request, since it does not expire with the token. Close the client
   * that made it, not this one.
   * @param token JSON Web Token from ACTOR_OIDC_ISSUER for ACTOR_OIDC_AUDIENCE
   * @throws OnboardingError `actor-not-verified`
   */
  async actingAs(token: string): Promise<OnboardingClient> {
    const { actorOidc } = this.config;
    if (!this.userOf || !actorOidc)
      throw new OnboardingError('actor-not-verified', 'ACTOR_OIDC_ISSUER is not set, so no token can be verified.');
    const user = await this.userOf(token).catch((cause: unknown) => {
      if (cause instanceof InvalidToken) throw new OnboardingError('actor-not-verified', cause.message, { cause });
      throw new OnboardingError(
        'actor-not-verified',
        `Can't get the keys of ACTOR_OIDC_ISSUER, so no one can be verified: ${cause instanceof Error ? cause.message : String(cause)}. Try again. If the problem continues, check that this machine can reach ${actorOidc.jwksUrl ?? actorOidc.issuer}.`,
        { cause },
      );
    });
    return new OnboardingClient(this.options, undefined, `${user}${VERIFIED_BY}${actorOidc.issuer}`);
  }

  close(): Promise<void> {
    return this.onClose();
  }

  /**
   * Starts a client's onboarding once: a repeated start reports the status of the first.
   * @throws OnboardingError `invalid-application`, `application-differs`, `importer-number-taken`, `forgotten`
   */
  async start(input: unknown): Promise<StartAnswer> {
    const { application, warnings } = this.checked(input);
    return await this.starter.start(application, warnings);
  }

  /**
   * Starts many onboardings in the given order, `concurrency` at a time. One that fails does not stop the others.
   * @returns one answer or error for each, in the same order
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
    await Promise.all(Array.from({ length: Math.min(inputs.length, Math.max(1, concurrency || 1)) }, work));
    return results;
  }

  /**
   * Starts the next round of a closed onboarding under a new ID: the only way to apply for a client again.
   * @param why with `at: 'grant'`, nothing is sent to CBP: the round starts with the instructions to the account owner
   * @throws OnboardingError `not-found`, `refused` while the present round runs, `application-differs` if someone else
   * reopens it at the same moment with other data
   */
  async reopen(input: unknown, why: messages.Reopened): Promise<StartAnswer> {
    const { actor, reason, at } = this.said(why);
    const { application, warnings } = this.checked(input);
    return await this.starter.reopen(application, warnings, { actor, reason, ...(at ? { at } : {}) });
  }

  /** @throws OnboardingError `not-found`, `no-answer` */
  async progress(reference: string): Promise<Progress> {
    const handle = await this.handle(reference);
    return await this.answered(reference, () => queryAgainIfRejected(() => handle.query(messages.progress)));
  }

  /**
   * The complete present application, including corrections. Change it and pass it to `correct` or `reopen`. Confidential.
   * @throws OnboardingError `not-found`, `forgotten`
   */
  async application(reference: string): Promise<Application> {
    const record = await this.rounds.recordOf(reference);
    if (!record) throw new OnboardingError('not-found', `There is no onboarding ${reference}.`);
    await this.rounds.refuseForgotten(record);
    return await this.rounds.presentApplication(record);
  }

  /** Reports an approval from the back office. It is delivered even if no worker is running. */
  async approve(reference: string, message: messages.ApprovalArrived): Promise<void> {
    const approval = this.said(message);
    const missing = (['source', 'actor', 'evidence', 'importerNumber'] as const).filter(
      (field) => !approval[field]?.trim(),
    );
    if (missing.length > 0) throw new OnboardingError('refused', `The approval is missing: ${missing.join(', ')}.`);
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
    return await this.update(reference, messages.correctApplication, { ...message, application });
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

  /** Gives the case to another person of the broker's address book. */
  handOver(reference: string, message: messages.HandOver): Promise<messages.Answer> {
    return this.update(reference, messages.handOver, message);
  }

  addNote(reference: string, message: messages.AddNote): Promise<messages.Answer> {
    return this.update(reference, messages.addNote, message);
  }

  /** No reminders and no escalation until a day. */
  snooze(reference: string, message: messages.Snooze): Promise<messages.Answer> {
    return this.update(reference, messages.snooze, message);
  }

  /** A telephone call with CBP or the client. */
  logCall(reference: string, message: messages.LogCall): Promise<messages.Answer> {
    return this.update(reference, messages.logCall, message);
  }

  /** What the client says. It is recorded as said, never as seen. */
  recordStatement(reference: string, message: messages.RecordStatement): Promise<messages.Answer> {
    return this.update(reference, messages.recordStatement, message);
  }

  /** Something keeps the client from granting access. */
  reportProblem(reference: string, message: messages.ReportProblem): Promise<messages.Answer> {
    return this.update(reference, messages.reportProblem, message);
  }

  /** Emails CBP or the client from the case. */
  sendMessage(reference: string, message: messages.SendMessage): Promise<messages.Answer> {
    return this.update(reference, messages.sendMessage, message);
  }

  /**
   * The cases that a person on the phone can mean: by reference, company name, importer number, or the account owner's
   * telephone number. A name or reference may be a part of it, in any case of letters. Newest first. For display.
   * @throws OnboardingError `refused` for a text too short to search for, or an importer number that is not one
   */
  find(text: string): Promise<FoundOnboarding[]> {
    const { archive, importerKeys } = this.options;
    return findOnboardings(text, {
      archive,
      importerKeys,
      listed: () => this.list(),
      application: (record) => this.rounds.archivedApplicationOf(record),
      urlOf: (workflowId) => this.urlOf(workflowId),
    });
  }

  /** All onboardings on the server, newest first. For display: it lags slightly, and closed ones disappear after retention. */
  list(filter: ListFilter = {}): AsyncIterable<ListedOnboarding> {
    return listOnboardings(this.temporal, filter, (workflowId) => this.urlOf(workflowId));
  }

  /** The onboarding's page in the Temporal Web UI. */
  urlOf(workflowId: string): string {
    return this.rounds.urlOf(workflowId);
  }

  private checked(input: unknown): { application: Application; warnings: ValidationIssue[] } {
    const tooLarge = overLimit(input);
    if (tooLarge)
      throw new OnboardingError(
        'invalid-application',
        `The application ${referenceIn(input)} can't be used: ${tooLarge}`,
      );
    const checked = checkApplication(input, { brokerDomains: this.config.brokerDomains });
    if (!('complaints' in checked)) return checked;
    throw new OnboardingError(
      'invalid-application',
      withItems(`The application ${referenceIn(input)} can't be used:`, checked.complaints.map(formatIssue)),
      checked,
    );
  }

  private async handle(reference: string): Promise<WorkflowHandle<typeof onboardImporter>> {
    const record = await this.rounds.recordOf(reference);
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

  /** The message with the verified actor, or with the stated one, which must not look verified. */
  private said<M extends { actor: string }>(message: M): M {
    const said = this.verifiedActor === undefined ? message : { ...message, actor: this.verifiedActor };
    const problem =
      overLimit(said) ?? (this.verifiedActor === undefined ? problemWithActor(String(message.actor)) : undefined);
    if (problem) throw new OnboardingError('refused', problem);
    return said;
  }

  /** Waits for a worker's answer, and turns failures into an `OnboardingError`. */
  private async answered<T>(reference: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await this.temporal.withDeadline(Date.now() + PATIENCE_MS, ask);
    } catch (cause) {
      if (cause instanceof WorkflowUpdateFailedError)
        throw new OnboardingError('refused', `${reference}: ${cause.cause?.message ?? cause.message}`, { cause });
      if (cause instanceof WorkflowNotFoundError) throw await this.notThere(reference, cause);
      if (cause instanceof WorkflowUpdateRPCTimeoutOrCancelledError || NO_ANSWER_CODES.has(grpcCodeOf(cause) ?? 0)) {
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
    const record = await this.rounds.recordOf(reference);
    if (!record) return new OnboardingError('not-found', `There is no onboarding ${reference}.`, { cause });
    await this.rounds.refuseForgotten(record, cause);
    return new OnboardingError(
      'closed',
      `The onboarding ${reference} is closed. To apply again, use ace-onboarding reopen.`,
      { cause },
    );
  }
}

/** How long to wait for a worker's answer. */
const PATIENCE_MS = 30_000;

/**
 * Repeats a query that failed because events arrived while it waited for a worker (`reject-query-side-effects.ts`). Temporal
 * reports it as not registered.
 */
async function queryAgainIfRejected<T>(ask: () => Promise<T>, tries = 5): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof QueryNotRegisteredError) || tries <= 1) throw error;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return await queryAgainIfRejected(ask, tries - 1);
  }
}

/** gRPC: canceled, deadline exceeded. */
const NO_ANSWER_CODES = new Set([1, 4]);

function referenceIn(input: unknown): string {
  return shownReference((input as { reference?: unknown } | null | undefined)?.reference) ?? '(without reference)';
}
