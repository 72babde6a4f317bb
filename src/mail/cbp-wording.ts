import type { WordingFile } from './wording.js';

/** What becomes of an account, what is done to one, what it then is: the same verbs in every shape of sentence. */
const MADE = 'created|established|activated|opened|set up|setup|provisioned|enabled|built|issued|registered';
const MAKE = 'create|establish|activate|open|set up|provision|enable|build|issue|grant|approve|offer|provide';
const MAKING =
  'creating|establishing|activating|opening|setting up|provisioning|enabling|building|issuing|granting|approving';
const LIVE =
  'active|live|ready|available|open|operational|up and running|in place|set up|good to go|accessible|functional';
const NOW = '(now |just |also |since |successfully |)';
const CANNOT =
  'can not|could not|unable to|not able to|not in a position to|will not|not going to|will not be able to|are not able to|not willing to';
const ASKED = 'please|kindly|can you|could you|would you|will you|must|asked to|need to|needs to|have to|required to';

/**
 * What CBP's mails say, as far as it is known or to be expected: the guide gives "within 3 to 5 business days", the quick
 * reference guide of 2019 the two mails of an approval; the rest is what such mails say in general. Real ones are added
 * with `CLASSIFIER_WORDING_FILE`, or here.
 */
export const CBP_WORDING: WordingFile = {
  version: 1,
  about: 'Comes with the product. 2026-05.',
  phrases: [
    // The application is in, an answer will come.
    { kind: 'acknowledgement', phrase: '(have|has|been|was|is|successfully|we|cbp) received', weight: 0.75 },
    { kind: 'acknowledgement', phrase: '(confirm*|acknowledg*) ... (receipt|received|submission)', weight: 0.85 },
    { kind: 'acknowledgement', phrase: 'in receipt of', weight: 0.8 },
    { kind: 'acknowledgement', phrase: 'successfully (submitted|sent)', weight: 0.6 },
    { kind: 'acknowledgement', phrase: '(application|request|email|message|submission|inquiry) received', weight: 0.7 },
    {
      kind: 'acknowledgement',
      phrase:
        'thank you for (contacting|your (email|message|application|submission|inquiry|request|interest)|submitting|sending|applying|reaching)',
      weight: 0.4,
    },
    {
      kind: 'acknowledgement',
      phrase:
        '(respond*|response|reply|replied|answer*|contact* you|get back to you|hear (back |)from us|review*|process*) ... (business|working|work) days',
      weight: 0.7,
    },
    { kind: 'acknowledgement', phrase: '(within|allow|takes|take|in) ... (business|working|work) days', weight: 0.6 },
    {
      kind: 'acknowledgement',
      phrase: '(automated|automatic|auto) (message|response|reply|confirmation|acknowledg*|notification|email)',
      weight: 0.4,
    },
    { kind: 'acknowledgement', phrase: '(in the order|order in which) ... received', weight: 0.6 },
    { kind: 'acknowledgement', phrase: 'receipt of ... (confirmed|acknowledged)', weight: 0.85 },
    { kind: 'acknowledgement', phrase: '^(well |message |email |)received$', weight: 0.75 },
    {
      kind: 'acknowledgement',
      phrase: '^(i |we |)(have |)got (it|your (email|message|application|request|submission))',
      weight: 0.75,
    },

    // Somebody is at it; no decision.
    {
      kind: 'in-process',
      phrase:
        '(in|being|under|still|currently) (process|processed|processing|review|reviewed|reviewing|progress|consideration)',
      weight: 0.8,
    },
    { kind: 'in-process', phrase: '(is|are|remains|still) pending', weight: 0.75 },
    { kind: 'in-process', phrase: 'pending (review|approval|processing|decision|assignment)', weight: 0.75 },
    {
      kind: 'in-process',
      phrase: '(awaiting|waiting for) (review|approval|processing|assignment|a decision)',
      weight: 0.75,
    },
    {
      kind: 'in-process',
      phrase: 'not yet been (approved|processed|reviewed|completed|decided|finalized)',
      weight: 0.85,
    },
    {
      kind: 'in-process',
      phrase: 'not been (approved|processed|reviewed|completed|decided|finalized) yet',
      weight: 0.85,
    },
    { kind: 'in-process', phrase: '(not|yet to) (yet |)(been |)(reached|made) a (final |)decision', weight: 0.8 },
    { kind: 'in-process', phrase: 'no (final |)decision ... yet', weight: 0.8 },
    { kind: 'in-process', phrase: 'working on (your|the|this|it)', weight: 0.75 },
    {
      kind: 'in-process',
      phrase:
        '(assigned to|forwarded to|escalated to|routed to|with) (an |a |the |our |your |)(analyst|specialist|account|reviewer|officer|representative|team|group)',
      weight: 0.6,
    },
    {
      kind: 'in-process',
      phrase: '(ticket|case|incident|service request) (number|no.|#|id|has been (created|opened|assigned))',
      weight: 0.7,
    },
    { kind: 'in-process', phrase: '(queue|backlog|high volume|delay* in processing)', weight: 0.5 },
    {
      kind: 'in-process',
      phrase: '(application|request|it) will be (processed|reviewed|looked at) (shortly|soon|as soon as possible)',
      weight: 0.7,
    },
    { kind: 'in-process', phrase: '(will be|be) notified (once|when|as soon as|after|upon)', weight: 0.5 },
    { kind: 'in-process', phrase: 'in (the |our |)queue', weight: 0.75 },
    {
      kind: 'in-process',
      phrase:
        '(forwarded|assigned|routed|passed|escalated|sent|submitted|transferred) ... (for review|for approval|for processing|analyst|team|officer|specialist|reviewer|department)',
      weight: 0.75,
    },

    {
      kind: 'in-process',
      phrase: 'being (worked|handled|looked at|examined|vetted|evaluated)',
      weight: 0.8,
    },

    // The account exists.
    // A word or two that answer our application, as busy people write them.
    { kind: 'approved', phrase: '^(hereby |application |request |account |)approved', weight: 0.85 },
    {
      kind: 'approved',
      phrase: `^(the |your |new |)(ace |)(portal |top |trade |importer |)(account|access|profile|sub-account) (${MADE}|activated|granted)`,
      weight: 0.8,
    },
    { kind: 'approved', phrase: '^(application|request) granted$', weight: 0.8 },
    {
      kind: 'approved',
      phrase: `account ... (is|are|was) (now |fully |currently |)(${LIVE})$`,
      weight: 0.8,
    },
    {
      kind: 'approved',
      phrase: `account ... is now (${LIVE})`,
      weight: 0.85,
    },
    {
      kind: 'approved',
      phrase: `(importer view|sub-account|subaccount|profile) ... (has|have) been (${MADE}|added)`,
      weight: 0.75,
    },
    {
      kind: 'approved',
      phrase:
        '(has|have|was|were) (now |)(been |)(added|designated|named|assigned|set up|established|made) (as |)(the |its |their |your |a |)(new |)(ace |)(trade |top |)(account owner|tao)',
      weight: 0.75,
    },
    {
      kind: 'approved',
      phrase: '(completed|finished|done) (setting up|creating|building|establishing|activating|opening) ... account',
      weight: 0.85,
    },
    {
      kind: 'approved',
      phrase:
        '(request (to (create|establish|open|set up)|for)) ... account ... (is|was|has been) (now |)(complete|completed|fulfilled|successful|finalized)',
      weight: 0.8,
    },
    {
      kind: 'approved',
      phrase:
        '(account|request|application) ... (has|have|was|were) (now |)(been |)(processed|completed) and (the |your )account (is|was|has been)',
      weight: 0.6,
    },
    {
      kind: 'approved',
      phrase:
        '(you|owner|tao|importer|company) (should |)now (have|has) access to (your |the |)(ace|portal|account|automated)',
      weight: 0.75,
    },
    {
      kind: 'approved',
      phrase: 'account (setup|set-up|creation|registration) (was |is |has been |)(successful|complete|completed)',
      weight: 0.8,
    },
    {
      kind: 'approved',
      phrase:
        '(has|have) (now |also |since |just |)been (reviewed and |processed and |)(approved|granted|accepted and approved)',
      weight: 0.9,
    },
    {
      kind: 'approved',
      phrase: '(ace|portal|account) access (has|have) (now |)been (provisioned|enabled|established|set up)',
      weight: 0.85,
    },
    {
      kind: 'approved',
      phrase:
        'access to (the |)(ace|automated commercial environment|portal) ... (has|have) (now |)been (provisioned|enabled|established|set up)',
      weight: 0.85,
    },
    {
      kind: 'approved',
      phrase: 'access (has|have) (now |)been (provisioned|enabled|established|set up)',
      weight: 0.75,
    },
    {
      kind: 'approved',
      phrase: '(completed|finished) (the |)(setup|set-up|creation|registration) of (your|the) ... account',
      weight: 0.85,
    },
    {
      kind: 'approved',
      phrase:
        '(account owner|tao|company|importer) (now has|has now been given) access to (the |your |)(ace|portal|account)',
      weight: 0.8,
    },
    { kind: 'approved', phrase: '(is|was|are|stands) (now |hereby |all |)approved', weight: 0.85 },
    { kind: 'approved', phrase: '(we|cbp|ace) (have|has) (now |)(reviewed and |processed and |)approved', weight: 0.9 },
    { kind: 'approved', phrase: '(reviewed|processed|completed) and approved', weight: 0.85 },
    {
      kind: 'approved',
      phrase:
        '(we|cbp|i|ace applications|(ace|our|the) (team|desk|office)|service desk|business office) (have |has |)(now |)(approved|granted) (your|the|this|it)',
      weight: 0.85,
    },
    {
      kind: 'approved',
      phrase: '(is|are|has been|have been) (now |)(set up|registered|enrolled|live|active) in (the |)ace',
      weight: 0.8,
    },
    {
      kind: 'approved',
      phrase: '(application|request|account|registration|status|decision|result|determination)(:| -| :| is|) approved',
      weight: 0.85,
    },
    { kind: 'approved', phrase: '(confirm*|notif*|inform*|advise*|announce) ... approval of (your|the)', weight: 0.8 },
    { kind: 'approved', phrase: 'approval of (your|the) ... (application|account|request)', weight: 0.6 },
    { kind: 'approved', phrase: '(notice|notification|confirmation) of approval', weight: 0.7 },
    { kind: 'approved', phrase: 'approval (notice|notification|confirmation|letter)', weight: 0.6 },
    {
      kind: 'approved',
      phrase: `account ... (has|have) ${NOW}been ${NOW}(${MADE}|approved)`,
      weight: 0.88,
    },
    {
      kind: 'approved',
      phrase: `account ... (was|is|are|were) ${NOW}(${MADE})`,
      weight: 0.8,
    },
    {
      kind: 'approved',
      phrase: `(we|cbp|i) (have |has |)${NOW}(${MADE}) (your|the|an|a) ... account`,
      weight: 0.85,
    },
    { kind: 'approved', phrase: `account is (now |)(fully |)(${LIVE})`, weight: 0.8 },
    {
      kind: 'approved',
      phrase: 'account (setup|set-up|creation|registration) (is|has been|was) (now |)(complete|completed|finished)',
      weight: 0.85,
    },
    { kind: 'approved', phrase: 'welcome to (the |)(ace|automated commercial environment)', weight: 0.45 },
    {
      kind: 'approved',
      phrase: '(you|users|owner|your company) (can|may|are) now (able to |)(log|sign|access|use)',
      weight: 0.45,
    },
    {
      kind: 'approved',
      phrase: '(your|the) (new |)(ace |portal |ace portal |)(user|account|login|logon) (id|name|number) (is|:)',
      weight: 0.45,
    },
    { kind: 'approved', phrase: '(user|account|login|logon) id:', weight: 0.45 },
    { kind: 'approved', phrase: 'temporary password', weight: 0.45 },
    { kind: 'approved', phrase: 'congratulations', weight: 0.45 },
    { kind: 'approved', phrase: '(pleased|happy|glad) to (inform|advise|notify|confirm|tell|let)', weight: 0.3 },

    {
      kind: 'approved',
      phrase: 'now (has|have|has got|holds) (an|a|its|your|their) ... account',
      weight: 0.8,
    },
    {
      kind: 'approved',
      phrase: 'application (to (create|establish|open|set up)|for) ... account (was|is|has been) (successful|approved)',
      weight: 0.8,
    },
    // No account.
    {
      kind: 'refused',
      phrase:
        '(has|have|had) (now |also |)been (reviewed and |)(denied|rejected|refused|declined|disapproved|disallowed)',
      weight: 0.9,
    },
    {
      kind: 'refused',
      phrase:
        '(is|was|are|were|stands) (now |hereby |being |)(denied|rejected|refused|declined|disapproved|disallowed)',
      weight: 0.85,
    },
    {
      kind: 'refused',
      phrase:
        '(we|cbp) (have|has|must|are|had to|have to|regret to) (had to |decided to |)(deny|denied|denying|reject*|refuse*|decline*|disapprove*)',
      weight: 0.9,
    },
    {
      kind: 'refused',
      phrase:
        '(application|request|account|registration|status|decision|result|determination)(:| -| :| is|) (denied|rejected|refused|declined|disapproved)',
      weight: 0.85,
    },
    { kind: 'refused', phrase: '(has|have|was|is|been|were|could|will|can) not (been |be |)approved', weight: 0.8 },
    { kind: 'refused', phrase: '(could not|unable to|not able to|can not) (be approved|approve)', weight: 0.85 },
    { kind: 'refused', phrase: '(not|in)( |)eligible', weight: 0.85 },
    { kind: 'refused', phrase: '(does|do) not (qualify|meet the (requirements|criteria|eligibility))', weight: 0.8 },
    { kind: 'refused', phrase: '(denial|rejection) (of|notice|letter)', weight: 0.7 },
    { kind: 'refused', phrase: `(decided|determined|elected|chosen) not to (${MAKE}|proceed)`, weight: 0.9 },
    {
      kind: 'refused',
      phrase: '^(hereby |application |request |)(denied|rejected|refused|declined|disapproved)$',
      weight: 0.85,
    },
    { kind: 'refused', phrase: '^(application |request |)not approved$', weight: 0.85 },
    {
      kind: 'refused',
      phrase:
        '(will not|not|no longer) (be |)(moving|going) forward with (your|the|this) (ace |portal |)(application|request)',
      weight: 0.85,
    },
    {
      kind: 'refused',
      phrase: '(unable to|can not|will not|not able to) process (your|the|this) (application|request)',
      weight: 0.5,
    },
    {
      kind: 'refused',
      phrase: `(${CANNOT}) ... and (are|am|is|have|has) (now |therefore |hereby |)(closing|closed|cancelling|cancelled) (it|your|the|this)`,
      weight: 0.8,
    },
    {
      kind: 'refused',
      phrase: '(are|am|is) (now |therefore |hereby |)(closing|cancelling|canceling) (it|your|the|this)',
      weight: 0.55,
    },
    {
      kind: 'refused',
      phrase:
        '(application|request) ... (has been|was|is) (closed|cancelled|canceled|terminated) (without|due|because|as)',
      weight: 0.7,
    },
    {
      kind: 'refused',
      phrase:
        '(unable|not able|can not|declined|declines) (to |)(grant|issue) ... (request|application|account|access)',
      weight: 0.85,
    },
    { kind: 'refused', phrase: '(was|has been|is) turned down', weight: 0.85 },
    {
      kind: 'refused',
      phrase: '(approval|account|access) (has been|was|is) (rescinded|revoked|withdrawn|suspended|terminated)',
      weight: 0.85,
    },
    {
      kind: 'refused',
      phrase: '(disregard|ignore) (our|my|the|that|this) (previous|earlier|last|prior)',
      weight: 0.65,
    },
    {
      kind: 'refused',
      phrase: `(${CANNOT}) (be |)(${MAKE}|${MAKING}) ... (account|access|application|request)`,
      weight: 0.8,
    },
    {
      kind: 'refused',
      phrase: 'no (ace |portal |ace portal |)account (will|can|could) be (created|established|opened|set up|issued)',
      weight: 0.8,
    },
    {
      kind: 'refused',
      phrase:
        '(will not|are not going to|is not going to) (be |)(process*|approv*|accept*|grant*|establish*) (it|your|the|this)',
      weight: 0.75,
    },
    { kind: 'refused', phrase: '(was|is|were|been|but) not (been |)accepted', weight: 0.75 },
    {
      kind: 'refused',
      phrase: '(returned|closed|rejected|dismissed) without (further |)(action|processing|review)',
      weight: 0.8,
    },
    // What may be a refusal is for a person, whatever else the mail says of having been received.
    {
      kind: 'refused',
      phrase: '(application|request|it|case) (has been|was|is) (closed|cancelled|canceled)',
      weight: 0.55,
    },
    {
      kind: 'refused',
      phrase: '(have|has) (closed|cancelled|canceled|withdrawn|removed) (it|your|the|this)',
      weight: 0.55,
    },
    {
      kind: 'refused',
      phrase: '(will not|can not|unable to|not able to|not be able to) (move|go) forward',
      weight: 0.6,
    },
    { kind: 'refused', phrase: '(regret to|we regret that|with regret)', weight: 0.55 },

    {
      kind: 'refused',
      phrase:
        '(did|does|do) not (pass|meet|satisfy|clear) (our|the|all|cbp*) ... (vetting|review|requirements|criteria|standards|screening|conditions)',
      weight: 0.75,
    },
    {
      kind: 'refused',
      phrase: '(application|request) ... (has been|was|is) (closed|cancelled|canceled|terminated)',
      weight: 0.55,
    },
    { kind: 'refused', phrase: '(return*|sent back) ... unapproved', weight: 0.75 },
    // Something must be given or mended.
    {
      kind: 'more-information',
      phrase:
        '(additional|further|more|missing|supplemental|following) (information|documentation|documents|details|clarification) ... (required|needed|requested|necessary)',
      weight: 0.9,
    },
    {
      kind: 'more-information',
      phrase:
        '(need|needs|require|requires|requesting|request|requested|missing) ... (additional|further|more|following|missing) (information|documentation|documents|details|clarification|items)',
      weight: 0.9,
    },
    {
      kind: 'more-information',
      phrase:
        '(please|kindly|must|asked to|need to|needs to) (provide|submit|supply|furnish|send|email|attach|include|give|forward) (us |me |)(with |)(the |a |an |your |any |)(following|missing|additional|corrected|signed|completed|complete|revised|updated|new|proof|copy|copies|documentation|evidence|information|details|full|correct|legible)',
      weight: 0.85,
    },
    {
      kind: 'more-information',
      phrase:
        '(please|kindly|must|can you|could you|need to|needs to|have to) (correct|resign|amend|revise|fix|clarify|resubmit|resend|make the (following |necessary |)correction*)',
      weight: 0.87,
    },
    {
      kind: 'more-information',
      phrase: `(${ASKED}) (complete|fill|sign|return) (section|the (form|application|signature|missing|attached|enclosed)|and (return|resubmit)|part|block|item|it|out)`,
      weight: 0.8,
    },
    {
      kind: 'more-information',
      phrase:
        '(please|kindly|can you|could you) (confirm|verify|provide|supply|specify|indicate|advise) (the|your|which|whether|who|what|us)',
      weight: 0.75,
    },
    {
      kind: 'more-information',
      phrase: '(correct|complete|sign|update|amend|revise)* ... and (resubmit|submit again|resend|return)',
      weight: 0.85,
    },
    { kind: 'more-information', phrase: '(resubmit) (the|your|a|an|it|with|using)', weight: 0.8 },
    {
      kind: 'more-information',
      phrase: '(new|corrected|revised|updated|amended) (application|form) (is|must be) (required|needed|submitted)',
      weight: 0.85,
    },
    {
      kind: 'more-information',
      phrase:
        '(can not|could not|unable to|not able to) (be |)(approve*|process*|complete*|proceed*|continue|finalize*|review*) ... (until|unless|without)',
      weight: 0.92,
    },
    {
      kind: 'more-information',
      phrase: 'not be (approved|processed|completed|reviewed) (until|unless|without)',
      weight: 0.92,
    },
    {
      kind: 'more-information',
      phrase:
        'before (we|cbp|your|the|it|this) ... (can|may) (be |)(approve*|process*|complete*|proceed*|continue|review*)',
      weight: 0.85,
    },
    {
      kind: 'more-information',
      phrase:
        '(is|are|was|were|appears) (incomplete|missing|blank|illegible|unsigned|not signed|not complete|not completed|not filled|left blank|invalid|incorrect)',
      weight: 0.8,
    },
    {
      kind: 'more-information',
      phrase: '(did|do|does) not (include|contain|provide|complete|sign|list|attach)',
      weight: 0.75,
    },
    {
      kind: 'more-information',
      phrase: '(return|returned|returning) ... (for|to) (correction*|you|completion|additional)',
      weight: 0.8,
    },
    {
      kind: 'more-information',
      phrase: '(must|needs to|need to|has to|should) be (corrected|completed|signed|resubmitted|filled)',
      weight: 0.85,
    },
    { kind: 'more-information', phrase: '(incomplete|unsigned) application', weight: 0.75 },
    { kind: 'more-information', phrase: '(please|kindly) (check|mark|tick) (the|a|one) ... (box|field)', weight: 0.8 },
    {
      kind: 'more-information',
      phrase:
        '(can not|will not|not) be (activated|active|created|opened|established|finalized|issued|effective|valid) (until|unless|before)',
      weight: 0.9,
    },
    { kind: 'more-information', phrase: '(contingent|conditional|conditioned|dependent) (on|upon)', weight: 0.87 },
    {
      kind: 'more-information',
      phrase:
        '(can not|unable to|not able to) (create*|open*|establish*|activat*|issue*|set up) ... (until|unless|without)',
      weight: 0.9,
    },
    { kind: 'more-information', phrase: '(does|do|did) not match', weight: 0.5 },
    { kind: 'more-information', phrase: 'on hold ... (pending|until|awaiting)', weight: 0.8 },
    { kind: 'more-information', phrase: 'pending receipt of', weight: 0.8 },
    {
      kind: 'more-information',
      phrase: '(need|needs|require|requires|must have|must receive) (the following|the|your|a|an|to know|to see)',
      weight: 0.7,
    },
    {
      kind: 'more-information',
      phrase:
        '(can not|unable to|not able to) (move forward|go forward|proceed|continue|process*|complete*) ... (without|until|unless)',
      weight: 0.9,
    },
    {
      kind: 'more-information',
      phrase:
        '(please|kindly) (update|revise|change|adjust|add|enter|list|indicate|attach|include) (section|your|the|a|an|item|field|line)',
      weight: 0.75,
    },
    { kind: 'more-information', phrase: `(${ASKED}) fill in`, weight: 0.8 },
    { kind: 'more-information', phrase: '(send|return) ... (form|application|it) back', weight: 0.75 },
    {
      kind: 'more-information',
      phrase: `(${ASKED}) (send|resend|submit|provide|supply|furnish|forward|upload|attach|email|fax|mail) (it|the|this|that|a|an|your|us|me|over) ... (again|over|back|application|form|page|pages|copy|letter|document|documents|signature|attachment|pdf|proof)`,
      weight: 0.8,
    },
    {
      kind: 'more-information',
      phrase:
        '(need|needs|have|required|asked) to (send|provide|submit|supply|furnish|upload|attach|email|fax) (us |me |)(the|a|an|your|proof|copies)',
      weight: 0.75,
    },
    {
      kind: 'more-information',
      phrase: '(and|then) (resubmit|resend|reapply|submit again|send it (back|again))',
      weight: 0.8,
    },
    {
      kind: 'more-information',
      phrase:
        '(is|are|was|were|has|have) not (been |)(marked|checked|signed|dated|initialed|initialled|filled|notarized|attached|enclosed|included|selected)',
      weight: 0.8,
    },
    {
      kind: 'more-information',
      phrase:
        '(no|without the|without an|without any|without) (attachment|signature|form|pdf) (was|is|on|in|to|with|attached)',
      weight: 0.75,
    },
    {
      kind: 'more-information',
      phrase:
        '(can|could) not (open|read|view|access) ((the|your|this) (attachment|attached|file|pdf|document|form)|it)',
      weight: 0.75,
    },
    {
      kind: 'more-information',
      phrase:
        '(as soon as|once|when|after|until) (we|i|cbp) (receive*|have|have received|get|hear) ... (signed|signature|missing|corrected|completed|copy|information|document|documents|form|section|page|letter|proof|answer)',
      weight: 0.85,
    },
    { kind: 'more-information', phrase: '(please|kindly) (provide|send|submit|supply|furnish) (us|me)', weight: 0.72 },
    {
      kind: 'more-information',
      phrase:
        '(application|request|form|attachment|file|pdf|it) ... (can|could) not be (processed|completed|opened|read)',
      weight: 0.75,
    },

    {
      kind: 'more-information',
      phrase: '(did|does) not (come through|come over|arrive|attach|go through|transmit)',
      weight: 0.75,
    },
    {
      kind: 'more-information',
      phrase:
        '(awaiting|waiting for|waiting on|need) (your|the (client*|importer*|applicant*|requester*)) (reply|response|answer|information|input|signature|confirmation)',
      weight: 0.8,
    },
    {
      kind: 'more-information',
      phrase:
        '^(still |we |)(need|missing) (a copy|copy|proof|signature|signed|date|title|phone|email|name|page|section|form|the|an|a)',
      weight: 0.75,
    },
    {
      kind: 'more-information',
      phrase: '^(send|resend|provide|return|attach) (us |me |)(a|an|it|back)',
      weight: 0.75,
    },
    {
      kind: 'more-information',
      phrase: '(please|kindly|can you|could you|would you) (re|)send (me |us |)(it|that|this|them|those)',
      weight: 0.75,
    },
    { kind: 'more-information', phrase: '(is|are) (needed|required|missing)$', weight: 0.75 },
    { kind: 'more-information', phrase: '(was|were|is|are|been) left (out|off|blank|empty)', weight: 0.8 },
    // There is an account already.
    {
      kind: 'already-registered',
      phrase: 'account ... already (exists|exist|been (created|established|registered|set up|opened))',
      weight: 0.95,
    },
    {
      kind: 'already-registered',
      phrase:
        'already (has|have|had|holds|owns|maintains) (an |a |its own |one |)(active |existing |)(ace|portal|top|account|access)',
      weight: 0.95,
    },
    {
      kind: 'already-registered',
      phrase:
        'already (been |)(registered|associated|linked|assigned|in use|tied|attached|part of|enrolled|established|belongs|exists|on an|in an|under an)',
      weight: 0.9,
    },
    {
      kind: 'already-registered',
      phrase: 'already (been |)(approved|set up|created|activated|opened) (under|by|for|as|with|through|in)',
      weight: 0.95,
    },
    { kind: 'already-registered', phrase: 'already (been |)(approved|created|activated|opened)', weight: 0.6 },
    {
      kind: 'already-registered',
      phrase: '(existing|another|different) (ace |portal |top |ace portal |trade |active )(account)',
      weight: 0.6,
    },
    {
      kind: 'already-registered',
      phrase:
        '(associated|linked|registered|tied|attached|assigned) (with|to|under) (an|another|a different) (existing |other |)(ace |portal |top |)*(account)',
      weight: 0.9,
    },
    { kind: 'already-registered', phrase: '(is|was|appears to be|considered|are) (a |an |)duplicate', weight: 0.85 },
    {
      kind: 'already-registered',
      phrase: 'duplicate (account|application|request) (found|detected|exists|identified)',
      weight: 0.85,
    },
    {
      kind: 'already-registered',
      phrase: '(we|our|cbp) (records |)(show|indicate|found|find|see) ... (has|have) an (existing|active|ace)',
      weight: 0.85,
    },
    {
      kind: 'already-registered',
      phrase:
        '(can not|may not|can only) be (in|on|linked to|associated with) ... (more than one|one|two|multiple) ... account*',
      weight: 0.7,
    },
    {
      kind: 'already-registered',
      phrase: '(an existing|another|a different|an active) (ace |portal |ace portal |top |trade |ace top |)account',
      weight: 0.75,
    },
    {
      kind: 'already-registered',
      phrase:
        '(can not|unable to|may not) (create|open|establish|have|set up) (a |an |)(second|another|new|duplicate|additional) ... account',
      weight: 0.85,
    },
    {
      kind: 'already-registered',
      phrase: `(second|another|new|duplicate|additional) (account|one) can not be (${MADE})`,
      weight: 0.85,
    },

    {
      kind: 'already-registered',
      phrase: '(in|has|have|with) (ace|an account|an ace account|access) already',
      weight: 0.9,
    },
    { kind: 'already-registered', phrase: '(has|have) (had |)(an|a|its own) ... account ... since', weight: 0.85 },
    { kind: 'already-registered', phrase: 'is already (a|an|one) ... account', weight: 0.95 },
    { kind: 'already-registered', phrase: 'account ... exists already', weight: 0.95 },
    // CBP does not find the importer.
    {
      kind: 'not-on-file',
      phrase: '(no|not|without) ... (5106|importer record|importer id|ior record) ... (on file|found|exist*|record)',
      weight: 0.92,
    },
    {
      kind: 'not-on-file',
      phrase: '5106 ... (not|never|nor) ... (file|filed|found|exist*|match*|record*|received)',
      weight: 0.92,
    },
    { kind: 'not-on-file', phrase: 'not (currently |)on file', weight: 0.9 },
    { kind: 'not-on-file', phrase: 'no (cbp |)(form |)5106 (for|under|in)', weight: 0.88 },
    {
      kind: 'not-on-file',
      phrase:
        '(does|do|did|is|are) not (match|matching|agree|correspond*|identical) ... (5106|name on file|number on file|what is on file|importer record|our records for)',
      weight: 0.92,
    },
    {
      kind: 'not-on-file',
      phrase: '(name|importer number|ior|ein|number) ... (does|do|did) not (match|agree|correspond*)',
      weight: 0.85,
    },
    { kind: 'not-on-file', phrase: '(mismatch|discrepancy) ... (5106|importer record|name|number)', weight: 0.85 },
    { kind: 'not-on-file', phrase: '(name|number|5106|ior|ein) mismatch', weight: 0.85 },
    {
      kind: 'not-on-file',
      phrase:
        '(could not|can not|unable to|not able to|did not|were unable to) (be |)(locate*|find|found|verify|verified|identify|identified|validate*) ... (importer|ior|5106|record|number|ein|company)',
      weight: 0.88,
    },
    {
      kind: 'not-on-file',
      phrase:
        '(importer|ior|number|ein|record|company) ... (could not|can not) be (located|found|verified|identified|validated)',
      weight: 0.88,
    },
    {
      kind: 'not-on-file',
      phrase: 'not (found|recognized|exist|located) (in|on|within) (ace|our|the|cbp*)',
      weight: 0.85,
    },
    {
      kind: 'not-on-file',
      phrase: '(no|not have a|not have any) (record|importer record|active record) ... (of|for|found|exists|on file)',
      weight: 0.85,
    },
    {
      kind: 'not-on-file',
      phrase:
        '(importer|ior|number|record) ... (is|was|has been|shows as|currently|in) (inactive|voided|void|deactivated|an inactive)',
      weight: 0.88,
    },
    {
      kind: 'not-on-file',
      phrase:
        '(submit|file|complete|update|provide) (a |an |the |your |)(new |updated |revised |)(cbp |)(form |form-|)5106',
      weight: 0.75,
    },
    {
      kind: 'not-on-file',
      phrase: '(importer|ior|ir|number|record) ... (is not|not currently|no longer) active',
      weight: 0.88,
    },
    { kind: 'not-on-file', phrase: '(is|are|was) not in (our|the|ace) (system|records|database|files)', weight: 0.88 },
    { kind: 'not-on-file', phrase: '(differs|different) from ... (5106|on file|importer record)', weight: 0.85 },
    {
      kind: 'not-on-file',
      phrase: '(must|need to|needs to|has to|have to|required to) (first |)have ... 5106',
      weight: 0.8,
    },

    {
      kind: 'not-on-file',
      phrase:
        '(importer|ior|number|record) ... (comes up|came up|shows|shows up|showing|appears|listed) as (void*|inactive|deactivated|closed)',
      weight: 0.88,
    },
    // Wrong door.
    {
      kind: 'use-web-form',
      phrase:
        '(pdf|paper|form|application|email*) ... no longer (being |)(accept*|process*|support*|us*|available|valid)',
      weight: 0.92,
    },
    {
      kind: 'use-web-form',
      phrase: 'no longer (accept*|process*|support*) ... (pdf|paper|form|application*|email*)',
      weight: 0.92,
    },
    {
      kind: 'use-web-form',
      phrase: '(not) (be |)(accept*|process*) ... (pdf|paper|by email|via emailed)',
      weight: 0.88,
    },
    {
      kind: 'use-web-form',
      phrase:
        '(please|must|should|need to|required to|instead|now|kindly) (use|submit|complete|apply|reapply|file|register|fill) ... (web form|online form|online application|web application|web-based|importer-form|electronic form)',
      weight: 0.88,
    },
    {
      kind: 'use-web-form',
      phrase: '(apply|reapply|submit|file|register) ... (online|website|online portal|our web site)',
      weight: 0.82,
    },
    {
      kind: 'use-web-form',
      phrase:
        '(submit*|resubmit*|appl*|reapply|complet*) ... (through|via|using|on|with) (the |our |)(cbp* |ace |)(importer |new |)(web form|online form|online application|web-based|importer-form|website)',
      weight: 0.8,
    },
    { kind: 'use-web-form', phrase: 'https: ace-accounts.cbp.gov', weight: 0.5 },
    {
      kind: 'use-web-form',
      phrase:
        '(replaced by|moved to|available (only |)(as|through|on)) (an |a |the |our |)(new |)(web form|online form|online application)',
      weight: 0.85,
    },
    {
      kind: 'use-web-form',
      phrase: '(pdf|legacy|paper|old) ... (retired|discontinued|phased out|obsolete|replaced|withdrawn)',
      weight: 0.88,
    },
    {
      kind: 'use-web-form',
      phrase: '(email|emailed|pdf|paper) ... not (be |being |)(accepted|processed|reviewed)',
      weight: 0.85,
    },
    {
      kind: 'use-web-form',
      phrase: '(apply|submit|use|register|complete|resubmit|form) ... https: ace-accounts.cbp.gov',
      weight: 0.88,
    },
    {
      kind: 'use-web-form',
      phrase:
        '(transitioned|moved|migrated|switched) to (an |a |the |)(new |)(online|web|electronic) (form|application|based)',
      weight: 0.85,
    },

    { kind: 'use-web-form', phrase: '(application|form) is (now |only |)(online|on the web|web-based)', weight: 0.8 },
    {
      kind: 'use-web-form',
      phrase:
        '(must|should|have to|need to|are to|can only) (now |only |)be (submitted|filed|completed|made|sent) (electronically|online|through the|via the|on the)',
      weight: 0.85,
    },
    // A person's absence.
    {
      kind: 'out-of-office',
      phrase:
        '(i am|i will be|am|is|will be|currently) (currently |presently |)(out of (the |my |)office|away from (the |my |)(office|desk)|on (annual |sick |maternity |paternity |parental |military |vacation |)leave|on vacation|on holiday|on travel|traveling|travelling|out of town|on detail|unavailable|in training|teleworking)',
      weight: 0.9,
    },
    { kind: 'out-of-office', phrase: 'out of (the |)office', weight: 0.8 },
    {
      kind: 'out-of-office',
      phrase:
        '(i will|will|i shall) (be |)(return*|back|respond*|reply) ... (when i return|upon my return|on my return|when i get back|on (monday|tuesday|wednesday|thursday|friday))',
      weight: 0.8,
    },
    {
      kind: 'out-of-office',
      phrase: '(upon my return|when i return|until i return|in my absence|during my absence|while i am (away|out))',
      weight: 0.85,
    },
    { kind: 'out-of-office', phrase: '(limited|no|intermittent|without) access to (my |)(emails)', weight: 0.75 },
    { kind: 'out-of-office', phrase: '(i have|i am) (retired|no longer)', weight: 0.7 },
    {
      kind: 'out-of-office',
      phrase:
        '(absent* (du|de mon) bureau|(en|de) (congé|congés|vacances|vacaciones|licencia|férias)|fuera de la oficina|ausente|nicht im (büro|haus)|abwesend|im urlaub|urlaub bis|fora do escritório|in ferie|fuori (ufficio|sede)|afwezig)',
      weight: 0.85,
    },
    {
      kind: 'out-of-office',
      phrase: 'i am (currently |)(out|away|off)( sick|) (today|until|this|from|for|of|and|with|on|through)',
      weight: 0.8,
    },
    { kind: 'out-of-office', phrase: '(office|desk) (is|will be) closed', weight: 0.8 },
  ],
  exceptions: [
    { kind: 'in-process', phrase: 'in (reviewing|processing) (your|the|this)' },
    { kind: 'refused', phrase: 'any (application|form|request)' },
    { kind: 'more-information', phrase: 'any (application|form|request)' },
    { kind: 'acknowledgement', phrase: '(you|recipient) (have |has |)received' },
    { kind: 'acknowledgement', phrase: 'in error' },
    { kind: 'acknowledgement', phrase: '(not|never|yet to) (been |)received' },
    { kind: 'acknowledgement', phrase: '(have|has|had) not received' },
    { kind: 'approved', phrase: 'already' },
    { kind: 'approved', phrase: '(applications|accounts|requests|importers|companies) (that |which |)(have|are|were)' },
    {
      kind: 'approved',
      phrase:
        '(a|an|any|each|every) (new |complete |completed |)(application|request|account|form) (that |which |)(is|was|has been)',
    },
    { kind: 'approved', phrase: '(previously|erroneously|mistakenly) (approved|created|established)' },
    { kind: 'approved', phrase: '(approved|created|established|activated) (in error|by mistake)' },
    { kind: 'approved', phrase: '(case|ticket|service request|incident) ... (created|opened|established)' },
    {
      kind: 'approved',
      phrase:
        'account is (now |)(active|ready|available|open|live) (only |)(to|for) (importer*|broker*|filer*|all|any|companies|every*)',
    },
    {
      kind: 'approved',
      phrase:
        '(bond|power of attorney|poa|extension|waiver|appeal|refund|protest|invoice) ... (approved|granted|accepted)',
    },
    { kind: 'approved', phrase: '5106 ... (approved|granted|accepted|created|activated)' },
    {
      kind: 'approved',
      phrase:
        'request ... (expedite|withdraw|cancel|close|closing|deactivate|terminate|remove|change|update|extend|reschedule) ... (approved|granted)',
    },
    {
      kind: 'approved',
      phrase: '(test|training|sandbox|certification|cert) (environment|region|portal|instance|server)',
    },
    {
      kind: 'approved',
      phrase: '(support|test|training|sandbox|certification|help desk|ticket*) (account|access|system)',
    },
    { kind: 'approved', phrase: 'sent ... (in error|by mistake)' },
    { kind: 'approved', phrase: 'broker (application|account)' },
    { kind: 'approved', phrase: 'records (show|indicate)' },
    { kind: 'refused', phrase: '(approve|approved|granted) (until|unless|before|without)' },
    {
      kind: 'refused',
      phrase:
        '(create*|open*|establish*|activat*|issu*|set up|provide*|process*|move forward|go forward) ... (until|unless|without|before)',
    },
    { kind: 'refused', phrase: 'regret (the|any|this|my|our) (late |long |)(delay|inconvenience|reply|wait)' },
    {
      kind: 'refused',
      phrase: '(approve*|process*|create*|open*|grant*|issue*) ... (automatically|today|yet|this (week|month))',
    },
    { kind: 'refused', phrase: 'not yet been approved' },
    { kind: 'refused', phrase: 'not been approved yet' },
    { kind: 'refused', phrase: '(approved|approve) ... until' },
    {
      kind: 'more-information',
      phrase: '(do not|no need to|not necessary to|need not) (resubmit|submit|send|provide)',
    },
    {
      kind: 'more-information',
      phrase:
        '(please|kindly) (provide|include|reference|quote|have) (the |your |this )(case|ticket|reference|confirmation)',
    },
    {
      kind: 'more-information',
      phrase: '(no|not) (additional|further|more) (information|documentation|documents|action)',
    },
    { kind: 'more-information', phrase: 'for (more|further|additional) information' },
    { kind: 'more-information', phrase: 'nothing (else |more |further |)(is|was) (missing|needed|required)' },
    { kind: 'more-information', phrase: '(when|if) (you (call|contact|write|inquire)|calling|contacting|inquiring)' },
    {
      kind: 'more-information',
      phrase:
        'need* (a |the |some |)(few |more |little |another |couple of |)(more |)(day|days|week|weeks|time|hour|hours|moment|while|approval|supervisor*)',
    },
    { kind: 'more-information', phrase: 'no ... (is|are) (needed|required|necessary)' },
    { kind: 'not-on-file', phrase: 'not (need|require)' },
    { kind: 'not-on-file', phrase: '(phone|telephone|fax|zip|postal|account|case|ticket) (number|code)' },
    { kind: 'use-web-form', phrase: '(claim*|protest*|entries|declaration*|drawback|refund*)' },
    { kind: 'more-information', phrase: 'in (all|any|your|future) (correspondence|communication*|inquir*)' },
    { kind: 'use-web-form', phrase: '(may|can) also' },
    { kind: 'use-web-form', phrase: '(next time|in the future|for future)' },
    { kind: 'already-registered', phrase: '(do not|avoid|please do not|to avoid) ... duplicate*' },
    { kind: 'already-registered', phrase: 'duplicate* (will|may|can|could|delay)' },
    { kind: 'out-of-office', phrase: 'office (of|hours)' },
  ],
};
