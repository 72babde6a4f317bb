/**
 * What CBP's application asks, as an agency would write it in LiveCycle Designer: a name for each box, words beside it, a
 * tooltip that a screen reader speaks, pictures and scripts. Names and wording are assumptions.
 */

export interface Box {
  name: string;
  kind: 'text' | 'date' | 'tick' | 'bubbles' | 'list' | 'signature' | 'calculated' | 'barcode' | 'button';
  /** Its part of the row's width. */
  share: number;
  /** Printed beside the box. */
  caption: string;
  /** The last sentence of the tooltip. The section's words come before it. */
  ask?: string;
  most?: number;
  comb?: true;
  multiline?: true;
  /** How the value is shown: `date{MM/DD/YYYY}`. */
  picture?: string;
  /** The only characters that can be typed, as in a character class, and these in words. */
  only?: { characters: string; words: string };
  /** Length that a complete value has. */
  exactly?: number;
  options?: { on: string; label: string }[];
  /** Nobody can type into it until a script opens it. */
  closed?: true;
  required?: true;
  /** JavaScript that runs when the value changes. */
  change?: string;
  /** FormCalc or JavaScript that computes the value. */
  calculate?: string;
  /** Has its place on the page, but is invisible. */
  hidden?: true;
  /** Not printed. */
  screenOnly?: true;
}

export interface Row {
  height?: number;
  boxes: Box[];
}

export interface SectionOfForm {
  /** The name of its subform. */
  name: string;
  title: string;
  /** What tooltips begin with. */
  spoken: string;
  note?: string;
  rows: Row[];
}

const LETTERS = { characters: "A-Za-z\\-' ", words: 'letters, space, apostrophe and hyphen' };
const NUMBERS = { characters: '0-9', words: 'numbers' };
const CODE = { characters: 'A-Za-z0-9', words: 'letters and numbers' };
const DATE = { kind: 'date', most: 10, picture: 'date{MM/DD/YYYY}' } as const;

type More = Partial<Omit<Box, 'name' | 'share' | 'caption' | 'ask'>>;

const box = (share: number, name: string, caption: string, ask: string, more: More = {}): Box => ({
  kind: 'text',
  share,
  name,
  caption,
  ask,
  ...more,
});

const phone = (share: number, name: string, caption: string, ask: string): Box =>
  box(share, name, caption, `${ask}. Enter 10 digit number.`, {
    most: 10,
    only: NUMBERS,
    picture: 'null{}|zero{}|text{9999999999}',
  });

const states =
  'AL AK AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY';
const list = (values: string[]) => values.map((value) => ({ on: value, label: value }));
export const STATES = list([' ', ...states.split(' ')]);
export const COUNTRIES = list([
  ' ',
  'United States',
  'Canada',
  'China',
  'Germany',
  'Mexico',
  'United Kingdom',
  'Vietnam',
]);

/** Opens boxes when this one is checked, and else empties and closes them, as agencies write it. */
const opening = (on: string, ...names: string[]) =>
  `if (this.rawValue == "${on}")\n{\n${names.map((name) => `${name}.rawValue = '';\n${name}.access = 'open';\n`).join('')}}\nelse\n{\n${names.map((name) => `${name}.rawValue = '';\n${name}.access = 'readOnly';\n`).join('')}}`;

const bubbles = (share: number, name: string, caption: string, ask: string, options: Box['options'], more: More = {}) =>
  box(share, name, caption, ask, { kind: 'bubbles', ...(options ? { options } : {}), ...more });

/** A business activity: P or S in front of it, and its identifiers. */
function activity(name: string, label: string, identifiers: [name: string, caption: string, length: number][]): Row {
  const share = 0.5 / identifiers.length;
  return {
    boxes: [
      bubbles(0.5, `${name}_PS`, label, `${label}. Select P for primary or S for secondary.`, [
        { on: 'P', label: 'P' },
        { on: 'S', label: 'S' },
      ]),
      ...identifiers.map(([last, caption, length]) =>
        box(share, `${name}_${last}`, caption, `${label}. Enter ${caption}.`, {
          most: length,
          ...(length > 4
            ? { only: { characters: 'A-Za-z0-9\\-', words: 'letters, numbers and hyphen' } }
            : { only: CODE }),
        }),
      ),
    ],
  };
}

const sectionA: SectionOfForm = {
  name: 'SectionA',
  title: 'Section A.  Account / Company Information',
  spoken: 'Section A.  Account and Company Information',
  rows: [
    {
      boxes: [
        box(
          0.7,
          'Line1_CompanyName',
          '1. Company Name (as on CBP Form 5106)',
          '1. Enter Company Name, as on C B P Form 51 06',
          {
            most: 70,
            required: true,
          },
        ),
        box(
          0.3,
          'Line2_FiscalYearEnd',
          '2. End of Fiscal Year (mmdd)',
          '2. Enter End of Fiscal Year as 2-digit Month and 2-digit Day',
          {
            most: 4,
            comb: true,
            only: NUMBERS,
            picture: 'null{}|zero{}|text{9999}',
            exactly: 4,
          },
        ),
      ],
    },
    {
      boxes: [
        box(
          0.5,
          'Line3a_StreetNumberName',
          '3.a. Street Number and Name',
          'Business Address. 3. A. Enter Street Number and Name',
          { most: 60 },
        ),
        ...(['APT', 'STE', 'FLR'] as const).map((unit, index) =>
          box(
            0.1,
            'Line3b_Unit',
            `${index === 0 ? '3.b. ' : ''}${unit[0]}${unit.slice(1).toLowerCase()}.`,
            `Business Address. 3. B. Select ${{ APT: 'Apartment', STE: 'Suite', FLR: 'Floor' }[unit]}`,
            {
              kind: 'tick',
              options: [{ on: ` ${unit} `, label: unit }],
              change:
                "if(this.rawValue == null) {\n  Line3b_AptSteFlrNumber.rawValue = '';\n  Line3b_AptSteFlrNumber.access = 'readOnly';\n} else {\n  Line3b_AptSteFlrNumber.rawValue = '';\n  Line3b_AptSteFlrNumber.access = 'open';\n}",
            },
          ),
        ),
        box(0.2, 'Line3b_AptSteFlrNumber', 'Number', 'Business Address. 3. B. Enter Apartment, Suite or Floor Number', {
          most: 6,
          closed: true,
        }),
      ],
    },
    {
      boxes: [
        box(0.4, 'Line3c_CityOrTown', '3.c. City or Town', 'Business Address. 3. C. Enter City or Town', {
          most: 40,
          only: LETTERS,
        }),
        box(0.15, 'Line3d_State', '3.d. State', 'Business Address. 3. D. Select State from List of States', {
          kind: 'list',
          options: STATES,
        }),
        box(0.2, 'Line3e_ZipCode', '3.e. ZIP Code', 'Business Address. 3. E. Enter 5 digit ZIP Code', {
          most: 5,
          only: NUMBERS,
          picture: 'text{99999}',
          exactly: 5,
        }),
        box(0.25, 'Line3f_Country', '3.f. Country', 'Business Address. 3. F. Select Country', {
          kind: 'list',
          options: COUNTRIES,
        }),
      ],
    },
    {
      boxes: [
        phone(0.3, 'Line4_DaytimePhone', '4. Daytime Telephone Number', '4. Enter Daytime Telephone Number'),
        phone(0.3, 'Line5_Fax', '5. Fax Number (if any)', '5. Enter Fax Number, if any'),
        box(0.4, 'Line6_DUNS', '6. D-U-N-S Number (if any)', '6. Enter D-U-N-S Number, if any. Enter 9 digit number', {
          most: 9,
          comb: true,
          only: NUMBERS,
          picture: 'null{}|zero{}|text{999999999}',
        }),
      ],
    },
    { boxes: [box(1, 'Line7_WebAddress', '7. Website (if any)', '7. Enter Website Address, if any', { most: 90 })] },
    {
      boxes: [
        bubbles(
          0.7,
          'Line8_Organization',
          '8. Type of Organization',
          '8. Select Type of Organization',
          ['Corporation', 'LLC', 'Partnership', 'Sole Proprietor', 'Other'].map((label, index) => ({
            on: String(index + 1),
            label,
          })),
          { change: opening('5', 'Line8_OtherOrganization') },
        ),
        box(0.3, 'Line8_OtherOrganization', 'Other (explain)', '8. If you selected Other, explain', {
          most: 30,
          closed: true,
        }),
      ],
    },
    {
      boxes: [
        box(
          0.4,
          'Line9a_FamilyName',
          '9.a. Company Officer Family Name (Last Name)',
          'Company Officer. 9. A. Enter Family Name, Last Name',
          { most: 40, only: LETTERS },
        ),
        box(
          0.3,
          'Line9b_GivenName',
          '9.b. Given Name (First Name)',
          'Company Officer. 9. B. Enter Given Name, First Name',
          { most: 40, only: LETTERS },
        ),
        box(0.3, 'Line10_Title', '10. Title', 'Company Officer. 10. Enter Title', { most: 40 }),
      ],
    },
    {
      boxes: [
        box(
          0.3,
          'Line11_DOB',
          '11. Date of Birth (mm/dd/yyyy)',
          "Company Officer. 11. Enter Officer's Date of Birth as 2-digit Month, 2-digit Day and 4-digit Year",
          DATE,
        ),
      ],
    },
  ],
};

const sectionA1: SectionOfForm = {
  name: 'SectionA1',
  title: 'Section A.1.  Importer / Broker / Filer / Surety',
  spoken: 'Section A.1.  Importer, Broker, Filer, Surety',
  note: 'Select P (primary) or S (secondary) for each business activity that applies.',
  rows: [
    activity('Importer', 'IMPORTER', [
      ['IORNumber', 'Importer of Record Number with Suffix', 12],
      ['AdditionalIORNumber', 'Additional Importer Number', 12],
    ]),
    activity('Broker', 'BROKER', [['FilerCode', 'Filer Code', 3]]),
    activity('Filer', 'SELF-FILER', [['FilerCode', 'Filer Code', 3]]),
    activity('Surety', 'SURETY', [['Code', 'Surety Code', 3]]),
  ],
};

const others: SectionOfForm = {
  name: 'SectionA2',
  title: 'Section A.2.  Service Providers, Facilities and Carriers',
  spoken: 'Section A.2.  Service Providers, Facilities and Carriers',
  rows: [
    activity('ServiceProvider', 'SERVICE PROVIDER', [['SCAC', 'SCAC', 4]]),
    activity('FacilityOperator', 'FACILITY OPERATOR', [['FIRMS', 'FIRMS Code', 4]]),
    activity('FTZOperator', 'FOREIGN TRADE ZONE OPERATOR', [['FIRMS', 'FIRMS Code', 4]]),
    activity('AirCarrier', 'AIR CARRIER', [['Code', 'Carrier Code', 4]]),
    activity('RailCarrier', 'RAIL CARRIER', [['SCAC', 'SCAC', 4]]),
    activity('SeaCarrier', 'SEA CARRIER', [['SCAC', 'SCAC', 4]]),
    activity('TruckCarrier', 'TRUCK CARRIER', [['SCAC', 'SCAC', 4]]),
    {
      boxes: [
        box(
          0.6,
          'Driver_Name',
          'Name of Driver or Crew Member',
          'Driver or Crew. Enter Name of Driver or Crew Member',
          { most: 60, only: LETTERS },
        ),
        box(0.4, 'Driver_License', 'License Number', 'Driver or Crew. Enter License Number', { most: 20, only: CODE }),
      ],
    },
  ],
};

const sectionB1: SectionOfForm = {
  name: 'SectionB_Part1',
  title: 'Section B.  Account Owner.  Part 1.  Individual',
  spoken: 'Section B.  Account Owner.  Part 1.  Individual',
  note: 'Complete Part 1 only if the account owner is an individual. Companies go to Part 2.',
  rows: [
    {
      boxes: [
        box(0.4, 'Line1a_FamilyName', '1.a. Family Name (Last Name)', '1. A. Enter Family Name, Last Name', {
          most: 40,
          only: LETTERS,
        }),
        box(0.3, 'Line1b_GivenName', '1.b. Given Name (First Name)', '1. B. Enter Given Name, First Name', {
          most: 40,
          only: LETTERS,
        }),
        box(
          0.3,
          'Line2_DOB',
          '2. Date of Birth (mm/dd/yyyy)',
          '2. Enter Date of Birth as 2-digit Month, 2-digit Day and 4-digit Year',
          DATE,
        ),
      ],
    },
    {
      boxes: [
        box(0.6, 'Line3_Email', '3. Email Address', '3. Enter Email Address', { most: 80 }),
        phone(0.4, 'Line4_Phone', '4. Telephone Number', '4. Enter Telephone Number'),
      ],
    },
  ],
};

const sectionB2: SectionOfForm = {
  name: 'SectionB_Part2',
  title: 'Section B.  Account Owner.  Part 2.  Legal Entity',
  spoken: 'Section B.  Account Owner.  Part 2.  Legal Entity',
  note: 'The point of contact becomes the Trade Account Owner.',
  rows: [
    { boxes: [box(1, 'Line1_EntityName', '1. Name of Legal Entity', '1. Enter Name of Legal Entity', { most: 70 })] },
    {
      height: 54,
      boxes: [box(1, 'Line2_EntityAddress', '2. Address', '2. Enter Address of Legal Entity', { multiline: true })],
    },
    {
      boxes: [
        box(
          0.4,
          'Line3a_FamilyName',
          '3.a. Point of Contact Family Name (Last Name)',
          'Point of Contact. 3. A. Enter Family Name, Last Name',
          { most: 40, only: LETTERS },
        ),
        box(
          0.3,
          'Line3b_GivenName',
          '3.b. Given Name (First Name)',
          'Point of Contact. 3. B. Enter Given Name, First Name',
          { most: 40, only: LETTERS },
        ),
        box(0.3, 'Line4_Title', '4. Title (if any)', 'Point of Contact. 4. Enter Title, if any', { most: 40 }),
      ],
    },
    {
      boxes: [
        box(
          0.6,
          'Line5_BusinessEmail',
          '5. Business Email Address',
          'Point of Contact. 5. Enter Business Email Address',
          { most: 80 },
        ),
        phone(0.4, 'Line6_Phone', '6. Telephone Number', 'Point of Contact. 6. Enter Telephone Number'),
      ],
    },
    {
      boxes: [
        box(
          0.5,
          'Line7_MailToOther',
          '7. Send letters to another address',
          '7. Select if letters go to another address',
          {
            kind: 'tick',
            options: [{ on: 'Y', label: 'Yes' }],
            change: opening('Y', 'Line7a_MailTo'),
          },
        ),
        box(0.5, 'Line7a_MailTo', '7.a. In Care Of', '7. A. Enter In Care Of Name', { most: 40, closed: true }),
      ],
    },
  ],
};

const sectionC: SectionOfForm = {
  name: 'SectionC',
  title: 'Section C.  Contact for Questions',
  spoken: 'Section C.  Contact for Questions',
  rows: [
    {
      boxes: [
        box(0.5, 'Line1_Name', '1. Name of Contact', '1. Enter Name of Contact for Questions', {
          most: 80,
          only: LETTERS,
        }),
        box(0.5, 'Line2_Email', '2. Email Address of Contact', '2. Enter Email Address of Contact for Questions', {
          most: 80,
        }),
      ],
    },
  ],
};

const acknowledged = (who: string, prefix: string, title: string, text: string, on: string): Row[] => [
  {
    boxes: [
      box(1, `${prefix}_Acknowledges`, text, `${who}. Select to acknowledge`, {
        kind: 'tick',
        options: [{ on, label: 'Agree' }],
      }),
    ],
  },
  {
    boxes: [
      box(0.4, `${prefix}_PrintedName`, `${title} Printed Name`, `${who}. Enter Printed Name of ${who}`, {
        most: 80,
        only: LETTERS,
      }),
      box(0.35, `${prefix}_Signature`, 'Signature (sign in ink)', `${who}. Signature`, { kind: 'signature' }),
      box(
        0.25,
        `${prefix}_DateofSignature`,
        'Date (mm/dd/yyyy)',
        `${who}. Enter Date of Signature of ${who} as 2-digit Month, 2-digit Day and 4-digit Year`,
        DATE,
      ),
    ],
  },
];

const sectionD: SectionOfForm = {
  name: 'SectionD',
  title: 'Section D.  Authorization and Acknowledgement',
  spoken: 'Section D.  Authorization and Acknowledgement',
  rows: [
    ...acknowledged(
      'Company Officer',
      'Line1_Officer',
      '1. Company Officer',
      'The company officer named in Section A agrees to the terms and conditions.',
      'Agree',
    ),
    ...acknowledged(
      'Account Owner',
      'Line2_Owner',
      '2. Account Owner',
      'The account owner named in Section B agrees to the terms and conditions.',
      '1',
    ),
  ],
};

const agencyUse: SectionOfForm = {
  name: 'CBPUse',
  title: 'For CBP Use Only',
  spoken: 'For C B P Use Only',
  rows: [
    {
      boxes: [
        box(0.3, 'DateReceived', 'Date Received', 'Date Received', DATE),
        box(0.35, 'AccountNumber', 'Top Account Number', 'Top Account Number', { most: 12 }),
        box(0.35, 'ActionBlock', 'Action Block', 'Action Block', { multiline: true }),
      ],
    },
  ],
};

/** Additional pages for answers that did not fit, as many as the form should be long. */
const continuation = (number: number, first: boolean): SectionOfForm => ({
  name: `Additional${number}`,
  title: `Additional Information${first ? '' : ' (continued)'}`,
  spoken: 'Additional Information',
  rows: [
    ...(first
      ? [
          {
            boxes: [
              box(0.7, 'AccountName', 'Company Name', 'Company Name. This box is filled from Section A', {
                kind: 'calculated' as const,
                closed: true as const,
                calculate: 'SectionA.Line1_CompanyName.rawValue',
              }),
            ],
          },
        ]
      : []),
    ...[1, 2].flatMap((item): Row[] => [
      {
        boxes: [
          box(0.2, `Item${item}_PageNumber`, 'Page Number', `${item}. A. Enter Page Number`, {
            most: 2,
            only: NUMBERS,
          }),
          box(0.2, `Item${item}_SectionLetter`, 'Section', `${item}. B. Enter Section Letter`, { most: 4 }),
          box(0.2, `Item${item}_ItemNumber`, 'Item Number', `${item}. C. Enter Item Number`, { most: 6 }),
        ],
      },
      {
        height: 90,
        boxes: [
          box(1, `Item${item}_Text`, 'Additional information', `${item}. D. Enter Additional Information`, {
            multiline: true,
          }),
        ],
      },
    ]),
  ],
});

/** The pages of the form, at least five. */
export function pagesOf(count: number): SectionOfForm[][] {
  if (count < 5) throw new Error(`The form has 5 pages or more, not ${count}.`);
  return [
    [agencyUse, sectionA],
    [sectionA1, others],
    [sectionB1, sectionB2],
    [sectionC, sectionD],
    ...Array.from({ length: count - 4 }, (_, index) => [continuation(index + 1, index === 0)]),
  ];
}
