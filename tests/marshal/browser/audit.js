// Looks over a page as somebody who checks its accessibility does. Returns complaints, one a line.
const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  && element.getBoundingClientRect().width > 1;
const named = (element) => element.outerHTML.slice(0, 90);
const complaints = [];

// Contrast of text, WCAG 2.2, 1.4.3: 4.5 to 1, or 3 to 1 where letters are large.
const channels = (colour) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = (top, below) => top.slice(0, 3).map((v, i) => v * top[3] + below[i] * (1 - top[3]));
const ground = (element) => {
  if (!element) return [255, 255, 255];
  const colour = channels(getComputedStyle(element).backgroundColor);
  return colour[3] === 1 ? colour.slice(0, 3) : over(colour, ground(element.parentElement));
};
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !seen(element) || element.closest("script, svg, option")) continue;
  const style = getComputedStyle(element);
  const below = ground(element);
  const [light, dark] = [luminance(over(channels(style.color), below)), luminance(below)].sort((a, b) => b - a);
  const contrast = (light + 0.05) / (dark + 0.05);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (contrast < (large ? 3 : 4.5)) complaints.push(`contrast ${contrast.toFixed(1)}: ${named(element)}`);
}

// Names: of pictures, of fields, of what can be pressed.
for (const image of document.images) if (!image.alt) complaints.push(`no alt: ${named(image)}`);
for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
  if (!field.labels?.length && !field.ariaLabel) complaints.push(`no label: ${named(field)}`);
}
for (const control of document.querySelectorAll("a, button, summary")) {
  if (seen(control) && !(control.textContent.trim() || control.ariaLabel)) complaints.push(`no name: ${named(control)}`);
}

// Structure.
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) complaints.push(`id twice: ${id}`);
if (document.querySelectorAll("h1").length !== 1) complaints.push("not one h1");
const levels = [...document.querySelectorAll("h1, h2, h3, h4")].filter((head) => head.checkVisibility())
  .map((head) => Number(head.tagName[1]));
levels.forEach((level, i) => { if (i && level > levels[i - 1] + 1) complaints.push(`h${levels[i - 1]} → h${level}`); });
if (!document.documentElement.lang) complaints.push("no language");
if (document.querySelectorAll("main").length !== 1) complaints.push("not one main");
return [...new Set(complaints)];
