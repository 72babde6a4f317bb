import type { Socket } from 'node:net';
import { relaying, type TcpProxy } from '../../support/tcp-proxy.js';

/** What can happen at the final dot of an email, when the sender can't know whether the server has it. */
export type DotFault =
  /** The server never gets the dot, and the connection breaks. */
  | 'lost'
  /** The server accepts the email, and the connection breaks before its answer arrives. */
  | 'unanswered'
  /** The worker is killed, and the server never gets the dot. */
  | 'killed-before'
  /** The server accepts the email, and the worker is killed before it reads the answer. */
  | 'killed-after';

export interface DotProxyOptions {
  /** Port of the mail server. */
  target: number;
  /** Asked at each final dot. Undefined: it passes. */
  faultFor: (email: { recipients: string[] }) => DotFault | undefined;
  kill: () => void;
  onBody?: () => void;
  onDot?: () => void;
  /** The fault happened: with `unanswered` and `killed-after`, the server had accepted the email. */
  onFault: (fault: DotFault) => void;
  /** The fault did not happen: the connection broke, or the server refused the email, before it could. */
  onMissed?: (fault: DotFault) => void;
}

const END = '\r\n.\r\n';

/** A proxy between a worker and its mail server that knows where in a message it is. */
export function startDotProxy(options: DotProxyOptions): Promise<TcpProxy> {
  return relaying(options.target, (client, upstream) => relay(client, upstream, options));
}

function relay(client: Socket, upstream: Socket, options: DotProxyOptions): void {
  let recipients: string[] = [];
  let state: 'commands' | 'asked' | 'body' | 'answer' = 'commands';
  /** The end of the body so far: the end mark may come in pieces. */
  let tail = '';
  let fault: DotFault | undefined;
  const breakOff = () => {
    client.destroy();
    upstream.destroy();
  };
  const missed = () => {
    if (fault) options.onMissed?.(fault);
    fault = undefined;
  };
  upstream.on('close', missed);

  upstream.on('data', (said: string) => {
    // Its answers to several commands may come at once.
    if (state === 'asked' && /^354[ -]/m.test(said)) {
      state = 'body';
      tail = '\r\n';
      options.onBody?.();
    } else if (state === 'answer') {
      state = 'commands';
      recipients = [];
      if (fault && said.startsWith('250')) {
        options.onFault(fault);
        if (fault === 'killed-after') options.kill();
        fault = undefined;
        breakOff();
        return;
      }
      missed();
    }
    client.write(said, 'latin1');
  });

  client.on('data', (said: string) => {
    if (state !== 'body') {
      for (const [, address = ''] of said.matchAll(/^RCPT TO:<([^>]*)>/gim)) recipients.push(address.toLowerCase());
      if (/^DATA\r\n/im.test(said)) state = 'asked';
      upstream.write(said, 'latin1');
      return;
    }
    const seen = tail + said;
    if (!seen.includes(END)) {
      tail = seen.slice(-END.length + 1);
      upstream.write(said, 'latin1');
      return;
    }
    state = 'answer';
    options.onDot?.();
    fault = options.faultFor({ recipients });
    if (fault === 'lost' || fault === 'killed-before') {
      if (fault === 'killed-before') options.kill();
      options.onFault(fault);
      fault = undefined;
      breakOff();
      return;
    }
    upstream.write(said, 'latin1');
  });
}
