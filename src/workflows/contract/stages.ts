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
export const WAITING_ON = ['nobody', 'cbp', 'client', 'broker'] as const;
export type WaitingOn = (typeof WAITING_ON)[number];
export type Outcome = 'access-granted' | 'already-registered' | 'rejected' | 'withdrawn' | 'abandoned';
