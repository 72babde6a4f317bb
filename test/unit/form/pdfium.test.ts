import { expect, it } from 'vitest';
import { makeReplica } from '../../../forms/replica-variants.js';
import { readXfaFile } from '../../../src/form/pdf/pdfium.js';

it('PDFium gives every part of a dynamic form, even after a file that it cannot read', async () => {
  await expect(readXfaFile(Buffer.from('%PDF-1.7\nnothing'))).rejects.toMatchObject({
    code: 'pdf-damaged',
    message: expect.stringContaining('cannot open it'),
  });
  const { pdf } = await makeReplica('dynamic-xfa');
  const { pages, parts } = await readXfaFile(pdf);
  expect({ pages, parts: [...parts.keys()] }).toEqual({
    pages: 1,
    parts: ['preamble', 'config', 'template', 'datasets', 'postamble'],
  });
  expect(Buffer.from(parts.get('template') ?? []).toString()).toMatch(/^<template .*<\/template>$/s);
});
