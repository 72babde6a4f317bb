import { fstatSync, writeFileSync } from 'node:fs';
import { EXIT, say } from './output.js';
import { plain } from './plain-text-output.js';

type Output = NodeJS.WriteStream & { fd: number };

/**
 * Ends this process properly when its output gets lost. If the reader has seen enough (`| head`), nothing is wrong: the
 * command finishes its work silently. Any other loss is reported in one line if possible, and the exit code is 1.
 *
 * @param onLoss called once for each stream that can't be written any more, so that a long run can stop
 */
export function watchOutput(onLoss: () => void = () => undefined): void {
  const lost = new Map<Output, NodeJS.ErrnoException>();
  for (const stream of [process.stdout, process.stderr])
    onFirstLoss(stream, (error) => {
      lost.set(stream, error);
      if (stream === process.stdout && !isReaderGone(error)) say(plain`The output could not be written: ${why(error)}`);
      onLoss();
    });
  process.on('exit', (code) => {
    const result = lost.get(process.stdout);
    const incomplete = result !== undefined && !isReaderGone(result);
    if (incomplete || (lost.has(process.stderr) && code === EXIT.ok)) process.exitCode = EXIT.failed;
  });
}

/**
 * The same for a service, which has no result to print: if stderr gets lost, it keeps working and ends with the usual exit
 * code.
 */
export function surviveLostOutput(): void {
  onFirstLoss(process.stderr, () => undefined);
}

/** Every further write would report the error again. */
function onFirstLoss(stream: Output, onError: (error: NodeJS.ErrnoException) => void): void {
  if (isFile(stream.fd)) writeWhole(stream);
  let isLost = false;
  stream.on('error', (error) => {
    if (isLost) return;
    isLost = true;
    onError(error);
  });
}

function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE';
}

function why({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? `the disk is full (${code}). Free some space and run the command again.`
    : `${message}. Send it elsewhere and run the command again.`;
}

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

/** Writes whole chunks: when a disk fills up, Node.js itself ignores how much of a chunk was written. */
function writeWhole(stream: Output): void {
  stream._write = (chunk: Uint8Array, _encoding, done) => {
    try {
      writeFileSync(stream.fd, chunk);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}
