/** Who is typing, on either side of a case, told to the other side for some seconds. Nothing of it is stored: what is lost of it is no loss. */
import type { Agent } from './ticket.js';

export interface CaseTyping {
  /** The customer of this conversation types: told to those who listen, if people have the conversation. */
  customer(conversationId: string): Promise<void>;
  /** An agent types a reply: shown to the customer where their channel can, if it is this agent's case. */
  agent(ticketId: string, agent: Agent): Promise<void>;
  /** @param hear is told the case. @returns a function that ends it */
  listen(hear: (ticketId: string) => void): () => void;
}
