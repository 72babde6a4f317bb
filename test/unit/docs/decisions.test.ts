import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKOUT } from '../../support/checkout.js';

const FOLDER = path.join(CHECKOUT, 'docs/decisions');
const read = (file: string) => readFileSync(path.join(FOLDER, file), 'utf8');
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.md') && name !== 'README.md')
  .sort();
const numberOf = (file: string) => Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1]);
const dateOf = (file: string) => /^- Date: (.*)$/m.exec(read(file))?.[1] ?? '';

test('decisions are numbered from 1 without a gap', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.map(numberOf)).toEqual(files.map((_, index) => index + 1));
});

describe.each(files)('%s', (file) => {
  const lines = read(file).split('\n');

  test('starts with its number and title, a date and a status', () => {
    expect(lines[0]).toMatch(new RegExp(`^# ${numberOf(file)}\\. \\S`));
    expect(lines[1]).toBe('');
    expect(lines[2]).toMatch(/^- Date: \d{4}-\d{2}-\d{2}$/);
    expect(lines[3]).toMatch(/^- Status: (accepted(; .+)?|replaced by \[decision \d+\]\(.+\))$/);
    expect(lines[4]).toBe('');
  });

  test('has a valid date that is not before the date of the previous decision', () => {
    const date = dateOf(file);
    expect(new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10)).toBe(date);
    const earlier = files[files.indexOf(file) - 1];
    if (earlier) expect(date >= dateOf(earlier), `${file} is dated before ${earlier}`).toBe(true);
  });

  test('has the sections context, decision and consequences, in this order, each with text', () => {
    const headings = lines.filter((line) => line.startsWith('## '));
    expect(headings).toEqual(['## Context', '## Decision', '## Consequences']);
    for (const section of read(file)
      .split(/^## .*$/m)
      .slice(1))
      expect(section.trim().length).toBeGreaterThan(40);
  });
});

test('the list has every decision with its title and date, and nothing else', () => {
  const rows = read('README.md')
    .split('\n')
    .filter((line) => /^\| \d/.test(line));
  const wanted = files.map((file) => {
    const title = /^# \d+\. (.*)$/m.exec(read(file))?.[1];
    return `| ${numberOf(file)} | [${title}](${file}) | ${dateOf(file)} |`;
  });
  expect(rows).toEqual(wanted);
});
