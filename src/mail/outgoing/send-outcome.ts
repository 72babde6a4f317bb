/**
 * Decides how an SMTP dialogue ended. Pure: `smtp-session.ts` has the dialogue and records what happened; only this file
 * judges it, so every branch can be tested without a server.
 */

/** What happened, seen from our side. */
export interface SmtpDialogue {
  /** How far we got: the last thing we asked the server for. */
  phase: 'connect' | 'tls' | 'authenticate' | 'mail-from' | 'recipient' | 'body';
  /** We made our claim on this message, so from then on the server may have it. */
  claimed: boolean;
  /** All bytes were written: only then can the final dot have gone out. */
  bodyFinished: boolean;
  /** The server accepted the recipient that counts: CBP, or the notice's addressee. */
  recipientAccepted: boolean;
  /** The server's reply that ended the dialogue, including its code. */
  reply?: { code: number; text: string };
  /** The Message-ID, without brackets, that the server gave the message in place of ours, as stated in its 250. */
  serverMessageId?: string;
  /** Why there is no such reply. */
  failure?: { code: string; message: string };
}

export type SmtpOutcome =
  /** The server accepted the message for its recipient. */
  | { kind: 'accepted'; response: string }
  /** Certainly not sent; a retry may help. */
  | { kind: 'retry'; reason: string; afterSeconds?: number }
  /** Certainly not sent, and retries won't help: something is wrong with this message or this recipient. */
  | { kind: 'refused'; reason: string }
  /** Certainly not sent, and no other message would go out either: credentials, certificate, sender. */
  | { kind: 'misconfigured'; reason: string }
  /** The server asked for the body and then gave no definite reply. */
  | { kind: 'unknown'; reason: string };

/** Greylisting servers want a few minutes between tries (RFC 6647). With some, an earlier try restarts the clock. */
const GREYLIST_SECONDS = 300;
const LONGEST_ASKED_WAIT_SECONDS = 3_600;

/** Judges by the reply code if there is one, otherwise by whether the server asked for the body. */
export function outcomeOf(dialogue: SmtpDialogue): SmtpOutcome {
  const { reply } = dialogue;
  if (!reply) return judgeWithoutReply(dialogue);
  const family = Math.floor(reply.code / 100);
  if (family === 2 && dialogue.phase === 'body' && dialogue.claimed) return judgeTaken(dialogue, reply.text);
  if (family === 4) return judgePassing(reply);
  if (family === 5) return judgePermanent(dialogue, reply);
  return dialogue.claimed
    ? { kind: 'unknown', reason: `The mail server replied out of turn: ${reply.text}` }
    : { kind: 'retry', reason: `The mail server replied out of turn: ${reply.text}` };
}

function judgeTaken(dialogue: SmtpDialogue, text: string): SmtpOutcome {
  if (!dialogue.bodyFinished)
    return {
      kind: 'unknown',
      reason: `The mail server confirmed the message before it had received all of it: ${text}`,
    };
  if (!dialogue.recipientAccepted)
    return { kind: 'unknown', reason: `The mail server accepted the message, but not for its recipient: ${text}` };
  return { kind: 'accepted', response: text };
}

function judgePassing(reply: { text: string }): SmtpOutcome {
  const asked = askedWait(reply.text);
  const greylisted = /gr[ea]y-?list|^45[01][ -]4\.(2\.0|7\.1)\b/i.test(reply.text);
  const afterSeconds = asked ?? (greylisted ? GREYLIST_SECONDS : undefined);
  return {
    kind: 'retry',
    reason: `The mail server asks us to try again later: ${reply.text}`,
    ...(afterSeconds ? { afterSeconds } : {}),
  };
}

/** "please try again in 300 seconds", "retry after 5 minutes" */
function askedWait(text: string): number | undefined {
  const match = /\b(?:in|after|wait)\s+(\d{1,5})\s*(s\b|sec|m\b|min)/i.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  const seconds = Number(match[1]) * (match[2].toLowerCase().startsWith('m') ? 60 : 1);
  return Math.min(Math.max(seconds, 1), LONGEST_ASKED_WAIT_SECONDS);
}

function judgePermanent(dialogue: SmtpDialogue, reply: { code: number; text: string }): SmtpOutcome {
  switch (dialogue.phase) {
    case 'connect':
      return { kind: 'misconfigured', reason: `The mail server won't talk to us: ${reply.text}` };
    case 'tls':
      return { kind: 'misconfigured', reason: `The mail server refused encryption: ${reply.text}` };
    case 'authenticate':
      return { kind: 'misconfigured', reason: `The mail server refused our credentials: ${reply.text}` };
    case 'mail-from':
      // "Too big" or "malformed" is about this message; any other refusal of MAIL FROM is about us.
      return reply.code === 552 || /^\d{3}[ -]5\.(3\.4|6\.)/.test(reply.text)
        ? { kind: 'refused', reason: `The mail server refused the message: ${reply.text}` }
        : { kind: 'misconfigured', reason: `The mail server refused our sender address: ${reply.text}` };
    case 'recipient':
    case 'body':
      return needsLogin(reply)
        ? { kind: 'misconfigured', reason: `The mail server refused us as the sender: ${reply.text}` }
        : { kind: 'refused', reason: `The mail server refused the message: ${reply.text}` };
  }
}

/** 530, 535 and similar codes at any point, and Microsoft 365's SendAsDenied (5.2.252, 5.7.60), which comes after the body. */
function needsLogin(reply: { code: number; text: string }): boolean {
  return (
    [530, 534, 535, 538].includes(reply.code) ||
    /^\d{3}[ -]5\.(7\.(3|8|9|11|30|57|60)|2\.252)\b|SendAsDenied/i.test(reply.text)
  );
}

const UNTRUSTED_CERTIFICATE =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY|GET)|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)/;

function judgeWithoutReply(dialogue: SmtpDialogue): SmtpOutcome {
  const failure = dialogue.failure ?? { code: 'ENONE', message: 'the dialogue ended without a reply' };
  if (dialogue.claimed)
    return {
      kind: 'unknown',
      reason: dialogue.bodyFinished
        ? `We sent the whole message and got no reply: ${failure.message}`
        : `The connection dropped before we sent the whole message, so it almost certainly did not go out: ${failure.message}`,
    };
  if (failure.code === 'EMESSAGE')
    return { kind: 'refused', reason: `The message is larger than the mail server accepts: ${failure.message}` };
  if (UNTRUSTED_CERTIFICATE.test(failure.code))
    return { kind: 'misconfigured', reason: `The mail server's certificate is not trusted: ${failure.message}` };
  if (failure.code === 'EAUTH' || failure.code === 'token-refused')
    return { kind: 'misconfigured', reason: `We can't log in to the mail server: ${failure.message}` };
  if (failure.code === 'EENVELOPE')
    return { kind: 'refused', reason: `The message's addresses can't be used: ${failure.message}` };
  return { kind: 'retry', reason: `The mail server can't be used: ${failure.message}` };
}
