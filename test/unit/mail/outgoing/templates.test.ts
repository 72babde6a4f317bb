import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { previewOf } from '../../../../src/cli/mail/mail-preview.js';
import { renderMail, TemplateError } from '../../../../src/mail/outgoing/compose/templates.js';
import { CommandFailure } from '../../../../src/process/output.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { aConfig, anApplication } from './outgoing-case.js';

async function ownTemplate(name: string, text: string): Promise<string> {
  const directory = temporaryFolder('templates');
  await writeFile(join(directory, `${name}.eta`), text);
  return directory;
}

describe('a template', () => {
  test('of the user overrides the one that ships, one by one', async () => {
    const own = await ownTemplate(
      'grant-reminder',
      'Subject: Rappel (<%= it.reference %>)\n\nBonjour <%= it.ownerName %>\n',
    );
    const config = aConfig(25, { MAIL_TEMPLATES_DIR: own });
    expect(previewOf('grant-reminder', anApplication(), {}, config)).toMatchObject({
      subject: 'Rappel (C-1042)',
      text: 'Bonjour Jane Owner\n',
    });
    expect(previewOf('operations-late', anApplication(), {}, config).subject).toContain('late');
  });

  test('that uses an unknown name is an error that lists the names, never "undefined" in an email', async () => {
    const own = await ownTemplate('x', 'Subject: x\n\nDear <%= it.onwerName %>\n');
    expect(() => renderMail('x', { ownerName: 'Jane' }, own)).toThrow(
      /it\.onwerName, which does not exist\. Available: ownerName/,
    );
  });

  test.each([
    ['no subject', 'Dear <%= it.ownerName %>\n'],
    ['an empty subject', 'Subject: \n\nDear you\n'],
    ['no text', 'Subject: x\n\n'],
    ['no empty line after the subject', 'Subject: x\nDear you\n'],
    ['broken code', 'Subject: x\n\n<% if ( %>\n'],
  ])('with %s is an error', async (_what, text) => {
    const own = await ownTemplate('x', text);
    expect(() => renderMail('x', { ownerName: 'Jane' }, own)).toThrow(TemplateError);
  });

  test('that does not exist is an error that says where we looked', () => {
    expect(() => renderMail('nothing', {}, '/nowhere')).toThrow(
      /\/nowhere\/nothing\.eta and .*templates\/nothing\.eta/,
    );
  });

  test('escapes nothing and runs no value as code: emails are plain text', async () => {
    const own = await ownTemplate('x', 'Subject: x\n\n<%= it.company %>\n');
    expect(renderMail('x', { company: '<%= 1 + 1 %> & "Söhne" <b>' }, own).text).toBe('<%= 1 + 1 %> & "Söhne" <b>\n');
  });
});

describe('a preview', () => {
  test('is what goes out', () => {
    expect(previewOf('application', anApplication(), {}, aConfig(25))).toMatchObject({
      to: 'ace.applications@cbp.dhs.example',
      copy: 'ace@broker.example',
      replyTo: 'ace+token@broker.example',
      subject: 'ACE Portal Account Application - Maple & Söhne Trading, Inc. - IOR 07-123456700',
      attachment: 'ace-application-C-1042.pdf',
    });
  });

  test('of an email that would be refused says why', () => {
    const soleProprietor = anApplication({ importerNumber: '219-99-9998', furtherImporterNumbers: [] });
    expect(() => previewOf('application', soleProprietor, {}, aConfig(25))).toThrow(/submissionSubject/);
  });

  test('of an unknown template names the existing ones', () => {
    expect(() => previewOf('grant', anApplication(), {}, aConfig(25))).toThrow(CommandFailure);
    expect(() => previewOf('grant', anApplication(), {}, aConfig(25))).toThrow(/grant-instructions/);
  });
});
