export const STAGES = [
  'preparing',
  'submitting',
  'awaiting-acknowledgement',
  'awaiting-decision',
  'awaiting-correction',
  'awaiting-access-grant',
  'closed',
] as const;
export type OnboardingStage = (typeof STAGES)[number];
export const TURNS = ['nobody', 'cbp', 'client', 'broker'] as const;
export type WaitingOn = (typeof TURNS)[number];
export type Outcome = 'access-granted' | 'already-registered' | 'rejected' | 'withdrawn' | 'abandoned';
