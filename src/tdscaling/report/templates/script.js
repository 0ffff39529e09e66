"use strict";
for (const example of document.querySelectorAll("details.example")) {
  const steps = [...example.querySelectorAll("li")];
  let shown = Math.min(2, steps.length);
  const walk = document.createElement("div");
  walk.className = "walk";
  const place = document.createElement("span");
  place.setAttribute("aria-live", "polite");
  const button = (text, next) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => show(next()));
    walk.append(made);
    return made;
  };
  const back = button("← back", () => shown - 1);
  const on = button("next →", () => shown + 1);
  const all = button("show all", () => steps.length);
  const show = (count) => {
    shown = Math.max(1, Math.min(steps.length, count));
    steps.forEach((step, n) => {
      step.hidden = n >= shown;
      step.classList.toggle("now", n === shown - 1 && shown < steps.length);
    });
    back.disabled = shown <= 1;
    on.disabled = all.disabled = shown >= steps.length;
    place.textContent = `message ${shown} of ${steps.length}`;
  };
  walk.append(place);
  if (steps.length) {
    example.querySelector(".steps").prepend(walk);
    show(shown);
  }
  example.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by && steps.length) {
      show(shown + by);
      event.preventDefault();
    }
  });
}
for (const mark of document.querySelectorAll("svg [role=graphics-symbol][aria-label]")) {
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  title.textContent = mark.getAttribute("aria-label");
  mark.append(title);
}
