import { expect, it } from 'vitest';
import { makeReplica } from '../../../forms/replica-variants.js';
import { draftMap } from '../../../src/form/draft/draft-map.js';
import { GUIDE, missingBoxes } from '../../../src/form/draft/open-questions.js';
import { requiredFields } from '../../../src/form/map/application-fields.js';

it('a person is asked for everything the guide requires, within a section of the guide', () => {
  const missing = missingBoxes([]);
  expect(missing.map(({ slots }) => slots)).toEqual(requiredFields());
  const sections = GUIDE.map(({ section }) => section);
  for (const { section } of missing) expect(sections).toContain(section);
});

it('a person is asked for nothing that has a box', async () => {
  const { pdf, map } = await makeReplica('acroform');
  expect(missingBoxes(map.fields)).toEqual([]);
  const { map: draft } = await draftMap({ template: pdf, edition: 'draft' });
  expect(missingBoxes(draft.fields)).toHaveLength(requiredFields().length);
  const without = map.fields.filter((entry) => !('fill' in entry && entry.fill === 'officer.dateOfBirth'));
  expect(missingBoxes(without)).toMatchObject([{ section: 'A', words: "the company officer's date of birth" }]);
});
