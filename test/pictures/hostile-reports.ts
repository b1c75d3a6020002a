/** Reports full of text that registries, images and annotations could bring. */
import type { Report, Result } from '../../src/actions/summary/report.ts';
import { digestOf, madeResult, madeTag } from './made-list.ts';
import { target } from './releases.ts';

/** Texts that want to be more than text. */
export function hostileTexts(): readonly string[] {
  return [
    '<script>alert(1)</script><img src=x onerror=alert(1)><a href="https://evil.example">x</a>',
    '</code></pre></details></td></tr></table><h1>big</h1>',
    '| a | b |\n| --- | --- |\n| c | d |',
    '`code` **bold** [x](https://evil.example) ![x](https://evil.example/x.png) <https://evil.example>',
    'https://evil.example/path www.evil.example ftp://evil.example evil@evil.example mailto:evil@evil.example',
    '@everyone @acme/admins #1 GH-1 acme/app#1 :rocket: $\\text{formula}$',
    '\n\n# heading\n\n- list\n\n> quote\n\n```\nfence\n```\n\n[ref]: https://evil.example',
    'left\u202eright\u2066 \u200bzero \u001b[31mred\u001b]8;;https://evil.example\u0007link',
    '[^1] [ref] - [x] task &lt;b&gt; &#60;b&#62; \\<b\\> <!-- comment',
    '- item',
    '1. item',
    '===',
    ':--',
    '::error::boom ##[error]boom',
  ];
}

/** A published list in which every text is hostile. */
export function hostile(): Result {
  const entries = hostileTexts().map((text) => ({
    platform: { os: text, architecture: text, 'os.version': text, 'os.features': [text] },
    digest: digestOf(text),
  }));
  const made = madeResult(
    {
      images: hostileTexts().map((text) => ({
        platform: 'linux/amd64',
        size: 1,
        source: text,
        // Parsers refuse control characters.
        predicates: [text.replaceAll(/\p{Cc}/gu, ' ')],
      })),
      tags: [madeTag('ghcr.io/acme/app:1', 'created')],
    },
    {
      before: { tag: hostileTexts().join(), digest: digestOf('before'), entries },
      pulls: entries.map((entry) => ({ client: entry.platform.os, entry, before: 'none' as const })),
      purged: hostileTexts(),
    },
  );
  // Beyond what a parser lets through.
  const members = made.members.map((member, at) => {
    const platform = entries[at % entries.length]?.platform ?? { os: '', architecture: '' };
    return { ...member, descriptor: { ...member.descriptor, platform } };
  });
  const bytes = Buffer.from(JSON.stringify(Object.fromEntries(hostileTexts().map((text) => [text, text]))));
  return { ...made, members, served: { ...made.served, bytes, mediaType: hostileTexts().join(' ') } };
}

/** A failure in which every text is hostile. */
export function hostileFailure(): Report {
  const [first = '', ...rest] = hostileTexts();
  return {
    status: 'failed',
    failure: { code: first, title: rest.join(' '), cause: hostileTexts().join('\n'), remedy: rest.join(' ') },
    sources: hostileTexts().map((reason) => ({ name: reason, state: 'refused', reason })),
    tags: hostileTexts().map((reason) => ({ ...target('ghcr.io/acme/app:1'), state: 'unknown', reason })),
    warnings: hostileTexts(),
  };
}
