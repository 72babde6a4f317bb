import { acceptMap, checkMap } from '../check/check-map.js';
import { draftMap } from '../draft/draft-map.js';
import { numberBoxes } from '../draft/number-boxes.js';
import { type FilledForm, fillForm } from '../fill/fill-form.js';
import { fillValues } from '../fill/fill-values.js';
import { diffForms } from '../map/diff-forms.js';
import { inspectForm } from '../map/inspect-form.js';
import { countPages } from '../pdf/pdf-file.js';
import { previewForm } from './preview-form.js';

/**
 * Everything that parses a PDF, by name. It all runs in a process that can be killed: a hostile PDF can make any reader run
 * forever or use all memory, and even a good one blocks the event loop.
 */
export const FORM_TASKS = {
  acceptMap,
  checkMap: async ({ picture, ...order }: Parameters<typeof checkMap>[0] & { picture?: boolean }) => {
    const { sample, ...checked } = await checkMap(order);
    return { ...checked, ...(picture && sample ? { picture: await previewForm({ pdf: sample }) } : {}) };
  },
  countPages,
  diffForms,
  draftMap,
  /**
   * With `picture`, also a PNG for people, made in the same turn. The form counts without it: what went wrong with the picture
   * is a result.
   */
  fillForm: async ({
    picture,
    ...order
  }: Parameters<typeof fillForm>[0] & { picture?: boolean }): Promise<FilledForm & Pictured> => {
    const form = await fillForm(order);
    if (!picture || form.kind === 'refused') return form;
    try {
      return { ...form, picture: await previewForm({ pdf: form.pdf }) };
    } catch (error) {
      return { ...form, pictureProblem: (error as Error).message };
    }
  },
  fillValues,
  inspectForm,
  numberBoxes,
  previewForm,
};

/** The pages as one PNG, or why there is none. Neither if it was not asked for. */
export interface Pictured {
  picture?: Uint8Array;
  pictureProblem?: string;
}

export type FormTasks = typeof FORM_TASKS;
export type FormTaskName = keyof FormTasks;
export type ArgumentOf<Name extends FormTaskName> = Parameters<FormTasks[Name]>[0];
export type ResultOf<Name extends FormTaskName> = Awaited<ReturnType<FormTasks[Name]>>;
