// SPDX-License-Identifier: MIT
// Runs in the page: the contrast (WCAG 2.2, 1.4.3) of every piece of text with what lies behind it.
'use strict';

function lowContrasts() {
  const parse = colour => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = parse(getComputedStyle(element).backgroundColor);
      if (colour.a === 1) return colour;
    }
    return parse('rgb(255, 255, 255)');
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);

  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement, style = getComputedStyle(element);
    if (!node.data.trim() || style.visibility === 'hidden' || element.getClientRects().length === 0) continue;
    const [one, other] = [luminance(parse(style.color)), luminance(behind(element))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    let opacity = 1;
    for (let e = element; e; e = e.parentElement) opacity *= Number(getComputedStyle(e).opacity);
    const ratio = (one + 0.05) / (other + 0.05);
    if (opacity < 1 || ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} at ${opacity}: ${node.data.trim().slice(0, 40)}`);
  }
  return found;
}

module.exports = { lowContrasts };
