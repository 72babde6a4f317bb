/** What the Web UI says about each message, with an example to paste. */
export const DESCRIPTIONS = {
  progress:
    'The state of this onboarding: its stage, whose turn it is, what is due when and why, the latest emails, and what you can do.',
  mailReceived: 'For the mailbox watcher only. To assign an email to a client, use `ace-onboarding mail assign`.',
  approvalArrived:
    'Back-office automation saw the approval. `{"source":"crm","actor":"you","evidence":"ticket 4711","importerNumber":"THE-NUMBER"}`',
  decide:
    'What CBP decided, according to a person. `{"actor":"you","decision":"approved","verification":"seen-in-ace","evidence":"where to look it up"}`. decision: approved, already-registered (with "next":"grant" or "close"), correction-needed (with "waitingOn":"client" or "broker" and "what"), rejected, abandoned. verification: seen-in-ace, desk-phoned, client-confirmed, mail-examined.',
  correctApplication:
    'The whole corrected application. `{"actor":"you","reason":"name as on the 5106","application":{"reference":"…"}}`',
  settleSubmission:
    'Whether CBP got the application. `{"actor":"you","outcome":"sent","at":"2026-11-25T15:00:00-05:00","evidence":"called the desk"}` or `{"actor":"you","outcome":"not-sent","evidence":"called the desk"}`',
  confirmAccessGranted:
    'What the broker sees in ACE. `{"actor":"you","importerNumbers":["THE-NUMBER"],"role":"full-access","evidence":"screenshot 12"}`. role: full-access, read-only, other.',
  changeDeadline:
    'Recalculates the deadlines after CBP announced a closure: `{"actor":"you","reason":"closed on Dec 24","recompute":true}`. Or sets one by hand: `{"actor":"you","reason":"CBP asked for more time","deadline":"overdue","at":"2026-12-30T17:00:00-05:00"}`',
  dismissMail:
    'Marks an email that waits for review as handled. `{"actor":"you","mailId":"from the details","reason":"answered by phone"}`',
  withdraw:
    'The client withdraws, or has revoked the power of attorney. `{"actor":"you","reason":"client changed broker"}`',
} as const;
