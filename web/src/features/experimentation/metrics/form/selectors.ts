// CSS selectors, asked of the browser itself.

export function isSelector(text: string): boolean {
  try {
    document.createDocumentFragment().querySelector(text);
    return true;
  } catch {
    return false;
  }
}

/** How many elements of some HTML a selector finds; the HTML is parsed, and nothing in it runs. */
export function foundIn(html: string, selector: string): number {
  if (!isSelector(selector)) return 0;
  return new DOMParser().parseFromString(html, 'text/html').querySelectorAll(selector).length;
}
