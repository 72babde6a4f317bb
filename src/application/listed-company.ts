import type { Application } from './application.js';

/** The name the UI's list shows: never a sole proprietor's, which is a person's. */
export function listedCompany({ company, reference }: Application, companyInSearchAttributes: boolean): string {
  return companyInSearchAttributes && company.organization !== 'sole-proprietorship' ? company.legalName : reference;
}
