/**
 * The dialogue of `form adopt`. Long because it is one conversation: its questions in their order, each of which goes on
 * with the form and the map in work that the others changed.
 */

import path from 'node:path';
import type { OpenEntry } from '../../form/draft/draft-map.js';
import { entryInWords } from '../../form/draft/number-boxes.js';
import { GUIDE, isOpenEntry, LEFT, type MissingBox, missingBoxes } from '../../form/draft/open-questions.js';
import { APPLICATION_FIELDS, type ApplicationField, isApplicationField } from '../../form/map/application-fields.js';
import type { Section } from '../../form/map/field-map.js';
import type { InspectedForm } from '../../form/map/inspect-form.js';
import { fingerprintOf, type OpenOptions } from '../../form/pdf/pdf-file.js';
import { say } from '../../process/output.js';
import { columns, lines, Plain, plain } from '../../process/plain-text-output.js';
import { askAcceptance, askWhatToChange, askWrong, isReason, isYes, REASON } from './acceptance-questions.js';
import { PersonLeft } from './answers.js';
import {
  type Asking,
  askWriting,
  type Box,
  captionOf,
  isBack,
  knownWriting,
  misplaced,
  unfit,
} from './box-questions.js';
import { type RunForm, readJsonFile, readMap, readPdf, replaceMap, write } from './form-files.js';
import { ENCRYPTED_FORM, KINDS, USAGE_RIGHTS } from './inspect.js';
import { findingsBySection, usable } from './map.js';
import { type EntryInWork, filledEntry, headOf, MapInWork, mapAt } from './map-in-work.js';

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
  #trust: OpenOptions = {};

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
    await this.#begin();
    if (this.#map.acceptedBy !== undefined && !(await this.#changeAccepted(this.#map.acceptedBy))) return;
    for (const { section, words } of GUIDE) await this.#askSection(section, words);
    for (const { section } of LEFT) await this.#leaveRest(section);
    await this.#emptyComputed();
    await this.#proveAndAccept();
  }

  async #look(): Promise<void> {
    const file = this.options.map ?? `${this.#base}.map.json`;
    const known = await mapAt(file);
    // A person who was qualified said so of this very file.
    const isKnownFile = known?.acceptActiveContent === true && known.fingerprint === fingerprintOf(this.#template);
    this.#trust = { acceptActiveContent: this.options.acceptActiveContent || isKnownFile };
    this.#form = await this.run('inspectForm', { template: this.#template, ...this.#trust });
    const { kind, pages, notes, signatures, fields, encrypted, usageRights } = this.#form;
    this.#map = new MapInWork(file, known, fields);
    const closed = this.#map.boxes.filter(({ field }) => field.unfillable);
    say(
      lines([
        plain`${KINDS[kind]}`,
        plain`${pages} pages, ${this.#map.boxes.length} boxes.`,
        ...(encrypted ? [ENCRYPTED_FORM] : []),
        ...(usageRights ? [USAGE_RIGHTS] : []),
        ...(signatures.length > 0 ? [plain`It is signed, so it cannot be filled. Get an unsigned copy.`] : []),
        ...notes.map((note) => plain`Note: ${note}`),
        ...(closed.length > 0 ? [plain`These boxes cannot be filled:`] : []),
        ...closed.map(({ number, field }) => plain`  ${number}. ${captionOf(field)}: ${field.unfillable}`),
      ]),
    );
  }

  /** Takes up the map that is there, or drafts one. */
  async #begin(): Promise<void> {
    const { known, file } = this.#map;
    const { from } = this.options;
    const older = from && !known ? readMap(await readJsonFile(from)) : undefined;
    const edition = this.options.edition ?? path.parse(this.file).name;
    const { map: drafted, kept } = await this.run('draftMap', {
      template: this.#template,
      edition,
      ...this.#trust,
      ...(older ? { older } : {}),
    });
    this.#map.takeUp(drafted);
    if (known && from)
      say(plain`${file} is already there, so --from ${from} is ignored. To begin with that, choose another --map.`);
    if (older) say(plain`${kept} of ${older.fields.length} boxes are taken over from ${from}.`);
    if (this.#map.acceptedBy !== undefined) return;
    await this.#map.save();
    await this.#drawBoxes();
    say(
      known
        ? plain`Going on with ${file}: ${this.#map.open().length} boxes are not decided yet.`
        : plain`Your answers go into ${file}, each as soon as you give it. "quit" leaves, "list" shows what can go into a box.`,
    );
  }

  /** True when the person changed something in a map that is accepted, which makes the acceptance void. */
  async #changeAccepted(by: string): Promise<boolean> {
    say(usable(this.file, this.#map.file, by));
    try {
      while (this.#map.acceptedBy !== undefined) {
        const boxes = await askWhatToChange(this.answers, this.#map);
        if (boxes.length === 0) return false;
        await this.#decideAgain(boxes);
      }
    } catch (error) {
      // Leaving without a change leaves it accepted.
      if (error instanceof PersonLeft && this.#map.acceptedBy !== undefined) return false;
      throw error;
    }
    await this.#drawBoxes();
    return true;
  }

  async #drawBoxes(): Promise<void> {
    if (this.#form.kind === 'dynamic-xfa') {
      say(plain`This form has no pages until Adobe Reader draws them. Open it there beside you.`);
      return;
    }
    const out = `${this.#base}.boxes.pdf`;
    await write(out, await this.run('numberBoxes', { template: this.#template, map: this.#map.draft, ...this.#trust }));
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
      const found = this.#map.boxesIn(answer, (number) => {
        const box = this.#map.boxFor(number);
        const problem = box instanceof Plain ? undefined : misplaced(box, this.#map.entry(box), section);
        return problem ? plain`${problem} Type other numbers, or "none".` : box;
      });
      if (found instanceof Plain) return found;
      return found
        ? { boxes: found }
        : plain`"${answer}" is not a list of numbers. Type numbers such as "12 13", or "none".`;
    });
    for (const box of boxes) this.#map.replace({ ...headOf(this.#map.entry(box)), section, fill: '?' });
    await this.#map.save();
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
    // All that was said is on disk before the next question.
    const unsure: typeof clear = [];
    for (const { number, entry, fill } of clear) {
      const box = this.#map.boxes[number - 1];
      const { suggestion: _, suggestedFormat: format, suggestedOptions: options, ...rest } = entry;
      if (wrong.has(number)) this.#map.replace(rest);
      else {
        const known = box && knownWriting(box, fill, { format, options });
        if (known) this.#map.replace(filledEntry(entry, fill, entry.section, known));
        else unsure.push({ number, entry, fill });
      }
    }
    await this.#map.save();
    for (const { number, entry, fill } of unsure) await this.#fill(number, fill, entry);
  }

  async #askMissing({ section, slots, words }: MissingBox, guide: string): Promise<void> {
    const isFit = ({ number, entry }: { number: number; entry: EntryInWork }) => {
      const box = this.#map.boxes[number - 1];
      return box && !misplaced(box, entry, section) && slots.some((slot) => !unfit(box.field, slot));
    };
    const here = this.#map.free(section).filter(isFit);
    const elsewhere = this.#map.free('other').filter(isFit);
    const alike = [...here, ...elsewhere].filter(
      ({ entry }) => isOpenEntry(entry) && entry.suggestion && slots.includes(entry.suggestion),
    );
    const [likely] = alike.length === 1 ? alike : [];
    const question = lines([
      plain``,
      plain`Section ${section}. The guide: "${guide}"`,
      plain`Which box is for ${words}?`,
      ...(likely ? [] : this.#map.list(here.length > 0 ? here : elsewhere)),
      likely
        ? plain`Press Enter for box ${likely.number} (${captionOf(likely.entry)}), type the number of another, or "none" if the form has no such box.`
        : plain`Type the number of the box, or "none" if the form has no such box.`,
    ]);
    const { box } = await this.answers.askUntil(question, (given): { box: Box | undefined } | Plain => {
      const answer = given || String(likely?.number ?? '');
      if (/^none$/i.test(answer)) return { box: undefined };
      const found = this.#map.boxFor(answer);
      if (found instanceof Plain) return found;
      const place = misplaced(found, this.#map.entry(found), section);
      if (place) return plain`${place} Type another number, or "none".`;
      const problems = slots.map((slot) => unfit(found.field, slot));
      return problems.every(Boolean) ? plain`${problems[0]} Type another number, or "none".` : { box: found };
    });
    if (!box) {
      this.#given.add(words);
      say(plain`The guide requires it, so the check will refuse the map until it has a box.`);
      return;
    }
    const fitting = slots.filter((slot) => !unfit(box.field, slot));
    const known = this.#map.entry(box);
    const entry: OpenEntry = isOpenEntry(known) ? known : { ...headOf(known), fill: '?' };
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
    const suggested = {
      format: isSure || !entry.suggestion ? entry.suggestedFormat : undefined,
      options: isSure ? entry.suggestedOptions : undefined,
    };
    const writing = knownWriting(box, fill, suggested) ?? (await askWriting(this.answers, box, fill));
    if (writing) return this.#map.put(filledEntry(entry, fill, section, writing));
    // The person went back: what the box sounds like is not to be agreed to again.
    if (isOpenEntry(this.#map.entry(box))) await this.#map.put({ ...headOf(entry), fill: '?' });
  }

  /** The person says what goes into one box, or why nothing does. */
  async #decide(number: number): Promise<void> {
    const box = this.#map.boxes[number - 1];
    if (!box) return;
    const entry = this.#map.entry(box);
    const isOpen = isOpenEntry(entry);
    const question = lines([
      plain``,
      plain`Section ${entry.section}. What goes into box ${number}, ${captionOf(box.field)}?`,
      isOpen
        ? entry.suggestion === undefined
          ? undefined
          : plain`It sounds like ${entry.suggestion}.`
        : plain`Now: ${entryInWords(entry)}. Press Enter to keep that.`,
      plain`Type the name of a slot ("list" shows them), "leave" and the reason, or "clear" and the reason if it must be empty.`,
    ]);
    const { said } = await this.answers.askUntil(
      question,
      (answer): { said: ApplicationField | { leave: string } | { clear: string } | undefined } | Plain => {
        if (isBack(answer) || (answer === '' && !isOpen)) return { said: undefined };
        const [, what, reason = ''] = /^(leave|clear)\b[: ]*(.*)$/i.exec(answer) ?? [];
        if (what && reason && !isReason(reason)) return plain`"${reason}" is not a reason. ${REASON}`;
        if (/^leave$/i.test(what ?? '')) return { said: { leave: reason || 'Not asked of an importer.' } };
        if (what) return { said: { clear: reason || 'It must be empty.' } };
        if (!isApplicationField(answer))
          return plain`"${answer}" is not a slot. Type a name such as company.phone, "list", or "leave" and the reason.`;
        const problem = unfit(box.field, answer) ?? misplaced(box, entry);
        return problem ? plain`${problem} Type another slot, or "leave" and the reason.` : { said: answer };
      },
    );
    if (said === undefined) return;
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
        plain`${section === 'other' ? 'Boxes outside of the guide’s sections' : `Section ${section}`}: ${rest.length === 1 ? '1 box stays as it is' : `${rest.length} boxes stay as they are`}.`,
        ...this.#map.list(rest),
        plain`Press Enter to leave them for the reason "${reason}", type another reason, or type the number of a box to fill it.`,
      ]);
      const { said } = await this.answers.askUntil(question, (answer): { said: Box[] | string } | Plain => {
        if (isYes(answer)) return { said: reason };
        const boxes = this.#map.boxesIn(answer, (number) => this.#map.boxFor(number));
        if (boxes) return boxes instanceof Plain ? boxes : { said: boxes };
        return isReason(answer)
          ? { said: answer }
          : plain`"${answer}" is not a reason. ${REASON} Or press Enter, or type the number of a box to fill it.`;
      });
      if (typeof said !== 'string') {
        for (const { number } of said) await this.#decide(number);
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
    const decided = new Set<Box>();
    for (;;) {
      const stale = this.#map.boxes.filter((box) => {
        const { computed } = box.field;
        if (!computed || decided.has(box) || !('leave' in this.#map.entry(box))) return false;
        return computed.from === 'unknown' || computed.from.some((name) => filled.has(name));
      });
      if (stale.length === 0) return;
      const question = lines([
        plain``,
        plain`The form computes these boxes from others, which only happens in a reader that runs its scripts:`,
        columns(stale.map(({ number, field }) => [`  ${number}`, captionOf(field)])),
        plain`Press Enter to leave them empty in the filled form, type the numbers of boxes to decide them otherwise, or "quit" to ask someone first.`,
      ]);
      const { boxes } = await this.answers.askUntil(question, (answer): { boxes: Box[] | undefined } | Plain => {
        if (isYes(answer)) return { boxes: undefined };
        const found = this.#map.boxesIn(answer);
        return found instanceof Plain
          ? found
          : found
            ? { boxes: found }
            : plain`"${answer}" is not an answer. Press Enter to leave them empty, type numbers of boxes, or "quit".`;
      });
      for (const box of boxes ?? []) {
        decided.add(box);
        await this.#decide(box.number);
      }
      if (boxes) continue;
      for (const box of stale) {
        const clear = 'The form computes it, which only a reader that runs its scripts does.';
        this.#map.replace({ ...headOf(this.#map.entry(box)), clear });
      }
      await this.#map.save();
      return;
    }
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
        await this.#decideAgain(await askWrong(this.answers, this.#map));
        continue;
      }
      const picture = `${this.#base}.filled.png`;
      if (checked.picture) await write(picture, checked.picture);
      await this.#drawBoxes();
      say(
        lines([
          plain``,
          plain`The map fits the form. A made-up application was filled in and read back.`,
          plain`The picture of it: ${picture}. Look at it: no program can know whether a value is in the right box.`,
          ...checked.notes.filter((note) => !checked.lengths.includes(note)).map((note) => plain`Note: ${note}`),
          lengthsInWords(checked.lengths.length),
        ]),
      );
      const said = await askAcceptance(this.answers, this.#map);
      if (!('by' in said)) {
        await this.#decideAgain(said.wrong);
        continue;
      }
      const { by } = said;
      const accepted = await this.run('acceptMap', { template: this.#template, map: this.#map.draft, by });
      if ('findings' in accepted) continue;
      await replaceMap(this.#map.file, accepted.map);
      say(usable(this.file, this.#map.file, by));
      return;
    }
  }

  async #decideAgain(boxes: Box[]): Promise<void> {
    for (const { number } of boxes) await this.#decide(number);
  }
}

function lengthsInWords(count: number): Plain | undefined {
  if (count === 0) return undefined;
  return count === 1
    ? plain`1 value is refused if it is longer than its box: "form check" lists it.`
    : plain`${count} values are refused if they are longer than their boxes: "form check" lists them.`;
}
