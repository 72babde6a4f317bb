import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { previewOf } from '../../../../src/cli/mail/mail-preview.js';
import {
  languageIssue,
  languages,
  languageWords,
  renderMail,
  TemplateError,
} from '../../../../src/mail/outgoing/compose/templates.js';
import { CommandFailure } from '../../../../src/process/output.js';
import { CBP_TEMPLATES, CLIENT_TEMPLATES } from '../../../../src/workflows/contract/mail-activities.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { aConfig, anApplication } from './outgoing-case.js';

async function ownTemplate(name: string, text: string): Promise<string> {
  const directory = temporaryFolder('templates');
  await mkdir(dirname(join(directory, name)), { recursive: true });
  await writeFile(join(directory, `${name}.eta`), text);
  return directory;
}

describe('a template', () => {
  test('of the user overrides the one that ships, one by one', async () => {
    const own = await ownTemplate(
      'en/grant-reminder',
      'Subject: Rappel (<%= it.reference %>)\n\nBonjour <%= it.ownerName %>\n',
    );
    const config = aConfig(25, { MAIL_TEMPLATES_DIR: own });
    expect(previewOf('grant-reminder', anApplication(), {}, config)).toMatchObject({
      subject: 'Rappel (C-1042)',
      text: 'Bonjour Jane Owner\n',
    });
    expect(previewOf('sign-in-reminder', anApplication(), {}, config).subject).toContain('Reminder');
  });

  test('that uses an unknown name is an error that lists the names, never "undefined" in an email', async () => {
    const own = await ownTemplate('x', 'Subject: x\n\nDear <%= it.onwerName %>\n');
    expect(() => renderMail('x', { ownerName: 'Jane' }, own)).toThrow(
      /it\.onwerName, which does not exist\. Available: ownerName/,
    );
  });

  test('that says a fact without asking whether it is on record is an error, never "undefined" in an email', async () => {
    const own = await ownTemplate('x', 'Subject: x\n\nSeen on <%= it.lookedOn %>.\n');
    expect(() => renderMail('x', { lookedOn: undefined }, own)).toThrow(/a fact that is not on record/);
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

describe('a line that ends in a backslash', () => {
  const rendered = async (facts: Record<string, string | undefined>) =>
    renderMail(
      'x',
      { first: undefined, second: undefined, ...facts },
      await ownTemplate(
        'x',
        'Subject: x\n\n<% if (it.first) { %>\n<%= it.first %> \\\n<% } %>\n<% if (it.second) { %>\n<%= it.second %> \\\n<% } %>\n\nEnd.\n',
      ),
    ).text;

  test.each([
    [{ first: 'One.', second: 'Two.' }, 'One. Two.\n\nEnd.\n'],
    [{ first: 'One.' }, 'One.\n\nEnd.\n'],
    [{ second: 'Two.' }, 'Two.\n\nEnd.\n'],
    [{}, 'End.\n'],
  ])('goes on in the next one, whatever is left out: %j', async (facts, text) => {
    expect(await rendered(facts)).toBe(text);
  });

  test('is only the template’s: one in a value stays', async () => {
    expect(await rendered({ first: 'One \\\nline.' })).toBe('One \\\nline.\n\nEnd.\n');
  });
});

describe('a language', () => {
  test('is a folder with every client template and its words', async () => {
    const own = temporaryFolder('templates');
    await cp('templates/es', join(own, 'fr'), { recursive: true });
    await mkdir(join(own, 'not a language'));
    expect(languages()).toEqual(['en', 'es']);
    expect(languages(own)).toEqual(['en', 'es', 'fr']);
    await rm(join(own, 'fr', 'message.eta'));
    expect(languages(own)).toEqual(['en', 'es']);
  });

  test('of the user writes to the client in it, with its dates, without a line of code', async () => {
    const own = temporaryFolder('templates');
    await cp('templates/es', join(own, 'fr'), { recursive: true });
    await writeFile(join(own, 'fr/access-seen.eta'), 'Subject: Merci\n\nVus le <%= it.lookedOn %>.\n');
    const config = aConfig(25, { MAIL_TEMPLATES_DIR: own });
    expect(previewOf('access-seen', anApplication({ language: 'fr' }), {}, config).text).toBe(
      'Vus le 14 décembre 2026.\n',
    );
  });

  test.each(['de', '../en', 'cbp', ''])('%j that is not there is named, with those that are', (language) => {
    expect(languageIssue(anApplication({ language }), languages())).toMatchObject({
      field: 'language',
      problem: expect.stringContaining(`"${language}"`),
      remedy: expect.stringContaining('en, es'),
    });
    expect(() => previewOf('message', anApplication({ language }), {}, aConfig(25))).toThrow(/Nothing was sent/);
  });

  test('is English if the application names none', () => {
    expect(languageIssue(anApplication(), languages())).toBeUndefined();
    expect(previewOf('message', anApplication(), {}, aConfig(25)).text).toMatch(/^Dear Jane Owner,/);
  });

  test('with broken words is an error that names the file', async () => {
    const own = temporaryFolder('templates');
    await mkdir(join(own, 'en'));
    await writeFile(join(own, 'en/words.json'), '{"yes": []}');
    expect(() => languageWords('en', own)).toThrow(
      /en\/words\.json must have the lists yes, no, done, greetings and closings/,
    );
  });
});

describe('a preview', () => {
  test.each(['en', 'es'])('shows every email with samples in %s', (language) => {
    for (const template of [...CLIENT_TEMPLATES, ...CBP_TEMPLATES, 'task'])
      expect(previewOf(template, anApplication({ language }), {}, aConfig(25)).text).not.toMatch(/undefined|<%/);
  });

  test('leaves out a sample that is taken away', () => {
    const text = (facts: Record<string, string>) =>
      previewOf('grant-reminder', anApplication(), facts, aConfig(25)).text;
    expect(text({})).toContain('You told us that you signed in');
    expect(text({ signedIn: '' })).not.toContain('signed in');
  });

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
