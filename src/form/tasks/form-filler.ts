import type { Application } from '../../application/application.js';
import type { FilledForm } from '../fill/fill-form.js';
import type { FieldMap } from '../map/field-map.js';
import { FormProcesses, type FormProcessOptions } from './form-process.js';

/** For the edition a worker is configured with: patience, since a machine may be busy. */
const OWN_FORM_LIMITS = { milliseconds: 60_000, megabytes: 512 };
/** Fills one edition of the form in processes of its own. */
export interface FormFiller {
  /** As `fillForm`, and throws the same. */
  fill(application: Application): Promise<FilledForm>;
  /** A filled form as one PNG, its pages one below the other, for people. */
  preview(pdf: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

export function createFormFiller({
  template,
  map,
  ...options
}: { template: Uint8Array; map: FieldMap } & FormProcessOptions): FormFiller {
  const processes = new FormProcesses({ ...OWN_FORM_LIMITS, ...options });
  return {
    fill: (application) => processes.run('fillForm', { application, template, map }),
    preview: (pdf) => processes.run('previewForm', { pdf }),
    close: () => processes.close(),
  };
}
