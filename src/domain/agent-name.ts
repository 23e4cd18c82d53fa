/** How a person of ours is named to customers: before the text, for no platform shows a message of the bot's as somebody else's. */

const before = (author: string): string => `**${author}:** `;

export const withName = (author: string, markdown: string): string => before(author) + markdown;

/** For channels that show the name by itself. */
export const withoutName = (author: string, markdown: string): string =>
  markdown.startsWith(before(author)) ? markdown.slice(before(author).length) : markdown;
