/** The settings about the broker that every worker needs, for tests that build a configuration. */
export const BROKER_SETTINGS = {
  IMAP_USER: 'ace',
  BROKER_PHONE: '+1 555 0100',
  BROKER_ACE_EMAIL: 'portal@broker.example',
  MAIL_FROM: 'ace@broker.example',
  MAIL_REPLY_ALIAS: 'ace+{token}@broker.example',
  OPERATIONS_ADDRESS: 'operations@broker.example',
  MANAGER_ADDRESS: 'manager@broker.example',
};
