/**
 * What a shop's page loads, in one line: `<script src="https://chat.example.com/widget.js" async></script>`. A classic script, so that it works in
 * whatever way it is put in. It takes calls at once and fetches the rest as modules, which browsers give to pages of allowed origins only.
 */
(() => {
  type Call = readonly unknown[];
  /** start.ts; nothing is imported here, for that would make this a module. */
  interface Rest {
    readonly start: (given: { readonly origin: string; readonly data: DOMStringMap }) => (call: Call) => void;
  }
  interface Taker {
    (...call: Call): void;
    /** Calls of a page that did not wait for us. */
    readonly q?: readonly Call[];
    readonly loaded?: boolean;
  }
  const page = window as typeof window & { Parley?: Taker };
  const script = document.currentScript;
  if (page.Parley?.loaded === true) return;
  if (!(script instanceof HTMLScriptElement) || script.src === '') {
    console.error(
      'Parley: put the widget in with <script src=".../widget.js" async></script>; as a module it is not told where it came from.',
    );
    return;
  }

  const { origin } = new URL(script.src);
  const waiting = [...(page.Parley?.q ?? [])];
  let take = (call: Call): void => void waiting.push(call);
  page.Parley = Object.assign((...call: Call) => take(call), { loaded: true });

  import(`${origin}/chat/widget/start.js`).then(
    ({ start }: Rest) => {
      take = start({ origin, data: script.dataset });
      waiting.forEach((call) => take(call));
    },
    () => {
      console.error(
        `Parley: the chat cannot be loaded from ${origin}. Is ${location.origin} one of its ALLOWED_ORIGINS, and does this page's script-src allow ${origin}?`,
      );
    },
  );
})();
