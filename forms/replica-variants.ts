import { PDFArray, PDFDict, PDFDocument, PDFHexString, PDFName, PDFString, rgb, StandardFonts } from 'pdf-lib';
import { REPLICA_MARK } from '../src/form/map/edition.js';
import type { FieldMap } from '../src/form/map/field-map.js';
import { fingerprintOf } from '../src/form/pdf/pdf-file.js';
import { drawReplica } from './replica-acroform.js';
import { PAGES, type Page } from './replica-content.js';
import { acroFormName, replicaMap, xfaName } from './replica-map.js';
import { datasetsPacket, templatePacket } from './replica-xfa.js';

/**
 * The replica in every variant that CBP's own file may have. No one knows which one it is, so every filling test runs on
 * all of them.
 */
export const VARIANTS = ['acroform', 'hybrid-xfa', 'dynamic-xfa', 'encrypted', 'next-edition'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface Replica {
  pdf: Uint8Array;
  map: FieldMap;
}

export async function makeReplica(variant: Variant = 'acroform'): Promise<Replica> {
  const edition = variant === 'acroform' ? 'replica-1' : `replica-1-${variant}`;
  const pages = variant === 'next-edition' ? NEXT_PAGES : PAGES;
  const pdf = await MAKERS[variant](edition, pages);
  const nameOf = variant === 'dynamic-xfa' ? xfaName : acroFormName;
  return { pdf, map: replicaMap(pages, { edition, fingerprint: fingerprintOf(pdf), nameOf }) };
}

const SAVING = { updateFieldAppearances: false };

const MAKERS: Record<Variant, (edition: string, pages: Page[]) => Promise<Uint8Array>> = {
  acroform: async (edition, pages) => (await drawReplica({ edition, pages })).save(SAVING),

  /** Fields, the same form once more in XML, and Adobe's permission to save in Reader, signed for exactly these bytes. */
  'hybrid-xfa': async (edition, pages) => {
    const pdf = await drawReplica({ edition, pages });
    addXfa(pdf, pdf.catalog.lookup(PDFName.of('AcroForm'), PDFDict), pages, 'topmostSubform');
    grantUsageRights(pdf);
    return pdf.save(SAVING);
  },

  /** One page that says to wait. Adobe Reader draws the form when it opens the file. */
  'dynamic-xfa': async (edition, pages) => {
    const pdf = await PDFDocument.create({ updateMetadata: false });
    pdf.setTitle('Replica of the ACE Secure Data Portal Account Application');
    pdf.catalog.set(PDFName.of(REPLICA_MARK), PDFHexString.fromText(edition));
    const page = pdf.addPage([612, 792]);
    const font = await pdf.embedFont(StandardFonts.Helvetica);
    page.drawText('Please wait...', { x: 72, y: 640, size: 18, font, color: rgb(0, 0, 0) });
    page.drawText(
      'If this message is not eventually replaced, your PDF viewer may not be able to display this document.',
      {
        x: 72,
        y: 610,
        size: 9,
        font,
      },
    );
    const acroForm = pdf.context.obj({ Fields: [], DR: { Font: { Arial: font.ref } } });
    pdf.catalog.set(PDFName.of('AcroForm'), pdf.context.register(acroForm));
    pdf.catalog.set(PDFName.of('NeedsRendering'), pdf.context.obj(true));
    addXfa(pdf, acroForm, pages, 'form1');
    grantUsageRights(pdf);
    return pdf.save(SAVING);
  },

  /** Anyone may open it, but changing it takes a password. */
  encrypted: async (edition, pages) => {
    const pdf = await drawReplica({ edition, pages });
    pdf.encrypt({
      userPassword: '',
      ownerPassword: 'replica',
      permissions: { fillingForms: true, printing: 'highResolution' },
    });
    return pdf.save(SAVING);
  },

  'next-edition': async (edition, pages) => (await drawReplica({ edition, pages })).save(SAVING),
};

function addXfa(pdf: PDFDocument, acroForm: PDFDict, pages: Page[], root: string): void {
  const packets = PDFArray.withContext(pdf.context);
  for (const [name, xml] of [
    ['preamble', '<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">'],
    [
      'config',
      '<config xmlns="http://www.xfa.org/schema/xci/3.0/"><present><pdf><interactive>1</interactive></pdf></present></config>',
    ],
    ['template', templatePacket(pages, root)],
    ['datasets', datasetsPacket(root)],
    ['postamble', '</xdp:xdp>'],
  ] as const) {
    packets.push(PDFString.of(name));
    packets.push(pdf.context.register(pdf.context.flateStream(new TextEncoder().encode(xml))));
  }
  acroForm.set(PDFName.of('XFA'), packets);
}

function grantUsageRights(pdf: PDFDocument): void {
  const signature = pdf.context.obj({
    Type: 'Sig',
    Filter: 'Adobe.PPKLite',
    SubFilter: 'adbe.pkcs7.detached',
    ByteRange: [0, 10, 20, 10],
  });
  signature.set(PDFName.of('Contents'), PDFHexString.of('00'.repeat(32)));
  pdf.catalog.set(PDFName.of('Perms'), pdf.context.obj({ UR3: pdf.context.register(signature) }));
}

/** What an agency may change overnight: two boxes renamed, one row moved, one section on another page, one new box. */
const NEXT_PAGES: Page[] = PAGES.map((page) => ({
  ...page,
  blocks: page.blocks.map((block) => {
    if (block.subform !== 'SectionA') return block;
    const rows = structuredClone(block.rows);
    for (const { ask } of rows.flatMap((row) => row.cells)) {
      if (ask.name === 'CompanyName') ask.name = 'LegalCompanyName';
      if (ask.name === 'OfficerDOB') ask.name = 'DateOfBirth';
    }
    const website = rows.findIndex((row) => row.cells[0]?.ask.name === 'Website');
    const [moved] = rows.splice(website, 1);
    if (moved) rows.push(moved);
    rows.push({
      cells: [
        { share: 1, ask: { kind: 'text', name: 'UEI', caption: '16. Unique entity identifier (optional)', comb: 12 } },
      ],
    });
    return { ...block, rows };
  }),
}));
