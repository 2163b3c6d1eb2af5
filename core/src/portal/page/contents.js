/** Marks in the contents what is being read. */
export function followContents() {
  const links = [...document.querySelectorAll('.contents a')];
  const headings = links.map((link) => document.getElementById(link.hash.slice(1)));
  if (links.length === 0) return;
  const mark = () => {
    const line = 140;
    const passed = headings.filter(
      (heading) => heading !== null && heading.getBoundingClientRect().top < line,
    ).length;
    for (const [index, link] of links.entries()) {
      if (index === Math.max(0, passed - 1)) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  };
  addEventListener('scroll', mark, { passive: true });
  mark();
}
