import { availableParallelism } from 'node:os';
import type { Connection } from '@temporalio/client';
import { type Logger, Worker } from '@temporalio/worker';
import { createDeadlineActivities } from './activities/deadlines.js';
import { createDigestActivities } from './activities/digest.js';
import { createApplicationActivities } from './activities/prepare-application.js';
import { createMailActivities } from './activities/send-mail.js';
import { createSender } from './activities/sender.js';
import { createWatcherActivities } from './activities/watch-mailbox.js';
import { makeArchive } from './archive/open-archive.js';
import type { SendStop } from './archive/records.js';
import type { Config } from './config/config.js';
import { ConfigurationError } from './config/configuration-error.js';
import { readConfig } from './config/read-config.js';
import { domainOf } from './config/variable.js';
import { configurationWarnings } from './config/warnings.js';
import { productVersion } from './files/product-file.js';
import { fillFingerprint } from './form/map/edition.js';
import { createFormFiller } from './form/tasks/form-process.js';
import { createAliasTester } from './mail/alias-test/alias-test.js';
import { mailboxNames } from './mail/incoming/mailbox/mailbox-settings.js';
import { archiveIndex } from './mail/judging/correlation/correlation-index.js';
import { createMailJudge } from './mail/judging/judge.js';
import { cachedBriefly, createLetterStore } from './mail/judging/letters/letter-store.js';
import { dnsResolver, recordsResolver } from './mail/judging/origin/dns.js';
import { languages, replyWords } from './mail/outgoing/compose/templates.js';
import { createTokenProvider } from './mail/outgoing/token-provider.js';
import { freePort } from './process/free-port.js';
import { startHealthServer } from './process/health-server.js';
import { installLogger } from './process/logger.js';
import { surviveLostOutput } from './process/lost-output.js';
import { say } from './process/output.js';
import { errorText, lines, plain } from './process/plain-text-output.js';
import { caseStanding } from './temporal/case-standing.js';
import { connectClient, connectWorker } from './temporal/connect.js';
import { dataConverter } from './temporal/data-converter/data-converter.js';
import { deploymentStatus, idleBecause, versioning } from './temporal/deployment.js';
import { ensureDigest, ensureWatcher } from './temporal/ensure-watcher.js';
import { claimNamespace } from './temporal/namespace-use.js';
import { workflowBundle } from './temporal/workflow-bundle.js';
import { createFormWorker } from './worker/form-worker.js';
import { loadStartupFiles } from './worker/load-startup-files.js';
import { collectSamples, renderSamples } from './worker/metrics.js';
import { quietWhileFull } from './worker/quiet-while-full.js';
import { runWorkers } from './worker/run-workers.js';
import { SpaceAlarm } from './worker/space-alarm.js';
import { mailQueueOf } from './workflows/contract/mail-activities.js';

/**
 * Runs a worker until it is told to stop: workflows and light activities on one task queue, forms on another, a few at once,
 * and email on a third, which is limited to the rate of the mailbox. You can start any number of workers.
 */
export async function runWorker(config: Config, logger: Logger, engineMetricsAddress?: string): Promise<void> {
  const closers: (() => unknown)[] = [];
  try {
    const { form, dnsRecords } = await loadStartupFiles(config);
    const space = new SpaceAlarm(logger);
    closers.push(() => space.close());
    const { archive, encryption, importerKeys, missingKeys } = await makeArchive(config, {
      onFull: (shortage) => space.raise(shortage),
    });
    for (const keyId of missingKeys)
      logger.warn(
        'a key that was used here is missing from ENCRYPTION_KEYS: data encrypted with it waits until the key is back',
        { keyId },
      );
    const { client, close } = await connectClient(encryption, { claim: true });
    closers.push(close);
    const { connection, namespace } = await connectWorker(encryption);
    closers.push(() => connection.close());

    const filler = createFormFiller(form);
    closers.push(() => filler.close());
    const letters = cachedBriefly(createLetterStore(archive, { managers: config.letterManagers }));
    const judge = createMailJudge({
      trust: config.trust,
      resolver: dnsRecords ? recordsResolver(dnsRecords) : dnsResolver(),
      index: archiveIndex(archive, importerKeys, config.mail.replyAlias),
      ownAddress: config.mail.from,
      cbpAddress: config.cbp.applicationsAddress,
      replyWords: replyWords(config.mail.templatesDir),
      letters: letters.book,
      threads: JUDGING_THREADS,
    });
    closers.push(() => judge.close());

    const logins = createTokenProvider(config);
    const sending = {
      archive,
      config,
      logins,
      alert: (stop: SendStop) => logger.error('sending stopped', { ...stop }),
      warn: (message: string, error: unknown) => logger.warn(message, { error }),
    };
    const { sendApplication, sendNotice } = createMailActivities({
      ...sending,
      importerKeys,
      temporalNamespace: namespace,
      standingOf: (workflowId) => caseStanding(client.workflow, workflowId),
    });
    const application = createApplicationActivities({
      archive,
      importerKeys,
      filler: { ...filler, fingerprint: fillFingerprint(form, productVersion()) },
      companyInSearchAttributes: config.companyInSearchAttributes,
      brokerDomains: [domainOf(config.mail.from)],
      languages: () => languages(config.mail.templatesDir),
      policy: config.policy,
    });
    const { nextDigest, sendDigests } = createDigestActivities({
      archive,
      config,
      policy: { ...config.policy, digestHour: config.digestHour },
      client: client.workflow,
      send: createSender(sending),
      warn: sending.warn,
    });
    const shared = {
      connection,
      namespace,
      dataConverter: dataConverter(encryption, ({ message, keyId }) => logger.error(message, { keyId })),
      interceptors: quietWhileFull,
      shutdownGraceTime: '10 seconds',
      shutdownForceTime: '30 seconds',
      ...versioning(config.taskQueue, config.buildId),
    } as const;
    // Everything that may fail comes before the workers: a worker that is created but never runs keeps the process alive.
    const workers: Worker[] = [];
    if (config.health.port) {
      const health = await startHealthServer({
        host: config.health.host,
        port: config.health.port,
        ready: () => workers.length > 0 && workers.every((one) => one.getState() === 'RUNNING'),
        metrics: async () =>
          renderSamples(
            await collectSamples({ workflows: client.workflow, archive, isFull: space.says !== undefined }),
          ),
        engineMetricsUrl: engineMetricsAddress && `http://${engineMetricsAddress}/metrics`,
      });
      closers.push(() => health.close());
      logger.info('health and metrics', { url: health.url });
    }
    for (const mailbox of mailboxNames(config)) await ensureWatcher(client.workflow, config.taskQueue, mailbox);
    await ensureDigest(client.workflow, config.taskQueue);
    // If the memo of the watcher tells what the namespace is for, another worker may have started it with a different use.
    await claimNamespace(client.connection as Connection, namespace, encryption?.keyring);
    if (config.buildId) {
      const idle = idleBecause(config.buildId, await deploymentStatus(client, config.taskQueue));
      if (idle) logger.warn(idle, { buildId: config.buildId });
    }
    const worker = await Worker.create({
      ...shared,
      taskQueue: config.taskQueue,
      workflowBundle: await workflowBundle({ encrypted: encryption !== undefined }),
      activities: {
        ...application,
        ...createDeadlineActivities({ policy: config.policy }),
        nextDigest,
        ...createWatcherActivities({
          config,
          archive,
          judge,
          letters,
          logins,
          client: client.workflow,
          stopping: abortedOnStopSignal(),
          archiveFull: () => space.says,
          // Not in rehearsals, whose mail servers deliver to every address.
          ...(config.live ? { aliasTester: createAliasTester({ archive, config, logins }) } : {}),
        }),
      },
      maxCachedWorkflows: CACHED_WORKFLOWS,
      // If this worker is killed, others take over its workflows in three seconds instead of ten.
      stickyQueueScheduleToStartTimeout: '3 seconds',
    });
    const formFiller = await createFormWorker(shared, config.taskQueue, application);
    const mailer = await Worker.create({
      ...shared,
      taskQueue: mailQueueOf(config.taskQueue),
      activities: { sendApplication, sendNotice, sendDigests },
      maxTaskQueueActivitiesPerSecond: config.smtp.perSecond,
      maxConcurrentActivityTaskExecutions: 10,
    });
    logger.info('worker ready', { taskQueue: config.taskQueue, namespace, live: config.live, form: form.map.edition });
    workers.push(worker, formFiller, mailer);
    await runWorkers(workers);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** Judging is the slowest part of receiving an email. Leave one core for everything else. Threads start on demand. */
const JUDGING_THREADS = Math.min(3, Math.max(1, availableParallelism() - 1));

/** About 0.4 MB each, partly outside the Node.js heap, so 1 GB is enough. More onboardings need a short replay now and then. */
const CACHED_WORKFLOWS = 500;

/** Aborts right away on the signals that make Temporal's runtime shut workers down. */
function abortedOnStopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.once(signal, () => stopping.abort());
  return stopping.signal;
}

/** EX_CONFIG of sysexits.h: a supervisor should not restart the worker. */
const WRONG_CONFIGURATION = 78;

/** The main function of `node dist/src/worker.js` and `ace-onboarding-worker`. */
export async function workerMain(): Promise<void> {
  surviveLostOutput();
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    say(lines([errorText(error as Error), ...configurationWarnings().map((warning) => plain`${warning}`)]));
    process.exitCode = WRONG_CONFIGURATION;
    return;
  }
  const engineMetricsAddress = config.health.port ? `127.0.0.1:${await freePort()}` : undefined;
  const { logger, close } = installLogger(config.logLevel, engineMetricsAddress);
  for (const warning of configurationWarnings()) logger.warn(warning);
  try {
    await runWorker(config, logger, engineMetricsAddress);
  } catch (error) {
    logger.error('worker ended', { error: error instanceof ConfigurationError ? error.message : error });
    say(errorText(error as Error));
    process.exitCode = error instanceof ConfigurationError ? WRONG_CONFIGURATION : 1;
  } finally {
    await close();
  }
}

if (process.argv[1]?.endsWith('worker.js')) await workerMain();
