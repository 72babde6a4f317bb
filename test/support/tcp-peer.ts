import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client of a local server that can write any bytes, and what it has received so far. */
export async function tcpPeer(port: number): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, heard: () => heard };
}
