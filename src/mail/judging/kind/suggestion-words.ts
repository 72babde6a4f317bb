import type { DecisionKind } from '../../../workflows/contract/received-mail.js';

/**
 * Words that suggest each kind, with a weight from 0 to 1, for the person who has to read the email anyway. Nothing acts on
 * them. A hint is a list of words in one sentence, in any order. `|` separates alternatives, `,` separates hints.
 */
export const HINTS: Record<DecisionKind, string> = {
  approved: `
    approved 0.7, granted 0.5, congratulations 0.3, account|access|profile|view
    created|established|activated|provisioned|built|set|enabled|opened|granted 0.6, account is|now
    active|live|ready|running 0.5, account setup|setting|creation complete|finished 0.5, application|request|account
    successful|complete|approval 0.4, welcome ace 0.3, designated|added owner|tao 0.5, now has|have account|access
    0.5, confirms approval 0.6`,
  refused: `
    denied|rejected|refused|declined|declines|disapproved|disallowed|denial|rejection 0.8, not
    approved|eligible|qualify|accepted|successful 0.7, ineligible|unsuccessful|rescinded|revoked|voided 0.7,
    regret|unfortunately 0.3, unable|cannot|not|no approve|grant|establish|create|open
    account|application|request|it 0.5, does|do not meet 0.6,
    closed|closing|withdrawn|cancelled|terminated|suspended 0.4`,
  'more-information': `
    need|needs|require|required information|copy|signature|signed|form|page|title|document 0.7, please
    provide|send|submit|sign|correct|confirm|resend|resubmit|attach|complete 0.6,
    missing|incomplete|blank|illegible|unsigned|lacks 0.7, additional|following information 0.6, returned
    correction|corrected 0.7, until|before provide|need|receive 0.4`,
  'already-registered': `
    already account|registered|associated|linked|exists|approved|use 0.8, existing account 0.6, duplicate 0.6,
    another top|account 0.4, account exists 0.7`,
  'not-on-file': `
    5106 0.6, not on file 0.7, not match 0.7, mismatch|differs 0.7, unable|could|not|no locate|find|found|record
    0.6, importer|ior|ir number inactive|void|voided|active|exist|system 0.6`,
  'use-web-form': `
    web form 0.8, ace-accounts 0.8, online apply|application|form 0.6, no longer
    accept|accepted|accepts|processing|supported 0.6, pdf|emailed|e-mail not|retired 0.5, electronically 0.5`,
};

/** Words that negate or postpone an approval in the same sentence. */
export const WEAKENS =
  'not no never unable cannot nobody neither if once when unless until after upon may might will would should pending already denied before'.split(
    ' ',
  );
