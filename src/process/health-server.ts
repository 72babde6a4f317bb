import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ListeningServer, listeningServer } from './http-listener.js';

export interface HealthServerOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Whether this worker takes work now. */
  ready: () => boolean;
  /** Our own metrics, in Prometheus text format. */
  metrics: () => Promise<string>;
  /** Where the engine's own metrics are, if anywhere. */
  engineMetricsUrl?: string | undefined;
}

/**
 * Reports the health of a worker over HTTP: `/healthz` while the process is alive, `/readyz` while it takes work (otherwise
 * 503), and `/metrics` with our metrics and the engine's on one page. No personal data, and no way to change anything.
 * @throws if the port is taken
 */
export async function startHealthServer(options: HealthServerOptions): Promise<ListeningServer> {
  const metrics = cached(options.metrics);
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'Use GET.\n');
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
        return answer(response, 404, 'Use /healthz, /readyz or /metrics.\n');
    }
  };
  return await listeningServer(
    serve,
    options,
    (reason) =>
      `Cannot listen on HEALTH_PORT ${options.port} at ${options.host}: ${reason}. Give each worker on a machine its own free port, or no port.`,
  );
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(text);
}

const CACHE_MS = 15_000;

/** Repeats the last answer for a while, so that frequent requests cannot put load on Temporal. */
function cached(ask: () => Promise<string>): () => Promise<string> {
  let last: { at: number; answer: Promise<string> } | undefined;
  return () => {
    if (!last || Date.now() - last.at > CACHE_MS) last = { at: Date.now(), answer: ask() };
    return last.answer;
  };
}

/** The engine's page, unchanged. If it is not available, our own metrics are better than nothing. */
async function engineMetrics(url: string | undefined): Promise<string> {
  if (!url) return '';
  return await fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    (page) => page.text(),
    () => '',
  );
}
