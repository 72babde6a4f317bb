import type { MailJudge } from '../../src/mail/judging/judgement.js';

/** A judge for tests of what comes after judging: the message's own headers say whose it is and what to do. */
export function headerJudge(): MailJudge;
