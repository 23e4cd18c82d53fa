/** The menu of commands beside the text field, in both languages: https://core.telegram.org/bots/features#commands. Telegram keeps it; it is set once. */
import type { TelegramClient } from './client.js';

interface MenuCommand {
  readonly command: string;
  readonly description: string;
}

/** For people whose Telegram is in this language; empty: in any language that has no menu of its own. */
interface Menu {
  readonly languageCode: string;
  readonly commands: readonly MenuCommand[];
}

/** Each stands for what the pipeline's content step makes of it. */
export const MENUS: readonly Menu[] = [
  {
    languageCode: '',
    commands: [
      { command: 'ayuda', description: 'Qué puedo hacer por usted' },
      { command: 'agente', description: 'Hablar con una persona' },
      { command: 'transcripcion', description: 'Una copia de la conversación' },
      { command: 'vincular', description: 'Seguir la conversación en otro canal' },
      { command: 'desvincular', description: 'Separar los canales vinculados' },
    ],
  },
  {
    languageCode: 'en',
    commands: [
      { command: 'help', description: 'What I can do for you' },
      { command: 'agent', description: 'Talk to a person' },
      { command: 'transcript', description: 'A copy of the conversation' },
      { command: 'link', description: 'Go on with the conversation on another channel' },
      { command: 'unlink', description: 'Undo the link between channels' },
    ],
  },
];

const TIMEOUT = { timeoutMs: 5000 };

/** Those of the menus that Telegram shows otherwise, or not at all. Throws ChannelError. */
export async function outdatedMenus(client: TelegramClient): Promise<readonly Menu[]> {
  const shown = await Promise.all(MENUS.map(({ languageCode }) => client.call('getMyCommands', { language_code: languageCode }, TIMEOUT)));
  return MENUS.filter(({ commands }, index) => textOf(shown[index] ?? []) !== textOf(commands));
}

/** Sets what is outdated; where nothing is, nothing is changed. Throws ChannelError. */
export async function setMenus(client: TelegramClient): Promise<void> {
  for (const { languageCode, commands } of await outdatedMenus(client)) {
    await client.call('setMyCommands', { commands, language_code: languageCode }, TIMEOUT);
  }
}

const textOf = (commands: readonly MenuCommand[]): string =>
  commands.map(({ command, description }) => `/${command} ${description}`).join('\n');
