/* global document, getComputedStyle, Node */
/* Runs inside a page under test (test/fakes/browser.ts puts it there): what can only be asked of the rendered page. */
globalThis.inPage = {
  /** Visible texts whose contrast to what is behind them is under 4.5 (WCAG 2.2, 1.4.3). */
  faintTexts() {
    const rgb = (color) => (/rgba?\(([^)]+)\)/.exec(color)?.[1] ?? '').split(/[ ,/]+/).map(Number);
    const luminance = (color) => {
      const [r, g, b] = rgb(color).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (node) => {
      if (node === null) return 'rgb(255, 255, 255)';
      const color = getComputedStyle(node).backgroundColor;
      return (rgb(color)[3] ?? 1) < 1 ? ground(node.parentElement) : color;
    };
    const hasText = (node) => [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent.trim() !== '');
    const shown = [...document.querySelectorAll('body *')].filter(
      (node) => node.checkVisibility() && node.closest('.unseen, svg') === null && hasText(node),
    );
    return shown.flatMap((node) => {
      const [one, other] = [luminance(getComputedStyle(node).color), luminance(ground(node))];
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      return ratio < 4.5 ? [`${node.className || node.tagName}: ${ratio.toFixed(2)}`] : [];
    });
  },

  /** How far the page, or a part of it that scrolls up and down, is wider than it is shown; tables and code may scroll by themselves. */
  sidewaysScroll() {
    const parts = [document.documentElement, ...document.querySelectorAll('.log, .dialog-body')];
    return Math.max(...parts.map((part) => part.scrollWidth - part.clientWidth));
  },
};
