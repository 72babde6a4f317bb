import { z } from 'zod';
import { decimal, text, variable } from './variable.js';

/** Variables for rehearsals only. `safety-checks.ts` refuses them when LIVE is true. */
export const REHEARSAL_VARIABLES = {
  DNS_RECORDS_FILE: variable({
    about: 'JSON file of DNS records to use instead of real DNS. Not allowed with LIVE=true.',
    schema: text,
  }),
  PACE_SECONDS_PER_BUSINESS_DAY: variable({
    about: 'How many seconds a business day lasts. Not allowed with LIVE=true.',
    schema: decimal(0.01, 86_400),
  }),
  PACE_STARTING_AT: variable({
    about: 'The date and time on the calendar when the rehearsal begins. Used to explain deadlines.',
    schema: z.iso.datetime({ offset: true }),
  }),
  PACE_BEGAN_AT: variable({
    about: 'The real date and time when the rehearsal began, so that explained deadlines move along with it.',
    schema: z.iso.datetime({ offset: true }),
  }),
} as const;
