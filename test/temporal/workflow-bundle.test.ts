import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { CHECKOUT } from '../support/checkout.js';

const workflows = path.join(CHECKOUT, 'src/workflows/index.ts');

/** Adds to the memory of each cached workflow. 1.6 MB of it is Temporal's. */
const LARGEST_BUNDLE = 2.6 * 2 ** 20;

// The bundler itself refuses Node built-ins, unless it is told to ignore one.
describe('the workflow bundle', async () => {
  const { code } = await bundleWorkflowCode({ workflowsPath: workflows, logger: new DefaultLogger('WARN') });
  const modules = modulesIn(code);

  test('contains the workflows, so that the next tests check something', () => {
    expect(modules).toContain('./src/workflows/index.ts');
    expect(modules.some((module) => module.includes('@temporalio/workflow'))).toBe(true);
  });

  test('does not contain zod, which would double the memory of each cached workflow', () => {
    expect(modules.filter((module) => module.includes('node_modules/zod/'))).toEqual([]);
  });

  test('does not contain names of countries', () => {
    expect(modules.filter((module) => module.includes('node_modules/i18n-iso-countries/'))).toEqual([]);
  });

  test('does not contain a Node built-in', () => {
    const ignored = modules.filter((module) => module.startsWith('ignored|') && !module.includes('|__temporal_'));
    expect(ignored).toEqual([]);
  });

  test('contains only workflows and pure code from our sources', () => {
    const ours = modules.filter((module) => module.startsWith('./src/'));
    expect(
      ours.filter((module) => !/^\.\/src\/(workflows|application|calendar|mail|form|temporal)\//.test(module)),
    ).toEqual([]);
  });

  test(`is at most ${(LARGEST_BUNDLE / 2 ** 20).toFixed(1)} MB`, ({ annotate }) => {
    annotate(`the workflow bundle is ${(code.length / 2 ** 20).toFixed(2)} MB`);
    expect(code.length).toBeLessThan(LARGEST_BUNDLE);
  });
});

/** Every module in the source map of the bundle: a path from the checkout, or `ignored|folder|name`. */
function modulesIn(code: string): string[] {
  const map = /sourceMappingURL=data:application\/json;charset=utf-8;base64,([\w+/=]+)/.exec(code)?.[1];
  if (!map) throw new Error('The bundle has no inline source map: find another way to see its modules.');
  const { sources } = JSON.parse(Buffer.from(map, 'base64').toString('utf8')) as { sources: string[] };
  return sources.map((source) => source.replace(CHECKOUT, './'));
}
