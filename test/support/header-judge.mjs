import { createHash } from 'node:crypto';

/**
 * A judge for tests of the steps after judging: the headers of the message say whose it is (`X-For`), what it is
 * (`X-Kind`), what to do (`X-Action`) and what it is about (`X-About`). Plain JavaScript, so that a process can load it.
 */
export function headerJudge() {
  return {
    async judge(raw, receivedAt, mailbox) {
      const text = Buffer.from(raw).toString('latin1');
      const header = (name) => new RegExp(`^${name}: *(.*?)\r?$`, 'im').exec(text)?.[1];
      if (header('X-Kind') === 'explosive') throw new Error('boom');
      const mailId = createHash('sha256').update(text.replace(/\r\n/g, '\n')).digest('hex');
      const workflowId = header('X-For');
      const about = header('X-About');
      return {
        mail: {
          mailId,
          receivedAt,
          mailbox,
          kind: header('X-Kind') ?? 'approved',
          confidence: 1,
          evidence: [],
          doubts: header('X-Action') === 'review' ? [header('X-Doubt') ?? 'unclear'] : [],
          authenticity: { verdict: header('X-Verdict') ?? 'authentic', reasons: [] },
          alias: 'cbp',
          from: 'desk@cbp.example',
          subject: header('Subject') ?? '',
          excerpt: '',
          ...(about ? { aboutMessageId: about } : {}),
          documentSha256: createHash('sha256').update(raw).digest('hex'),
        },
        action: header('X-Action') ?? (workflowId ? 'signal' : 'review'),
        ...(workflowId ? { workflowId, reference: workflowId } : {}),
        candidates: header('X-Candidate') ? [{ reference: header('X-Candidate'), evidence: ['the alias'] }] : [],
        reasons: ['its headers say so'],
        ...(header('X-Fraud') ? { fraud: true } : {}),
        ...(header('X-Credentials') ? { credentials: true, redactedText: 'redacted' } : {}),
      };
    },
  };
}
