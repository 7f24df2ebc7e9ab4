/** How dense the page is: the reader's own choice, kept in this browser. */
export const DENSITIES = ["compact", "usual", "large"] as const;
export type Density = (typeof DENSITIES)[number];

const PLACE = "undertow.density";
const SIZE: Readonly<Record<Density, string>> = { compact: "14.5px", usual: "16px", large: "18px" };

export function chosenDensity(): Density {
  const kept = localStorage.getItem(PLACE);
  return DENSITIES.find((density) => density === kept) ?? "usual";
}

/** Everything on the page is measured in the root's size. */
export function applyDensity(density: Density): void {
  document.documentElement.style.fontSize = SIZE[density];
}

export function chooseDensity(density: Density): void {
  localStorage.setItem(PLACE, density);
  applyDensity(density);
}
