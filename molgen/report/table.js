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

  // A cell that a spreadsheet would run as a formula gets a quote before it, as in the files beside this page.
  const csvCell = (text) => {
    const bare = text.replace(/^'+/, "");
    const value = /^([+-](\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?\s?%?|[+-](inf|infinity|nan)|[+-])$/i.test(bare);
    const safe = /^[=+\-@\t\r\n]/.test(bare) && !value ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };

  const save = (rows, name) => {
    const labels = rows.length ? [...rows[0].querySelectorAll("td[data-label][data-value]")].map((cell) => cell.dataset.label) : [];
    const lines = rows.map((row) => [
      row.cells[2].dataset.value,
      row.dataset.smiles,
      ...[...row.querySelectorAll("td[data-label][data-value]")].map((cell) => cell.dataset.value),
    ]);
    const text = [["id", "smiles", ...labels], ...lines].map((line) => line.map(csvCell).join(",") + "\n").join("");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  // The map of a table: a frame drawn on it chooses rows, a dot leads to its row and shows its picture.
  const chart = (figure, rows, choose) => {
    const svg = figure.querySelector("svg");
    const marks = [...svg.querySelectorAll(".mark")];
    const rowOf = (mark) => rows[mark.dataset.row];
    const tip = figure.querySelector(".tip");
    const place = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    figure.querySelector(".scripted").hidden = false;
    marks.forEach((mark) => mark.querySelector("title").remove()); // what it says, the tip says with the picture
    svg.addEventListener("pointerover", (event) => {
      const mark = event.target.closest(".mark");
      tip.hidden = !mark;
      if (!mark) return;
      const row = rowOf(mark);
      tip.querySelector(".picture").innerHTML = pictures[row.querySelector("[data-picture]").dataset.picture];
      tip.querySelector("p").textContent = `${row.cells[2].dataset.value} · ${row.querySelector(".score b").textContent}`;
      const [dot, box] = [mark.getBoundingClientRect(), figure.getBoundingClientRect()];
      tip.style.left = `${Math.max(Math.min(dot.right - box.left + 8, box.width - 200), 0)}px`;
      tip.style.top = `${dot.top - box.top > box.height / 2 ? dot.top - box.top - 8 - tip.offsetHeight : dot.bottom - box.top + 8}px`;
    });
    svg.addEventListener("pointerleave", () => (tip.hidden = true));
    let start = null;
    let frame = null;
    svg.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0) return; // a finger scrolls
      start = place(event);
    });
    svg.addEventListener("pointermove", (event) => {
      if (!start) return;
      const now = place(event);
      if (!frame && Math.hypot(now.x - start.x, now.y - start.y) < 4) return;
      if (!frame) {
        frame = svg.appendChild(document.createElementNS(svg.namespaceURI, "rect"));
        frame.setAttribute("class", "frame");
        svg.setPointerCapture(event.pointerId);
      }
      const sides = { x: Math.min(start.x, now.x), y: Math.min(start.y, now.y), width: Math.abs(now.x - start.x), height: Math.abs(now.y - start.y) };
      Object.entries(sides).forEach(([side, value]) => frame.setAttribute(side, value));
    });
    const drop = () => {
      frame?.remove();
      start = frame = null;
    };
    svg.addEventListener("pointercancel", drop);
    svg.addEventListener("pointerup", () => {
      if (frame) {
        const { x, y, width, height } = frame.getBBox();
        const inside = (mark) => mark.cx.baseVal.value >= x && mark.cx.baseVal.value <= x + width && mark.cy.baseVal.value >= y && mark.cy.baseVal.value <= y + height;
        choose(new Set(marks.filter(inside).map(rowOf)));
      }
      drop();
    });
    svg.addEventListener("click", (event) => {
      const mark = event.target.closest(".mark"); // behind a frame it is the picture
      if (!mark) return;
      rows.forEach((row) => row.classList.toggle("found", row === rowOf(mark)));
      rowOf(mark).scrollIntoView({ block: "center" });
    });
    return () => marks.forEach((mark) => mark.classList.toggle("dim", rowOf(mark).hidden));
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
    const unframe = controls.querySelector(".unframe");
    let framed = null;
    let dim = () => {};
    const filter = () => {
      const wanted = search.value.trim().toLowerCase();
      const tests = boxes.filter((box) => box.checked).map((box) => passes[box.dataset.only]);
      let shown = 0;
      for (const row of rows) {
        const good = texts.get(row).includes(wanted) && tests.every((test) => test(row)) && (framed?.has(row) ?? true);
        row.hidden = !good;
        shown += good;
      }
      controls.querySelector("output").textContent = `${shown} of ${rows.length} shown`;
      unframe.hidden = !framed;
      dim();
    };
    const choose = (chosen) => {
      framed = chosen;
      filter();
    };
    const figure = section.querySelector(".map");
    if (figure) dim = chart(figure, rows, choose);
    unframe.addEventListener("click", () => choose(null));
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
    const shown = () => [...table.tBodies[0].rows].filter((row) => !row.hidden);
    controls.querySelector(".copy-all").addEventListener("click", (event) => {
      copy(shown().map((row) => `${row.dataset.smiles}\t${row.cells[2].dataset.value}`).join("\n"), event.target);
    });
    controls.querySelector(".save-all").addEventListener("click", () => save(shown(), `${table.id}-shown.csv`));
  });
})();
