/**
 * What the replica of CBP's application asks, section by section. CBP's own file was not available, so this follows the
 * guide and CBP's public notices. The content of Section C is unknown, and the page says so.
 */

export type Ask =
  | { kind: 'text'; name: string; caption: string; comb?: number; maxLength?: number; multiline?: true }
  | { kind: 'dropdown'; name: string; caption: string; options: string[] }
  | { kind: 'choice'; name: string; caption: string; options: { on: string; label: string }[] }
  | { kind: 'tick'; name: string; caption: string; on: string };

/** One field of a row. `share` is its part of the page's width; the shares of a row add up to 1. */
export interface Row {
  height?: number;
  cells: { share: number; ask: Ask }[];
}

export interface Block {
  /** Part of the hierarchical field name: `topmostSubform[0].Page2[0].SectionA[0]`. */
  subform: string;
  title: string;
  note?: string;
  rows: Row[];
}

export interface Page {
  number: number;
  blocks: Block[];
}

const text = (
  share: number,
  name: string,
  caption: string,
  more: { comb?: number; maxLength?: number; multiline?: true } = {},
) => ({ share, ask: { kind: 'text' as const, name, caption, ...more } });

/** ISO 3166 code to the words on the form. */
export const COUNTRIES: Record<string, string> = {
  US: 'UNITED STATES',
  AR: 'ARGENTINA',
  AU: 'AUSTRALIA',
  AT: 'AUSTRIA',
  BD: 'BANGLADESH',
  BE: 'BELGIUM',
  BR: 'BRAZIL',
  CA: 'CANADA',
  CL: 'CHILE',
  CN: 'CHINA',
  CO: 'COLOMBIA',
  CR: 'COSTA RICA',
  CZ: 'CZECHIA',
  DK: 'DENMARK',
  DO: 'DOMINICAN REPUBLIC',
  EC: 'ECUADOR',
  EG: 'EGYPT',
  FI: 'FINLAND',
  FR: 'FRANCE',
  DE: 'GERMANY',
  GR: 'GREECE',
  GT: 'GUATEMALA',
  HK: 'HONG KONG',
  HU: 'HUNGARY',
  IN: 'INDIA',
  ID: 'INDONESIA',
  IE: 'IRELAND',
  IL: 'ISRAEL',
  IT: 'ITALY',
  JP: 'JAPAN',
  KR: 'KOREA, REPUBLIC OF',
  MY: 'MALAYSIA',
  MX: 'MEXICO',
  NL: 'NETHERLANDS',
  NZ: 'NEW ZEALAND',
  NO: 'NORWAY',
  PK: 'PAKISTAN',
  PA: 'PANAMA',
  PE: 'PERU',
  PH: 'PHILIPPINES',
  PL: 'POLAND',
  PT: 'PORTUGAL',
  RO: 'ROMANIA',
  SG: 'SINGAPORE',
  ZA: 'SOUTH AFRICA',
  ES: 'SPAIN',
  LK: 'SRI LANKA',
  SE: 'SWEDEN',
  CH: 'SWITZERLAND',
  TW: 'TAIWAN',
  TH: 'THAILAND',
  TR: 'TURKEY',
  AE: 'UNITED ARAB EMIRATES',
  GB: 'UNITED KINGDOM',
  UY: 'URUGUAY',
  VN: 'VIET NAM',
};

const country = (share: number, name: string) => ({
  share,
  ask: { kind: 'dropdown' as const, name, caption: '7. Country', options: Object.values(COUNTRIES) },
});

/** A business activity: the bubbles P (primary) and S (secondary) in front, then its identifier boxes. */
function activity(name: string, label: string, identifiers: { name: string; caption: string; length: number }[]): Row {
  const share = 0.52 / identifiers.length;
  return {
    cells: [
      {
        share: 0.48,
        ask: {
          kind: 'choice',
          name: `${name}_PS`,
          caption: label,
          options: [
            { on: 'P', label: 'P' },
            { on: 'S', label: 'S' },
          ],
        },
      },
      ...identifiers.map((identifier) =>
        text(share, `${name}_${identifier.name}`, identifier.caption, { comb: identifier.length }),
      ),
    ],
  };
}

export const INSTRUCTIONS: { heading: string; body: string }[] = [
  {
    heading: 'This is a replica',
    body: 'This file was made for rehearsals and tests. It is not a form of U.S. Customs and Border Protection, CBP has not seen it, and it must never be sent to CBP. It imitates the sections of the ACE Secure Data Portal Account Application as they are publicly described. Field names, page breaks, wording and the whole of Section C are assumptions.',
  },
  {
    heading: 'Who applies',
    body: 'A company that imports into the United States and wants an ACE Secure Data Portal account: to see its entries, reports and refunds. The number given in Section A.1 must be the one on its CBP Form 5106.',
  },
  {
    heading: 'What an importer fills',
    body: 'Section A in full. In Section A.1 choose P (primary) in front of IMPORTER and enter the full importer number, with its suffix, in the first box; leave every other business activity blank. Skip to Section B: leave Part 1 blank and complete Part 2, Legal Entity. Complete Sections C and D. The officer named in Section A and the account owner named in Section B each tick their own acknowledgement.',
  },
  {
    heading: 'Importer number',
    body: 'EIN with suffix NN-NNNNNNNXX (the suffix is two characters, often 00, and never omitted), social security number NNN-NN-NNNN, or CBP-assigned number NNNNNN-NNNNN.',
  },
  {
    heading: 'Sending it',
    body: 'On the real form a button on the last page opens a mail to the applications mailbox. If nothing happens: save the file, and mail it as an attachment with the company name and the full importer number in the subject line. An automatic acknowledgement follows, then a decision.',
  },
  {
    heading: 'Privacy and paperwork statements',
    body: 'The real form carries a Privacy Act statement and a Paperwork Reduction Act notice (OMB control number 1651-0105) here. A replica collects nothing, so it has none.',
  },
];

export const PAGES: Page[] = [
  {
    number: 2,
    blocks: [
      {
        subform: 'SectionA',
        title: 'SECTION A.  ACCOUNT / COMPANY INFORMATION',
        rows: [
          {
            cells: [
              text(0.74, 'CompanyName', '1. Company name, as on CBP Form 5106', { maxLength: 70 }),
              text(0.26, 'FiscalYearEnd', '2. End of fiscal year (MMDD)', { comb: 4 }),
            ],
          },
          {
            cells: [
              text(0.62, 'Street', '3. Street address', { maxLength: 80 }),
              text(0.38, 'City', '4. City', { maxLength: 40 }),
            ],
          },
          {
            cells: [
              text(0.2, 'State', '5. State or province', { maxLength: 10 }),
              text(0.25, 'PostalCode', '6. ZIP or postal code', { maxLength: 12 }),
              country(0.55, 'Country'),
            ],
          },
          {
            cells: [
              text(0.33, 'Phone', '8. Telephone', { maxLength: 24 }),
              text(0.33, 'Fax', '9. Fax (optional)', { maxLength: 24 }),
              text(0.34, 'DUNS', '10. DUNS (optional)', { comb: 9 }),
            ],
          },
          { cells: [text(1, 'Website', '11. Website (optional)', { maxLength: 100 })] },
          {
            height: 34,
            cells: [
              {
                share: 1,
                ask: {
                  kind: 'choice',
                  name: 'OrgStructure',
                  caption: '12. Organizational structure',
                  options: [
                    { on: '1', label: 'Corporation' },
                    { on: '2', label: 'LLC' },
                    { on: '3', label: 'Partnership' },
                    { on: '4', label: 'Sole proprietorship' },
                    { on: '5', label: 'Other' },
                  ],
                },
              },
            ],
          },
          {
            cells: [
              text(0.35, 'OfficerLastName', '13. Company officer: last name', { maxLength: 40 }),
              text(0.3, 'OfficerFirstName', 'First name', { maxLength: 40 }),
              text(0.35, 'OfficerTitle', '14. Title', { maxLength: 40 }),
            ],
          },
          { cells: [text(0.5, 'OfficerDOB', "15. Officer's date of birth (MMDDYYYY)", { comb: 8 })] },
        ],
      },
      {
        subform: 'SectionA1',
        title: 'SECTION A.1  IMPORTER / BROKER / FILER / SURETY',
        note: 'Choose P (primary) or S (secondary) in front of each business activity that applies, and give its identifier.',
        rows: [
          activity('Importer', 'IMPORTER', [
            { name: 'IR1', caption: 'Importer number with suffix', length: 12 },
            { name: 'IR2', caption: 'Further importer number', length: 12 },
          ]),
          activity('Broker', 'BROKER', [{ name: 'FilerCode', caption: 'Filer code', length: 3 }]),
          activity('Filer', 'FILER (SELF-FILER)', [{ name: 'FilerCode', caption: 'Filer code', length: 3 }]),
          activity('Surety', 'SURETY', [{ name: 'SuretyCode', caption: 'Surety code', length: 3 }]),
        ],
      },
    ],
  },
  {
    number: 3,
    blocks: [
      {
        subform: 'ServiceProvider',
        title: 'SECTION A.2  SERVICE PROVIDER',
        rows: [
          activity('ServiceProvider', 'SERVICE PROVIDER', [{ name: 'Code', caption: 'SCAC or filer code', length: 4 }]),
        ],
      },
      {
        subform: 'Facility',
        title: 'SECTION A.3  FACILITY OPERATOR / FOREIGN TRADE ZONE',
        rows: [
          activity('FacilityOperator', 'FACILITY OPERATOR', [{ name: 'FIRMS', caption: 'FIRMS code', length: 4 }]),
          activity('FTZOperator', 'FOREIGN TRADE ZONE OPERATOR', [{ name: 'FIRMS', caption: 'FIRMS code', length: 4 }]),
        ],
      },
      {
        subform: 'Carrier',
        title: 'SECTION A.4  CARRIERS',
        rows: [
          activity('AirCarrier', 'AIR CARRIER', [{ name: 'Code', caption: 'Carrier code', length: 4 }]),
          activity('RailCarrier', 'RAIL CARRIER', [{ name: 'SCAC', caption: 'SCAC', length: 4 }]),
          activity('SeaCarrier', 'SEA CARRIER', [{ name: 'SCAC', caption: 'SCAC', length: 4 }]),
          activity('TruckCarrier', 'TRUCK CARRIER', [{ name: 'SCAC', caption: 'SCAC', length: 4 }]),
        ],
      },
      {
        subform: 'DriverCrew',
        title: 'SECTION A.5  DRIVER / CREW',
        rows: [
          {
            cells: [
              text(0.5, 'DriverName', 'Name of driver or crew member', { maxLength: 60 }),
              text(0.5, 'DriverLicense', 'Licence or travel document number', { maxLength: 24 }),
            ],
          },
        ],
      },
    ],
  },
  {
    number: 4,
    blocks: [
      {
        subform: 'SectionB1',
        title: 'SECTION B.  ACCOUNT OWNER.  PART 1: INDIVIDUAL',
        note: 'Only where the account owner is an individual applying for himself or herself. Companies leave Part 1 blank.',
        rows: [
          {
            cells: [
              text(0.4, 'IndividualLastName', '1. Last name', { maxLength: 40 }),
              text(0.3, 'IndividualFirstName', 'First name', { maxLength: 40 }),
              text(0.3, 'IndividualDOB', '2. Date of birth (MMDDYYYY)', { comb: 8 }),
            ],
          },
          {
            cells: [
              text(0.6, 'IndividualEmail', '3. E-mail', { maxLength: 80 }),
              text(0.4, 'IndividualPhone', '4. Telephone', { maxLength: 24 }),
            ],
          },
        ],
      },
      {
        subform: 'SectionB2',
        title: 'SECTION B.  ACCOUNT OWNER.  PART 2: LEGAL ENTITY',
        note: 'The point of contact becomes the Trade Account Owner, the one person who can grant others access in ACE.',
        rows: [
          { cells: [text(1, 'EntityName', '1. Name of legal entity', { maxLength: 70 })] },
          { height: 54, cells: [text(1, 'EntityAddress', '2. Address', { multiline: true })] },
          {
            cells: [
              text(0.35, 'ContactLastName', '3. Point of contact: last name', { maxLength: 40 }),
              text(0.3, 'ContactFirstName', 'First name', { maxLength: 40 }),
              text(0.35, 'ContactTitle', '4. Title (optional)', { maxLength: 40 }),
            ],
          },
          {
            cells: [
              text(0.6, 'ContactEmail', '5. Business e-mail', { maxLength: 80 }),
              text(0.4, 'ContactPhone', '6. Telephone', { maxLength: 24 }),
            ],
          },
        ],
      },
    ],
  },
  {
    number: 5,
    blocks: [
      {
        subform: 'SectionC',
        title: 'SECTION C.  (CONTENT NOT ESTABLISHED)',
        note: 'What CBP asks in Section C is not publicly known; importers must complete it. This replica assumes a contact for questions.',
        rows: [
          {
            cells: [
              text(0.5, 'QuestionsName', '1. Name of contact for questions', { maxLength: 80 }),
              text(0.5, 'QuestionsEmail', '2. E-mail', { maxLength: 80 }),
            ],
          },
        ],
      },
      {
        subform: 'SectionD',
        title: 'SECTION D.  AUTHORIZATION AND ACKNOWLEDGEMENT',
        note: 'Two people acknowledge the terms of the account (72 FR 27632, as amended): each ticks the box beside the own name.',
        rows: [
          {
            height: 34,
            cells: [
              {
                share: 1,
                ask: {
                  kind: 'tick',
                  name: 'OfficerAcknowledges',
                  caption:
                    'The company officer named in Section A designates the account owner and agrees to the terms and conditions.',
                  on: 'Agree',
                },
              },
            ],
          },
          {
            cells: [
              text(0.7, 'OfficerPrintedName', 'Company officer, printed name', { maxLength: 80 }),
              text(0.3, 'OfficerDate', 'Date (MM/DD/YYYY)', { maxLength: 10 }),
            ],
          },
          {
            height: 34,
            cells: [
              {
                share: 1,
                ask: {
                  kind: 'tick',
                  name: 'OwnerAcknowledges',
                  caption:
                    'The account owner named in Section B accepts the duties of a Trade Account Owner and the terms and conditions.',
                  on: '1',
                },
              },
            ],
          },
          {
            cells: [
              text(0.7, 'OwnerPrintedName', 'Account owner, printed name', { maxLength: 80 }),
              text(0.3, 'OwnerDate', 'Date (MM/DD/YYYY)', { maxLength: 10 }),
            ],
          },
        ],
      },
    ],
  },
];
