interface TemporalVariable {
  about: string;
  default?: string;
  secret?: true;
  /** Names that people try and that nothing reads. */
  alsoCalled?: readonly string[];
}

/**
 * The variables that tell `@temporalio/envconfig` where Temporal is. That library reads them. They are listed here
 * because they are part of our configuration, like those in `variables.ts`.
 */
export const TEMPORAL_VARIABLES: Record<string, TemporalVariable> = {
  TEMPORAL_ADDRESS: {
    about: 'host:port of the Temporal server (its frontend service).',
    default: '127.0.0.1:7233',
    alsoCalled: ['TEMPORAL_HOST', 'TEMPORAL_HOST_PORT'],
  },
  TEMPORAL_NAMESPACE: { about: 'Temporal namespace for the onboardings.', default: 'default' },
  TEMPORAL_API_KEY: { about: 'API key for Temporal Cloud. Turns on TLS.', secret: true },
  TEMPORAL_TLS: { about: 'true: use TLS even without an API key or a client certificate.' },
  TEMPORAL_TLS_CLIENT_CERT_PATH: { about: 'File with the client certificate, for mutual TLS.' },
  TEMPORAL_TLS_CLIENT_KEY_PATH: { about: 'File with the private key of that certificate.' },
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: {
    about: "File with the certificate authority that signed the Temporal server's certificate.",
  },
  TEMPORAL_TLS_SERVER_NAME: {
    about: "Name to expect in the Temporal server's certificate, if it is not the host name.",
  },
  TEMPORAL_CONFIG_FILE: { about: "TOML file of connection profiles. Not set: Temporal's own default location." },
  TEMPORAL_PROFILE: { about: 'Profile to use from that file. Not set: the profile named default, if there is one.' },
  TEMPORAL_CLI_PATH: {
    about:
      'For npm start and tests only: the temporal executable to use instead of the one that is found or downloaded.',
  },
};

/** More variables that this library and Temporal's own tools read, so they are not typos in the names above. */
export const LIBRARY_VARIABLES = [
  'TEMPORAL_CODEC_AUTH',
  'TEMPORAL_CODEC_ENDPOINT',
  'TEMPORAL_TLS_CLIENT_CERT_DATA',
  'TEMPORAL_TLS_CLIENT_KEY_DATA',
  'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
  'TEMPORAL_TLS_SERVER_CA_CERT_DATA',
];
