/** The company's own rules for handing a case over, from the desk's settings: which of them hold for a message, and what they make of the built-in weights. */
import type { EscalationRule } from '../domain/desk-settings.js';
import type { EscalationReason, TicketPriority } from '../domain/ticket.js';
import type { Language } from '../domain/understanding.js';
import { fold } from '../text/words.js';

export interface Weighed {
  readonly reason: EscalationReason;
  readonly priority: TicketPriority;
  readonly weight: number;
}

export interface RuleContext {
  readonly text: string;
  readonly language: Language;
  /** The team that the case would go to, and whether it is there now. */
  readonly team: string;
  readonly open: boolean;
}

/** Built-in weights times the factors that hold, and the rules with words whose words were said. One reason may come several times. */
export function withCompanyRules(builtIn: readonly Weighed[], rules: readonly EscalationRule[], context: RuleContext): Weighed[] {
  const holding = rules.filter((rule) => holds(rule, context));
  const factors = holding.filter(({ words }) => words.length === 0);
  const changed = builtIn.map((one) =>
    factors
      .filter(({ reason }) => reason === one.reason)
      .reduce<Weighed>(
        ({ weight, priority, reason }, rule) => ({ reason, weight: weight * rule.weight, priority: rule.priority ?? priority }),
        one,
      ),
  );
  const said = fold(context.text);
  const added = holding
    .filter(({ words }) => words.some((phrase) => mentions(said, phrase)))
    .map(({ reason, weight, priority }): Weighed => ({
      reason,
      weight,
      priority: priority ?? builtIn.find((one) => one.reason === reason)?.priority ?? 'normal',
    }));
  return [...changed, ...added];
}

const holds = ({ languages, teams, hours }: EscalationRule, { language, team, open }: RuleContext): boolean =>
  (languages.length === 0 || languages.includes(language)) &&
  (teams.length === 0 || teams.includes(team)) &&
  (hours === null || (hours === 'open') === open);

/** As whole words. */
function mentions(folded: string, phrase: string): boolean {
  const wanted = fold(phrase)
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\s+/g, '\\s+');
  return new RegExp(`(?<![\\p{L}\\p{N}])${wanted}(?![\\p{L}\\p{N}])`, 'u').test(folded);
}
