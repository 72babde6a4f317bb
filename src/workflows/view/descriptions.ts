/** What the Web UI says beside each message, with an example to paste. */
export const DESCRIPTIONS = {
  progress: 'Where this onboarding stands: stage, whose turn, what is due when and why, last mails, what can be done.',
  mailReceived: 'For the mailbox watcher only. To say whose a mail is, use `ace-onboarding mail assign`.',
  approvalArrived:
    'Back-office automation saw the approval. `{"source":"crm","actor":"you","evidence":"ticket 4711","importerNumber":"THE-NUMBER"}`',
  decide:
    'What CBP decided, when a person knows it. `{"actor":"you","decision":"approved","verification":"seen-in-ace","evidence":"where to look it up"}`. decision: approved, already-registered (with "next":"grant" or "close"), correction-needed (with "waitingOn":"client" or "broker" and "what"), rejected, abandoned. verification: seen-in-ace, desk-phoned, client-confirmed, mail-examined.',
  correctApplication:
    'The whole application, corrected. `{"actor":"you","reason":"name as on the 5106","application":{"reference":"…"}}`',
  settleSubmission:
    'What became of a submission. `{"actor":"you","outcome":"sent","at":"2026-11-25T15:00:00-05:00","evidence":"phoned the desk"}` or `{"actor":"you","outcome":"not-sent","evidence":"phoned the desk"}`',
  confirmAccessGranted:
    'What the broker sees in ACE. `{"actor":"you","importerNumbers":["THE-NUMBER"],"role":"full-access","evidence":"screenshot 12"}`. role: full-access, read-only, other.',
  changeDeadline:
    'Deadlines anew, after a closure was announced: `{"actor":"you","reason":"closed on 24 Dec","recompute":true}`, or one of them by hand: `{"actor":"you","reason":"desk asks for patience","deadline":"overdue","at":"2026-12-30T17:00:00-05:00"}`',
  dismissMail:
    'A mail that waits for a person has been dealt with. `{"actor":"you","mailId":"from the details","reason":"answered by phone"}`',
  withdraw:
    'The client withdraws, or the power of attorney was revoked. `{"actor":"you","reason":"client changed broker"}`',
} as const;
