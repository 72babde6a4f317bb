import path from 'node:path';
import type { OpenEntry } from '../../form/draft/draft-map.js';
import { GUIDE, isOpenEntry, LEFT, type MissingBox, missingBoxes } from '../../form/draft/open-questions.js';
import { APPLICATION_FIELDS, type ApplicationField, isApplicationField } from '../../form/map/application-fields.js';
import type { Section } from '../../form/map/field-map.js';
import type { InspectedForm } from '../../form/map/inspect-form.js';
import type { OpenOptions } from '../../form/pdf/pdf-file.js';
import { say } from '../../process/output.js';
import { columns, lines, Plain, plain } from '../../process/plain-text-output.js';
import { type Asking, askFormat, askOptions, type Box, captionOf, slotList, unfit } from './box-questions.js';
import { type RunForm, readJsonFile, readMap, readPdf, replaceMap, write } from './form-files.js';
import { KINDS } from './inspect.js';
import { findingsBySection, usable } from './map.js';
import { headOf, MapInWork } from './map-in-work.js';

export interface AdoptOptions extends OpenOptions {
  map?: string;
  from?: string;
  edition?: string;
}

/** One form on its way. */
export class Adoption {
  readonly #base: string;
  #form!: InspectedForm;
  #map!: MapInWork;
  #template!: Uint8Array;

  constructor(
    readonly file: string,
    readonly options: AdoptOptions,
    readonly run: RunForm,
    readonly answers: Asking,
  ) {
    this.#base = file.replace(/\.pdf$/i, '');
  }

  /** @throws PersonLeft when the person leaves, CommandFailure */
  async lead(): Promise<void> {
    this.#template = await readPdf(this.file);
    await this.#look();
    if (await this.#begin()) return;
    for (const { section, words } of GUIDE) await this.#askSection(section, words);
    for (const { section } of LEFT) await this.#leaveRest(section);
    await this.#emptyComputed();
    await this.#proveAndAccept();
  }

  async #look(): Promise<void> {
    const { acceptActiveContent } = this.options;
    this.#form = await this.run('inspectForm', { template: this.#template, acceptActiveContent });
    const { kind, pages, notes, signatures, fields } = this.#form;
    this.#map = new MapInWork(this.options.map ?? `${this.#base}.map.json`, fields);
    const closed = this.#map.boxes.filter(({ field }) => field.unfillable);
    say(
      lines([
        plain`${KINDS[kind]}`,
        plain`${pages} pages, ${this.#map.boxes.length} boxes.`,
        ...(signatures.length > 0 ? [plain`It is signed, so it cannot be filled. Get an unsigned copy.`] : []),
        ...notes.map((note) => plain`Note: ${note}`),
        ...(closed.length > 0 ? [plain`These boxes cannot be filled:`] : []),
        ...closed.map(({ number, field }) => plain`  ${number}. ${captionOf(field)}: ${field.unfillable}`),
      ]),
    );
  }

  /** Takes up the map that is there, or drafts one. True when it is accepted already. */
  async #begin(): Promise<boolean> {
    const { from, acceptActiveContent } = this.options;
    const older = from ? readMap(await readJsonFile(from)) : undefined;
    const edition = this.options.edition ?? path.parse(this.file).name;
    const { map: drafted } = await this.run('draftMap', {
      template: this.#template,
      edition,
      acceptActiveContent,
      ...(older ? { older } : {}),
    });
    const isKnown = await this.#map.takeUp(drafted);
    const { acceptedBy } = this.#map;
    if (acceptedBy !== undefined) {
      say(usable(this.file, this.#map.file, acceptedBy));
      return true;
    }
    await this.#map.save();
    await this.#drawBoxes();
    say(
      lines([
        isKnown
          ? plain`Going on with ${this.#map.file}: ${this.#map.open().length} boxes are not decided yet.`
          : plain`Your answers go into ${this.#map.file}, each as soon as you give it. "quit" leaves, "list" shows what can go into a box.`,
      ]),
    );
    return false;
  }

  async #drawBoxes(): Promise<void> {
    if (this.#form.kind === 'dynamic-xfa') {
      say(plain`This form has no pages until Adobe Reader draws them. Open it there beside you.`);
      return;
    }
    const out = `${this.#base}.boxes.pdf`;
    const { acceptActiveContent } = this.options;
    await write(
      out,
      await this.run('numberBoxes', { template: this.#template, map: this.#map.draft, acceptActiveContent }),
    );
    say(plain`The pages with a number in each box: ${out}. Open it beside you.`);
  }

  async #askSection(section: Section, words: string): Promise<void> {
    await this.#confirmClear(section, words);
    for (;;) {
      const missing = missingBoxes(this.#map.draft.fields).find(
        (one) => one.section === section && !this.#given.has(one.words),
      );
      if (!missing) break;
      await this.#askMissing(missing, words);
    }
    if (!this.#map.fills(section)) {
      if (this.#map.open(section).length === 0) await this.#findBoxes(section, words);
      for (const { number } of this.#map.open(section)) await this.#decide(number);
    }
    await this.#leaveRest(section);
  }

  /** The form does not say which boxes are in the section, so the person does. */
  async #findBoxes(section: Section, words: string): Promise<void> {
    const question = lines([
      plain``,
      plain`Section ${section}. The guide: "${words}"`,
      plain`The form doesn't say which boxes are in this section. Type their numbers, or "none" if it has no such section.`,
    ]);
    const { boxes } = await this.answers.askUntil(question, (answer): { boxes: Box[] } | Plain => {
      if (/^none$/i.test(answer)) return { boxes: [] };
      const found = answer.split(/[\s,;]+/).map((number) => this.#map.boxFor(number));
      const boxes = found.flatMap((one) => (one instanceof Plain ? [] : one));
      return found.find((one) => one instanceof Plain) ?? { boxes };
    });
    for (const box of boxes) await this.#map.put({ ...this.#map.entry(box), section });
  }

  /** What the guide asks but the person found no box for. */
  readonly #given = new Set<string>();

  async #confirmClear(section: Section, words: string): Promise<void> {
    const clear = this.#map
      .open(section)
      .flatMap(({ number, entry }) => (entry.suggestion ? [{ number, entry, fill: entry.suggestion }] : []));
    if (clear.length === 0) return;
    const question = lines([
      plain``,
      plain`Section ${section}. The guide: "${words}"`,
      plain`These boxes look clear:`,
      columns(
        clear.map(({ number, entry, fill }) => [
          `  ${number}`,
          captionOf(entry),
          `${fill}${entry.suggestedFormat ? ` as ${entry.suggestedFormat}` : ''}`,
        ]),
      ),
      plain`Press Enter if all of them are right, or type the numbers of those that are wrong.`,
    ]);
    const { wrong } = await this.answers.askUntil(question, (answer) => {
      if (answer === '' || /^y(es)?$/i.test(answer)) return { wrong: new Set<number>() };
      const numbers = answer.split(/[\s,;]+/).map(Number);
      const unknown = numbers.find((number) => !clear.some((box) => box.number === number));
      return unknown === undefined
        ? { wrong: new Set(numbers) }
        : plain`"${answer}" is not a list of numbers from above. Press Enter if all are right, or type numbers such as "${clear[0]?.number ?? 1}".`;
    });
    for (const { number, entry, fill } of clear) {
      if (wrong.has(number)) {
        const { suggestion: _, suggestedFormat: __, suggestedOptions: ___, ...rest } = entry;
        await this.#map.put(rest);
      } else await this.#fill(number, fill, entry);
    }
  }

  async #askMissing({ section, slots, words }: MissingBox, guide: string): Promise<void> {
    const alike = this.#map
      .open()
      .filter(({ entry }) => entry.section === section || entry.section === 'other')
      .filter(({ entry }) => entry.suggestion && slots.includes(entry.suggestion));
    const [likely] = alike.length === 1 ? alike : [];
    const question = lines([
      plain``,
      plain`Section ${section}. The guide: "${guide}"`,
      plain`Which box is for ${words}?`,
      ...(likely ? [] : this.#map.openList(section)),
      likely
        ? plain`Press Enter for box ${likely.number} (${captionOf(likely.entry)}), type the number of another, or "none" if the form has no such box.`
        : plain`Type the number of the box, or "none" if the form has no such box.`,
    ]);
    const { box } = await this.answers.askUntil(question, (given): { box: Box | undefined } | Plain => {
      const answer = given || String(likely?.number ?? '');
      if (/^none$/i.test(answer)) return { box: undefined };
      const found = this.#map.boxFor(answer);
      if (found instanceof Plain) return found;
      const problems = slots.map((slot) => unfit(found.field, slot));
      return problems.every(Boolean) ? plain`${problems[0]} Type another number, or "none".` : { box: found };
    });
    if (!box) {
      this.#given.add(words);
      say(plain`The guide requires it, so the check will refuse the map until it has a box.`);
      return;
    }
    const fitting = slots.filter((slot) => !unfit(box.field, slot));
    const entry = this.#map.entry(box) as OpenEntry;
    const isLikely = entry.suggestion !== undefined && fitting.includes(entry.suggestion);
    const slot = isLikely && entry.suggestion ? entry.suggestion : await this.#chooseSlot(fitting);
    await this.#fill(box.number, slot, entry, section);
  }

  async #chooseSlot(slots: ApplicationField[]): Promise<ApplicationField> {
    const [first] = slots;
    if (slots.length === 1 && first) return first;
    const question = lines([
      plain`What goes into it?`,
      ...slots.map((slot, index) => plain`  ${index + 1}. ${slot}: ${APPLICATION_FIELDS[slot].about}`),
      plain`Type 1 to ${slots.length}.`,
    ]);
    const { slot } = await this.answers.askUntil(question, (answer) => {
      const chosen = slots[Number(answer) - 1];
      return chosen
        ? { slot: chosen }
        : plain`"${answer}" is not one of them. Type a number from 1 to ${slots.length}.`;
    });
    return slot;
  }

  /** Gives a box its slot, and asks how it is written where that is not known. */
  async #fill(number: number, fill: ApplicationField, entry: OpenEntry, section = entry.section): Promise<void> {
    const box = this.#map.boxes[number - 1];
    if (!box) return;
    const isSure = entry.suggestion === fill;
    const options = (isSure ? entry.suggestedOptions : undefined) ?? (await askOptions(this.answers, box, fill));
    const format = options
      ? undefined
      : await askFormat(this.answers, box, fill, isSure || !entry.suggestion ? entry.suggestedFormat : undefined);
    await this.#map.put({
      ...headOf(entry),
      section,
      ...(fill === 'importer.primary' || fill === 'importerNumber' ? { activity: 'importer' } : {}),
      fill,
      ...(format ? { format } : {}),
      ...(options ? { options } : {}),
    });
  }

  /** The person says what goes into one box, or why nothing does. */
  async #decide(number: number): Promise<void> {
    const box = this.#map.boxes[number - 1];
    if (!box) return;
    const entry = this.#map.entry(box);
    const question = lines([
      plain``,
      plain`Section ${entry.section}. What goes into box ${number}, ${captionOf(box.field)}?`,
      ...(isOpenEntry(entry) && entry.suggestion ? [plain`It sounds like ${entry.suggestion}.`] : []),
      plain`Type the name of a slot ("list" shows them), "leave" and the reason, or "clear" and the reason if it must be empty.`,
    ]);
    const { said } = await this.answers.askUntil(
      question,
      (answer): { said: ApplicationField | { leave: string } | { clear: string } } | Plain => {
        if (/^list$/i.test(answer)) return slotList();
        const left = /^leave\b[: ]*(.*)$/i.exec(answer);
        if (left) return { said: { leave: left[1] || 'Not asked of an importer.' } };
        const cleared = /^clear\b[: ]*(.*)$/i.exec(answer);
        if (cleared) return { said: { clear: cleared[1] || 'It must be empty.' } };
        if (!isApplicationField(answer))
          return plain`"${answer}" is not a slot. Type a name such as company.phone, "list", or "leave" and the reason.`;
        const problem = unfit(box.field, answer);
        return problem ? plain`${problem} Type another slot, or "leave" and the reason.` : { said: answer };
      },
    );
    const open = { ...headOf(entry), fill: '?' as const };
    if (typeof said === 'string') await this.#fill(number, said, open);
    else await this.#map.put({ ...headOf(entry), ...said });
  }

  /** All boxes of a section that no one filled, with one reason. */
  async #leaveRest(section: Section): Promise<void> {
    const reason = LEFT.find((one) => one.section === section)?.reason ?? 'Not asked of an importer.';
    for (;;) {
      const rest = this.#map.open(section);
      if (rest.length === 0) return;
      const question = lines([
        plain``,
        plain`${section === 'other' ? 'Boxes outside of the guide’s sections' : `Section ${section}`}: ${rest.length} boxes stay as they are.`,
        ...this.#map.openList(section),
        plain`Press Enter to leave them for the reason "${reason}", type another reason, or type the number of a box to fill it.`,
      ]);
      const { said } = await this.answers.askUntil(question, (answer): { said: Box | string } | Plain => {
        if (!/^\d+$/.test(answer)) return { said: answer || reason };
        const box = this.#map.boxFor(answer);
        return box instanceof Plain ? box : { said: box };
      });
      if (typeof said !== 'string') {
        await this.#decide(said.number);
        continue;
      }
      for (const { entry } of rest) this.#map.replace({ ...headOf(entry), leave: said });
      await this.#map.save();
      return;
    }
  }

  /** Boxes that only a reader with scripts keeps up to date: with what we fill in, they would be out of date. */
  async #emptyComputed(): Promise<void> {
    const filled = new Set(this.#map.draft.fields.flatMap((entry) => ('fill' in entry ? entry.field : [])));
    const stale = this.#map.boxes.filter((box) => {
      const { computed } = box.field;
      if (!computed || !('leave' in this.#map.entry(box))) return false;
      return computed.from === 'unknown' || computed.from.some((name) => filled.has(name));
    });
    if (stale.length === 0) return;
    await this.answers.ask(
      lines([
        plain``,
        plain`The form computes these boxes from others, which only happens in a reader that runs its scripts:`,
        columns(stale.map(({ number, field }) => [`  ${number}`, captionOf(field)])),
        plain`Press Enter to leave them empty in the filled form, or "quit" to ask someone first.`,
      ]),
    );
    for (const box of stale) {
      const clear = 'The form computes it, which only a reader that runs its scripts does.';
      this.#map.replace({ ...headOf(this.#map.entry(box)), clear });
    }
    await this.#map.save();
  }

  async #proveAndAccept(): Promise<void> {
    for (;;) {
      const checked = await this.run('checkMap', { template: this.#template, map: this.#map.draft, picture: true });
      if (!checked.ok) {
        say(
          lines([
            plain``,
            plain`The check found:`,
            findingsBySection(
              checked.findings.map((finding) => ({ ...finding, field: this.#map.numbersFor(finding.field) })),
            ),
          ]),
        );
        await this.#change(
          plain`Type the number of a box to decide it again, "check" after you changed the map by hand, or "quit".`,
        );
        continue;
      }
      const picture = `${this.#base}.filled.png`;
      if (checked.picture) await write(picture, checked.picture);
      await this.#drawBoxes();
      const question = lines([
        plain``,
        plain`The map fits the form. A made-up application was filled in and read back.`,
        ...checked.notes.map((note) => plain`Note: ${note}`),
        plain`The picture of it: ${picture}`,
        plain`Look at it: is each value in the box that its caption asks for? No program can know that.`,
        plain`If all is right, type your name to accept the map. Otherwise type the number of a box to decide it again.`,
      ]);
      const by = await this.#change(question);
      if (by === undefined) continue;
      const accepted = await this.run('acceptMap', { template: this.#template, map: this.#map.draft, by });
      if ('findings' in accepted) continue;
      await replaceMap(this.#map.file, accepted.map);
      say(usable(this.file, this.#map.file, by));
      return;
    }
  }

  /** A box is decided again, or the person gives a name, which is returned. */
  async #change(question: Plain): Promise<string | undefined> {
    const { said } = await this.answers.askUntil(question, (answer): { said: Box | string | undefined } | Plain => {
      if (/^check$/i.test(answer)) return { said: undefined };
      if (/\d/.test(answer)) {
        const box = this.#map.anyBox(answer);
        return box instanceof Plain ? box : { said: box };
      }
      return /\p{L}{2}/u.test(answer) ? { said: answer } : plain`Type your name, or the number of a box.`;
    });
    if (said === undefined) {
      await this.#map.readAgain();
      return undefined;
    }
    if (typeof said === 'string') return said;
    await this.#decide(said.number);
    return undefined;
  }
}
