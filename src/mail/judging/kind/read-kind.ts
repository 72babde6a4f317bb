import type { Doubt } from '../../../workflows/contract/doubts.js';
import type { MailKind } from '../../../workflows/contract/received-mail.js';

/** What must be known beside the message to tell its kind. */
export interface KindContext {
  /** What its sender newly wrote. */
  text: string;
  /** What its HTML version says beside, if anything else. */
  alternative?: string;
  /** Domains that are CBP's. */
  cbpDomains: readonly string[];
  /** Our own address, where known. */
  ownAddress?: string;
  /** Where applications go, where known. */
  cbpAddress?: string;
  alias: 'cbp' | 'client' | 'none';
  /** It answers a message of ours, or came to an alias of ours. */
  concernsUs: boolean;
}

export interface ReadKind {
  kind: MailKind;
  /** 0 to 1. Below `SURE` a guess for a person. */
  confidence: number;
  /** Why: short sentences. */
  evidence: string[];
  /** What keeps it from acting, as far as its kind tells. */
  doubts: Doubt[];
  /** "3 to 5 business days": 5. */
  responseBusinessDays?: number;
}

/** Below this a kind is a guess for a person. Words alone never reach it for a decision. */
export const SURE = 0.7;

export function said(kind: MailKind, confidence: number, evidence: string[], doubts: Doubt[] = []): ReadKind {
  return {
    kind,
    confidence: Math.round(confidence * 100) / 100,
    evidence: evidence.slice(0, 8),
    doubts: confidence < SURE && doubts.length === 0 ? [kind === 'unclear' ? 'unclear' : 'guess'] : doubts,
  };
}
