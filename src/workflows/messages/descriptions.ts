/** What the Web UI says about each message, with an example to paste. */
export const DESCRIPTIONS = {
  progress:
    'The state of this onboarding: its stage, whose turn it is, what is due when and why, the latest emails, and what you can do.',
  mailReceived: 'For the mailbox watcher only. To assign an email to a client, use `ace-onboarding mail assign`.',
  approvalArrived:
    'Back-office automation saw the approval. `{"source":"crm","actor":"you","evidence":"ticket 4711","importerNumber":"THE-NUMBER"}`',
  decide:
    'What CBP decided, according to a person. `{"actor":"you","decision":"approved","verification":"seen-in-ace","evidence":"where to look it up"}`. decision: approved, already-registered (with "next":"grant" or "close"), correction-needed (with "waitingOn":"client" or "broker" and "what"), rejected, abandoned. verification: seen-in-ace, desk-phoned, client-stated, mail-examined.',
  correctApplication:
    'The whole corrected application. `{"actor":"you","reason":"name as on the 5106","application":{"reference":"…"}}`. because: our-typo, form-5106, changed. `"replace":true` while CBP is deciding.',
  settleSubmission:
    'Whether CBP got the application. `{"actor":"you","outcome":"sent","at":"2026-11-25T15:00:00-05:00","evidence":"called the desk"}` or `{"actor":"you","outcome":"not-sent","evidence":"called the desk"}`',
  confirmAccessGranted:
    'What the broker sees in ACE. `{"actor":"you","importerNumbers":["THE-NUMBER"],"role":"full-access","evidence":"screenshot 12"}`. role: full-access, read-only, other. Nothing yet: an empty list. A narrower role that is enough: `"acceptRole":true`.',
  changeDeadline:
    'Recalculates the deadlines after CBP announced a closure: `{"actor":"you","reason":"closed on Dec 24","recompute":true}`. Or sets one by hand: `{"actor":"you","reason":"CBP asked for more time","deadline":"overdue","at":"2026-12-30T17:00:00-05:00"}`, or `"byDays":1` instead of at.',
  dismissMail:
    'Marks an email that waits for review as handled. `{"actor":"you","mailId":"from the details","reason":"answered by phone"}`',
  withdraw:
    'The client withdraws: `{"actor":"you","reason":"client changed broker"}`. Or has revoked the power of attorney: add `"because":"power-of-attorney-revoked"`. CBP is told if it has the application, unless you add `"notifyCbp":false`.',
  handOver: 'Gives the case to another person. `{"actor":"you","handler":"kim","reason":"on leave"}`',
  addNote: 'Adds a note, and changes nothing else. `{"actor":"you","text":"prefers calls before 10"}`',
  snooze:
    'No reminders and no escalation until a day. `{"actor":"you","until":"2027-01-04","reason":"the owner is away"}`',
  logCall:
    'A telephone call. `{"actor":"you","with":"cbp","who":"agent 12","said":"in process","ticket":"INC1","chaseOn":"2026-12-09"}`. with: cbp, client.',
  recordStatement:
    'What the client says. `{"actor":"you","says":"mail-came","on":"2026-12-03","evidence":"by phone"}`. says: mail-came, no-mail, signed-in, user-added.',
  reportProblem:
    'What keeps the client from granting access. `{"actor":"you","problem":"link-expired","evidence":"by phone"}`. problem: link-expired, user-locked, owner-left, wrong-top-account, wrong-address.',
  sendMessage:
    'Emails CBP or the client from the case. `{"actor":"you","to":"cbp","text":"…","mailId":"from the details","ticket":"INC1","attachForm":true}`',
} as const;
