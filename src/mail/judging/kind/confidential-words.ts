import { readable } from '../text/readable.js';
import { sentencesOf } from './suggest.js';

/**
 * Words that an email should not contain: secrets that open an account, and requests for secrets. CBP sends an account ID
 * with a link to a temporary password, and a shared secret. CBP states that it never asks for passwords, bank data or
 * Social Security numbers by email (CSMS 68569567).
 */

/** A label and a secret. After a colon or equals sign, anything is a secret; otherwise it must look like one. */
const SECRETS = [
  /\b((?:password|passcode|pass code|passphrase|pin)(?: is)?\s*([:=]?)\s*["']?)([^\s<>"',;]{4,})/gi,
  /\b(shared secret(?: \w+){0,3}?(?: is)?\s*([:=]?)\s*["']?)([^\s<>"',;]{4,})/gi,
  /\b((?:verification|security|access|authentication|activation|one-time) code(?: is)?\s*([:=]?)\s*["']?)([^\s<>"',;]{4,})/gi,
];
const LOOKS_SECRET = /\d|[!#$%^&*_+]|[A-Z]{4}/;
const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"')\]]+/gi;
const ACCOUNT_ID =
  /\b((?:user|account|login|logon|portal)[ -]?(?:id|name)(?: is)?\s*[:=]?\s*)((?=\S*\d)\S{4,}|(?<=[:=]\s*)\S{4,})/gi;
/** With any separator between its groups; without separators only if labeled. */
const SSN =
  /(?<![\d-])\d{3}[-. \u2010-\u2015]\d{2}[-. \u2010-\u2015]\d{4}(?![\d-])|(?<=\bSSN(?: is)?[:# ]{0,3})\d{9}(?!\d)/gi;

/** Whether a text contains a password, a shared secret, or a link to set a password. */
export function hasCredentials(text: string): boolean {
  const words = readable(text);
  if (withoutSecrets(words) !== words) return true;
  const speaksOfPassword =
    /\b(?:temporary|initial|one-time|new|set|reset|create|obtain|retrieve|choose)\b[^.\n]{0,40}\bpassword\b/i.test(
      words,
    );
  return speaksOfPassword && matches(LINK, words);
}

/** The text without secrets, links, account IDs and SSNs: safe to keep and show. */
export function redacted(text: string): string {
  return withoutSecrets(text)
    .replace(LINK, '[link removed]')
    .replace(ACCOUNT_ID, '$1[removed]')
    .replace(SSN, '[number removed]');
}

function withoutSecrets(text: string): string {
  return SECRETS.reduce(
    (shown, pattern) =>
      shown.replace(pattern, (found, label: string, colon: string, value: string) =>
        colon || LOOKS_SECRET.test(value) ? `${label}[removed]` : found,
      ),
    text,
  );
}

const WANTED =
  '(?:passwords?(?![ -]protect)|passcodes?|log-?in (?:details|credentials|information)|credentials|pins?|social security (?:numbers?|nos?\\.?)|ssns?|bank(?:ing)? (?:account|details|information|data|routing)|account and routing|routing numbers?|credit card|debit card|card numbers?|security codes?|verification codes?|one-time codes?|shared secrets?)';
const ASKS = [
  new RegExp(
    `\\b(?:send|provide|confirm|reply|respond|submit|give|share|enter|verify|update|supply|forward|tell|need|require|furnish|disclose|validate)\\b[^.!?\\n]{0,80}\\b${WANTED}\\b`,
    'i',
  ),
  new RegExp(`\\bwhat (?:is|are) your\\b[^.!?\\n]{0,30}\\b${WANTED}\\b`, 'i'),
];
const DISSUADES =
  /\b(?:never|not|n't|nobody|no one|avoid|refrain|beware|without)\b[^.!?\n]{0,60}\b(?:ask|request|send|share|provide|give|disclose|forward|reply|require|need|enter|tell|submit|confirm|verify)/i;

/** Instructions for logging in, as in letters about a new account: the password goes to the portal, not to the sender. */
const LOGGING_IN = /\b(?:log(?:ging)?[ -]?(?:in|on)|sign(?:ing)?[ -]?in|create|set|choose|reset|change)\b/i;
const TO_BE_SENT =
  /\b(?:send|provide|reply|respond|submit|give|share|supply|forward|tell|furnish|disclose|social security|ssns?|bank\w*|routing|card)\b/i;

/** "The desk will send the log-in information" is an offer, not a request. */
const OFFERS =
  /(?<!\byou )\bwill (?:then |also |soon )?(?:send|provide|forward|give|supply|share|tell|furnish|submit)\b/gi;

/**
 * The sentence that asks for passwords, bank data or a Social Security number. Undefined if none does.
 * @param genuine the email is proven to be from CBP: then login instructions and offers are not requests
 */
export function requestForSecrets(text: string, genuine = false): string | undefined {
  return sentencesOf(readable(text).slice(0, 50_000))
    .map((sentence) => sentence.slice(0, 1_000))
    .find(
      (sentence) =>
        ASKS.some((asks) => asks.test(genuine ? sentence.replace(OFFERS, '') : sentence)) &&
        !DISSUADES.test(sentence) &&
        !(genuine && LOGGING_IN.test(sentence) && !TO_BE_SENT.test(sentence)),
    );
}

function matches(pattern: RegExp, text: string): boolean {
  return new RegExp(pattern.source, pattern.flags.replace('g', '')).test(text);
}
