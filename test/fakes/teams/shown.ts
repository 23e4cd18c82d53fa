/** Activities as the person in front of Teams sees them: text without markup, labels of buttons, names of files. */
import { parse } from 'node-html-parser';

export interface WireActivity {
  readonly type: string;
  readonly text?: string;
  readonly textFormat?: string;
  readonly attachments?: readonly WireAttachment[];
}

interface WireAttachment {
  readonly contentType: string;
  readonly contentUrl?: string;
  readonly name?: string;
  readonly content?: unknown;
}

export interface ShownActivity {
  readonly text: string;
  readonly buttons: readonly string[];
  readonly files: readonly string[];
}

interface CardElement {
  readonly type: string;
  readonly text?: string;
  readonly title?: string;
  readonly facts?: readonly { title: string; value: string }[];
  readonly choices?: readonly { title: string }[];
}

export function shownOf(activity: WireActivity): ShownActivity {
  const parts = (activity.attachments ?? []).map(shownAttachment);
  const text = activity.textFormat === 'xml' ? shownHtml(activity.text ?? '') : (activity.text ?? '');
  return {
    text: [text, ...parts.map((part) => part.text)].filter((one) => one !== '').join('\n'),
    buttons: parts.flatMap((part) => part.buttons),
    files: parts.flatMap((part) => part.files),
  };
}

const shownHtml = (html: string) => parse(html.replace(/<br ?\/>/g, '\n'), { blockTextElements: {} }).text;

function shownAttachment({ contentType, contentUrl, name, content }: WireAttachment): ShownActivity {
  switch (contentType) {
    case 'application/vnd.microsoft.card.adaptive':
      return shownCard(content as { body: CardElement[]; actions: CardElement[] });
    case 'application/vnd.microsoft.teams.card.file.consent':
      return { text: (content as { description: string }).description, buttons: [], files: [name ?? ''] };
    default:
      return { text: '', buttons: [], files: [name ?? contentUrl ?? contentType] };
  }
}

/** Where the list has a button to send the choice, the entries are what is chosen from. */
function shownCard({ body, actions }: { body: readonly CardElement[]; actions: readonly CardElement[] }): ShownActivity {
  const entries = body.flatMap(({ choices }) => (choices ?? []).map(({ title }) => title));
  const texts = body.flatMap(({ type, text, facts }) => {
    if (type === 'TextBlock') return [shownMarkdown(text ?? '')];
    return entries.length > 0 ? [] : (facts ?? []).map((fact) => `${fact.title} ${fact.value}`);
  });
  return { text: texts.join('\n'), buttons: entries.length > 0 ? entries : actions.map(({ title }) => title ?? ''), files: [] };
}

const shownMarkdown = (text: string) => text.replace(/(?<!\\)(\*\*|_)/g, '').replace(/\\(.)/g, '$1');
