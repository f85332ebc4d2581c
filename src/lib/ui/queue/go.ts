/** Goes to an address of the product, as SvelteKit's `goto` does. */
export type Go = (href: string, options?: { replaceState?: boolean; keepFocus?: boolean; noScroll?: boolean }) => void;
