import pc from 'picocolors';
import { printable, printableLine } from '../../src/application/plain-text.js';
import type { Case } from '../rehearsal/rehearsal.js';

/**
 * What the user sees while the demo runs: a table that is redrawn at a terminal, or else a line for each change. It shows
 * each client's stage, whose turn it is, and until when.
 */
export interface DemoView {
  /** Shows the clients as they are now. */
  show(cases: readonly Case[]): void;
  /** Reports what someone did. */
  say(line: string): void;
  /** Prints lines that stay. The table is redrawn below them by the next `show`. */
  print(lines: string): void;
  /** Prints the error that ends the demo. */
  showError(line: string): void;
}

export interface Screen {
  write(text: string): void;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

const STAGE: Record<string, string> = {
  preparing: 'preparing the form',
  submitting: 'submitting',
  'awaiting-acknowledgement': 'awaiting acknowledgement',
  'awaiting-decision': 'awaiting decision',
  'awaiting-correction': 'awaiting correction',
  'awaiting-access-grant': 'awaiting access grant',
  closed: 'closed',
};
const TURN: Record<string, string> = { cbp: 'CBP', client: 'client', broker: 'broker', nobody: '' };

export function openView(screen: Screen, errors: Pick<Screen, 'write'>, startedAt = Date.now()): DemoView {
  const elapsed = () => `${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s`;
  const view = screen.isTTY ? tableView(screen, elapsed) : lineView(screen, elapsed);
  return {
    ...view,
    showError(line) {
      // Clears the table, which would otherwise be drawn over the line.
      view.print('');
      errors.write(`${pc.red(printable(line))}\n`);
    },
  };
}

type BareView = Omit<DemoView, 'showError'>;

function lineView(screen: Screen, elapsed: () => string): BareView {
  const shown = new Map<string, string>();
  return {
    show(cases) {
      for (const one of cases) {
        const { reference } = one.application;
        const line = described(one);
        if (!one.row || shown.get(reference) === line) continue;
        shown.set(reference, line);
        screen.write(`${elapsed()}  ${reference}  ${line}\n`);
      }
    },
    say: (line) => screen.write(`${elapsed()}  ${line}\n`),
    print: (lines) => screen.write(`${lines}\n`),
  };
}

function described(one: Case): string {
  const { row } = one;
  if (one.closed) return `closed: ${row?.outcome ?? row?.status}`;
  const turn = row?.waitingOn && TURN[row.waitingOn];
  return [
    STAGE[row?.stage ?? ''] ?? 'starting',
    ...(turn ? [`${turn}'s turn${one.until ? ` until ${one.until}` : ''}`] : []),
    ...(row && row.attention.length > 0 ? [`needs attention: ${row.attention.join(', ')}`] : []),
  ].join(', ');
}

function tableView(screen: Screen, elapsed: () => string): BareView {
  const said: string[] = [];
  let drawn = 0;
  let last: readonly Case[] = [];
  const erase = () => {
    if (drawn > 0) screen.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  const draw = () => {
    const width = screen.columns ?? 100;
    const [least, most] = REFERENCE_WIDTHS;
    const reference = Math.min(most, Math.max(least, ...last.map((one) => one.application.reference.length)));
    const table = last.map((one) => rowOf(one, width, reference));
    const room = Math.max(1, (screen.rows ?? 40) - table.length - 5);
    const lines = [
      pc.dim(headOf(width, reference)),
      ...table,
      '',
      ...said.slice(-Math.min(room, 8)).map((line) => pc.dim(cut(line, width - 1))),
    ];
    erase();
    screen.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  return {
    show(cases) {
      last = cases;
      draw();
    },
    say(line) {
      said.push(`${elapsed()}  ${line}`);
    },
    print(lines) {
      erase();
      screen.write(`${lines}\n`);
    },
  };
}

/** Column widths. The reference takes what it needs; company and remarks share the rest. */
const WIDTH = { stage: 25, turn: 7, until: 21 };
const REFERENCE_WIDTHS = [10, 24] as const;

function headOf(width: number, referenceWidth: number): string {
  return columns(width, referenceWidth, ['client', 'company', 'stage', 'turn', 'until', 'needs attention']);
}

function rowOf(one: Case, width: number, referenceWidth: number): string {
  const { row } = one;
  const cells = [
    one.application.reference,
    one.application.company.legalName,
    row ? (STAGE[row.stage ?? ''] ?? '') : 'starting',
    one.closed ? '' : (TURN[row?.waitingOn ?? ''] ?? ''),
    one.closed ? '' : (one.until ?? ''),
    one.closed ? (row?.outcome ?? row?.status ?? '') : (row?.attention.join(', ') ?? ''),
  ];
  const line = columns(width, referenceWidth, cells);
  if (one.closed) return row?.outcome === 'access-granted' ? pc.green(line) : pc.blue(line);
  if (row && row.attention.length > 0) return pc.yellow(line);
  return line;
}

function columns(width: number, referenceWidth: number, cells: string[]): string {
  const [reference = '', company = '', stage = '', turn = '', until = '', remark = ''] = cells.map(printableLine);
  const fixed = referenceWidth + WIDTH.stage + WIDTH.turn + WIDTH.until + 5;
  const rest = Math.max(0, width - fixed);
  const forCompany = rest > 45 ? Math.min(32, rest - 28) : 0;
  return cut(
    [
      pad(reference, referenceWidth),
      ...(forCompany > 0 ? [pad(company, forCompany)] : []),
      pad(stage, WIDTH.stage),
      pad(turn, WIDTH.turn),
      pad(until, WIDTH.until),
      remark,
    ].join(' '),
    width - 1,
  );
}

function pad(text: string, width: number): string {
  return cut(text, width).padEnd(width);
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
}
