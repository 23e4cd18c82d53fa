/** Looks a content's encoder up in a channel's table. */
import type { ContentKind, OutboundContent, OutboundContentByKind } from '../../src/domain/content.js';

export type Encoders<Wire> = { readonly [Kind in ContentKind]?: (content: OutboundContentByKind[Kind]) => Wire };

/** Null for a kind that the table, and so the capabilities, do not declare. */
export function encodeWith<Wire>(encoders: Encoders<Wire>, content: OutboundContent): Wire | null {
  // A table's entry takes the kind that it stands under, which the compiler cannot follow.
  const encoder = encoders[content.kind] as ((content: OutboundContent) => Wire) | undefined;
  return encoder?.(content) ?? null;
}
