import type { Application } from '../../application/application.js';
import type { FilledForm } from '../fill/fill-form.js';
import type { OpenedForm } from '../map/edition.js';
import { FormProcesses, type FormProcessOptions } from './form-process.js';

/** For the form that a worker is configured with. Generous, because a machine may be busy. */
const OWN_FORM_LIMITS = { milliseconds: 60_000, megabytes: 512 };

/** Fills one edition of the form in separate processes. */
export interface FormFiller {
  /** Like `fillForm`, with the same errors. */
  fill(application: Application): Promise<FilledForm>;
  /** A filled form as one PNG for people, its pages one below the other. */
  preview(pdf: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

export function createFormFiller({
  template,
  map,
  ...options
}: Pick<OpenedForm, 'template' | 'map'> & FormProcessOptions): FormFiller {
  const processes = new FormProcesses({ ...OWN_FORM_LIMITS, ...options });
  return {
    fill: (application) => processes.run('fillForm', { application, template, map }),
    preview: (pdf) => processes.run('previewForm', { pdf }),
    close: () => processes.close(),
  };
}
