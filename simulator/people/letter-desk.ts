import type { Archive } from '../../src/archive/archive.js';
import { type MailRecord, mails, read } from '../../src/archive/records.js';
import { parseMessage } from '../../src/mail/incoming/parse-message.js';
import { learnLetter } from '../../src/mail/judging/letters/learn-letter.js';
import { createLetterStore } from '../../src/mail/judging/letters/letter-store.js';
import { rereadMail } from '../../src/mail/judging/reread-mail.js';
import { caseFacts, wordsOfCase } from '../../src/mail/judging/text/case-facts.js';
import { maskFor } from '../../src/mail/judging/text/mask.js';
import { subjectParagraph } from '../../src/mail/judging/text/paragraphs.js';

/** What the broker's people see of a letter and teach, as with `letters list`, `add` and `confirm`. */
export interface LetterDesk {
  /**
   * Compares an email with the letters known now. `new`: from CBP, and not confirmed by anyone; with the paragraphs that
   * are in no known letter, the subject last, and slots for the client's names and numbers. `known`: it was taught
   * meanwhile, so the watcher passes it on to its case. Undefined: nothing to teach.
   */
  look(mailId: string): Promise<{ is: 'new'; paragraphs: string[] } | { is: 'known' } | undefined>;
  /**
   * Teaches an approval from an email: one person adds it, another confirms it.
   * @returns the letter's id
   */
  teachApproval(mailId: string, people: { first: string; second: string }): Promise<string>;
}

export function openLetterDesk(archive: Archive): LetterDesk {
  const store = createLetterStore(archive, { managers: [] });
  return {
    async look(mailId) {
      const record = await read(archive, mails, mailId);
      if (!record?.workflowId || !record.mail.doubts.includes('unknown-letter')) return undefined;
      if (record.mail.authenticity.verdict !== 'authentic') return undefined;
      const facts = await caseFacts(archive, { workflowId: record.workflowId });
      const { book } = await store.book();
      const reread = facts && (await rereadMail(archive, record, facts, book));
      if (!reread) return undefined;
      if (!reread.asKnown) {
        const mask = maskFor(facts);
        const subject = subjectParagraph(reread.message.subject);
        const { unknown } = reread.match;
        const bodyFirst = [...unknown.filter((one) => one !== subject), ...unknown.filter((one) => one === subject)];
        return { is: 'new', paragraphs: bodyFirst.map((written) => mask(written, 'decisive').paragraph) };
      }
      return reread.asKnown.mail.doubts.length === 0 ? { is: 'known' } : undefined;
    },

    async teachApproval(mailId, { first, second }) {
      const { mail, workflowId } = await received(mailId);
      const facts = await caseFacts(archive, { workflowId });
      if (!facts) throw new Error(`The archive has no case ${workflowId}, so no letter can be learned from its email.`);
      const material = {
        message: await parseMessage(await archive.getDocument(mail.documentSha256)),
        mailId,
        authenticity: mail.authenticity,
        domain: mail.signedBy,
        address: mail.from,
        facts,
        words: await wordsOfCase(archive, workflowId, mailId),
      };
      const { letter, acts } = learnLetter(material, { kind: 'approved', fillers: [] }, await store.entries());
      for (const act of acts(first)) await store.add(act);
      await store.add({ act: 'confirm', by: second, what: letter.id, mailId });
      return letter.id;
    },
  };

  async function received(mailId: string): Promise<MailRecord & { workflowId: string }> {
    const record = await read(archive, mails, mailId);
    if (!record?.workflowId) throw new Error(`The archive has no email "${mailId}" that belongs to a case.`);
    return { ...record, workflowId: record.workflowId };
  }
}
