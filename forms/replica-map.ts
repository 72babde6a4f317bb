import type { FieldMap, MapEntry, Section } from '../src/form/map/field-map.js';
import { type Ask, COUNTRIES, type Page } from './replica-content.js';

/** Which application field goes into which box of the replica. A map of CBP's own form looks the same. */

type Filling = { fill: MapEntryFill } & Partial<Pick<FilledPart, 'format' | 'options' | 'shrink'>>;
type FilledPart = Extract<MapEntry, { fill: unknown }>;
type MapEntryFill = FilledPart['fill'];

const FILLINGS: Record<string, Filling> = {
  CompanyName: { fill: 'company.legalName' },
  FiscalYearEnd: { fill: 'company.fiscalYearEnd', format: 'MMDD' },
  Street: { fill: 'company.address.street' },
  City: { fill: 'company.address.city' },
  State: { fill: 'company.address.state' },
  PostalCode: { fill: 'company.address.postalCode' },
  Country: { fill: 'company.address.country', options: COUNTRIES },
  Phone: { fill: 'company.phone' },
  Fax: { fill: 'company.fax' },
  DUNS: { fill: 'company.duns' },
  Website: { fill: 'company.website' },
  OrgStructure: {
    fill: 'company.organization',
    options: {
      corporation: '1',
      'limited-liability-company': '2',
      partnership: '3',
      'sole-proprietorship': '4',
      other: '5',
    },
  },
  OfficerLastName: { fill: 'officer.lastName' },
  OfficerFirstName: { fill: 'officer.firstName' },
  OfficerTitle: { fill: 'officer.title' },
  OfficerDOB: { fill: 'officer.dateOfBirth', format: 'MMDDYYYY' },
  Importer_PS: { fill: 'importer.primary', options: { yes: 'P' } },
  Importer_IR1: { fill: 'importerNumber' },
  Importer_IR2: { fill: 'furtherImporterNumber.1' },
  EntityName: { fill: 'company.legalName' },
  EntityAddress: { fill: 'company.address' },
  ContactLastName: { fill: 'accountOwner.lastName' },
  ContactFirstName: { fill: 'accountOwner.firstName' },
  ContactTitle: { fill: 'accountOwner.title' },
  ContactEmail: { fill: 'accountOwner.email' },
  ContactPhone: { fill: 'accountOwner.phone' },
  QuestionsName: { fill: 'accountOwner.name' },
  QuestionsEmail: { fill: 'accountOwner.email' },
  OfficerAcknowledges: { fill: 'acknowledgement.officer' },
  OfficerPrintedName: { fill: 'acknowledgement.officer.name' },
  OfficerDate: { fill: 'acknowledgement.officer.date', format: 'MM/DD/YYYY' },
  OwnerAcknowledges: { fill: 'acknowledgement.accountOwner' },
  OwnerPrintedName: { fill: 'acknowledgement.accountOwner.name' },
  OwnerDate: { fill: 'acknowledgement.accountOwner.date', format: 'MM/DD/YYYY' },
};

const SECTION_OF: Record<string, Section> = {
  SectionA: 'A',
  SectionA1: 'A.1',
  SectionB1: 'B Part 1',
  SectionB2: 'B Part 2',
  SectionC: 'C',
  SectionD: 'D',
};

export function replicaMap(
  pages: Page[],
  { edition, fingerprint, nameOf }: { edition: string; fingerprint: string; nameOf: NameOf },
): FieldMap {
  const fields = pages.flatMap((page) =>
    page.blocks.flatMap((block) =>
      block.rows.flatMap((row) =>
        row.cells.map(({ ask }): MapEntry => {
          const activity = activityOf(block.subform, ask.name);
          return {
            field: nameOf(page.number, block.subform, ask.name),
            section: SECTION_OF[block.subform] ?? 'other',
            ...(activity ? { activity } : {}),
            caption: ask.caption,
            ...fillingOf(ask, block.subform),
          };
        }),
      ),
    ),
  );
  return { version: 1, edition, fingerprint, fields };
}

/** Full name of a field in one variant of the replica. */
export type NameOf = (page: number, subform: string, name: string) => string;

export const acroFormName: NameOf = (page, subform, name) =>
  `topmostSubform[0].Page${page}[0].${subform}[0].${name}[0]`;

/** In the dynamic variant the rows have no name, and the root has another. */
export const xfaName: NameOf = (page, subform, name) => `form1[0].Page${page}[0].${subform}[0].${name}[0]`;

/** New names in the next edition, and the original ones. */
const RENAMED: Record<string, string> = {
  LegalCompanyName: 'CompanyName',
  DateOfBirth: 'OfficerDOB',
};

function fillingOf(ask: Ask, subform: string): Filling | { leave: string } {
  const filling = FILLINGS[RENAMED[ask.name] ?? ask.name];
  if (filling) return filling;
  if (ask.name === 'UEI') return { leave: 'Optional, and no application has it.' };
  if (subform === 'SectionB1') return { leave: 'Part 1 is for individuals; a company fills Part 2.' };
  return { leave: 'A business activity other than importer.' };
}

/** `TruckCarrier_SCAC` belongs to the row `truck-carrier`. */
function activityOf(subform: string, name: string): string | undefined {
  if (subform.startsWith('Section') && subform !== 'SectionA1') return undefined;
  const row = name.split('_')[0] ?? name;
  return row.replace(/([a-z])([A-Z])|([A-Z]+)([A-Z][a-z])/g, '$1$3-$2$4').toLowerCase();
}
