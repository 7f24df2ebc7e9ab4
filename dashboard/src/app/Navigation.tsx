import { LATER, PAGES } from "./pages";
import { linkTo } from "./route";

export function Navigation({ current }: { current: string }) {
  return (
    <nav aria-label="Pages" className="overflow-x-auto border-b border-line bg-panel px-3">
      <ul className="flex items-center gap-1">
        {PAGES.map((page) => (
          <li key={page.path}>
            <a
              href={linkTo(page.path)}
              aria-current={page.path === current ? "page" : undefined}
              className="block border-b-2 border-transparent px-2.5 py-2 text-dim hover:text-text aria-[current=page]:border-text aria-[current=page]:text-text"
            >
              {page.title}
            </a>
          </li>
        ))}
        {LATER.map((title) => (
          <li key={title} className="px-2.5 py-2 whitespace-nowrap text-faint" title="Comes later">
            {title} <span className="text-2xs">later</span>
          </li>
        ))}
      </ul>
    </nav>
  );
}
