import { openAcroForm } from './acroform/acroform-document.js';
import { buttonNotes } from './document/button-notes.js';
import type { FormDocument } from './document/form-document.js';
import { loadTypefaces } from './document/typeface.js';
import { type OpenOptions, openPdf } from './pdf/pdf-file.js';
import { PdfRefusedError } from './pdf/pdf-refused.js';
import { noteTemplate } from './xfa/hybrid-knowledge.js';
import { openDynamicXfa } from './xfa/xfa-document.js';

/** @throws PdfRefusedError */
export async function openFormDocument(bytes: Uint8Array, trust: OpenOptions = {}): Promise<FormDocument> {
  await loadTypefaces();
  const file = await openPdf(bytes, trust);
  try {
    const document = file.kind === 'dynamic-xfa' ? openDynamicXfa(file) : openAcroForm(file);
    if (file.kind === 'hybrid-xfa') noteTemplate(file, document);
    document.notes.push(...buttonNotes(document.fields));
    return document;
  } catch (error) {
    if (error instanceof PdfRefusedError) throw error;
    throw new PdfRefusedError(
      'pdf-damaged',
      `The form is damaged: ${(error as Error).message}. Download it again from CBP's page.`,
      { cause: error },
    );
  }
}
