interface TemporalVariable {
  about: string;
  default?: string;
  secret?: true;
  /** Names that people give it and that nothing reads. */
  alsoCalled?: readonly string[];
}

/**
 * The variables by which `@temporalio/envconfig` finds Temporal. Read by that library, listed here because they are as
 * much a part of our configuration as those in `config.ts`.
 */
export const TEMPORAL_VARIABLES: Record<string, TemporalVariable> = {
  TEMPORAL_ADDRESS: {
    about: 'host:port of the Temporal frontend.',
    default: '127.0.0.1:7233',
    alsoCalled: ['TEMPORAL_HOST', 'TEMPORAL_HOST_PORT'],
  },
  TEMPORAL_NAMESPACE: { about: 'Namespace of the onboardings.', default: 'default' },
  TEMPORAL_API_KEY: { about: 'API key of Temporal Cloud. Turns TLS on.', secret: true },
  TEMPORAL_TLS: { about: 'true: TLS to Temporal even without an API key or a client certificate.' },
  TEMPORAL_TLS_CLIENT_CERT_PATH: { about: "File with the client's certificate, for mutual TLS." },
  TEMPORAL_TLS_CLIENT_KEY_PATH: { about: 'File with its private key.' },
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: { about: 'File with the certificate authority that Temporal is checked against.' },
  TEMPORAL_TLS_SERVER_NAME: { about: "Name expected in Temporal's certificate, if not the host's." },
  TEMPORAL_CONFIG_FILE: { about: "TOML file of connection profiles; Temporal's own default place otherwise." },
  TEMPORAL_PROFILE: { about: 'Profile to take from that file. Not set: the one called default, if there is one.' },
  TEMPORAL_CLI_PATH: {
    about: 'npm start and tests only: the temporal executable to use instead of the one found or fetched.',
  },
};

/** What that library and Temporal's own tools read besides. Set on purpose, so not taken for slips in the others. */
export const LIBRARY_VARIABLES = [
  'TEMPORAL_CODEC_AUTH',
  'TEMPORAL_CODEC_ENDPOINT',
  'TEMPORAL_TLS_CLIENT_CERT_DATA',
  'TEMPORAL_TLS_CLIENT_KEY_DATA',
  'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
  'TEMPORAL_TLS_SERVER_CA_CERT_DATA',
];
