import { z } from 'zod';
import { type Day, isCalendarDay } from '../calendar/day.js';
import { address, json, text } from './variable.js';

/** The broker's own people: who handles cases, who stands in for them, and whom they report to. */

export interface Person {
  /** How cases, deputies and managers refer to this person: `jo`. */
  id: string;
  /** As emails show it: `Jo Park`. */
  name: string;
  email: string;
  phone?: string | undefined;
  /** The id of the person who takes over on days of absence. */
  deputy?: string | undefined;
  absent: Absence[];
  /** The id of the person's manager. Without one: MANAGER_ADDRESS. */
  manager?: string | undefined;
}

/** Whole days, both included. */
export interface Absence {
  from: Day;
  to: Day;
}

/** By id. */
export type People = Record<string, Person>;

const day = z.string().refine(isCalendarDay, 'must be a date such as 2026-12-24');

const person = z.strictObject({
  name: text,
  email: address,
  phone: text.optional(),
  deputy: text.optional(),
  absent: z
    .array(
      z
        .strictObject({ from: day, to: day })
        .refine(({ from, to }) => from <= to, 'has an absence that ends before it begins: swap from and to'),
    )
    .default([]),
  manager: text.optional(),
});

/** The address book as JSON: `{"jo": {"name": "Jo Park", "email": "jo@broker.example", "deputy": "kim"}}`. */
export const peopleSchema = json
  .pipe(
    z.record(
      z
        .string()
        .regex(
          /^[a-z0-9][a-z0-9._-]{0,39}$/,
          'is not a valid name: use up to 40 lowercase letters, digits, dots, hyphens and underscores',
        ),
      person,
    ),
  )
  .transform((given): People => Object.fromEntries(Object.entries(given).map(([id, one]) => [id, { id, ...one }])))
  .superRefine((people, context) => {
    for (const { id, deputy, manager } of Object.values(people))
      for (const [role, other] of Object.entries({ deputy, manager })) {
        if (other === undefined) continue;
        if (!Object.hasOwn(people, other))
          context.addIssue({
            code: 'custom',
            message: `names "${other}" as the ${role} of "${id}", but "${other}" is not in the address book: add an entry, or name one of ${Object.keys(people).join(', ')}`,
          });
        else if (other === id) context.addIssue({ code: 'custom', message: `names "${id}" as their own ${role}` });
      }
  });

/** The person with this id or email address, whatever the case of its letters. */
export function personNamed(people: People, name: string | undefined): Person | undefined {
  const wanted = name?.trim().toLowerCase();
  if (!wanted) return undefined;
  if (Object.hasOwn(people, wanted)) return people[wanted];
  return Object.values(people).find(({ email }) => email.toLowerCase() === wanted);
}

export function isAbsent({ absent }: Person, day: Day): boolean {
  return absent.some(({ from, to }) => from <= day && day <= to);
}

/**
 * Who does a handler's work on a day: the handler, or else the first deputy who is there. Operations, if the handler is
 * not in the address book, or if no one in the line of deputies is there.
 */
export function dutyOf(people: People, handler: string | undefined, day: Day, operationsAddress: string): Person {
  return present(people, personNamed(people, handler), day) ?? operationsAt(operationsAddress);
}

/** Who is told as a handler's manager on a day: the manager, a deputy, or else MANAGER_ADDRESS. */
export function managerOf(people: People, handler: string | undefined, day: Day, managerAddress: string): Person {
  const manager = personNamed(people, personNamed(people, handler)?.manager);
  return present(people, manager, day) ?? { id: 'manager', name: 'Manager', email: managerAddress, absent: [] };
}

export function operationsAt(email: string): Person {
  return { id: 'operations', name: 'Operations', email, absent: [] };
}

/** Two people may be each other's deputies. */
function present(people: People, first: Person | undefined, day: Day): Person | undefined {
  const asked = new Set<Person>();
  for (let one = first; one && !asked.has(one); one = personNamed(people, one.deputy)) {
    if (!isAbsent(one, day)) return one;
    asked.add(one);
  }
  return undefined;
}
