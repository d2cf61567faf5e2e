// Light, dark or as the system says; runs before anything is drawn, so that no page flashes in the wrong one.
(() => {
  const NAMES = ["automatic", "light", "dark"];
  const KEY = "imstorm-theme";
  const root = document.documentElement;

  function stored() {
    try {
      const name = localStorage.getItem(KEY);
      return NAMES.includes(name) ? name : "automatic";
    } catch {
      // a page without storage of its own, as in some frames
      return "automatic";
    }
  }

  function apply(name) {
    if (name === "automatic") root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", name);
  }

  let theme = stored();
  apply(theme);

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const label = () => button.textContent = `Theme: ${theme}`;
    label();
    button.hidden = false;
    button.addEventListener("click", () => {
      theme = NAMES[(NAMES.indexOf(theme) + 1) % NAMES.length];
      apply(theme);
      label();
      try {
        localStorage.setItem(KEY, theme);
      } catch {
        // it holds until the page is closed
      }
      document.dispatchEvent(new Event("themechange"));
    });
  });
})();
