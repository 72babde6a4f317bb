import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ListeningServer, listeningServer } from './http-listener.js';

export interface HealthServerOptions {
  host: string;
  /** 0: a free one. */
  port: number;
  /** Whether this worker takes work now. */
  ready: () => boolean;
  /** Ours, in Prometheus' text format. */
  metrics: () => Promise<string>;
  /** Where the engine's own metrics are, if anywhere. */
  engineMetricsUrl?: string | undefined;
}

/**
 * Says over HTTP how a worker is: `/healthz` while the process lives, `/readyz` while it takes work (else 503), and
 * `/metrics` of ours and of the engine on one page. No personal data, no way to change anything.
 * @throws when the port is taken
 */
export async function startHealthServer(options: HealthServerOptions): Promise<ListeningServer> {
  const metrics = remembered(options.metrics);
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'Only GET is answered.\n');
    switch (request.url?.split('?')[0]) {
      case '/healthz':
        return answer(response, 200, 'alive\n');
      case '/readyz':
        return options.ready() ? answer(response, 200, 'ready\n') : answer(response, 503, 'not taking work\n');
      case '/metrics':
        void Promise.all([metrics(), engineMetrics(options.engineMetricsUrl)]).then(
          (pages) => answer(response, 200, pages.join('')),
          () => answer(response, 500, 'The metrics could not be collected.\n'),
        );
        return undefined;
      default:
        return answer(response, 404, 'There are /healthz, /readyz and /metrics.\n');
    }
  };
  return await listeningServer(
    serve,
    options,
    (reason) =>
      `HEALTH_PORT ${options.port} on ${options.host} cannot be listened on: ${reason}. Give each worker of a machine a free one, or none.`,
  );
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(text);
}

const REMEMBERED_MS = 15_000;

/** Asked more often than that, the answer is the last one: nobody can load the server by asking. */
function remembered(ask: () => Promise<string>): () => Promise<string> {
  let last: { at: number; answer: Promise<string> } | undefined;
  return () => {
    if (!last || Date.now() - last.at > REMEMBERED_MS) last = { at: Date.now(), answer: ask() };
    return last.answer;
  };
}

/** The engine's page as it is; without it, ours alone is better than nothing. */
async function engineMetrics(url: string | undefined): Promise<string> {
  if (!url) return '';
  return await fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    (page) => page.text(),
    () => '',
  );
}
