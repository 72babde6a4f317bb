import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openView, type Screen } from '../../../../simulator/demo/demo-view.js';
import { type Case, newCases } from '../../../../simulator/rehearsal/rehearsal.js';
import { SCENARIOS } from '../../../../simulator/rehearsal/scenarios.js';
import { sampleApplication } from '../cbp/sample-application.js';

describe('what the user sees', () => {
  it('without a terminal: prints one line per change, and none otherwise', () => {
    const { screen, lines } = screenOf({});
    const view = openView(screen, screen);
    const one = waiting();
    view.show([one]);
    view.show([one]);
    Object.assign(one.row ?? {}, { attention: ['late'] });
    view.show([one]);
    expect(lines().map((line) => line.replace(/^ *[\d.]+ s {2}/, ''))).toEqual([
      "MAPLE-1  awaiting decision, CBP's turn until Thu Dec 3, 5:00 PM ET",
      "MAPLE-1  awaiting decision, CBP's turn until Thu Dec 3, 5:00 PM ET, needs attention: late",
    ]);
  });

  it.each([60, 80, 100, 140, 200])(
    'at a terminal of %i columns: shows who, which stage, whose turn and until when, without wrapping a line',
    (columns) => {
      const { screen, lines } = screenOf({ isTTY: true, columns, rows: 40 });
      const view = openView(screen, screen);
      view.say(`MAPLE-1  ${'a long thing that somebody did '.repeat(10)}`);
      view.show([waiting()]);
      const shown = lines();
      expect(Math.max(...shown.map((line) => line.length))).toBeLessThan(columns);
      expect(shown.join('\n')).toMatch(/MAPLE-1 +.*awaiting decision +CBP/);
      if (columns >= 80) expect(shown.join('\n')).toContain('Thu Dec 3, 5:00 PM ET');
    },
  );

  it('at a terminal: redraws the table in place, and keeps printed lines above it', () => {
    const { screen, raw } = screenOf({ isTTY: true, columns: 100, rows: 40 });
    const view = openView(screen, screen);
    view.show([waiting()]);
    const drawn = raw().split('\n').length - 1;
    view.print('to keep');
    expect(raw()).toContain(`\x1b[${drawn}A\x1b[Jto keep\n`);
  });
});

describe('a table', () => {
  it('shows client names as plain text in one line', () => {
    const { screen, raw } = screenOf({ isTTY: true, columns: 160, rows: 40 });
    const one = waiting();
    one.application.company.legalName = 'Acme\x1b[2J\x9b\u202e\r\nForged';
    openView(screen, screen).show([one]);
    expect(stripVTControlCharacters(raw())).toMatch(/ Acme.* Forged .*awaiting decision/);
    for (const acting of ['\x1b[2J', '\x9b', '\u202e', '\r']) expect(raw()).not.toContain(acting);
  });
});

describe('an error', () => {
  it('goes to stderr, after the table is cleared', () => {
    const { screen, raw } = screenOf({ isTTY: true, columns: 100, rows: 40 });
    const errors: string[] = [];
    const view = openView(screen, {
      write: (text) => errors.push(`${raw().length}: ${stripVTControlCharacters(text)}`),
    });
    view.show([waiting()]);
    view.showError('The disk\u202e is full.');
    const cleared = raw().lastIndexOf('\x1b[J');
    expect(cleared).toBeGreaterThan(0);
    expect(errors).toEqual([`${raw().length}: The disk is full.\n`]);
    view.print('Stopping …');
    expect(raw().lastIndexOf('\x1b[J')).toBe(cleared);
  });
});

function waiting(): Case {
  const [one] = newCases([
    { application: sampleApplication(), scenario: SCENARIOS.happy, scenarioName: 'happy' },
  ]).values();
  if (!one) throw new Error('no case');
  one.row = {
    reference: 'MAPLE-1',
    workflowId: 'onboarding-maple-1',
    stage: 'awaiting-decision',
    waitingOn: 'cbp',
    attention: [],
    status: 'running',
    url: '',
  };
  one.until = 'Thu Dec 3, 5:00 PM ET';
  return one;
}

function screenOf(properties: Partial<Screen>) {
  let written = '';
  const screen: Screen = {
    ...properties,
    write(text) {
      written += text;
    },
  };
  const raw = () => written;
  return { screen, raw, lines: () => stripVTControlCharacters(written).trimEnd().split('\n') };
}
