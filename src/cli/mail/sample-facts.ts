import { type Application, importerNumbersOf } from '../../application/application.js';
import type { Notice, NoticeTemplate } from '../../workflows/contract/mail-activities.js';

/** What an onboarding could have on record, for a preview. */
export function sampleFacts(template: NoticeTemplate, application: Application): Notice['facts'] {
  const [first = '', ...others] = importerNumbersOf(application);
  const seenAndMissing = others.length > 0 ? { seen: [first], missing: others } : { seen: [], missing: [first] };
  return {
    submittedOn: '2026-12-01',
    submittedBy: 'us',
    askedOn: '2026-12-08',
    approval: 'cbp-letter',
    approvedOn: '2026-12-09',
    linkExpiresOn: '2026-12-30',
    signedIn: 'client',
    signedInOn: '2026-12-11',
    userAdded: 'client',
    instructedOn: '2026-12-10',
    lookedOn: '2026-12-14T15:00:00Z',
    ...(template === 'access-seen' ? { seen: [first, ...others] } : seenAndMissing),
    ...(template === 'grant-partial' ? { role: 'read-only' } : {}),
    what: 'The legal name on the application differs from the name on the CBP Form 5106. Which one is right?',
    text: 'Thank you for your email.\n\nThis is what a person would write.',
    attention: 'link-dies',
    since: '2026-12-23T15:00:00Z',
    dies: '2026-12-30T22:00:00Z',
    withdrawn: 'client-withdraws',
  };
}
