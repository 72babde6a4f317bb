import type { Doubt } from '../../../workflows/contract/doubts.js';
import type { MailKind } from '../../../workflows/contract/received-mail.js';

/** Everything that telling the kind depends on besides the message. */
export interface KindContext {
  /** The text that its sender newly wrote. */
  text: string;
  /** The newly written text of its HTML version, if it also has a plain one. */
  alternative?: string;
  /** CBP's domains. */
  cbpDomains: readonly string[];
  /** Our own address, if known. */
  ownAddress?: string;
  /** The address that applications go to, if known. */
  cbpAddress?: string;
  alias: 'cbp' | 'client' | 'none';
  /** It answers one of our messages, or was sent to one of our aliases. */
  concernsUs: boolean;
}

export interface ReadKind {
  kind: MailKind;
  /** 0 to 1. Below `SURE` it is a guess for a person. */
  confidence: number;
  /** Why: short sentences. */
  evidence: string[];
  /** Doubts that follow from its kind. */
  doubts: Doubt[];
  /** With `client-reply`: a program wrote it, or sent it to many. */
  automatic?: true;
  /** "3 to 5 business days": 5. */
  responseBusinessDays?: number;
}

/** Below this confidence, a kind is a guess for a person. For a decision, words alone never reach it. */
export const SURE = 0.7;

/** A kind with its evidence. If the confidence is below `SURE` and there are no doubts, it adds `guess` or `unclear`. */
export function kindResult(kind: MailKind, confidence: number, evidence: string[], doubts: Doubt[] = []): ReadKind {
  return {
    kind,
    confidence: Math.round(confidence * 100) / 100,
    evidence: evidence.slice(0, 8),
    doubts: confidence < SURE && doubts.length === 0 ? [kind === 'unclear' ? 'unclear' : 'guess'] : doubts,
  };
}
