/** What docs/write-a-plugin.md has its reader do in one of its steps. */
export interface Step {
  readonly title: string;
  /** Contents by path. `package.json` is the manifest alone. */
  readonly files: ReadonlyMap<string, string>;
  /** Commands of the shell. */
  readonly commands: readonly string[];
  /** Command lines of curl, and what they print. */
  readonly exchanges: readonly { readonly command: string; readonly printed: string }[];
}

/** Takes the steps out of the document. A block of code is the file that the line before it names. */
export function stepsOf(document: string): Step[] {
  return document
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      title: section.split('\n', 1)[0] ?? '',
      files: new Map(
        [...section.matchAll(/^`([\w./-]+)`[^\n]*:\n\n```\w+\n(.*?)^```/gms)].map(([, path = '', content = '']) => [
          path,
          content,
        ]),
      ),
      commands: blocks(section, 'sh').flatMap((block) => block.trim().split('\n')),
      exchanges: blocks(section, 'console').flatMap(exchangesOf),
    }));
}

/** How many blocks of code it has, of whatever kind. */
export function countBlocks(document: string): number {
  return (document.match(/^```/gm)?.length ?? 0) / 2;
}

function blocks(section: string, language: string): string[] {
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block);
}

function exchangesOf(block: string): Step['exchanges'] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command = '', ...lines] = text.split('\n');
      return { command, printed: lines.join('\n').trim() };
    });
}
