/** The instructions of one step of docs/write-a-plugin.md. */
export interface Step {
  readonly title: string;
  /** Contents by path. `package.json` has the manifest only. */
  readonly files: ReadonlyMap<string, string>;
  /** Commands of the shell. */
  readonly commands: readonly string[];
  /** Command lines of curl, and their output. */
  readonly exchanges: readonly { readonly command: string; readonly printed: string }[];
}

/** Parses the steps of the document. The line before a block of code names its file. */
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

/** Number of blocks of code of any kind. */
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
