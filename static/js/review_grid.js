// How many are chosen; all at once; U undoes the last step.

const form = document.getElementById("grid");
const boxes = form ? [...form.querySelectorAll("input[name=listings]")] : [];
const count = form?.querySelector("[data-chosen-count]");
const all = form?.querySelector("[data-all]");

function refresh() {
  const chosen = boxes.filter((box) => box.checked).length;
  count.textContent = chosen;
  count.hidden = chosen === 0;
  all.setAttribute("aria-pressed", String(chosen === boxes.length));
}

if (form) {
  all.hidden = false;
  all.addEventListener("click", () => {
    const isWanted = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = isWanted;
    refresh();
  });
  form.addEventListener("change", refresh);
  window.addEventListener("pageshow", refresh); // the browser may have kept what was ticked
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "u" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  document.querySelector("[data-undo]")?.requestSubmit();
});
