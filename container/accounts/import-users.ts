/** An entry of the users file. */
export interface ImportedUser {
  readonly userName: string;
  readonly identity?: string;
  readonly displayName?: string;
  readonly aliases?: readonly string[];
  readonly sipPassword?: string;
  readonly passtoken?: string;
}

/** The input does not have the stated format. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

/**
 * Reads Kamailio's table `subscriber` as `mysql --batch --raw` and `psql --no-align --field-separator=TAB` print it: a line with the column
 * names, then a line for each user, with tabs between columns. Uses `username`, `domain`, and `password`, or `ha1` if that is empty.
 * @throws ImportError with the line
 */
export function usersOfSubscribers(text: string): ImportedUser[] {
  const [head = '', ...rows] = text.split(/\r?\n/);
  const columns = head.split('\t');
  if (!columns.includes('username'))
    throw new ImportError('line 1: expected the columns of subscriber, username among them');
  return rows.flatMap((row, index) => {
    // psql ends with the number of rows.
    if (row === '' || /^\(\d+ rows?\)$/.test(row)) return [];
    const cells = row.split('\t');
    if (cells.length !== columns.length)
      throw new ImportError(`line ${index + 2}: expected ${columns.length} columns, found ${cells.length}`);
    const cell = (name: string): string | undefined => present(cells[columns.indexOf(name)]);
    const userName = cell('username');
    if (userName === undefined) throw new ImportError(`line ${index + 2}: expected a username, found nothing`);
    const domain = cell('domain');
    const password = cell('password');
    const ha1 = cell('ha1');
    return {
      userName,
      ...(domain !== undefined && { identity: `${userName}@${domain}` }),
      ...(password !== undefined && { sipPassword: password }),
      ...(password === undefined && ha1 !== undefined && { passtoken: ha1.toLowerCase() }),
    };
  });
}

/**
 * Reads LDIF as `ldapsearch -LLL` prints it (RFC 2849). Uses `uid`, `displayName` or else `cn`, and every `telephoneNumber` as an alias,
 * without separators. Skips entries without `uid`.
 */
export function usersOfLdif(text: string): ImportedUser[] {
  const unfolded = text.replaceAll(/\r?\n /g, '');
  return unfolded.split(/(?:\r?\n){2,}/).flatMap((entry) => {
    const values = attributesOf(entry);
    const [userName] = values.get('uid') ?? [];
    if (userName === undefined) return [];
    const [displayName] = values.get('displayname') ?? values.get('cn') ?? [];
    const aliases = (values.get('telephonenumber') ?? []).map((number) => number.replaceAll(/[-.() ]/g, ''));
    return { userName, ...(displayName && { displayName }), ...(aliases.length > 0 && { aliases }) };
  });
}

/** Values by the name of their attribute, in lower case, without its options; `::` is followed by base64. */
function attributesOf(entry: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const line of entry.split(/\r?\n/)) {
    const [, name = '', colons, written = ''] = /^([\w-]+)[^:]*(::?) *(.*)$/.exec(line) ?? [];
    if (colons === undefined) continue;
    const key = name.toLowerCase();
    const value = colons === '::' ? Buffer.from(written, 'base64').toString() : written;
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return values;
}

/** MySQL prints NULL as a word. */
function present(cell: string | undefined): string | undefined {
  return cell === '' || cell === 'NULL' ? undefined : cell;
}
