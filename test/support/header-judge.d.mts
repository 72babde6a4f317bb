import type { MailJudge } from '../../src/mail/judging/judgement.js';

/** A judge for tests of the steps after judging: the headers of the message say whose it is and what to do. */
export function headerJudge(): MailJudge;
