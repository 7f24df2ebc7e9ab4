/** The fonts are a style sheet of their own, fetched after what matters: until then the machine's own are used. */
export function fetchFonts(): Promise<unknown> {
  return import("./fonts.css");
}
