/** The runner's file commands, GITHUB_OUTPUT and its kind, read as strictly as the runner does. */

/** Name → value of every command in a file; later ones win. Throws for what the runner would refuse. */
export function parseFileCommands(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? '').replace(/\r$/, '');
    if (line === '') continue;
    const command = /^(?<name>[^=]+?)(?:<<(?<delimiter>.+)|=(?<value>.*))$/.exec(line)?.groups;
    if (command?.['name'] === undefined) throw new Error(`not a file command: ${line}`);
    const { name, delimiter, value = '' } = command;
    if (delimiter === undefined) values[name] = value;
    else [values[name], at] = readBlock(lines, at + 1, delimiter);
  }
  return values;
}

/** The lines up to the delimiter, and where it stands. */
function readBlock(lines: readonly string[], start: number, delimiter: string): [string, number] {
  const end = lines.findIndex((line, at) => at >= start && line.replace(/\r$/, '') === delimiter);
  if (end < 0) throw new Error(`no end to a value: ${delimiter}`);
  return [lines.slice(start, end).join('\n'), end];
}
