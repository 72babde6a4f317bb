import { fstatSync, writeFileSync } from 'node:fs';
import { EXIT, say } from './output.js';
import { plain } from './plain-text-output.js';

type Output = NodeJS.WriteStream & { fd: number };

/**
 * Has this process end well when what it prints gets lost. A reader that has seen enough (`| head`) is no failure: the
 * command finishes its work in silence. Any other loss, of a result above all, is said in one line where that can be
 * read, and ends with 1.
 *
 * @param onLoss called once for each stream that takes nothing any more, so that a long run can stop
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
 * The same for a service, whose result is its work: what it says on stderr may get lost, and it goes on, and ends with
 * the exit code it would have.
 */
export function surviveLostOutput(): void {
  onFirstLoss(process.stderr, () => undefined);
}

/** Errors come again with each write. */
function onFirstLoss(stream: Output, tell: (error: NodeJS.ErrnoException) => void): void {
  if (isFile(stream.fd)) writeWhole(stream);
  let isLost = false;
  stream.on('error', (error) => {
    if (isLost) return;
    isLost = true;
    tell(error);
  });
}

function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE';
}

function why({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? `the disk is full (${code}). Free some space, and run the command again.`
    : `${message}. Send it elsewhere, and run the command again.`;
}

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

/** Node.js writes a file once and takes no notice of how much of it a disk that fills up has taken. */
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
