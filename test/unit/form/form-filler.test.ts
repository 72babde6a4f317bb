import { beforeEach, expect, test, vi } from 'vitest';
import { fillFingerprint, openForm } from '../../../src/form/map/edition.js';
import { PdfRefusedError } from '../../../src/form/pdf/pdf-refused.js';
import { createFormFiller, FormProcesses } from '../../../src/form/tasks/form-process.js';
import { FORM_TASKS } from '../../../src/form/tasks/form-tasks.js';
import { previewForm } from '../../../src/form/tasks/preview-form.js';
import { sampleApplication } from './sample-application.js';

/** The picture is for people, and comes with the form in one turn of the process. The form never depends on it. */

vi.mock('../../../src/form/tasks/preview-form.js', () => ({ previewForm: vi.fn() }));
const form = await openForm('forms/replica.pdf', 'forms/replica.map.json');
const application = sampleApplication();
const order = { application, template: form.template, map: form.map };
const picture = Uint8Array.of(1, 2, 3);
beforeEach(() => {
  vi.restoreAllMocks();
});

test('a form and its picture are one task', async () => {
  vi.mocked(previewForm).mockResolvedValue(picture);
  const run = vi
    .spyOn(FormProcesses.prototype, 'run')
    .mockImplementation((async (name: 'fillForm', argument: Parameters<typeof FORM_TASKS.fillForm>[0]) =>
      FORM_TASKS[name](argument)) as FormProcesses['run']);
  const filled = await createFormFiller(form).fill(application);
  expect(filled).toMatchObject({ kind: 'filled', picture });
  expect(run).toHaveBeenCalledTimes(1);
});

test('a picture that fails does not fail the form, and the reason is known', async () => {
  vi.mocked(previewForm).mockRejectedValue(new Error('no canvas'));
  expect(await FORM_TASKS.fillForm({ ...order, picture: true })).toMatchObject({
    kind: 'filled',
    sha256: expect.any(String),
    pictureProblem: 'no canvas',
  });
});

test('a form without a picture is what is left if the process had to be stopped, and other errors are thrown', async () => {
  const run = vi.spyOn(FormProcesses.prototype, 'run');
  const tooHeavy = new PdfRefusedError('pdf-too-heavy', 'It took too much memory.');
  const filled = await FORM_TASKS.fillForm(order);
  run.mockRejectedValueOnce(tooHeavy).mockResolvedValueOnce(filled as never);
  expect(await createFormFiller(form).fill(application)).toEqual({ ...filled, pictureProblem: tooHeavy.message });
  expect(run).toHaveBeenLastCalledWith('fillForm', order);

  run.mockRejectedValueOnce(new PdfRefusedError('pdf-signed', 'It is signed.'));
  await expect(createFormFiller(form).fill(application)).rejects.toMatchObject({ code: 'pdf-signed' });
});

test('the fingerprint changes with the form, the map, and the version, and with nothing else', () => {
  const { map, template } = form;
  const fingerprints = [
    fillFingerprint(form, '1.0.0'),
    fillFingerprint(form, '1.0.1'),
    fillFingerprint({ map, template: Uint8Array.from([...template, 10]) }, '1.0.0'),
    fillFingerprint({ template, map: { ...map, fields: map.fields.slice(1) } }, '1.0.0'),
  ];
  expect(new Set(fingerprints).size).toBe(4);
  const reordered = Object.fromEntries(Object.entries(map).reverse()) as typeof map;
  expect(fillFingerprint({ template, map: reordered }, '1.0.0')).toBe(fingerprints[0]);
});
