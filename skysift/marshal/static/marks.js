// Marks on a picture: a click, or a cross that arrows move and Space sets. The field of positions
// holds the answer, and may be typed into as well.

const SVG = "http://www.w3.org/2000/svg";
const cross = { x: 0.5, y: 0.5 };

const board = () => document.getElementById("board");
const field = () => document.getElementById("marks");
const side = (name) => Number(board().dataset[name]);

function marks() {
  const points = field().value.split(";").map((point) => point.trim().split(/[\s,]+/).map(Number));
  return points.filter((point) => point.length === 2 && point.every(Number.isFinite));
}

function write(points) {
  field().value = points.map((point) => point.map((v) => v.toFixed(1)).join(" ")).join("; ");
  draw();
}

// The picture's y counts down, a stamp's rows count up.
const flip = (y) => (board().dataset.up === "1" ? side("height") - y : y);

function shape(name, facts) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(facts)) element.setAttribute(key, value);
  return element;
}

function draw() {
  if (!board()) return;
  board().querySelector("svg")?.remove();
  const [width, height] = [side("width"), side("height")];
  const unit = Math.max(width, height) / 100;
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  for (const [x, y] of marks()) svg.append(shape("circle", { cx: x, cy: flip(y), r: 3 * unit, class: "mark" }));
  const [x, y] = [cross.x * width, cross.y * height];
  const arms = `M${x - 4 * unit} ${y}h${8 * unit}M${x} ${y - 4 * unit}v${8 * unit}`;
  svg.append(shape("path", { d: arms, class: "cross" }));
  board().append(svg);
}

function add(x, y) {
  write([...marks(), [x * side("width"), flip(y * side("height"))]]);
}

function move(dx, dy, far) {
  const [stepX, stepY] = [(far ? 10 : 1) / side("width"), (far ? 10 : 1) / side("height")];
  cross.x = Math.min(1, Math.max(0, cross.x + dx * stepX));
  cross.y = Math.min(1, Math.max(0, cross.y + dy * stepY));
  draw();
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("#board")) return;
  const box = board().getBoundingClientRect();
  add((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "board") return;
  if (event.key in ARROWS) move(...ARROWS[event.key], event.shiftKey);
  else if (event.key === " ") add(cross.x, cross.y);
  else if (event.key === "Backspace") write(marks().slice(0, -1));
  else return;
  event.preventDefault();
});

document.addEventListener("input", (event) => { if (event.target.id === "marks") draw(); });
document.addEventListener("swapped", draw);
draw();
