import { expect, it } from 'vitest';
import { CANADIAN_PROVINCES, US_STATES } from '../../../src/application/regions.js';
import { timeZoneOf } from '../../../src/application/time-zone.js';
import { isTimeZone } from '../../../src/calendar/day.js';
import { sampleApplication } from './sample.js';

function zoneIn(country: string, state?: string, timeZone?: string): string {
  const { company, ...rest } = sampleApplication();
  const { state: _, ...address } = company.address;
  const there = { ...address, country, ...(state ? { state } : {}) };
  return timeZoneOf({ ...rest, company: { ...company, address: there }, ...(timeZone ? { timeZone } : {}) });
}

it.each([
  ['US', 'HI', 'Pacific/Honolulu'],
  ['US', 'AZ', 'America/Phoenix'],
  ['US', 'TX', 'America/Chicago'],
  ['US', 'PR', 'America/Puerto_Rico'],
  ['CA', 'ON', 'America/Toronto'],
  ['CA', 'BC', 'America/Vancouver'],
  ['CA', 'sk', 'America/Regina'],
  ['MX', 'Jalisco', 'America/Mexico_City'],
  ['CN', undefined, 'Asia/Shanghai'],
  // A state of another country with the letters of one of ours.
  ['IT', 'CA', 'Europe/Rome'],
  ['KZ', undefined, 'America/New_York'],
])('a client in %s %s has the clock of %s', (country, state, zone) => {
  expect(zoneIn(country, state)).toBe(zone);
});

it('the time zone that a client gave counts more than its address', () => {
  expect(zoneIn('US', 'TX', 'America/Denver')).toBe('America/Denver');
});

it('every state and province has a time zone of its own', () => {
  for (const state of US_STATES) expect(isTimeZone(zoneIn('US', state)), state).toBe(true);
  const west = [...CANADIAN_PROVINCES].filter((province) => zoneIn('CA', province) === 'America/Toronto');
  expect(west).toEqual(['ON', 'QC']);
  const newYork = [...US_STATES].filter((state) => zoneIn('US', state) === 'America/New_York');
  expect(newYork.sort().join(' ')).toBe('CT DC DE FL GA IN KY MA MD ME NC NH NJ NY OH PA RI SC VA VT WV');
});
