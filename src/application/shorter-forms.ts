import type { Application, Shortenable } from './application.js';
import type { ValidationIssue } from './validation-issue.js';

/**
 * The text that an application puts together for a form, by the name that field maps use. A box that cannot take the full
 * text takes the shorter form that the application chose for it, and is refused without one.
 */

const nameOf = ({ firstName, lastName }: { firstName: string; lastName: string }) => `${firstName} ${lastName}`;
const reversedNameOf = ({ firstName, lastName }: { firstName: string; lastName: string }) =>
  `${lastName}, ${firstName}`;

function addressLines({ company: { address } }: Application): string[] {
  const town = [address.city, address.state].filter(Boolean).join(', ');
  return [address.street, `${town} ${address.postalCode}`, address.country];
}

/** The full text of each. */
export const FULL_TEXT: Record<Shortenable, (application: Application) => string | undefined> = {
  'company.legalName': (a) => a.company.legalName,
  'company.address': (a) => addressLines(a).join('\n'),
  'company.address.oneLine': (a) => addressLines(a).join(', '),
  'company.address.street': (a) => a.company.address.street,
  'company.address.city': (a) => a.company.address.city,
  'officer.name': (a) => nameOf(a.officer),
  'officer.nameReversed': (a) => reversedNameOf(a.officer),
  'officer.firstName': (a) => a.officer.firstName,
  'officer.lastName': (a) => a.officer.lastName,
  'officer.title': (a) => a.officer.title,
  'accountOwner.name': (a) => nameOf(a.accountOwner),
  'accountOwner.nameReversed': (a) => reversedNameOf(a.accountOwner),
  'accountOwner.firstName': (a) => a.accountOwner.firstName,
  'accountOwner.lastName': (a) => a.accountOwner.lastName,
  'accountOwner.title': (a) => a.accountOwner.title,
  'acknowledgement.officer.name': (a) => a.acknowledgements.officer.name,
  'acknowledgement.accountOwner.name': (a) => a.acknowledgements.accountOwner.name,
};

export function isShortenable(name: string): name is Shortenable {
  return Object.hasOwn(FULL_TEXT, name);
}

/** The form chosen for a name: its own, or the one that follows from those of its parts. Undefined without one. */
export function shorterForm(application: Application, name: string): string | undefined {
  if (!application.shorterForms || !isShortenable(name)) return undefined;
  const own = application.shorterForms[name];
  if (own !== undefined) return own;
  const shorter = FULL_TEXT[name](withShorterParts(application, application.shorterForms));
  return shorter === FULL_TEXT[name](application) ? undefined : shorter;
}

function withShorterParts(application: Application, chosen: Partial<Record<Shortenable, string>>): Application {
  const { company, officer, accountOwner, acknowledgements } = application;
  const shorterPerson = <P extends { firstName: string; lastName: string }>(
    who: 'officer' | 'accountOwner',
    full: P,
  ) => ({
    ...full,
    firstName: chosen[`${who}.firstName`] ?? full.firstName,
    lastName: chosen[`${who}.lastName`] ?? full.lastName,
  });
  const shorter = {
    officer: shorterPerson('officer', officer),
    accountOwner: shorterPerson('accountOwner', accountOwner),
  };
  const acknowledged = (who: 'officer' | 'accountOwner') => ({
    ...acknowledgements[who],
    name:
      acknowledgements[who].name === nameOf(application[who])
        ? (chosen[`${who}.name`] ?? nameOf(shorter[who]))
        : acknowledgements[who].name,
  });
  return {
    ...application,
    ...shorter,
    company: {
      ...company,
      address: {
        ...company.address,
        street: chosen['company.address.street'] ?? company.address.street,
        city: chosen['company.address.city'] ?? company.address.city,
      },
    },
    acknowledgements: { officer: acknowledged('officer'), accountOwner: acknowledged('accountOwner') },
  };
}

/** Shorter forms that are longer than the full text, or of a text that the application does not have. */
export function shorterFormIssues(application: Application): ValidationIssue[] {
  return Object.entries(application.shorterForms ?? {}).flatMap(([name, shorter]): ValidationIssue[] => {
    const field = `shorterForms.${name}`;
    const full = isShortenable(name) ? FULL_TEXT[name](application) : undefined;
    if (full === undefined)
      return [{ field, problem: `shortens ${name}, which the application does not have.`, remedy: 'Remove it.' }];
    const [given, most] = [[...shorter].length, [...full].length];
    return given <= most
      ? []
      : [
          {
            field,
            problem: `has ${given} characters, more than the full text, which has ${most}.`,
            remedy: 'Write a shorter form, or remove it.',
          },
        ];
  });
}
