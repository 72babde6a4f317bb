import { createCipheriv, createHash } from 'node:crypto';
import { PDFDocument } from 'pdf-lib';
import { expect, it } from 'vitest';
import { fillValues } from '../../../src/form/fill/fill-values.js';
import { inspectForm } from '../../../src/form/map/inspect-form.js';

it('an encrypted form keeps every parenthesis and backslash of its strings', async () => {
  const said = String.raw`a) backslash \ and ((`;
  const template = encryptedForm({ T: 'box', TU: said, V: said });
  expect(await inspectForm({ template })).toMatchObject({
    encrypted: true,
    fields: [{ name: 'box', caption: said, value: said }],
  });
  const form = await fillValues({ template, values: { box: 'Filled' } });
  if (form.kind !== 'filled') throw new Error(JSON.stringify(form.complaints));
  expect(await inspectForm({ template: form.pdf })).toMatchObject({
    encrypted: false,
    fields: [{ name: 'box', caption: said, value: 'Filled' }],
  });
  // What they were encrypted by is of no use any more, and looks like a broken file to whoever checks it.
  const { context } = await PDFDocument.load(form.pdf, { updateMetadata: false });
  expect(
    context
      .enumerateIndirectObjects()
      .map(([, object]) => String(object))
      .join(),
  ).not.toContain('/Standard');
});

/** Strings encrypted one by one with AES-256 under an empty password, in parentheses, as Acrobat writes them. */
function encryptedForm(strings: Record<string, string>): Uint8Array {
  const [key, iv, salt] = [Buffer.alloc(32, 1), Buffer.alloc(16), Buffer.alloc(8, '(')];
  const hash = createHash('sha256').update(salt).digest();
  const encrypted = (with_: Buffer, data: Buffer, padding: boolean) => {
    const cipher = createCipheriv('aes-256-cbc', with_, iv).setAutoPadding(padding);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  };
  const written = (bytes: Buffer) =>
    `(${bytes.toString('latin1').replace(/[\\()\r]/g, (sign) => (sign === '\r' ? '\\r' : `\\${sign}`))})`;
  const entries = Object.entries(strings)
    .map(
      ([name, text]) => `/${name} ${written(Buffer.concat([iv, encrypted(key, Buffer.from(text, 'latin1'), true)]))}`,
    )
    .join(' ');
  const [user, owner] = [Buffer.concat([hash, salt, salt]), Buffer.alloc(48, '\\')];
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 400] /Annots [4 0 R] >>',
    `<< /Type /Annot /Subtype /Widget /FT /Tx /F 4 /Rect [50 300 250 320] ${entries} >>`,
    `<< /Filter /Standard /V 5 /R 5 /Length 256 /P -44 /StmF /Identity /StrF /StdCF
      /CF << /StdCF << /CFM /AESV3 /AuthEvent /DocOpen /Length 32 >> >> /U ${written(user)} /O ${written(owner)}
      /UE ${written(encrypted(hash, key, false))} /OE ${written(owner.subarray(16))} /Perms ${written(owner.subarray(32))} >>`,
  ];
  const body = objects.map((object, index) => `${index + 1} 0 obj\n${object}\nendobj\n`).join('');
  const trailer = 'trailer\n<< /Root 1 0 R /Size 6 /Encrypt 5 0 R /ID [(1) (1)] >>\n%%EOF\n';
  return Buffer.from(`%PDF-1.7\n${body}${trailer}`, 'latin1');
}
