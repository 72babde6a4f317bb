import { isLoopback } from '../config/loopback.js';

/**
 * The client's gRPC library sends everything through the proxy that an environment variable names, even to a server on
 * this machine. Workers' connections, which are Temporal's own, read no such variable.
 */

/** Options of a client's connection that never leaves this machine. */
export const WITHOUT_PROXY = { channelArgs: { 'grpc.enable_http_proxy': 0 } } as const;

/** @param address host:port of a Temporal server */
export const isOnThisMachine = (address: string): boolean => isLoopback(address.replace(/:\d+$/, ''));

/** The variable whose proxy connections to other machines go through, in the library's order; it reads lower case only. */
export const proxyVariable = (env: Record<string, string | undefined> = process.env): string | undefined =>
  ['grpc_proxy', 'https_proxy', 'http_proxy'].find((name) => env[name]);
