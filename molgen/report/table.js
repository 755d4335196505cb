"use strict";
// Pictures come when they are scrolled to; rows are sorted and hidden in place. Texts are never read as HTML here:
// the only markup inserted is the pictures, which the report's writer drew itself.
(() => {
  const pictures = JSON.parse(document.getElementById("pictures").textContent);
  const draw = (place) => {
    if (!place.firstChild) place.innerHTML = pictures[place.dataset.picture];
  };
  const places = document.querySelectorAll("[data-picture]");
  const watcher = new IntersectionObserver(
    (seen) => seen.filter((entry) => entry.isIntersecting).forEach((entry) => {
      draw(entry.target);
      watcher.unobserve(entry.target);
    }),
    { rootMargin: "500px", scrollMargin: "500px" },
  );
  places.forEach((place) => watcher.observe(place));
  addEventListener("beforeprint", () => places.forEach(draw));

  const large = document.getElementById("large");
  document.addEventListener("click", (event) => {
    const place = event.target.closest("[data-picture]");
    if (place) {
      large.querySelector(".picture").innerHTML = pictures[place.dataset.picture];
      large.querySelector("p").textContent = place.getAttribute("aria-label").replace("enlarge the ", "");
      large.showModal();
    } else if (event.target === large) {
      large.close(); // a click beside it
    }
  });

  const copy = async (text, button) => {
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      // Some browsers keep the clipboard from files: the older way still works there.
      const field = document.body.appendChild(document.createElement("textarea"));
      field.value = text;
      field.select();
      button.textContent = document.execCommand("copy") ? "Copied" : "Copy failed";
      field.remove();
    }
    setTimeout(() => (button.textContent = label), 1500);
  };

  const keyOf = (row, column, numeric) => {
    const value = row.cells[column].dataset.value ?? "";
    return value === "" ? null : numeric ? Number(value) : value;
  };

  // Missing values stay last in both directions: "not known" is neither best nor worst.
  const compare = (a, b, numeric) => {
    if (a === null || b === null) return null;
    return numeric ? a - b : a.localeCompare(b, undefined, { numeric: true, sensitivity: "base" });
  };

  const sort = (table, heading) => {
    const column = heading.cellIndex;
    const kind = heading.firstElementChild.dataset.kind;
    const numeric = kind !== "text";
    // Large numbers first, small ranks first, words from A; a second click turns it round.
    const now = heading.getAttribute("aria-sort");
    const up = now === "none" ? kind !== "number" : now === "descending";
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row, place) => ({ row, place, key: keyOf(row, column, numeric) }));
    keyed.sort((a, b) => {
      const order = compare(a.key, b.key, numeric);
      if (order === null) return (a.key === null) - (b.key === null) || a.place - b.place;
      return (up ? order : -order) || a.place - b.place;
    });
    for (const other of table.tHead.rows[0].cells) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    body.append(...keyed.map(({ row }) => row));
  };

  document.querySelectorAll("table.molecules").forEach((table) => {
    const section = table.closest("section");
    const controls = section.querySelector(".controls");
    const search = controls.querySelector("input[type=search]");
    const boxes = [...controls.querySelectorAll("[data-only]")];
    const rows = [...table.tBodies[0].rows];
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const passes = {
      domain: (row) => row.dataset.outside === undefined,
      clean: (row) => row.dataset.alerts === undefined,
      novel: (row) => row.dataset.novel !== undefined,
    };
    const filter = () => {
      const wanted = search.value.trim().toLowerCase();
      const tests = boxes.filter((box) => box.checked).map((box) => passes[box.dataset.only]);
      let shown = 0;
      for (const row of rows) {
        const good = texts.get(row).includes(wanted) && tests.every((test) => test(row));
        row.hidden = !good;
        shown += good;
      }
      controls.querySelector("output").textContent = `${shown} of ${rows.length} shown`;
    };
    controls.hidden = false;
    search.addEventListener("input", filter);
    boxes.forEach((box) => box.addEventListener("change", filter));
    filter();
    table.tHead.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) sort(table, button.parentElement);
    });
    table.tBodies[0].addEventListener("click", (event) => {
      const button = event.target.closest("button.copy");
      if (button) copy(button.closest("tr").dataset.smiles, button);
    });
    controls.querySelector(".copy-all").addEventListener("click", (event) => {
      const shown = [...table.tBodies[0].rows].filter((row) => !row.hidden);
      copy(shown.map((row) => `${row.dataset.smiles}\t${row.cells[2].dataset.value}`).join("\n"), event.target);
    });
  });
})();
