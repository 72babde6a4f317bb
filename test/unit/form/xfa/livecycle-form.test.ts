import { describe, expect, it } from 'vitest';
import { fillValues } from '../../../../src/form/fill/fill-values.js';
import { inspectForm } from '../../../../src/form/map/inspect-form.js';
import { livecycleForm, livecycleName } from '../../../support/livecycle/livecycle-form.js';

const company = (pageNames = false) => livecycleName(1, 'SectionA', 'Line1_CompanyName', { pageNames });
const importer = (pageNames = false) => livecycleName(2, 'SectionA1', 'Importer_PS', { pageNames });

/** A form of Designer's make has unnamed subforms in its names; a dynamic form has no names for them at all. */
const withoutPages = (name: string) => name.replace(/#subform\[\d+\]\./, '');

describe('a generated form of the make of LiveCycle Designer', () => {
  it.each([
    { kind: 'hybrid', encrypted: 'AES-128', usageRights: true, pages: 7 },
    { kind: 'hybrid', encrypted: 'AES-256', pageNames: true },
    { kind: 'hybrid', usageRights: true, barcode: 'none', tooltips: false },
  ] as const)('is a hybrid form of 5 or more pages that is filled: %j', async (options) => {
    const template = await livecycleForm(options);
    const pageNames = 'pageNames' in options;
    const form = await inspectForm({ template });
    expect(form).toMatchObject({
      kind: 'hybrid-xfa',
      pages: 'pages' in options ? options.pages : 5,
      encrypted: 'encrypted' in options,
      usageRights: 'usageRights' in options,
    });
    const computed = livecycleName(5, 'Additional1', 'AccountName', { pageNames });
    const values = { [company(pageNames)]: 'Nowhere Trading', [importer(pageNames)]: 'P', [computed]: '' };
    expect(await fillValues({ template, values })).toMatchObject({ kind: 'filled' });
  });

  it.each([
    { kind: 'dynamic', usageRights: true },
    { kind: 'dynamic', encrypted: 'AES-256', pages: 6 },
  ] as const)('is a dynamic form that is filled: %j', async (options) => {
    const template = await livecycleForm(options);
    expect(await inspectForm({ template })).toMatchObject({
      kind: 'dynamic-xfa',
      pages: 'pages' in options ? options.pages : 5,
    });
    const values = { [withoutPages(company())]: 'Nowhere Trading', [withoutPages(importer())]: 'P' };
    expect(await fillValues({ template, values })).toMatchObject({ kind: 'filled' });
  });

  it('has as many boxes as a hybrid and as a dynamic form, of the same names and types', async () => {
    const fieldsOf = async (kind: 'hybrid' | 'dynamic') => {
      const { fields } = await inspectForm({ template: await livecycleForm({ kind, barcode: 'none' }) });
      return fields.map(({ name, type }) => `${withoutPages(name)} ${type}`).sort();
    };
    expect(await fieldsOf('hybrid')).toEqual(await fieldsOf('dynamic'));
  });
});
