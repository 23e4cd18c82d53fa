/** How the widget looks. Constructed style sheets are no inline style: they need no permission in the shop's content security policy. */
import { textOn } from '../colours.js';
import { OWN_COLOUR, type WidgetSettings } from './settings.js';

/** Below this the chat takes the whole window. */
export const SMALL_WINDOW = '(max-width: 480px), (max-height: 420px)';

/** `--parley-side` and `--parley-bottom` may be set on `parley-chat` by the shop's own style sheet; `!important` keeps the rest of it out. */
export function createStyles({
  colour,
  position,
  alwaysLight,
}: Pick<WidgetSettings, 'colour' | 'position' | 'alwaysLight'>): CSSStyleSheet {
  const accent = colour ?? OWN_COLOUR;
  const side = `${position}: max(var(--parley-side, 20px), env(safe-area-inset-${position}))`;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
:host { all: initial !important; position: fixed !important; width: 0 !important; height: 0 !important; z-index: 2147483000 !important }
* { box-sizing: border-box; font: 15px/1.5 system-ui, sans-serif }
[hidden] { display: none !important }
button { cursor: pointer; border: 0 }
:focus-visible { outline: 3px solid ${accent}; outline-offset: 3px }
.launcher {
  position: fixed; ${side}; bottom: max(var(--parley-bottom, 20px), env(safe-area-inset-bottom));
  display: grid; place-items: center; width: 60px; height: 60px; padding: 0; border-radius: 50%;
  background: ${accent}; color: ${textOn(accent)}; box-shadow: 0 0 0 1px rgb(255 255 255 / 60%), 0 4px 16px rgb(0 0 0 / 30%)
}
svg { width: 28px; height: 28px; fill: none; stroke: currentcolor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round }
[aria-expanded=true] .bubble, [aria-expanded=false] .cross { display: none }
.badge {
  position: absolute; top: -4px; right: -4px; min-width: 24px; height: 24px; padding: 0 7px; border-radius: 12px;
  background: #b3261e; color: #fff; box-shadow: 0 0 0 2px #fff; font-size: 13px; font-weight: 700; line-height: 24px; text-align: center
}
.unseen { position: fixed; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.panel {
  position: fixed; inset: auto; ${side}; bottom: calc(max(var(--parley-bottom, 20px), env(safe-area-inset-bottom)) + 76px);
  display: block; width: 400px; height: min(660px, 100vh - var(--parley-bottom, 20px) - 96px); max-width: none; max-height: none;
  margin: 0; padding: 0; border: 0; border-radius: 16px; overflow: hidden;
  background: var(--surface); color: var(--ink); box-shadow: 0 0 0 1px rgb(0 0 0 / 8%), 0 12px 40px rgb(0 0 0 / 25%);
  --surface: #fff; --ink: #1b2423
}
.panel:not([open]) { visibility: hidden; pointer-events: none }
.panel::backdrop { background: var(--surface, #fff) }
iframe { display: block; width: 100%; height: 100%; border: 0; opacity: 0; color-scheme: ${alwaysLight ? 'light' : 'light dark'} }
.ready iframe { opacity: 1 }
.aside { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 12px; padding: 24px; text-align: center }
.aside p { margin: 0 }
.aside button { min-height: 44px; padding: 0 20px; border: 1px solid; border-radius: 12px; background: none; color: inherit }
.ready .aside { display: none }
@media ${SMALL_WINDOW} {
  .panel {
    inset: var(--top, 0) 0 auto; width: 100%; height: var(--height, 100%); border-radius: 0; box-shadow: none;
    padding: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left)
  }
}
${alwaysLight ? '' : '@media (prefers-color-scheme: dark) { .panel { --surface: #171b1c; --ink: #e7eceb } }'}
@media (prefers-reduced-motion: no-preference) {
  .panel[open] { animation: rise 0.18s ease-out }
  @keyframes rise { from { opacity: 0; translate: 0 12px } }
}
@media (forced-colors: active) { .launcher, .panel { border: 2px solid } }
@media print { :host { display: none !important } }
`);
  return sheet;
}
