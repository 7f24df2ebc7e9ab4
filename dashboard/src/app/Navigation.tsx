import { useEffect, useRef } from "react";
import { LATER, PAGES } from "./pages";
import { linkTo } from "./route";

export function Navigation({ current }: { current: string }) {
  const shown = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    const bar = shown.current?.closest("nav");
    // Only the bar is moved, sideways: scrolling the link into view would move the page as well.
    if (bar && shown.current) bar.scrollLeft = shown.current.offsetLeft - bar.clientWidth / 2;
  }, [current]);
  return (
    <nav aria-label="Pages" className="relative overflow-x-auto border-b border-line bg-panel px-2">
      <ul className="flex items-stretch">
        {PAGES.map((page) => (
          <li key={page.path}>
            <a
              ref={page.path === current ? shown : undefined}
              href={linkTo(page.path)}
              aria-current={page.path === current ? "page" : undefined}
              className="block border-b-2 border-transparent px-2.5 py-1.5 whitespace-nowrap text-dim hover:text-text aria-[current=page]:border-text aria-[current=page]:font-medium aria-[current=page]:text-text"
            >
              {page.title}
            </a>
          </li>
        ))}
        {LATER.map((title) => (
          <li key={title} className="border-b-2 border-transparent px-2.5 py-1.5 whitespace-nowrap text-faint max-md:hidden" title="Comes later">
            {title} <span className="text-2xs">later</span>
          </li>
        ))}
      </ul>
    </nav>
  );
}
