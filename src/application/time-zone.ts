import { NEW_YORK } from '../calendar/day.js';
import type { Application } from './application.js';

/**
 * The main time zone of each state and province of the US and Canada: 49 CFR part 71 and the IANA time zone database, 2025c.
 * In a state with two, that of its largest city. A client elsewhere in it can have its own: `timeZone`.
 */
const MAIN_ZONES_OF_STATES: Record<'US' | 'CA', Record<string, string>> = {
  US: zones({
    'America/New_York': 'CT DC DE FL GA IN KY MA MD ME NC NH NJ NY OH PA RI SC VA VT WV',
    'America/Detroit': 'MI',
    'America/Chicago': 'AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI',
    'America/Denver': 'CO MT NM UT WY',
    'America/Boise': 'ID',
    'America/Phoenix': 'AZ',
    'America/Los_Angeles': 'CA NV OR WA',
    'America/Anchorage': 'AK',
    'Pacific/Honolulu': 'HI',
    'America/Puerto_Rico': 'PR VI',
    'Pacific/Guam': 'GU MP',
    'Pacific/Pago_Pago': 'AS',
  }),
  CA: zones({
    'America/Toronto': 'ON QC',
    'America/Halifax': 'NB NS PE',
    'America/St_Johns': 'NL',
    'America/Winnipeg': 'MB',
    'America/Regina': 'SK',
    'America/Edmonton': 'AB NT',
    'America/Vancouver': 'BC',
    'America/Whitehorse': 'YT',
    'America/Iqaluit': 'NU',
  }),
};

/**
 * The countries that most importers write from: IANA time zone database, 2025c. In a country with several zones, that of the
 * capital or of most trade.
 */
const MAIN_ZONES_OF_COUNTRIES = zones({
  'America/Mexico_City': 'MX',
  'America/Toronto': 'CA',
  'America/Guatemala': 'GT',
  'America/Costa_Rica': 'CR',
  'America/Tegucigalpa': 'HN',
  'America/El_Salvador': 'SV',
  'America/Panama': 'PA',
  'America/Santo_Domingo': 'DO',
  'America/Bogota': 'CO',
  'America/Lima': 'PE',
  'America/Guayaquil': 'EC',
  'America/Santiago': 'CL',
  'America/Sao_Paulo': 'BR',
  'America/Argentina/Buenos_Aires': 'AR',
  'Europe/London': 'GB',
  'Europe/Dublin': 'IE',
  'Europe/Lisbon': 'PT',
  'Europe/Madrid': 'ES',
  'Europe/Paris': 'FR',
  'Europe/Brussels': 'BE LU',
  'Europe/Amsterdam': 'NL',
  'Europe/Berlin': 'DE',
  'Europe/Zurich': 'CH',
  'Europe/Vienna': 'AT',
  'Europe/Rome': 'IT',
  'Europe/Copenhagen': 'DK',
  'Europe/Stockholm': 'SE',
  'Europe/Oslo': 'NO',
  'Europe/Helsinki': 'FI',
  'Europe/Warsaw': 'PL',
  'Europe/Prague': 'CZ',
  'Europe/Budapest': 'HU',
  'Europe/Bucharest': 'RO',
  'Europe/Athens': 'GR',
  'Europe/Istanbul': 'TR',
  'Asia/Jerusalem': 'IL',
  'Asia/Dubai': 'AE',
  'Asia/Riyadh': 'SA',
  'Asia/Karachi': 'PK',
  'Asia/Kolkata': 'IN',
  'Asia/Colombo': 'LK',
  'Asia/Dhaka': 'BD',
  'Asia/Bangkok': 'TH',
  'Asia/Ho_Chi_Minh': 'VN',
  'Asia/Phnom_Penh': 'KH',
  'Asia/Kuala_Lumpur': 'MY',
  'Asia/Singapore': 'SG',
  'Asia/Jakarta': 'ID',
  'Asia/Manila': 'PH',
  'Asia/Hong_Kong': 'HK',
  'Asia/Shanghai': 'CN',
  'Asia/Taipei': 'TW',
  'Asia/Seoul': 'KR',
  'Asia/Tokyo': 'JP',
  'Australia/Sydney': 'AU',
  'Pacific/Auckland': 'NZ',
  'Africa/Johannesburg': 'ZA',
  'Africa/Cairo': 'EG',
  'Africa/Casablanca': 'MA',
});

/** The client's time zone, an IANA name: its own if given, otherwise from its address; New York if that does not tell. */
export function timeZoneOf({ timeZone, company }: Application): string {
  const { country, state = '' } = company.address;
  const ofState = country === 'US' || country === 'CA' ? MAIN_ZONES_OF_STATES[country][state.toUpperCase()] : undefined;
  return timeZone ?? ofState ?? MAIN_ZONES_OF_COUNTRIES[country] ?? NEW_YORK;
}

/** From places, separated by spaces, by time zone. */
function zones(places: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(places).flatMap(([zone, codes]) => codes.split(' ').map((code) => [code, zone])),
  );
}
