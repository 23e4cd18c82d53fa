/** What is going on beside the messages, for the header, the banner and the typing indicator. */

export interface Situation {
  readonly loading: boolean;
  readonly offline: boolean;
  /** An answer is being prepared. */
  readonly typing: boolean;
  /** What the service says it is doing. */
  readonly progress: string | null;
  /** A person of ours is writing: their name, empty where none is told; null: nobody is. */
  readonly agentTyping: string | null;
  /** The same customer is writing in another window. */
  readonly otherWindow: boolean;
  /** People have the conversation. */
  readonly withPerson: boolean;
  readonly ticket: string | null;
}

export interface SituationKeeper {
  now(): Situation;
  /** Is called after each change. */
  subscribe(listener: () => void): void;
  readonly update: (change: Partial<Situation>) => void;
  /** Ends by itself where nothing else ends it. */
  readonly showTyping: (typing: boolean) => void;
  /** These two for a moment: it is told again while it lasts. @param name null: they have stopped */
  showAgentTyping(name: string | null): void;
  showOtherWindow(): void;
}

/** Long answers take less; a person's take longer and are no "typing". */
const TYPING_MS = 60_000;
const OTHER_WINDOW_MS = 4000;
const AGENT_TYPING_MS = 6000;

const CALM: Situation = {
  loading: false,
  offline: false,
  typing: false,
  progress: null,
  agentTyping: null,
  otherWindow: false,
  withPerson: false,
  ticket: null,
};

export function createSituation(): SituationKeeper {
  let situation = CALM;
  let typingTimer = 0;
  let otherWindowTimer = 0;
  let agentTimer = 0;
  const listeners: (() => void)[] = [];

  const update = (change: Partial<Situation>): void => {
    situation = { ...situation, ...change };
    listeners.forEach((listener) => listener());
  };
  const showTyping = (typing: boolean): void => {
    clearTimeout(typingTimer);
    update({ typing, progress: null });
    if (typing) typingTimer = window.setTimeout(() => update({ typing: false, progress: null }), TYPING_MS);
  };
  return {
    now: () => situation,
    subscribe: (listener) => void listeners.push(listener),
    update,
    showTyping,
    showAgentTyping(name) {
      clearTimeout(agentTimer);
      update({ agentTyping: name });
      if (name !== null) agentTimer = window.setTimeout(() => update({ agentTyping: null }), AGENT_TYPING_MS);
    },
    showOtherWindow() {
      clearTimeout(otherWindowTimer);
      update({ otherWindow: true });
      otherWindowTimer = window.setTimeout(() => update({ otherWindow: false }), OTHER_WINDOW_MS);
    },
  };
}
