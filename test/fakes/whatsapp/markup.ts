/** A text of WhatsApp's as its reader sees it: the marks that take effect are gone, all other characters stand. https://faq.whatsapp.com/539178204879377 */

const CODE = /```([^]+?)```|`([^`\n]+)`/g;
/** Around words on one line, with nothing but space or punctuation outside and no space inside. */
const MARKED = /(?<=^|[\s\p{P}])([*_~])(?=\S)([^\n]+?)(?<=\S)\1(?=$|[\s\p{P}])/gmu;

export function asSeen(text: string): string {
  const literal: string[] = [];
  const kept = text.replace(CODE, (_all, block: string | undefined, inline: string | undefined) => {
    literal.push(block ?? inline ?? '');
    return `\uE000${literal.length - 1}\uE001`;
  });
  return withoutMarks(kept.replace(/^> /gm, '')).replace(/\uE000(\d+)\uE001/g, (_all, index: string) => literal[Number(index)] ?? '');
}

function withoutMarks(text: string): string {
  const inner = text.replace(MARKED, '$2');
  return inner === text ? text : withoutMarks(inner);
}
