import { isLoopback } from '../config/loopback.js';

/**
 * The gRPC library of clients sends everything through the proxy in an environment variable, even to a server on this
 * machine. The connections of workers use Temporal's own library, which ignores these variables.
 */

/** Options for a client connection that never leaves this machine. */
export const WITHOUT_PROXY = { channelArgs: { 'grpc.enable_http_proxy': 0 } } as const;

/** @param address host:port of a Temporal server */
export const isOnThisMachine = (address: string): boolean => isLoopback(address.replace(/:\d+$/, ''));

/** The variable with the proxy for other machines, in the library's order. It reads lowercase names only. */
export const proxyVariable = (env: Record<string, string | undefined> = process.env): string | undefined =>
  ['grpc_proxy', 'https_proxy', 'http_proxy'].find((name) => env[name]);
