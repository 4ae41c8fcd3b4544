// Which of the page's views is seen: the one that stands behind # in the address.

/**
 * Shows the view that the address names, and keeps the links of the navigation true.
 * @param first the view of an address that names none
 * @param shown is called with the name of a view whenever it comes to be seen
 */
export function views(first, shown) {
  const sections = [...document.querySelectorAll("main > .view")];
  const links = [...document.querySelectorAll("nav a")];
  const show = () => {
    const wanted = location.hash.slice(1);
    const name = sections.some(({ id }) => id === wanted) ? wanted : first;
    sections.forEach(section => (section.hidden = section.id !== name));
    links.forEach(link => {
      link.removeAttribute("aria-current");
      if (link.hash === `#${name}`) {
        link.setAttribute("aria-current", "page");
        document.title = `${link.textContent} · Millrace`;
      }
    });
    shown(name);
  };
  addEventListener("hashchange", () => {
    show();
    // Whoever reads by ear is told where they are now.
    document.querySelector("main > .view:not([hidden]) h1")?.focus({ preventScroll: true });
    scrollTo(0, 0);
  });
  show();
}
