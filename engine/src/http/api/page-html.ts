/** Text that stands for itself in HTML. */
export function htmlOf(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** The same in both languages; the page shows the one that is chosen. */
export function both(english: string, chinese: string): string {
  return `<span lang="en">${htmlOf(english)}</span><span lang="zh">${htmlOf(chinese)}</span>`
}

/** An element around HTML. */
export function tag(name: string, html: string): string {
  return `<${name}>${html}</${name}>`
}
