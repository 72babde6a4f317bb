import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/application/application.js';
import { addDays, instantIn, inZone, weekday } from '../../../src/calendar/day.js';
import * as messages from '../../../src/workflows/contract/messages.js';
import type { Progress } from '../../../src/workflows/contract/progress.js';
import { createTimeSkippingEnvironment } from '../../support/time-skipping-server.js';
import { type Email, type RealEmails, realEmails } from './real-emails.js';
import { RehearsedOnboarding, workflowCode } from './rehearsed-onboarding.js';
import { sampleApplication } from './sample-application.js';

/**
 * A client over Christmas 2026, from the first email to CBP to the access after a revocation: every email, every deadline
 * and every escalation, reckoned by hand with this calendar before the test ever ran.
 *
 *       December 2026                January 2027                February 2027
 *   Mo  Tu  We  Th  Fr  Sa  Su   Mo  Tu  We  Th  Fr  Sa  Su   Mo  Tu  We  Th  Fr  Sa  Su
 *        1   2   3   4   5   6                   (1)  2   3    1   2   3   4   5   6   7
 *    7   8   9  10  11  12  13    4   5   6   7   8   9  10    8   9  10  11  12  13  14
 *   14  15  16  17  18  19  20   11  12  13  14  15  16  17
 *   21  22  23 [24](25) 26  27  (18) 19  20  21  22  23  24
 *   28  29  30 [31]              25  26  27  28  29  30  31
 *
 *   (n) federal holiday: Christmas Day, New Year's Day, Martin Luther King Day. CBP and the broker are closed.
 *   [n] the broker is closed by BROKER_HOLIDAYS. CBP works.
 *
 * The broker works in New York from 8:00 AM, CBP until 5:00 PM. Reminders go out Monday to Thursday from 9:00 AM where the
 * client is, when the broker works. Jo is away from December 21 to January 1; Kim stands in.
 */
/**
 * A server's clock only goes forward. Once these days are past, the test takes those eleven years later: each has the same
 * weekday and the same holidays.
 */
const PAST = Date.now() > Date.parse('2026-12-07T14:00:00Z');
const later = (text: string) => (PAST ? text.replaceAll('2026', '2037').replaceAll('2027', '2038') : text);
const asReckoned = (text: string) => (PAST ? text.replaceAll('2037', '2026').replaceAll('2038', '2027') : text);

const SETTINGS = {
  BROKER_HOLIDAYS: later('federal,2026-12-24=Christmas Eve,2026-12-31=New Year’s Eve'),
  PEOPLE: JSON.stringify({
    jo: {
      name: 'Jo Park',
      email: 'jo@broker.example',
      deputy: 'kim',
      absent: [{ from: later('2026-12-21'), to: later('2027-01-01') }],
    },
    kim: { name: 'Kim Ortiz', email: 'kim@broker.example' },
  }),
};

const CBP = 'ace.applications@cbp.dhs.example';
const JO = 'jo@broker.example';
const KIM = 'kim@broker.example';
const OWNER = 'ivo@lakeside-candles.example';

/** To whom, when where that person is, the subject, and a sentence of it. */
type Row = [to: string, when: string, subject: string, says: string];

interface Client {
  language: string;
  timeZone: string;
  /** The operator's words for what CBP asks. */
  words: string;
  /** "Done", as the client writes it. */
  done: string;
  /** In every email to the client. */
  always: string;
  reminder: string;
  emails: Row[];
}

const IN_HONOLULU: Client = {
  language: 'en',
  timeZone: 'Pacific/Honolulu',
  words:
    'CBP asks for the legal name of your company as it is on your CBP Form 5106. On the application it is "Lakeside Candles Inc."\n\nPlease look at your copy of the form, at the top of its first page, and write us the name exactly as it is there, with every comma and period. If you have no copy, tell us, and we will ask CBP which name it has. If the form itself is out of date, tell us that, too: it must be updated first.',
  done: 'done',
  always: "Refunds are up to CBP, so we can't promise one.",
  reminder: 'Reminder: ',
  // 10:00 AM in New York is 5:00 AM in Honolulu.
  emails: [
    [
      CBP,
      'Mon, Dec 7, 2026, 10:00 AM EST',
      'ACE Portal Account Application - Lakeside Candles Inc. - IOR 07-123456700',
      'importer of record number 07-123456700.',
    ],
    [
      OWNER,
      'Mon, Dec 7, 2026, 5:00 AM HST',
      'Your ACE application: what happens next (lakeside-candles)',
      'We emailed the ACE Portal account application for Lakeside Candles Inc. to U.S. Customs and Border Protection (CBP) on December 7, 2026.',
    ],
    [
      JO,
      'Tue, Dec 8, 2026, 2:00 PM EST',
      '[lakeside-candles] Action needed: decision-to-confirm',
      'Since: Tue Dec 8, 2026, 2:00 PM ET',
    ],
    [
      OWNER,
      'Wed, Dec 9, 2026, 9:00 AM HST',
      'We need something from you for your ACE application (lakeside-candles)',
      'If the form itself is out of date, tell us that, too: it must be updated first.',
    ],
    // The second working day after Wed Dec 9 is a Friday.
    [
      OWNER,
      'Mon, Dec 14, 2026, 9:00 AM HST',
      'Reminder: we need something from you for your ACE application (lakeside-candles)',
      'We asked you about it on December 9, 2026.',
    ],
    // The fifth working day: 10, 11, 14, 15, 16.
    [
      OWNER,
      'Wed, Dec 16, 2026, 9:00 AM HST',
      'Reminder: we need something from you for your ACE application (lakeside-candles)',
      'We asked you about it on December 14, 2026.',
    ],
    [
      CBP,
      'Thu, Dec 17, 2026, 10:00 AM EST',
      'ACE Portal Account Application - Lakeside Candles Incorporated - IOR 07-123456700',
      'This is a corrected application. It replaces the one we sent on December 7, 2026.',
    ],
    [
      OWNER,
      'Thu, Dec 17, 2026, 5:00 AM HST',
      'Your ACE application: what happens next (lakeside-candles)',
      'to U.S. Customs and Border Protection (CBP) on December 17, 2026. It replaces the application that CBP got before.',
    ],
    // The link: 21 days from Dec 18.
    [
      OWNER,
      'Fri, Dec 18, 2026, 10:00 AM HST',
      'Your ACE account: please sign in and add Clearit USA (lakeside-candles)',
      "told us on the phone that the ACE Portal account for Lakeside Candles Incorporated is approved. CBP's account email is dated December 18, 2026, so the sign-in link in it works through January 8, 2027.",
    ],
    // The second working day after Fri Dec 18: 21, 22.
    [
      OWNER,
      'Tue, Dec 22, 2026, 9:00 AM HST',
      'Reminder: please sign in to ACE (lakeside-candles)',
      'works through January 8, 2027. We sent you the steps on December 18, 2026.',
    ],
    // The fifth: 23, 28, 29, because 24 and 25 are days off.
    [
      OWNER,
      'Tue, Dec 29, 2026, 9:00 AM HST',
      'Reminder: please sign in to ACE (lakeside-candles)',
      'works through January 8, 2027. We sent you the steps on December 18, 2026.',
    ],
    // 14 days after Dec 18 is New Year's Day, and the broker is closed the day before. Jo is away.
    [
      KIM,
      'Wed, Dec 30, 2026, 8:00 AM EST',
      '[lakeside-candles] Action needed: link-dies',
      'Since: Wed Dec 30, 2026, 8:00 AM ET Act by: Fri Jan 8, 2027, 11:59 PM ET',
    ],
    // The eighth: 30, then January 4 and 5.
    [
      OWNER,
      'Tue, Jan 5, 2027, 9:00 AM HST',
      'Reminder: please sign in to ACE (lakeside-candles)',
      'works through January 8, 2027. We sent you the steps on December 18, 2026.',
    ],
    [
      OWNER,
      'Mon, Jan 11, 2027, 6:00 AM HST',
      'How to get a new sign-in link for ACE (lakeside-candles)',
      "CBP's account email is dated December 18, 2026, so its link works through January 8, 2027.",
    ],
    // The second working day after Mon Jan 11. The old link is not worth a word any more.
    [
      OWNER,
      'Wed, Jan 13, 2027, 9:00 AM HST',
      'Reminder: please sign in to ACE (lakeside-candles)',
      'for Lakeside Candles Incorporated is approved. We sent you the steps on December 18, 2026.',
    ],
    // Signed in on Thu Jan 14. The second working day after: 15, 19, because the 18th is Martin Luther King Day.
    [
      OWNER,
      'Tue, Jan 19, 2027, 9:00 AM HST',
      'Reminder: please add Clearit USA in ACE (lakeside-candles)',
      'You told us that you signed in to ACE on January 14, 2027. We sent you the steps on December 18, 2026.',
    ],
    [
      OWNER,
      'Wed, Jan 20, 2027, 10:00 AM HST',
      'What is still missing in your ACE account (lakeside-candles)',
      'We looked in ACE on January 20, 2027. We saw some of the importer numbers of Lakeside Candles Incorporated, but not all.',
    ],
    // The second working day after Wed Jan 20 is a Friday. The reminder of before, due the same Monday, does not go out.
    [
      OWNER,
      'Mon, Jan 25, 2027, 9:00 AM HST',
      'Reminder: please add Clearit USA in ACE (lakeside-candles)',
      'We looked in ACE on January 20, 2027 and did not see all of the importer numbers of Lakeside Candles Incorporated there.',
    ],
    [
      OWNER,
      'Tue, Jan 26, 2027, 11:30 AM HST',
      'Thank you: we see your importer numbers in ACE (lakeside-candles)',
      'We looked in ACE on January 26, 2027, and we saw the importer numbers of Lakeside Candles Incorporated that we need.',
    ],
    // The client has revoked our access.
    [
      OWNER,
      'Tue, Feb 2, 2027, 5:00 AM HST',
      'Your ACE account: please sign in and add Clearit USA (lakeside-candles)',
      'We have on record that Lakeside Candles Incorporated already has an ACE Portal account',
    ],
    // The second working day after Tue Feb 2. The owner, who has signed in long ago, is asked to add our user.
    [
      OWNER,
      'Thu, Feb 4, 2027, 9:00 AM HST',
      'Reminder: please add Clearit USA in ACE (lakeside-candles)',
      'We sent you the steps on February 2, 2027. Please add our user to the account of Lakeside Candles Incorporated',
    ],
    // No reminder on Tue Feb 9: the client says that it is done.
    [
      OWNER,
      'Tue, Feb 9, 2027, 11:00 AM HST',
      'Thank you: we see your importer numbers in ACE (lakeside-candles)',
      'We looked in ACE on February 9, 2027, and we saw the importer numbers of Lakeside Candles Incorporated that we need.',
    ],
  ],
};

const IN_PUERTO_RICO: Client = {
  language: 'es',
  timeZone: 'America/Puerto_Rico',
  words:
    'CBP pide el nombre legal de su empresa tal como está en su formulario CBP 5106. En la solicitud dice "Lakeside Candles Inc."\n\nPor favor, busque su copia del formulario y escríbanos el nombre exactamente como aparece al principio de la primera página, con cada coma y cada punto. Si no tiene una copia, díganoslo y preguntaremos a CBP qué nombre tiene. Si el formulario mismo está desactualizado, díganoslo también: hay que actualizarlo primero.',
  done: 'listo',
  always: 'El reembolso depende de CBP y no podemos prometerlo.',
  reminder: 'Recordatorio: ',
  // The days are those of the client in Honolulu. 10:00 AM in New York is 11:00 AM in Puerto Rico.
  emails: [
    [
      CBP,
      'Mon, Dec 7, 2026, 10:00 AM EST',
      'ACE Portal Account Application - Lakeside Candles Inc. - IOR 07-123456700',
      'importer of record number 07-123456700.',
    ],
    [
      OWNER,
      'Mon, Dec 7, 2026, 11:00 AM AST',
      'Su solicitud de cuenta de ACE: los próximos pasos (lakeside-candles)',
      'El 7 de diciembre de 2026 enviamos la solicitud de cuenta de ACE de Lakeside Candles Inc. por correo electrónico',
    ],
    [
      JO,
      'Tue, Dec 8, 2026, 2:00 PM EST',
      '[lakeside-candles] Action needed: decision-to-confirm',
      'Since: Tue Dec 8, 2026, 2:00 PM ET',
    ],
    [
      OWNER,
      'Wed, Dec 9, 2026, 3:00 PM AST',
      'Necesitamos algo de usted para su solicitud de ACE (lakeside-candles)',
      'Si el formulario mismo está desactualizado, díganoslo también: hay que actualizarlo primero.',
    ],
    [
      OWNER,
      'Mon, Dec 14, 2026, 9:00 AM AST',
      'Recordatorio: necesitamos algo de usted para su solicitud de ACE (lakeside-candles)',
      'Le preguntamos por él el 9 de diciembre de 2026.',
    ],
    [
      OWNER,
      'Wed, Dec 16, 2026, 9:00 AM AST',
      'Recordatorio: necesitamos algo de usted para su solicitud de ACE (lakeside-candles)',
      'Le preguntamos por él el 14 de diciembre de 2026.',
    ],
    [
      CBP,
      'Thu, Dec 17, 2026, 10:00 AM EST',
      'ACE Portal Account Application - Lakeside Candles Incorporated - IOR 07-123456700',
      'This is a corrected application. It replaces the one we sent on December 7, 2026.',
    ],
    [
      OWNER,
      'Thu, Dec 17, 2026, 11:00 AM AST',
      'Su solicitud de cuenta de ACE: los próximos pasos (lakeside-candles)',
      'El 17 de diciembre de 2026 enviamos la solicitud de cuenta de ACE de Lakeside Candles Incorporated por correo electrónico a la Oficina de Aduanas y Protección Fronteriza (CBP). Reemplaza la solicitud que CBP recibió antes.',
    ],
    [
      OWNER,
      'Fri, Dec 18, 2026, 4:00 PM AST',
      'Su cuenta de ACE: inicie sesión y agregue a Clearit USA (lakeside-candles)',
      'El correo de CBP sobre la cuenta lleva fecha del 18 de diciembre de 2026, así que su enlace de inicio de sesión funciona hasta el 8 de enero de 2027.',
    ],
    [
      OWNER,
      'Tue, Dec 22, 2026, 9:00 AM AST',
      'Recordatorio: inicie sesión en ACE (lakeside-candles)',
      'funciona hasta el 8 de enero de 2027. Le enviamos los pasos el 18 de diciembre de 2026.',
    ],
    [
      OWNER,
      'Tue, Dec 29, 2026, 9:00 AM AST',
      'Recordatorio: inicie sesión en ACE (lakeside-candles)',
      'funciona hasta el 8 de enero de 2027. Le enviamos los pasos el 18 de diciembre de 2026.',
    ],
    [
      KIM,
      'Wed, Dec 30, 2026, 8:00 AM EST',
      '[lakeside-candles] Action needed: link-dies',
      'Since: Wed Dec 30, 2026, 8:00 AM ET Act by: Fri Jan 8, 2027, 11:59 PM ET',
    ],
    [
      OWNER,
      'Tue, Jan 5, 2027, 9:00 AM AST',
      'Recordatorio: inicie sesión en ACE (lakeside-candles)',
      'funciona hasta el 8 de enero de 2027. Le enviamos los pasos el 18 de diciembre de 2026.',
    ],
    [
      OWNER,
      'Mon, Jan 11, 2027, 12:00 PM AST',
      'Cómo obtener un nuevo enlace para iniciar sesión en ACE (lakeside-candles)',
      'El correo de CBP sobre la cuenta lleva fecha del 18 de diciembre de 2026, así que su enlace funciona hasta el 8 de enero de 2027.',
    ],
    [
      OWNER,
      'Wed, Jan 13, 2027, 9:00 AM AST',
      'Recordatorio: inicie sesión en ACE (lakeside-candles)',
      'de Lakeside Candles Incorporated está aprobada. Le enviamos los pasos el 18 de diciembre de 2026.',
    ],
    [
      OWNER,
      'Tue, Jan 19, 2027, 9:00 AM AST',
      'Recordatorio: agregue a Clearit USA en ACE (lakeside-candles)',
      'Usted nos dijo que inició sesión en ACE el 14 de enero de 2027. Le enviamos los pasos el 18 de diciembre de 2026.',
    ],
    [
      OWNER,
      'Wed, Jan 20, 2027, 4:00 PM AST',
      'Lo que todavía falta en su cuenta de ACE (lakeside-candles)',
      'Consultamos ACE el 20 de enero de 2027. Vimos algunos de los números de importador de Lakeside Candles Incorporated, pero no todos.',
    ],
    [
      OWNER,
      'Mon, Jan 25, 2027, 9:00 AM AST',
      'Recordatorio: agregue a Clearit USA en ACE (lakeside-candles)',
      'Consultamos ACE el 20 de enero de 2027 y no vimos allí todos los números de importador que Lakeside Candles Incorporated tiene.',
    ],
    [
      OWNER,
      'Tue, Jan 26, 2027, 5:30 PM AST',
      'Gracias: vemos sus números de importador en ACE (lakeside-candles)',
      'Consultamos ACE el 26 de enero de 2027 y vimos los números de importador de Lakeside Candles Incorporated que necesitamos.',
    ],
    [
      OWNER,
      'Tue, Feb 2, 2027, 11:00 AM AST',
      'Su cuenta de ACE: inicie sesión y agregue a Clearit USA (lakeside-candles)',
      'En nuestros registros consta que Lakeside Candles Incorporated ya tiene una cuenta del portal ACE',
    ],
    [
      OWNER,
      'Thu, Feb 4, 2027, 9:00 AM AST',
      'Recordatorio: agregue a Clearit USA en ACE (lakeside-candles)',
      'Le enviamos los pasos el 2 de febrero de 2027. Por favor, agregue a nuestro usuario a la cuenta que Lakeside Candles Incorporated tiene',
    ],
    [
      OWNER,
      'Tue, Feb 9, 2027, 5:00 PM AST',
      'Gracias: vemos sus números de importador en ACE (lakeside-candles)',
      'Consultamos ACE el 9 de febrero de 2027 y vimos los números de importador de Lakeside Candles Incorporated que necesitamos.',
    ],
  ],
};

/** Something that happens, and how the case stands after it. */
interface Moment {
  /** Day and time in New York, or where the client is. */
  at: { day: string; hour: number; minute?: number; theirs?: true };
  /** Nothing: a step of the clock. */
  act?: (rehearsal: Rehearsal) => Promise<unknown>;
  /** How many emails have left by then, from the beginning. */
  emails: number;
  stands: Standing;
}

interface Standing {
  turn: Progress['waitingOn'];
  /** What the case waits for, and what is due next: `theirs` where the client is, otherwise in New York. */
  wait?: Progress['wait'];
  due?: string;
  tasks?: Progress['attention'];
  told?: Progress['escalation'];
}

const ours = (day: string, hour: number, minute = 0) => ({ day: later(day), hour, minute });
const theirs = (day: string, hour: number) => ({ day: later(day), hour, theirs: true as const });

const ONE_NUMBER = ['07-123456700'];
const BOTH_NUMBERS = ['07-123456700', '07-1234567A1'];

const FIRST_ROUND: Moment[] = [
  {
    // Received before 5:00 PM on Mon Dec 7. One business day: Tue Dec 8.
    at: ours('2026-12-07', 10),
    emails: 2,
    stands: { turn: 'cbp', wait: 'acknowledgement', due: 'acknowledgement Tue, Dec 8, 2026, 5:00 PM EST' },
  },
  {
    // Five business days: 8, 9, 10, 11, 14.
    at: ours('2026-12-07', 10, 5),
    act: ({ o, letter }) => letter('acknowledgement', { responseBusinessDays: 5 }).then((mail) => o.receive(mail)),
    emails: 2,
    stands: { turn: 'cbp', wait: 'decision', due: 'late Mon, Dec 14, 2026, 5:00 PM EST' },
  },
  {
    // CBP's clock stops. Two working days to read the letter: 9, 10.
    at: ours('2026-12-08', 14),
    act: ({ o, letter }) => letter('more-information').then((mail) => o.receive(mail)),
    emails: 3,
    stands: {
      turn: 'broker',
      wait: 'task',
      due: 'operations Thu, Dec 10, 2026, 8:00 AM EST',
      tasks: ['decision-to-confirm'],
    },
  },
  {
    // Two working days: 10, 11. That is a Friday, so Monday.
    at: ours('2026-12-09', 14),
    act: ({ o, client }) =>
      o.handle.executeUpdate(messages.decide, {
        args: [{ ...OP, decision: 'correction-needed', waitingOn: 'client', what: client.words }],
      }),
    emails: 4,
    stands: {
      turn: 'client',
      wait: 'client-correction',
      due: 'reminder-1 Mon, Dec 14, 2026, 9:00 AM theirs',
      tasks: ['correction-needed'],
    },
  },
  {
    // Five: 10, 11, 14, 15, 16.
    at: theirs('2026-12-14', 9),
    emails: 5,
    stands: {
      turn: 'client',
      wait: 'client-correction',
      due: 'reminder-2 Wed, Dec 16, 2026, 9:00 AM theirs',
      tasks: ['correction-needed'],
    },
  },
  {
    // Eight: 17, 18, 21.
    at: theirs('2026-12-16', 9),
    emails: 6,
    stands: {
      turn: 'client',
      wait: 'client-correction',
      due: 'reminder-3 Mon, Dec 21, 2026, 9:00 AM theirs',
      tasks: ['correction-needed'],
    },
  },
  {
    // CBP's clock starts anew. One business day after Thu Dec 17.
    at: ours('2026-12-17', 10),
    act: ({ o, application }) =>
      o.handle.executeUpdate(messages.correctApplication, {
        args: [{ actor: 'jo', reason: 'the name on the 5106', application: corrected(application) }],
      }),
    emails: 8,
    stands: { turn: 'cbp', wait: 'acknowledgement', due: 'acknowledgement Fri, Dec 18, 2026, 5:00 PM EST' },
  },
  {
    // Two working days: 21, 22.
    at: ours('2026-12-18', 15),
    act: ({ o }) =>
      o.handle.executeUpdate(messages.decide, {
        args: [{ ...OP, decision: 'approved', verification: 'desk-phoned', mailedOn: later('2026-12-18') }],
      }),
    emails: 9,
    stands: { turn: 'client', wait: 'sign-in', due: 'reminder-1 Tue, Dec 22, 2026, 9:00 AM theirs' },
  },
  {
    // Five: 21, 22, 23, 28, 29.
    at: theirs('2026-12-22', 9),
    emails: 10,
    stands: { turn: 'client', wait: 'sign-in', due: 'reminder-2 Tue, Dec 29, 2026, 9:00 AM theirs' },
  },
  {
    // 14 days after Dec 18 is Jan 1: the working day before is Wed Dec 30.
    at: theirs('2026-12-29', 9),
    emails: 11,
    stands: { turn: 'client', wait: 'sign-in', due: 'link-dies Wed, Dec 30, 2026, 8:00 AM EST' },
  },
  {
    // Eight working days: 30, Jan 4, Jan 5.
    at: ours('2026-12-30', 8),
    emails: 12,
    stands: {
      turn: 'client',
      wait: 'sign-in',
      due: 'reminder-3 Tue, Jan 5, 2027, 9:00 AM theirs',
      tasks: ['link-dies'],
    },
  },
  {
    // Ten: Jan 6, Jan 7.
    at: theirs('2027-01-05', 9),
    emails: 13,
    stands: { turn: 'client', wait: 'sign-in', due: 'silent Thu, Jan 7, 2027, 8:00 AM EST', tasks: ['link-dies'] },
  },
  {
    // The link works through Jan 8, 21 days after Dec 18. No one gets an email: operations reads it in the digest.
    at: ours('2027-01-07', 8),
    emails: 13,
    stands: {
      turn: 'client',
      wait: 'sign-in',
      due: 'link-expired Mon, Jan 11, 2027, 8:00 AM EST',
      tasks: ['client-silent', 'link-dies'],
      told: 'operations',
    },
  },
  {
    // The link has died on Friday. Twenty working days: Jan 8, 11 to 15, 19 to 22.
    at: ours('2027-01-11', 8),
    emails: 13,
    stands: {
      turn: 'broker',
      wait: 'sign-in',
      due: 'parked Fri, Jan 22, 2027, 8:00 AM EST',
      tasks: ['client-silent', 'link-expired'],
      told: 'operations',
    },
  },
  {
    // It is the client's turn again, for a new link. Two working days: 12, 13.
    at: ours('2027-01-11', 11),
    act: ({ o }) => o.handle.executeUpdate(messages.reportProblem, { args: [{ ...OP, problem: 'link-expired' }] }),
    emails: 14,
    stands: {
      turn: 'client',
      wait: 'sign-in',
      due: 'reminder-1 Wed, Jan 13, 2027, 9:00 AM theirs',
      tasks: ['link-expired'],
    },
  },
  {
    // Five: 14, 15, 19.
    at: theirs('2027-01-13', 9),
    emails: 15,
    stands: {
      turn: 'client',
      wait: 'sign-in',
      due: 'reminder-2 Tue, Jan 19, 2027, 9:00 AM theirs',
      tasks: ['link-expired'],
    },
  },
  {
    // The new link has come: nothing is left for the broker to do. Two working days: 14, 15. A Friday, then a holiday.
    at: ours('2027-01-13', 16),
    act: ({ o }) =>
      o.handle.executeUpdate(messages.recordStatement, {
        args: [{ ...OP, says: 'mail-came', on: later('2027-01-13') }],
      }),
    emails: 15,
    stands: { turn: 'client', wait: 'sign-in', due: 'reminder-1 Tue, Jan 19, 2027, 9:00 AM theirs' },
  },
  {
    // Two working days: 15, 19.
    at: ours('2027-01-14', 11),
    act: ({ o }) =>
      o.handle.executeUpdate(messages.recordStatement, {
        args: [{ ...OP, says: 'signed-in', on: later('2027-01-14') }],
      }),
    emails: 15,
    stands: { turn: 'client', wait: 'grant', due: 'reminder-1 Tue, Jan 19, 2027, 9:00 AM theirs' },
  },
  {
    // Five: 20, 21, 22. That is a Friday, so Monday.
    at: theirs('2027-01-19', 9),
    emails: 16,
    stands: { turn: 'client', wait: 'grant', due: 'reminder-2 Mon, Jan 25, 2027, 9:00 AM theirs' },
  },
  {
    // Counted from the email of today: two working days, 21, 22. That is a Friday, so Monday.
    at: ours('2027-01-20', 15),
    act: ({ o }) => o.confirmAccess({ importerNumbers: ONE_NUMBER }),
    emails: 17,
    stands: {
      turn: 'client',
      wait: 'grant',
      due: 'reminder-1 Mon, Jan 25, 2027, 9:00 AM theirs',
      tasks: ['grant-partial'],
    },
  },
  {
    // Five: 25, 26, 27.
    at: theirs('2027-01-25', 9),
    emails: 18,
    stands: {
      turn: 'client',
      wait: 'grant',
      due: 'reminder-2 Wed, Jan 27, 2027, 9:00 AM theirs',
      tasks: ['grant-partial'],
    },
  },
  {
    at: ours('2027-01-26', 16, 30),
    act: ({ o }) => o.confirmAccess({ importerNumbers: BOTH_NUMBERS }),
    emails: 19,
    stands: { turn: 'nobody' },
  },
];

/** The client has removed our user. */
const SECOND_ROUND: Moment[] = [
  {
    // Two working days: 3, 4.
    at: ours('2027-02-02', 10),
    emails: 20,
    stands: { turn: 'client', wait: 'grant', due: 'reminder-1 Thu, Feb 4, 2027, 9:00 AM theirs' },
  },
  {
    // Five: 5, 8, 9.
    at: theirs('2027-02-04', 9),
    emails: 21,
    stands: { turn: 'client', wait: 'grant', due: 'reminder-2 Tue, Feb 9, 2027, 9:00 AM theirs' },
  },
  {
    // Two working days to look in ACE: 9, 10.
    at: ours('2027-02-08', 14),
    act: ({ o, reply }) => reply().then((mail) => o.receive(mail)),
    emails: 21,
    stands: {
      turn: 'broker',
      wait: 'task',
      due: 'operations Wed, Feb 10, 2027, 8:00 AM EST',
      tasks: ['look-in-ace'],
    },
  },
  {
    at: ours('2027-02-09', 16),
    act: ({ o }) => o.confirmAccess({ importerNumbers: BOTH_NUMBERS }),
    emails: 22,
    stands: { turn: 'nobody' },
  },
];

const OP = { actor: 'jo', evidence: 'ticket 1' };

function application({ language, timeZone }: Client): Application {
  return sampleApplication({ furtherImporterNumbers: ['07-1234567A1'], handler: 'jo', language, timeZone });
}

function corrected(before: Application): Application {
  return { ...before, company: { ...before.company, legalName: 'Lakeside Candles Incorporated' } };
}

/** One round of one client. */
class Rehearsal {
  constructor(
    readonly o: RehearsedOnboarding,
    readonly client: Client,
    readonly application: Application,
    private readonly desk: RealEmails,
  ) {}

  async pass(moments: Moment[]): Promise<void> {
    for (const moment of moments) await this.passOne(moment);
  }

  private async passOne({ at, act, emails, stands }: Moment): Promise<void> {
    const { o } = this;
    const then = instantIn(at.theirs ? this.client.timeZone : 'America/New_York', at.day, at.hour, at.minute);
    const ahead = then.getTime() - (await o.now()).getTime() + (act ? 0 : SOON_MS);
    if (ahead > SOON_MS || act) await o.sleep(Math.max(1, ahead));
    await act?.(this);
    await expect.poll(() => this.desk.count(), POLLING).toBeGreaterThanOrEqual(emails);
    await o.idle();
    await expect.poll(async () => this.standing(await o.progress()), POLLING).toEqual(stands);
    expect(this.desk.count()).toBe(emails);
  }

  private standing({ waitingOn, wait, due, attention, escalation, stage }: Progress): Standing {
    if (stage === 'closed') return { turn: waitingOn };
    return {
      turn: waitingOn,
      ...(wait ? { wait } : {}),
      ...(due ? { due: `${due.name} ${this.shown(new Date(due.at), due.told)}` } : {}),
      ...(attention.length > 0 ? { tasks: attention } : {}),
      ...(escalation === 'handler' ? {} : { told: escalation }),
    };
  }

  private shown(at: Date, told: string): string {
    return told === 'client'
      ? clockIn(this.client.timeZone, at).replace(/\w+$/, 'theirs')
      : clockIn('America/New_York', at);
  }

  /** An authentic letter of CBP about the last application. */
  readonly letter = async (...[kind, more]: Parameters<RehearsedOnboarding['mail']>) =>
    this.o.mail(kind, {
      receivedAt: (await this.o.now()).toISOString(),
      aboutMessageId: await this.lastTo(CBP),
      ...more,
    });

  /** The account owner answers our last email in a word. */
  readonly reply = async () =>
    this.o.mail('client-reply', {
      alias: 'client',
      from: OWNER,
      receivedAt: (await this.o.now()).toISOString(),
      authenticity: { verdict: 'unauthentic', reasons: [] },
      aboutMessageId: await this.lastTo(OWNER),
      excerpt: this.client.done,
      answers: { [this.client.language]: 'done' },
    });

  private async lastTo(address: string): Promise<string> {
    return (await this.desk.emails()).findLast(({ to }) => to === address)?.messageId ?? '';
  }
}

/** How long a step of the clock may take. */
const SOON_MS = 10_000;
const POLLING = { timeout: 10_000, interval: 20 };

/** `Mon, Dec 14, 2026, 9:00 AM HST` */
function clockIn(timeZone: string, at: Date): string {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  });
  return asReckoned(clock.format(at).replaceAll('\u202f', ' '));
}

async function moveTo(environment: TestWorkflowEnvironment, day: string, hour: number): Promise<void> {
  const ahead = instantIn('America/New_York', day, hour).getTime() - (await environment.currentTimeMs());
  await environment.sleep(ahead);
}

let environment: TestWorkflowEnvironment | undefined;
afterAll(() => environment?.teardown());

/** Both rounds, on a server of their own: its clock only goes forward. */
async function emailsTo(client: Client): Promise<Email[]> {
  await environment?.teardown();
  environment = await createTimeSkippingEnvironment();
  await workflowCode();
  const desk = await realEmails(environment, SETTINGS);
  const first = application(client);
  const second = corrected(first);
  const { policy } = desk;
  const reopened = { actor: 'jo', reason: 'The client removed our user.', at: 'grant' as const };
  try {
    await moveTo(environment, later('2026-12-07'), 10);
    const round = (of: Application, moments: Moment[]) => (o: RehearsedOnboarding) =>
      new Rehearsal(o, client, of, desk).pass(moments);
    await RehearsedOnboarding.run(environment, first, round(first, FIRST_ROUND), desk.parts, { policy });
    await moveTo(environment, later('2027-02-02'), 10);
    await RehearsedOnboarding.run(environment, second, round(second, SECOND_ROUND), desk.parts, { policy, reopened });
    return await desk.emails();
  } finally {
    await desk.close();
  }
}

describe.each([
  ['in English, in Honolulu', IN_HONOLULU],
  ['in Spanish, in Puerto Rico', IN_PUERTO_RICO],
])('Christmas and New Year %s', { retry: 1, timeout: 60_000 }, (_, client) => {
  test('every email, deadline and escalation falls where a person would reckon it', async () => {
    const emails = await emailsTo(client);

    const zoneOf = ({ to }: Email) => (to === OWNER ? client.timeZone : 'America/New_York');
    const sent = emails.map((email) => [email.to, clockIn(zoneOf(email), email.at), email.subject]);
    expect(sent).toEqual(client.emails.map(([to, when, subject]) => [to, when, subject]));
    for (const [index, [, , , says]] of client.emails.entries())
      expect(asReckoned(emails[index]?.text ?? '')).toContain(says);

    const toClient = emails.filter(({ to }) => to === OWNER);
    for (const { text } of toClient) {
      expect(text).toContain(client.always);
      expect(text).toContain('Jo Park Clearit USA');
    }
    const reminders = toClient.filter(({ subject }) => subject.startsWith(client.reminder));
    expect(reminders).toHaveLength(9);
    const remindedAt = reminders.map(({ at }) => inZone(at, client.timeZone));
    for (const { day, hour } of remindedAt) {
      expect([1, 2, 3, 4]).toContain(weekday(day));
      expect(hour).toBeGreaterThanOrEqual(9);
      expect(hour).toBeLessThan(16);
    }
    const days = remindedAt.map(({ day }) => day);
    expect(new Set(days).size).toBe(days.length);
    const mondays = days.map((day) => addDays(day, 1 - weekday(day)));
    for (const monday of mondays) expect(mondays.filter((one) => one === monday).length).toBeLessThanOrEqual(2);
  });
});
