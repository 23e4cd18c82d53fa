/**
 * Waits for the greeting of the widget on the page around us. Only pages of allowed origins can hold the chat in a frame at all: `frame-ancestors` in
 * its content security policy.
 */
import type { Hello } from './embed-protocol.js';

export interface Greeting {
  readonly hello: Hello;
  readonly port: MessagePort;
}

/** Calls `begin` with the first greeting; others are ignored. */
export function whenGreeted(begin: (greeting: Greeting) => void): void {
  const listen = ({ source, data, ports }: MessageEvent<Partial<Hello> | null>): void => {
    const port = ports[0];
    if (source !== window.parent || data?.parley !== 'hello' || port === undefined) return;
    window.removeEventListener('message', listen);
    begin({ hello: data as Hello, port });
  };
  window.addEventListener('message', listen);
}
