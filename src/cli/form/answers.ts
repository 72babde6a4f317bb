import { createInterface, type Interface } from 'node:readline/promises';
import { say } from '../../process/output.js';
import { lines, Plain } from '../../process/plain-text-output.js';

/** The person left: Ctrl-C, the end of the input, a closed terminal, or "quit". */
export class PersonLeft extends Error {
  constructor() {
    super('The person left.');
    this.name = 'PersonLeft';
  }
}

/** Asks a person, or a script that writes answers into a pipe, one line each. */
export class Answers {
  readonly #lines: Interface;
  readonly #waiting: string[] = [];
  #isClosed = false;
  #wake: () => void = () => {};

  /** @param explain what to say to an answer that asks for help, before the question is asked again */
  constructor(
    readonly explain: (answer: string) => Plain | undefined = () => undefined,
    input: NodeJS.ReadableStream & { isTTY?: boolean } = process.stdin,
  ) {
    // Questions go to where messages go; on a terminal, answers can be edited.
    this.#lines = createInterface(
      input.isTTY ? { input, output: process.stderr, prompt: '> ' } : { input, terminal: false },
    );
    this.#lines.on('line', (line) => {
      this.#waiting.push(line);
      this.#wake();
    });
    this.#lines.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
    this.#lines.on('SIGINT', () => this.#lines.close());
  }

  /**
   * The answer, trimmed. Empty when the person only pressed Enter.
   * @throws PersonLeft
   */
  async ask(question: Plain): Promise<string> {
    say(question);
    if (this.#lines.terminal) this.#lines.prompt();
    while (this.#waiting.length === 0) {
      if (this.#isClosed) throw new PersonLeft();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const answer = (this.#waiting.shift() ?? '').trim();
    if (/^(?:quit|exit)$/i.test(answer)) throw new PersonLeft();
    return answer;
  }

  /** Asks until `read` makes something of the answer. It explains what is wrong with one by returning words. */
  async askUntil<T extends object>(
    question: Plain,
    read: (answer: string) => T | Plain | Promise<T | Plain>,
  ): Promise<T> {
    for (let words = question; ; ) {
      const answer = await this.ask(words);
      const explained = this.explain(answer);
      const result = explained ? lines([explained, question]) : await read(answer);
      if (!(result instanceof Plain)) return result;
      words = result;
    }
  }

  close(): void {
    this.#lines.close();
  }
}
