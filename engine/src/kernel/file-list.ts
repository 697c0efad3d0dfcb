/** The files that a setting names, by comma. */
export function fileList(text: string): string[] {
  return text.split(',').flatMap((file) => file.trim() || [])
}
