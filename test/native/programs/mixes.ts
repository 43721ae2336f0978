// Mixes of strace's options, drawn from a seed, and what two logs of the same program have in common: everything but numbers that differ from run to run.

export interface Mix { readonly options: string[]; readonly args: string[] }

/** Numbers below `n`, by the seed. */
export function drawer(seed: number): (n: number) => number {
  let state = BigInt(seed) * 2654435761n % 2147483647n + 1n;
  return (n) => {
    state = state * 48271n % 2147483647n;
    return Number(state % BigInt(n));
  };
}

const CALLS = ['write', 'all', 'none', '%file', '%desc', '%network', '%memory', '%process', '%signal', '%ipc', '%creds', '%clock', '%pure', '%stat', '%%stat', '%fstat', '%lstat', '%statfs', '%%statfs', '!write', '!%file', '!all', '!!write', '/^open', '/stat$',
  'read,write,openat', '?nothing,close', 'close@64', '1', '0,3', 'file', 'desc', 'network', 'process', 'ioctl,fcntl', 'execve,exit_group', 'wait4,waitid,clone', 'rt_sigaction', '%net,%signal', '!%desc,%memory', '999'];
const SETS: Readonly<Record<string, readonly string[]>> = {
  trace: CALLS.slice(0, -1), abbrev: CALLS.slice(0, -1), verbose: CALLS.slice(0, -1), raw: CALLS.slice(0, -1),
  signal: ['all', 'none', 'SIGUSR1', 'usr1', '!chld', 'SIGCHLD,SIGUSR1', '10', '!10,17', 'rt_3'],
  status: ['all', 'none', 'successful', 'failed', 'unfinished', 'successful,unfinished', '!failed', '!successful', 'failed,unfinished', 'detached,unavailable'],
  read: ['all', 'none', '3', '3,4', '!3'], write: ['all', 'none', '3', '4,5', '!4'],
  quiet: ['all', 'none', 'attach', 'exit', 'exits,personality', 'attach,thread-execve', '!exit', 'path-resolution,superseded'],
  'decode-fds': ['all', 'none', 'path', 'dev', 'socket', 'path,dev', 'socket,dev', '!path', 'pidfd,path', '!socket'],
};
const SHORT: Readonly<Record<string, string>> = { trace: 't', abbrev: 'a', verbose: 'v', raw: 'x', signal: 's', quiet: 'q', read: 'r', write: 'w' };
const COLUMNS = ['time-percent', 'total-time', 'min-time', 'max-time', 'avg-time', 'calls', 'errors', 'name', 'time', 'count', 'shortest', 'longest', 'syscall'];

/** One option or two that belong together. */
function option(draw: (n: number) => number): string[] {
  const pick = <T>(from: readonly T[]): T => from[draw(from.length)] as T;
  const either = (...forms: string[][]): string[] => pick(forms);
  switch (draw(25)) {
    case 0: return either(['-f'], ['--follow-forks'], ['-f']);
    case 1: return either(['-y'], ['-yy'], ['--decode-fds'], ['--decode-fds=all']);
    case 2: return either(['-v'], ['--no-abbrev']);
    case 3: return either(['-x'], ['-xx'], ['--strings-in-hex'], ['--strings-in-hex=non-ascii'], ['--strings-in-hex=non-ascii-chars'], ['--strings-in-hex=none']);
    case 4: return either(['-r'], ['--relative-timestamps=ms'], ['--relative-timestamps=ns'], ['--relative-timestamps']);
    case 5: return either(['-t'], ['-tt'], ['-ttt'], ['--absolute-timestamps'], ['--absolute-timestamps=unix,ns'], ['--absolute-timestamps=precision:ms'], ['--timestamps=none,us'], ['--absolute-timestamps=format:unix']);
    case 6: return either(['-T'], ['--syscall-times'], ['--syscall-times=s'], ['--syscall-times=ns']);
    case 7: return either(['-i'], ['-n'], ['-in'], ['--instruction-pointer'], ['--syscall-number']);
    case 8: return either(['-z'], ['-Z'], ['--successful-only'], ['--failed-only'], ['--failing-only']);
    case 9: return either(['-q'], ['-qq'], ['-qqq'], ['--quiet'], ['--silent=exit'], ['--sil']);
    case 10: return ['-s', pick(['0', '1', '5', '31', '33', '100', '1000'])];
    case 11: return either(['-a', pick(['0', '1', '10', '60', '100'])], [`--columns=${pick(['5', '41'])}`]);
    case 12: case 13: return either(['-X', pick(['raw', 'abbrev', 'verbose'])], [`--const-print-style=${pick(['raw', 'verbose'])}`]);
    case 14: case 15: case 16: case 17: case 18: case 19: {
      const kind = pick(Object.keys(SETS)), set = pick(SETS[kind] ?? []), word = draw(3) === 0 ? SHORT[kind] ?? kind : kind;
      return either(['-e', `${word}=${set}`], [`--${kind}=${set}`], ...kind === 'trace' ? [['-e', set]] : []);
    }
    case 20: return ['-P', pick(['/dev/null', 'mix.tmp', '/tmp', 'mix.dir', '/dev/../dev/null', '.', '/nowhere'])];
    case 21: return either(['-C'], ['-c'], ['-c', '-w'], ['-C', '-S', pick(['calls', 'errors', 'name', 'nothing'])], ['-c', '-U', COLUMNS.filter(() => draw(3) === 0).join(',') || 'calls'], ['-c', '-O', pick(['1', '2us', '1ms'])]);
    case 22: return either(['-E', 'MIXED=1'], ['--env=HOME'], ['-I', '2'], ['--seccomp-bpf'], ['-b', 'execve']);
    case 23: return either(['-o', 'mix.log'], ['-A', '-o', 'mix.log'], ['-ff', '-o', 'mix.log'], ['--output=mix.log', '--output-separately']);
    default: return either(['-k'], ['-Y'], ['--decode-pids=comm'], ['--stack-traces']);
  }
}

const PARTS: readonly (readonly string[])[] = [[], [], ['files'], ['descriptors'], ['sockets'], ['process'], ['children'], ['children'], ['crash']];

export function drawMix(seed: number): Mix {
  const draw = drawer(seed);
  for (let i = 0; i < 5; i++) draw(2);
  const options = Array.from({ length: draw(6) }, () => option(draw)).flat();
  return { options, args: [...PARTS[draw(PARTS.length)] ?? []] };
}

/** Numbers that stand for processes, by where they are seen first, and numbers of files, sockets, times, addresses. */
export function maskLog(text: string, pids: readonly string[]): string[] {
  const all = [...new Set([...pids, ...[...text.matchAll(/(?:^|\n)\[pid +(\d+)/g)].map(match => match[1] ?? ''), ...[...text.matchAll(/(?:^|\n)(\d{3,7})(?:<[^>]*>)? /g)].map(match => match[1] ?? '')])].filter(pid => pid !== '');
  const inOrder = all.map(pid => ({ pid, at: Math.min(...[pid, `0x${Number(pid).toString(16)}`].map(form => text.search(new RegExp(`(?<![\\w.])${form}(?![\\w.])`))).filter(at => at >= 0)) })).sort((a, b) => a.at - b.at);
  const forms = new Map(inOrder.flatMap(({ pid }, i) => [[pid, `P${i + 1}`], [`0x${Number(pid).toString(16)}`, `P${i + 1}`]]));
  return text.split('\n').filter(line => line !== '').map((line) => {
    const masked = line.replace(/(?<![\w.])(?:0x[0-9a-f]+|\d{3,})(?![\w.])/g, number => forms.get(number) ?? number)
      .replace(/^\[pid +P/, '[pid P').replace(/^(P\d+)(<[^>]*>)? +/, '$1$2 ')
      .replace(/\b0x[57][0-9a-f]{11}\b/g, 'ADDR')
      .replace(/(?<=^|P\d+ |P\d+<[^>]+> |\] )\d\d:\d\d:\d\d(\.\d+)?(?= )/, (_all, part?: string) => `CLOCK${part?.length ?? 0}`).replace(/(?<=^|P\d+ |P\d+<[^>]+> |\] )\d{10}(\.\d+)?(?= )/, (_all, part?: string) => `EPOCH${part?.length ?? 0}`)
      .replace(/(?<=^|\(\+|\] |P\d+ |P\d+<[^>]+> ) *\d+\.(\d+)(?=[ )])/, (_all, part: string) => `GAP${part.length}`)
      .replace(/<(\d+)(\.\d+)?>$/, (_all, _whole, part?: string) => `<TIME${part?.length ?? 0}>`)
      .replace(/(getrandom\()("[^"]*"|ADDR|0x\w+)/, '$1RANDOM').replace(/(execve\("[^"]*", .*?)0x\w+ (\/\*)/, '$1ENVP $2').replace(/\[[0-9a-f]{16}\](?= (\[.*\] )?execve)/, '[PLACE]').replace(/\[00007[0-9a-f]{11}\]/, '[PLACE]').replace(/(> .*\(.*\) )\[0x\w+\]/, '$1[PLACE]')
      .replace(/\b(st_dev|st_ino|stx_ino|st_nlink|stx_mask|stx_mnt_id|stx_attributes|stx_attributes_mask|stx_dev_major|stx_dev_minor|st_blksize|st_blocks|stx_blocks|stx_blksize)=(0x\w+ \/\* makedev\([^)]*\) \*\/|makedev\([^)]*\)|[^,{}]*)( \/\*[^*]*\*\/)?/g, '$1')
      .replace(/\b(st_[amc]time|stx_[abmc]time|st_[amc]time_nsec|ru_[us]time)=(\{[^}]*\}|\d+)( \/\*[^*]*\*\/)?/g, '$1').replace(/\b(ru_(?!utime|stime)\w+)=\d+/g, '$1').replace(/d_(ino|off)=\d+/g, 'd_$1').replace(/stx_[abcm]time, /g, '').replace(/\[(\{d_ino.*\})\]/, (_all, entries: string) => `[${entries.split('}, ').map(entry => entry.replace(/\}$/, '')).sort().join('}, ')}]`)
      .replace(/(?<=(?:pipe|socket|UNIX(?:-\w+)?|TCP\w*|UDP\w*|RAW|INET\w*):\[)\d+(->\d+)?/g, (_all, to?: string) => `INO${to ? '->INO' : ''}`).replace(/(?<=\\x5b)(?:\\x3\d)+(?=\\x5d)/g, 'INO').replace(/(?<=:)\d{5}\b|htons\(\d{4,5}\)/g, 'PORT').replace(/sin_port="[^"]*"/g, 'PORT').replace(/tv_(sec|nsec|usec)=\d{4,}/g, 'tv_$1');
    // What was masked has another length, and so has the gap before the result.
    return masked === line ? line : masked.replace(/\)\s+= /, ') = ');
  });
}

/** A table of -c as its counts: times differ, and with them the order of the rows. */
export function maskTable(lines: readonly string[], isSorted: boolean): string[] {
  const rule = lines.findIndex(line => /^-{6,}( -{6,})*$/.test(line));
  if (rule < 1) return [...lines];
  const widths = (lines[rule] ?? '').split(' ').map(dashes => dashes.length), heads = cut(lines[rule - 1] ?? '', widths);
  const end = lines.findIndex((line, i) => i > rule && line === lines[rule]);
  const row = (line: string): string => cut(line, widths).map((cell, i) => /^(calls|errors|syscall|total)$/.test(heads[i] ?? '') ? cell : '-').join(' ');
  const rows = lines.slice(rule + 1, end).map(row);
  return [...lines.slice(0, rule - 1), heads.join(' '), ...isSorted ? rows : rows.sort(), row(lines[end + 1] ?? ''), ...lines.slice(end + 2)];
}

function cut(line: string, widths: readonly number[]): string[] {
  let at = 0;
  return widths.map((width, i) => {
    const cell = line.slice(at, i === widths.length - 1 ? undefined : at + width).trim();
    at += width + 1;
    return cell;
  });
}

/** The lines of several processes, which come in another order each time: whole ones, without what depends on who else was there. */
export function unordered(lines: readonly string[]): string[] {
  const open: { name: string; text: string }[] = [], whole: string[] = [];
  for (const line of lines) {
    const text = line.replace(/^(\[pid P\d+(<[^>]*>)?\] |P\d+(<[^>]*>)? )/, '').replace(/\)\s+= /, ') = ');
    const [, stamps = '', name, rest = ''] = /^(.*?)<\.\.\. (\w+) resumed>(.*)$/.exec(text) ?? [];
    const begun = / ?<unfinished \.\.\.>$/.test(text) ? /(\w+)\(/.exec(text.replace(/\(\+GAP\d\)/, ''))?.[1] : undefined;
    if (name !== undefined) {
      const at = open.findIndex(one => one.name === name), before = at < 0 ? stamps : open.splice(at, 1)[0]?.text ?? '';
      if (rest.endsWith(' <unfinished ...>')) open.push({ name, text: before + rest.replace(/ <unfinished \.\.\.>$/, '') });
      else whole.push(before + rest);
    } else if (begun !== undefined) open.push({ name: begun, text: text.replace(/ <unfinished \.\.\.>$/, '') });
    else whole.push(text);
  }
  return [...whole, ...open.map(one => one.text)].map(line => line.replace(/\)\s+= /, ') = ').replace(/^.*(?=--- SIG)/, '').replace(/(SIGCHLD.*P\d+)<[^>]+>/, '$1')).sort();
}
