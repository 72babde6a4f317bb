import { describe, expect, it } from 'vitest';
import { scriptOutcome } from '../../../../src/form/scripts/script-outcome.js';

/** What a script makes of a value is told or unknown; no script is run, however it is written. */

const outcome = (text: string, value = 'Ann', on: 'keystroke' | 'validate' | 'format' = 'validate', functions = '') =>
  scriptOutcome({ on, text, functions }, value);

describe('a script', () => {
  it.each([
    ['event.rc = false;', { kind: 'refuses' }],
    [
      'if (event.value.length > 2) { app.alert("Too " + "long"); event.rc = false; }',
      { kind: 'refuses', says: 'Too long' },
    ],
    ['if (!/^[A-Z]+$/.test(event.value)) event.rc = false;', { kind: 'refuses' }],
    ['event.value = event.value.replace(/n/g, "m").slice(0, 2);', { kind: 'takes', value: 'Am' }],
    ['var e = event; e.rc = false;', { kind: 'refuses' }],
    ['function shut(it) { it.rc = false; }\nshut(event);', { kind: 'refuses' }],
    ['event["rc"] = false;', { kind: 'refuses' }],
    [
      'this.getField("other").value = event.value; event.target.textColor = color.red;',
      { kind: 'takes', value: 'Ann' },
    ],
    ['if (getField("other").value == "x") getField("third").value = 1;', { kind: 'takes', value: 'Ann' }],
    [
      'var n = 0; while (n < 3) { n++; if (n == 2) break; } event.value = event.value + n;',
      { kind: 'takes', value: 'Ann2' },
    ],
  ])('that can be followed has a known outcome: %s', (text, expected) => {
    expect(outcome(text)).toEqual(expected);
  });

  it.each([
    ['if (getField("other").value == "x") event.rc = false;'],
    ['if (app.viewerVersion > 5) event.value = "";'],
    ['event.rc = getField("other").value != "";'],
    ['event.value = util.printx("999", event.value);'],
    ['event.target.value = "x";'],
    ['var box = event.target; box.value = "x";'],
    ['if (app.viewerVersion > 5) { var box = event.target; box.value = "x"; }'],
    ['eval("event.rc = false");'],
    ['AFNumber_Keystroke(2, 0, 0, 0, "", true) && (event.rc = false);'],
    ['try { event.rc = false; } catch (e) {}'],
    ['missing(event);'],
    ['not JavaScript at all'],
    ['while (true) { event.rc = false; }'],
    ['var s = "x"; while (true) { s = s + s; } event.rc = false;'],
    ['function again() { again(); } again(); event.rc = false;'],
    ['var a = []; a.constructor.constructor("event.rc = false")(); event.rc = x;'],
  ])('that cannot be followed and may decide is unknown: %s', (text) => {
    expect(outcome(text)).toEqual({ kind: 'unknown' });
  });

  it('reaches nothing of this process', () => {
    const reached = 'event.value = "".constructor.constructor("return process")().pid + "";';
    expect(outcome(reached)).toEqual({ kind: 'unknown' });
    expect(outcome('event.__proto__ = /x/; event.value = typeof process + typeof globalThis;')).toEqual({
      kind: 'unknown',
    });
  });

  it('that cannot be followed but has no say is ignored', () => {
    expect(outcome('for (var i in this.info) console.println(i); new Thing().show();')).toEqual({
      kind: 'takes',
      value: 'Ann',
    });
  });

  it('on keystrokes decides about what is pasted and about what is kept', () => {
    const typed = 'if (!event.willCommit) event.rc = event.change != "Ann";';
    const kept = 'if (event.willCommit) event.rc = event.value != "Ann";';
    expect(outcome(typed, 'Ann', 'keystroke')).toEqual({ kind: 'refuses' });
    expect(outcome(kept, 'Ann', 'keystroke')).toEqual({ kind: 'refuses' });
    expect(outcome(kept, 'Bob', 'keystroke')).toEqual({ kind: 'takes', value: 'Bob' });
    expect(outcome('event.change = event.change.toUpperCase();', 'Ann', 'keystroke')).toEqual({
      kind: 'takes',
      value: 'ANN',
    });
  });
});
