/** What the line brings, each frame to whom it concerns. Messages of other windows wait while it is not known which of them are our own. */
import type { Conversation } from './conversation.js';
import type { Sender } from './sender.js';
import type { SessionKeeper } from './session-keeper.js';
import type { SituationKeeper } from './situation.js';
import type { ServerFrame } from './wire.js';

export interface FrameTaker {
  take(frame: ServerFrame, at: Date): void;
  /** A message of ours is known by its id now. */
  release(): void;
  /** What waits belonged to another session. */
  drop(): void;
}

export interface FrameTakerParts {
  readonly conversation: Conversation;
  readonly situation: SituationKeeper;
  readonly session: SessionKeeper;
  readonly sender: Pick<Sender, 'take' | 'isUncertain'>;
  /** What waited is shown, and the log tells its order. */
  readonly onReleased: () => void;
}

export function createFrameTaker({ conversation, situation, session, sender, onReleased }: FrameTakerParts): FrameTaker {
  const { update, showTyping } = situation;
  let held: { readonly frame: ServerFrame; readonly at: Date }[] = [];

  /** True: the frame is about what goes on, and no part of what was said. */
  function tookSituation(frame: ServerFrame): boolean {
    if (frame.type === 'user_typing') situation.showOtherWindow();
    else if (frame.type === 'agent_typing') situation.showAgentTyping(frame.author ?? '');
    else if (frame.type === 'status') update({ progress: frame.message });
    else if (frame.type === 'escalation') session.noteEscalation(frame.required, frame.ticket_id ?? null);
    else return false;
    return true;
  }

  function takeMessage(frame: ServerFrame, at: Date): void {
    const ofAgent = frame.type === 'message' && frame.role === 'agent';
    if (ofAgent) situation.showAgentTyping(null);
    if (frame.type === 'text' || ofAgent) showTyping(false);
    conversation.take(frame, at);
    if (frame.type !== 'complete') return;
    showTyping(false);
    // The customer may have gone back to the bot since: also where an answer that passed the conversation on comes again out of the log.
    const id = session.now()?.id;
    if (situation.now().withPerson && id !== undefined) void session.find(id);
  }

  return {
    take(frame, at) {
      sender.take(frame);
      if (frame.type === 'connected') return conversation.dropPartial();
      if (tookSituation(frame)) return;
      if (frame.type === 'start') {
        if (frame.message_id !== undefined) conversation.take(frame, at);
        return showTyping(!situation.now().withPerson);
      }
      if (frame.type === 'message' && frame.role === 'user' && sender.isUncertain()) return void held.push({ frame, at });
      takeMessage(frame, at);
    },
    release() {
      if (held.length === 0 || sender.isUncertain()) return;
      held.forEach(({ frame, at }) => conversation.take(frame, at));
      held = [];
      onReleased();
    },
    drop: () => void (held = []),
  };
}
